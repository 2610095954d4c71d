"""Where the book is, and a tiny notebook to try things on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

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
