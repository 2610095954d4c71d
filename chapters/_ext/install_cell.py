"""The hidden cell before a chapter's first code: it installs the package in Google Colab, which has only the notebook.

    python chapters/_ext/install_cell.py chapters/*.ipynb

writes it into notebooks, with the address that _config.yml has. It does nothing where the package is, nor without a
public address. It is plain Python, without a magic's %, so that every tool that reads the notebooks can parse it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

CONFIG = Path(__file__).parents[2] / "_config.yml"
ID, TAGS = "install", ["remove-cell"]
SOURCE = """from importlib.util import find_spec

REPOSITORY = "{address}"  # from _config.yml
if REPOSITORY and find_spec("dlbook") is None:
    get_ipython().run_line_magic("pip", f"install -q 'dlbook[book] @ git+{{REPOSITORY}}'")"""


def source(config: Path = CONFIG) -> str:
    """Return the cell's code for the public address in ``config``."""
    repository = yaml.safe_load(config.read_text(encoding="utf-8"))["repository"]
    address = repository["url"].rstrip("/")
    return SOURCE.format(address=f"{address}@{repository['branch']}" if address else "")


def put(notebook: NotebookNode, code: str) -> None:
    """Put the cell before the first code cell, or its code into the one that is there."""
    cells = notebook.cells
    there = [cell for cell in cells if cell.id == ID]
    if there:
        there[0].source = code
        return
    executed = any(cell.get("execution_count") for cell in cells)
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    cell = new_code_cell(code, id=ID, metadata={"tags": TAGS}, execution_count=1 if executed else None)
    for later in cells:
        if later.get("execution_count"):
            later.execution_count += 1
            for output in later.outputs:
                if "execution_count" in output:
                    output.execution_count += 1
    cells.insert(first, cell)


if __name__ == "__main__":
    from refresh import write

    for path in map(Path, sys.argv[1:]):
        notebook = nbformat.read(path, as_version=4)
        put(notebook, source())
        write(notebook, path)
