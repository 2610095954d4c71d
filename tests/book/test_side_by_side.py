"""Notebooks are run before Sphinx reads them, and only those that the cache does not have."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import side_by_side
from book.tiny import tiny_notebook
from jupyter_cache import get_cache

CODES = {"one": "print(1)", "two": "print(2)", "failing": "1 / 0"}


def test_every_notebook_that_is_missing_and_can_be_run_is_cached(tmp_path: Path, monkeypatch: Any) -> None:
    for name, code in CODES.items():
        nbformat.write(tiny_notebook(code, None), tmp_path / f"{name}.ipynb")
    (tmp_path / "text.md").write_text("# No code\n")
    config = SimpleNamespace(
        nb_execution_cache_path=str(tmp_path / "cache"), nb_execution_timeout=60, nb_execution_allow_errors=False
    )
    app: Any = SimpleNamespace(config=config)
    env: Any = SimpleNamespace(doc2path=lambda name: tmp_path / (name if "." in name else f"{name}.ipynb"))
    side_by_side.run(app, env, [*CODES, "text.md"])
    cache = get_cache(config.nb_execution_cache_path)
    for name in ("one", "two"):
        _, merged = cache.merge_match_into_notebook(nbformat.read(tmp_path / f"{name}.ipynb", 4))
        assert merged.cells[1].outputs[0].text == CODES[name][-2] + "\n"
    assert [Path(record.uri).stem for record in cache.list_unexecuted()] == ["failing"]
    monkeypatch.setattr(side_by_side, "load_executor", None)
    side_by_side.run(app, env, list(CODES))  # one is left: Sphinx runs it, and says why it fails
