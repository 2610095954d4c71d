"""What the explorers of a notebook must show, computed anew in a fresh kernel from the notebook's own cells."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from typing import Any

import nbformat
from browser.site import ROOT
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

REMEMBER = """
import dlbook.explore as _explore
_made, _begin = [], _explore.Explorer.__init__
def _remember(self, *arguments, **options):
    _begin(self, *arguments, **options)
    _made.append(self)
_explore.Explorer.__init__ = _remember
"""

# Every state in which one parameter has left its start, and the start itself: what a walk over all controls shows.
REPORT = """
import hashlib as _hashlib, json as _json
from dlbook.explorers.frame import draw_frame as _draw_frame, number_text as _number_text
def _state(made, positions, picture):
    values = {p.name: p.values[i] for p, i in zip(made.grid.parameters, positions)}
    frame = _draw_frame(made.draw, made.grid, values, picture)
    return {
        "numbers": {name: _number_text(value) for name, value in frame.numbers.items()},
        "text": made.alt.text(values, frame.numbers),
        "picture": _hashlib.sha256(frame.data.replace(b'"', b"'") if picture == "svg" else frame.data).hexdigest(),
    }
def _report(made, picture):
    start = [p.start for p in made.grid.parameters]
    walks = [[*start[:k], i, *start[k + 1:]] for k, p in enumerate(made.grid.parameters) for i in range(len(p.values))]
    return {
        "title": made.title,
        "parameters": [
            {"name": p.name, "label": p.label, "kind": p.kind, "texts": p.texts, "start": p.start, "play": p.play}
            for p in made.grid.parameters
        ],
        "states": {made.grid.index(walk): _state(made, walk, picture) for walk in walks},
    }
_pictures = _json.loads('PICTURES')
print(_json.dumps({made.grid.name: _report(made, _pictures.get(made.grid.name, "svg")) for made in _made}))
"""


@dataclass(frozen=True)
class Control:
    """A control of an explorer, as the notebook defines it."""

    name: str
    label: str
    kind: str
    texts: list[str]
    start: int
    play: bool


@dataclass(frozen=True)
class Expected:
    """An explorer as the notebook defines it, and what it shows in the states of a walk over each control."""

    name: str
    title: str
    parameters: list[Control]
    states: dict[int, dict[str, Any]]

    def index(self, positions: list[int]) -> int:
        """Number of a state; the last parameter varies fastest."""
        index = 0
        for control, position in zip(self.parameters, positions, strict=True):
            index = index * len(control.texts) + position
        return index

    @property
    def start(self) -> list[int]:
        """Positions at the start."""
        return [control.start for control in self.parameters]


def source(page: str) -> NotebookNode:
    """Read the notebook behind a page, which may be written as Markdown."""
    path = ROOT / page.replace(".html", ".ipynb")
    if path.exists():
        return nbformat.read(path, as_version=4)
    return read_myst_markdown_notebook(path.with_suffix(".md").read_text("utf-8"), MdParserConfig())


def makes_explorers(page: str) -> bool:
    """Whether a page's notebook calls ``explore``."""
    return any(cell.cell_type == "code" and "explore(" in cell.source for cell in source(page).cells)


@functools.cache
def recompute(page: str, pictures: str) -> dict[str, Expected]:
    """Run a page's notebook as a reader would, and draw the states of its explorers.

    Args:
        page: the page's path below the site, ``chapters/….html``.
        pictures: JSON, from the explorers' names to the format of their pictures.
    """
    book = source(page)
    report = new_code_cell(REPORT.replace("PICTURES", pictures))
    book.cells = [new_code_cell(REMEMBER), *book.cells, report]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK_EXPLORER")}
    environment.pop("DLBOOK_BOOK_BUILD", None)
    environment["PYTHONPATH"] = str(ROOT)
    client = NotebookClient(
        book, timeout=600, kernel_name="python3", resources={"metadata": {"path": ROOT / "chapters"}}
    )
    client.execute(env=environment)
    printed = "".join(
        output.text for output in report.outputs if output.output_type == "stream" and output.name == "stdout"
    )
    return {
        name: Expected(
            name,
            entry["title"],
            [Control(**parameter) for parameter in entry["parameters"]],
            {int(index): state for index, state in entry["states"].items()},
        )
        for name, entry in json.loads(printed).items()
    }
