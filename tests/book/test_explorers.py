"""No silently dead slider: what would not work in the static page fails the build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from book.tiny import tiny_notebook
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

Build = Callable[[NotebookNode], CompletedProcess[str]]

EXPLORER = """
import matplotlib.pyplot as plt
from dlbook.explore import explore
def line(n, m):
    plt.plot([0, n / (m - 2)])
    return {"n": n}
explore(line, n=[1, 2], m=[0, MIDDLE, 4], title="A line", alt="A line to {n}.")
"""


def printed(done: CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def test_explorer_is_built_and_its_frames_are_kept(build: Build, tmp_path: Path) -> None:
    done = build(tiny_notebook(EXPLORER.replace("MIDDLE", "1"), printed=None))
    assert done.returncode == 0, printed(done)
    assert "explorer line: 100%" in printed(done), "the build shows its progress"
    html = (tmp_path / "_build/html/chapters/tiny.html").read_text()
    assert html.count('<figure class="dlx" id="explore-line"') == 1
    assert "frame/s" not in html, "progress stays out of the page"
    assert len(list((tmp_path / "_build/.explorer-cache").glob("*.frames"))) == 1


def test_sliders_that_would_be_dead_fail_the_build(build: Build) -> None:
    notebook = tiny_notebook(EXPLORER.replace("MIDDLE", "1"), printed=None)
    for code in (
        EXPLORER.replace("MIDDLE", "1"),  # of the same name
        "from ipywidgets import interact\ninteract(lambda n: n, n=(1, 3));",
        EXPLORER.replace("MIDDLE", "2"),  # fails in one state
    ):
        notebook.cells.append(new_code_cell(code))
    done = build(notebook)
    assert done.returncode != 0
    assert "2 explorers have the name explore-line" in printed(done)
    assert "an ipywidget is dead in a static page: use dlbook.explore.explore instead" in printed(done)
    assert "explorer 'line' at n=1, m=2: the function raises ZeroDivisionError: division by zero" in printed(done)
