"""The page "Last verified": when the book was built, on what, and with which versions."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PAGE = "chapters/last-verified"
MARKER = "<!-- build -->"
PACKAGES = ("numpy", "matplotlib", "ipywidgets", "jupyter-book", "Sphinx", "myst-nb")


def now() -> datetime:
    """Return the time of the build; SOURCE_DATE_EPOCH fixes it, for builds that are the same byte by byte."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)


def table(time: datetime) -> str:
    """Return the facts as a table."""
    rows = [
        ("date", f"{time:%Y-%m-%d, %H:%M} UTC"),
        ("system", f"{platform.system()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in PACKAGES),
    ]
    return "\n".join(["| what | this build |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def write(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the table in the place of the marker."""
    if page == PAGE:
        source[0] = source[0].replace(MARKER, table(now()))


def read_again(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Name the page whenever another one is read: its date is that of the last change."""
    return [PAGE] if (added or changed or removed) and PAGE in env.found_docs else []


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("source-read", write)
    app.connect("env-get-outdated", read_again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
