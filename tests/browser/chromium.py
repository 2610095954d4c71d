"""Find the system's Chromium: `make check` drives it, nothing is downloaded.

Run as a program, it prints the browser's path, or a sentence that says what to install.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "make check needs Chromium or Chrome, and none was found: install it (Debian and Ubuntu: apt install chromium), "
    "or name it: CHROMIUM=/path/to/chromium make check"
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


def find_chromium() -> str | None:
    """Return the path of the browser: the variable CHROMIUM, or the first of the usual names that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in NAMES)
    return next(filter(None, [*found, *(path for path in APPLICATIONS if Path(path).exists())]), None)


if __name__ == "__main__":
    sys.exit(0 if find_chromium() else MISSING)
