"""The block of chapter 6 that trains an ensemble on a Dask cluster is run as it stands on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "chapters" / "06-regularization.ipynb"


def test_the_block_on_the_page_gives_the_same_bits(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(NOTEBOOK.read_text())["cells"]]
    (block,) = (
        found[1]
        for kind, text in cells
        if kind == "markdown" and (found := re.search(r"```python\n(.*?LocalCluster.*?)```", text, re.S))
    )
    needed = ["import joblib", "def network(", "def member(", "def same_bits("]  # first lines of what the block uses
    names = {"__name__": "__main__"}  # as in a notebook: the functions travel to the workers with their code
    for part in needed:
        (source,) = (text for kind, text in cells if kind == "code" and part in text)
        exec(source, names)
    capsys.readouterr()
    exec(block, names)
    assert capsys.readouterr().out == "the same five networks again: True\n"
