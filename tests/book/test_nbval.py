"""`make test` compares what a notebook prints, digit by digit."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from book.tiny import ROOT, Run, tiny_notebook
from nbformat import NotebookNode


def compare(notebook: NotebookNode, folder: Path, run: Run) -> int:
    """Let nbval judge ``notebook`` under the project's own settings; return pytest's exit code."""
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    nbformat.write(notebook, folder / "tiny.ipynb")
    return run("-m", "pytest", "-q", "--nbval", "tiny.ipynb").returncode


@pytest.mark.parametrize(
    ("printed", "code"), [("0.75\n", pytest.ExitCode.OK), ("0.76\n", pytest.ExitCode.TESTS_FAILED)]
)
def test_changed_digit_is_found(printed: str, code: int, tmp_path: Path, run: Run) -> None:
    assert compare(tiny_notebook(printed=printed), tmp_path, run) == code


def test_pictures_are_not_compared(tmp_path: Path, run: Run) -> None:
    draw = "from IPython.display import SVG\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))"
    notebook = tiny_notebook(draw, printed=None)
    notebook.cells[1].execution_count = 1
    text = {"text/plain": "<IPython.core.display.SVG object>"}
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", data=text)]
    assert compare(notebook, tmp_path, run) == pytest.ExitCode.OK
