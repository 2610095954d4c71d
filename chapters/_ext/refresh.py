"""Run notebooks and write them back the way they are committed: with their text outputs, without images.

    python chapters/_ext/refresh.py chapters/*.ipynb

What changes from run to run or from machine to machine is left out: timings, the kernel's name and version, pictures,
the ids of widgets. So are the pages' drawing pads, which weigh 200 kB.
A notebook whose cell fails keeps its file as it was.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from tqdm import tqdm

from dlbook.atomic import write_text

TIMEOUT = 300  # seconds for one cell, as in _config.yml
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def run(notebook: NotebookNode, path: Path) -> None:
    """Execute all cells of ``notebook`` in its folder, with a progress bar."""
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=cells, desc=path.name, unit="cell") as bar:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name=KERNEL["name"],
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
            on_cell_executed=lambda **_: bar.update(),
        )
        client.execute(env={**os.environ, "DLBOOK_TEXT_ONLY": "1"})


def clean(notebook: NotebookNode) -> None:
    """Keep what a reader and nbval need: sources, ids, tags, text outputs."""
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if "data" in output:
                output.data = {mime: data for mime, data in output.data.items() if mime.startswith("text/")}
                output.metadata = {}
        cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def write(notebook: NotebookNode, path: Path) -> None:
    """Write to a temporary file, then rename: an interrupted write leaves the old file."""
    nbformat.validate(notebook)
    write_text(path, nbformat.writes(notebook).rstrip("\n") + "\n")


def main(arguments: list[str]) -> int:
    """Refresh every notebook that is named; return 1 if any of them failed."""
    if not arguments:
        print("Name the notebooks to run: python chapters/_ext/refresh.py chapters/*.ipynb", file=sys.stderr)
        return 2
    failed = []
    for path in map(Path, arguments):
        notebook = nbformat.read(path, as_version=4)
        try:
            run(notebook, path)
        except CellExecutionError as error:
            print(f"{path}: a cell failed, the file is unchanged\n{error}", file=sys.stderr)
            failed.append(path)
            continue
        clean(notebook)
        write(notebook, path)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
