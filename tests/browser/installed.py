"""Find the system's browsers: `make check` drives them, nothing is downloaded.

Run as a program, it says which of them are missing and what to install.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """A browser: the variable that may name it, the usual names and places, and what to install."""

    variable: str
    names: tuple[str, ...]
    applications: tuple[str, ...]
    called: str
    package: str

    def find(self) -> str | None:
        """Return its path: what the variable names, or the first of the usual names that is installed."""
        named = os.environ.get(self.variable)
        if named:
            return shutil.which(named)
        found = (shutil.which(name) for name in self.names)
        return next(filter(None, [*found, *(path for path in self.applications if Path(path).exists())]), None)

    def path(self) -> str:
        """Return its path, or raise an error that says what to do."""
        path = self.find()
        if path is None:
            raise FileNotFoundError(self.missing)
        return path

    @property
    def missing(self) -> str:
        """What to say where it is not found."""
        return (
            f"make check needs {self.called}, and none was found: install it (Debian and Ubuntu: apt install "
            f"{self.package}), or name it: {self.variable}=/path/to/{self.package} make check"
        )


CHROMIUM = Program(
    "CHROMIUM",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
    (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "Chromium or Chrome",
    "chromium",
)
FIREFOX = Program(
    "FIREFOX",
    ("firefox-esr", "firefox"),
    ("/Applications/Firefox.app/Contents/MacOS/firefox",),
    "Firefox",
    "firefox-esr",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
    # No name is looked up: whatever a page asks of another host fails, as it would with the cable pulled.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


if __name__ == "__main__":
    sys.exit("\n".join(browser.missing for browser in (CHROMIUM, FIREFOX) if not browser.find()) or 0)
