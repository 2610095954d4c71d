"""A place to run things."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from book.tiny import ROOT, Run, run_in, tiny_notebook

NAMES = (
    "conftest.py",
    "pyproject.toml",
    "tests/book/unchanged.py",
    "chapters/_ext/dependencies.py",
    "tests/book/budgets.py",
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module of this Python in the temporary folder, and return what it printed."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run_in(tmp_path, *arguments)

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's own settings, a package of one number, and a notebook that reads it."""
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "dlbook").mkdir()
    (tmp_path / "dlbook" / "half.txt").write_text("0.5")
    notebook = tiny_notebook("print(0.25 + float(open('../dlbook/half.txt').read()))")
    nbformat.write(notebook, tmp_path / "chapters" / "good.ipynb")
    return tmp_path
