"""`make notebooks` writes what is committed: text outputs, no pictures, nothing that changes from run to run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from book.tiny import ROOT, Run, tiny_notebook

REFRESH = ROOT / "chapters" / "_ext" / "refresh.py"
DRAW = """\
from IPython.display import SVG
import ipywidgets
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"/>'))
display(ipywidgets.IntSlider())
print('drawn')
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook that draws, with traces of another machine in its metadata."""
    content = tiny_notebook(DRAW, printed=None)
    content.metadata["kernelspec"] = {"display_name": "my kernel", "language": "python", "name": "python3"}
    content.metadata["widgets"] = {"state": {}}
    content.cells[1].metadata = {"execution": {"iopub.execute_input": "2026-01-01"}, "tags": ["hide-input"]}
    path = tmp_path / "tiny.ipynb"
    nbformat.write(content, path)
    return path


def test_text_stays_pictures_go_and_a_failing_notebook_keeps_its_file(notebook: Path, run: Run) -> None:
    before = nbformat.read(notebook, as_version=4)
    failing = notebook.with_name("failing.ipynb")
    nbformat.write(tiny_notebook("print(1 / 0)"), failing)
    as_it_was = failing.read_bytes()
    done = run(REFRESH, failing, notebook)
    assert done.returncode == 1
    assert "failing.ipynb: a cell failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert failing.read_bytes() == as_it_was
    after = nbformat.read(notebook, as_version=4)
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert after.metadata.kernelspec.display_name == "Python 3"
    assert set(after.metadata) == {"kernelspec", "language_info"}
    cell = after.cells[1]
    assert cell.metadata == {"tags": ["hide-input"]}
    assert {mime for output in cell.outputs for mime in output.get("data", {})} == {"text/plain"}
    assert "drawn\n" in [output.get("text") for output in cell.outputs]
    once = notebook.read_bytes()
    again = run(REFRESH, notebook)
    assert again.returncode == 0, again.stderr
    assert notebook.read_bytes() == once
    assert sorted(notebook.parent.iterdir()) == [failing, notebook]
