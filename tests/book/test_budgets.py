"""A notebook that takes too long or too much memory fails, at the cell where it does."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from book.budgets import Usage, usage, within
from book.tiny import Run, tiny_notebook

BUDGET = Usage(seconds=30, megabytes=1000)
on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells what a process has used")


@pytest.mark.parametrize(("used", "told"), [(Usage(30.1, 1), "30.1 s"), (Usage(1, 1001), "1001 MB")])
def test_more_than_the_budget_is_an_error_with_the_remedy(used: Usage, told: str) -> None:
    with pytest.raises(AssertionError, match=f"slow.ipynb has used {told}.*: .* or "):
        within("slow.ipynb", used, BUDGET)


def test_the_budget_itself_may_be_used() -> None:
    within("good.ipynb", BUDGET, BUDGET)


def test_fields_are_read_as_linux_documents_them(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    ticks = os.sysconf("SC_CLK_TCK")
    numbers = " ".join(["0"] * 10 + [str(n * ticks) for n in (1, 2, 3, 4)] + ["99"])
    (tmp_path / "7" / "stat").write_text(f"7 (a name) with 3) S {numbers}")
    (tmp_path / "7" / "status").write_text("Name:\ta\nVmPeak:\t9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t1 kB\n")
    assert usage(7, tmp_path) == Usage(10, 2)
    assert usage(8, tmp_path) is None


@on_linux
@pytest.mark.parametrize(
    ("code", "limit", "told"),
    [
        ("print(len(b'x' * 200_000_000))", "notebook_megabytes=200", "MB of memory"),
        (
            "import time\nwhile time.process_time() < 4: pass\nprint(200_000_000)",
            "notebook_seconds=3",
            "s of processor time",
        ),
    ],
)
def test_cell_over_the_budget_fails(project: Path, run: Run, code: str, limit: str, told: str) -> None:
    notebook = tiny_notebook(code, printed="200000000\n")
    nbformat.write(notebook, project / "chapters" / "greedy.ipynb")
    done = run("-m", "pytest", "-rA", "--color=no", "--nbval", "-o", limit, "chapters")
    assert "FAILED chapters/greedy.ipynb::Cell 0" in done.stdout, done.stdout
    assert told in done.stdout
    assert "PASSED chapters/good.ipynb::Cell 0" in done.stdout
