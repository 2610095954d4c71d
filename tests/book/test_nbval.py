"""`make test` compares what a notebook prints, digit by digit, and leaves out what passed and has not changed since."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from book.conftest import NAMES
from book.tiny import Run, tiny_notebook
from book.unchanged import Records, Unchanged, key, surroundings
from nbformat.v4 import new_code_cell, new_output

DRAW = "from IPython.display import SVG\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))"


def outcomes(printed: str) -> list[str]:
    return sorted(line.split(" - ")[0] for line in printed.splitlines() if line.startswith(("PASSED", "FAILED")))


def test_changed_digit_is_found_and_what_passed_is_not_run_again(project: Path, run: Run) -> None:
    notebook = tiny_notebook("print(0.25 + 0.5)", printed="0.75\n")
    changed = new_code_cell("print(0.25 + 0.5)", outputs=[new_output("stream", text="0.76\n")], execution_count=2)
    text = {"text/plain": "<IPython.core.display.SVG object>"}
    drawn = new_code_cell(DRAW, outputs=[new_output("display_data", data=text)], execution_count=3)
    notebook.cells += [changed, drawn]
    nbformat.write(notebook, project / "chapters" / "bad.ipynb")
    command = ("-m", "pytest", "-rA", "--color=no", "--nbval", "chapters")
    done = run(*command, "-n", "1", "--dist", "loadfile")  # one process decides and records, another one runs
    bad = ["FAILED chapters/bad.ipynb::Cell 1", *(f"PASSED chapters/bad.ipynb::Cell {n}" for n in (0, 2))]
    assert outcomes(done.stdout) == [*bad, "PASSED chapters/good.ipynb::Cell 0"], done.stdout
    assert "unchanged" not in done.stdout
    assert [name for name, _ in Records(project / "_build" / ".passed")] == ["chapters/good.ipynb"]
    (project / "chapters" / "bad.ipynb").unlink()
    again = run(*command)
    assert outcomes(again.stdout) == []
    assert "1 notebook is unchanged since it passed, and not run again (make test FRESH=1 runs all)" in again.stdout


def test_key_knows_the_notebook_and_what_it_depends_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def good() -> str:
        return key(project, "chapters/good.ipynb", surroundings(project))

    keys, path = [good()], project / "chapters" / "good.ipynb"
    path.write_text(path.read_text().replace("0.75", "0.76"))
    keys.append(good())
    for name in ("dlbook/half.txt", "dlbook/assets/new.npz", "chapters/runs/new.json", *NAMES[:3]):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("changed")
        keys.append(good())
    monkeypatch.setattr("book.unchanged.installed", lambda: "numpy-9.dist-info")
    keys.append(good())
    assert len(set(keys)) == len(keys)
    (project / "chapters" / "index.md").write_text("no notebook reads the pages")
    assert good() == keys[-1]


def session(project: Path, *, fresh: bool = False) -> Unchanged:
    """Return the plugin of a run that has just begun."""
    config: Any = SimpleNamespace(rootpath=project, option=SimpleNamespace(fresh=fresh))
    return Unchanged(config)


def report(plugin: Unchanged, cell: int, outcome: str = "passed", when: str = "call", cells: int = 2) -> None:
    """Tell the plugin what a cell of a notebook with so many cells did."""
    name = "chapters/good.ipynb"
    properties = [("notebook", [name, key(plugin.root, name, plugin.surroundings), cells])]
    done = SimpleNamespace(nodeid=f"Cell {cell}", when=when, passed=outcome == "passed", user_properties=properties)
    plugin.pytest_runtest_logreport(done)  # type: ignore[arg-type]


def test_passed_notebook_is_recorded_and_left_out(project: Path) -> None:
    plugin = session(project)
    for cell in (0, 1):
        for when in ("setup", "call", "teardown"):
            report(plugin, cell, when=when)
    plugin.pytest_sessionfinish()
    assert session(project).unchanged == ["chapters/good.ipynb"]
    assert session(project, fresh=True).unchanged == []
    (project / "dlbook" / "half.txt").write_text("0.6")
    assert session(project).unchanged == []


@pytest.mark.parametrize(
    "events",
    [
        [(0, "passed", "call")],  # interrupted, or only some cells were asked for
        [(0, "failed", "call"), (1, "passed", "call")],
        [(0, "passed", "call"), (1, "skipped", "call")],
        [(0, "failed", "setup"), (1, "passed", "call")],
        [(0, "passed", "call"), (1, "passed", "call"), (1, "failed", "teardown")],
    ],
)
def test_anything_but_a_pass_of_all_cells_is_no_record_and_removes_an_old_one(
    project: Path, events: list[tuple[int, str, str]]
) -> None:
    plugin = session(project)
    plugin.records.add("chapters/good.ipynb", key(project, "chapters/good.ipynb", plugin.surroundings))
    assert session(project).unchanged == ["chapters/good.ipynb"]
    for cell, outcome, when in events:
        report(plugin, cell, outcome, when)
    plugin.pytest_sessionfinish()
    assert list(plugin.records) == []


@pytest.mark.parametrize("name", ["dlbook/half.txt", "chapters/good.ipynb"])
def test_what_changes_during_the_run_is_no_record(project: Path, name: str) -> None:
    plugin = session(project)
    report(plugin, 0, cells=1)
    (project / name).write_text("changed")
    plugin.pytest_sessionfinish()
    assert list(plugin.records) == []


def test_worker_records_nothing(project: Path) -> None:
    decided = ("surroundings", ["chapters/good.ipynb"])
    config: Any = SimpleNamespace(rootpath=project, workerinput={"unchanged": decided})
    plugin = Unchanged(config)
    assert plugin.unchanged == ["chapters/good.ipynb"]
    report(plugin, 0, cells=1)
    plugin.pytest_sessionfinish()
    assert list(plugin.records) == []
