"""A place to run things, and a tiny book to build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from book.tiny import ROOT, Run
from nbformat import NotebookNode


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module of this Python in the temporary folder, and return what it printed."""

    def run(*arguments: str | Path, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DLBOOK_"))}
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def build(tmp_path: Path, run: Run) -> Callable[[NotebookNode], subprocess.CompletedProcess[str]]:
    """Build a book of one notebook, with the real settings and extensions, the way `make book` does."""
    shutil.copytree(ROOT / "chapters" / "_ext", tmp_path / "chapters" / "_ext")
    shutil.copytree(ROOT / "chapters" / "_static", tmp_path / "chapters" / "_static")
    (tmp_path / "chapters" / "references.bib").touch()
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapters/tiny\n")

    def build(notebook: NotebookNode) -> subprocess.CompletedProcess[str]:
        nbformat.write(notebook, tmp_path / "chapters" / "tiny.ipynb")
        start = "from jupyter_book.cli.main import main; main()"
        return run("-c", start, "build", ".", "-W", "--keep-going")

    return build
