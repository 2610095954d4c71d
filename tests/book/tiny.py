"""Where the book is, a tiny notebook to try things on, and a tiny book to build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
Run = Callable[..., subprocess.CompletedProcess[str]]


def tiny_notebook(code: str = "print(0.25 + 0.5)", printed: str | None = "0.75\n") -> NotebookNode:
    """Return a notebook of one formula and one code cell with a printed output."""
    cell = new_code_cell(code)
    if printed is not None:
        cell.execution_count = 1
        cell.outputs = [new_output("stream", name="stdout", text=printed)]
    title = new_markdown_cell("# A tiny chapter\n\n$$\nz = w a + b\n$$ (eq-tiny)\n\nSee {eq}`eq-tiny`.")
    return new_notebook(cells=[title, cell], metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def run_in(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run this Python in a folder, outside of the tests' own environment, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DLBOOK_"))}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def lay_out(folder: Path, *pages: str) -> None:
    """Prepare a book of ``chapters/tiny`` and further pages, with the real settings and extensions."""
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / "chapters" / name, folder / "chapters" / name)
    (folder / "chapters" / "references.bib").touch()
    shutil.copy(ROOT / "_config.yml", folder)
    listed = "".join(f"- file: chapters/{page}\n" for page in pages)
    toc = "format: jb-book\nroot: chapters/tiny\n" + (f"chapters:\n{listed}" if pages else "")
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")


def build(folder: Path, notebook: NotebookNode) -> subprocess.CompletedProcess[str]:
    """Build the book the way `make book` does, with ``notebook`` as chapters/tiny."""
    nbformat.write(notebook, folder / "chapters" / "tiny.ipynb")
    return build_again(folder)


def build_again(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the book as it stands."""
    start = "from jupyter_book.cli.main import main; main()"
    return run_in(folder, "-c", start, "build", ".", "-W", "--keep-going")
