"""The hidden cell that installs the package in Colab stands in every chapter, and does that only where it is needed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import install_cell
import nbformat
import pytest
from book.tiny import ROOT, tiny_notebook

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
CONFIG = "repository:\n  url: {url}\n  branch: main\n"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_begins_with_it(path: Path) -> None:
    first = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert first.source == install_cell.source(), "run make notebooks: the address in _config.yml has changed"
    assert first.metadata.tags == ["remove-cell"]
    assert first.outputs == []


def test_is_put_before_the_first_code_and_only_once() -> None:
    notebook = tiny_notebook()
    for code in ("one", "two"):
        install_cell.put(notebook, code)
    assert [cell.source for cell in notebook.cells[1:]] == ["two", "print(0.25 + 0.5)"]
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2]


class Shell:
    """Stands in for IPython."""

    def __init__(self) -> None:
        self.magics: list[tuple[str, str]] = []

    def run_line_magic(self, name: str, line: str) -> None:
        self.magics.append((name, line))


@pytest.mark.parametrize(
    ("url", "there", "expected"),
    [
        ("https://example.org/ada/book", False, "install -q 'dlbook[book] @ git+https://example.org/ada/book@main'"),
        ("https://example.org/ada/book/", True, None),
        ('""', False, None),
    ],
)
def test_installs_where_the_package_is_missing_and_has_an_address(
    url: str, there: bool, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "_config.yml"
    config.write_text(CONFIG.format(url=url))
    shell = Shell()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
    exec(install_cell.source(config), {"get_ipython": lambda: shell})
    assert shell.magics == ([("pip", expected)] if expected else [])
