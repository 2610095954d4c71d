"""A notebook that passed and has not changed since, nor anything that it depends on, is not run again.

What a notebook depends on: its own bytes, the package with its data, folders of ``chapters`` that it may read (not
those that build and style the pages), the settings of the tests, Python, and the versions of all that is installed. A
record is written when every cell has passed, by the process that sees the results of all workers; anything else
removes it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from dependencies import fingerprint

WATCHED = (
    "dlbook/**/*",
    "chapters/[!_]*/**/*",
    "conftest.py",
    "pyproject.toml",
    "tests/book/budgets.py",
    "tests/book/unchanged.py",
)
PROPERTY = "notebook"


def installed() -> str:
    """Return the names of all installed distributions, which hold their versions."""
    found = {entry.name for folder in sys.path for entry in Path(folder).glob("*.dist-info")}
    return "\n".join(sorted(found))


def surroundings(root: Path) -> str:
    """Return a hash of what every notebook depends on."""
    own = (f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("DLBOOK_"))
    return fingerprint(root, WATCHED, installed(), *own)


def key(root: Path, notebook: str, surrounding: str) -> str:
    """Return a hash of a notebook and its surroundings; a notebook that is gone has another one."""
    return fingerprint(root, [notebook], notebook, surrounding)


@dataclass
class Records:
    """The keys of the notebooks that passed, one small file for each."""

    folder: Path

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self.folder.glob("*")):
            yield unquote(path.name), path.read_text(encoding="utf-8")

    def add(self, notebook: str, passed: str) -> None:
        """Write a record under another name, then rename: it is whole or it is not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder.parent, delete=False, encoding="utf-8") as file:
            file.write(passed)
        Path(file.name).replace(self.path(notebook))

    def remove(self, notebook: str) -> None:
        """Forget that a notebook ever passed."""
        self.path(notebook).unlink(missing_ok=True)

    def path(self, notebook: str) -> Path:
        """Return where the record of a notebook is."""
        return self.folder / quote(notebook, safe="")


@dataclass
class Result:
    """What the cells of one notebook did."""

    key: str
    cells: int
    passed: set[str] = field(default_factory=set)
    failed: bool = False

    @property
    def good(self) -> bool:
        """Whether every cell was run and has passed."""
        return not self.failed and len(self.passed) == self.cells


class Unchanged:
    """The plugin; with pytest-xdist, the workers do what the process that started them has decided."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.root = config, config.rootpath
        self.records = Records(self.root / "_build" / ".passed")
        self.results: dict[str, Result] = {}
        self.worker = hasattr(config, "workerinput")
        if self.worker:
            self.surroundings, self.unchanged = config.workerinput["unchanged"]
        else:
            self.surroundings = surroundings(self.root)
            same = [name for name, passed in self.records if passed == key(self.root, name, self.surroundings)]
            self.unchanged = [] if config.option.fresh else same

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker."""
        node.workerinput["unchanged"] = (self.surroundings, self.unchanged)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out what is unchanged; a notebook that is named on the command line runs nevertheless."""
        return True if self.name(collection_path) in self.unchanged else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Give every cell the key of its notebook as it is now; it travels with the cell's reports."""
        if item.path.suffix == ".ipynb":
            name = self.name(item.path)
            cells = sum(cell.cell_type == "code" for cell in item.parent.nb.cells)  # type: ignore[union-attr]
            item.user_properties.append((PROPERTY, [name, key(self.root, name, self.surroundings), cells]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the cells that passed."""
        for notebook, its_key, cells in (value for name, value in report.user_properties if name == PROPERTY):
            result = self.results.setdefault(notebook, Result(its_key, cells))
            result.failed |= not report.passed
            if report.when == "call" and report.passed:
                result.passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the records, unless something has changed meanwhile."""
        if self.worker or not self.results:
            return
        now = surroundings(self.root)
        for notebook, result in self.results.items():
            if result.good and result.key == key(self.root, notebook, now):
                self.records.add(notebook, result.key)
            else:
                self.records.remove(notebook)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left out."""
        asked = [(self.config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in self.config.args]
        left = [n for n in self.unchanged if set(asked) & set((self.root / n).resolve().parents)]
        if left:
            n = len(left)
            many = "1 notebook is unchanged since it" if n == 1 else f"{n} notebooks are unchanged since they"
            terminalreporter.write_line(f"{many} passed, and not run again (make test FRESH=1 runs all)")

    def name(self, path: Path) -> str:
        """Return what a notebook is called in the records."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")
