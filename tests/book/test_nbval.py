"""`make test` compares what a notebook prints, digit by digit."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from book.tiny import ROOT, Run, tiny_notebook
from nbformat.v4 import new_code_cell, new_output

DRAW = "from IPython.display import SVG\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))"


def test_changed_digit_is_found_and_pictures_are_not_compared(tmp_path: Path, run: Run) -> None:
    notebook = tiny_notebook("print(0.25 + 0.5)", printed="0.75\n")
    changed = new_code_cell("print(0.25 + 0.5)", outputs=[new_output("stream", text="0.76\n")], execution_count=2)
    text = {"text/plain": "<IPython.core.display.SVG object>"}
    drawn = new_code_cell(DRAW, outputs=[new_output("display_data", data=text)], execution_count=3)
    notebook.cells += [changed, drawn]
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    for name in ("conftest.py", "pyproject.toml"):  # the project's own settings
        shutil.copy(ROOT / name, tmp_path)
    done = run("-m", "pytest", "-rA", "--color=no", "--nbval", "tiny.ipynb")
    outcomes = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("PASSED", "FAILED"))]
    assert outcomes == ["PASSED tiny.ipynb::Cell 0", "PASSED tiny.ipynb::Cell 2", "FAILED tiny.ipynb::Cell 1"]
