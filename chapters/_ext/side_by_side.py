"""Notebooks that the cache does not have are run side by side, one per core, before Sphinx reads the pages.

Sphinx would run them one after another while it reads. What fails here is not cached: Sphinx runs it again and reports
the cell, so that a failing notebook fails the build as it always did.
"""

from __future__ import annotations

from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging


def run(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run the notebooks among the pages that are about to be read, and keep their outputs in the cache."""
    notebooks = [path for name in docnames if (path := Path(env.doc2path(name))).suffix == ".ipynb"]
    cache = get_cache(app.config.nb_execution_cache_path)
    staged = [cache.add_nb_to_project(str(path)).pk for path in notebooks]
    missing = [record.pk for record in cache.list_unexecuted(filter_pks=staged)]
    if len(missing) > 1:
        logging.getLogger(__name__).info("running %s notebooks, as many at a time as there are cores", len(missing))
        load_executor("local-parallel", cache).run_and_cache(
            filter_pks=missing,
            timeout=app.config.nb_execution_timeout,
            allow_errors=app.config.nb_execution_allow_errors,
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("env-before-read-docs", run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
