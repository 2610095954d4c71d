"""A build that never shows a stale result.

Jupyter's cache of executed notebooks knows their code cells only. A notebook also depends on the package that it
imports and on the versions of what is installed, so the cache lives in a folder named by a hash of both, and every
page is read again when the hash changes. A build that failed or was interrupted may have swallowed its warnings: the
next one then starts with an empty memory of what it has read.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dependencies import fingerprint
from sphinx.application import Sphinx
from sphinx.config import Config

WATCHED = ("dlbook/**/*", "chapters/_ext/**/*", "constraints.txt")
STATIC = ("chapters/_static/**/*",)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Set the cache's folder, drop those of other fingerprints, and forget a build that did not end well."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    cache = caches / fingerprint(Path(app.srcdir), WATCHED)
    config.nb_execution_cache_path = str(cache)  # a changed value makes Sphinx read every page again
    config.static_files = fingerprint(Path(app.srcdir), STATIC)
    for other in set(caches.glob("*")) - {cache}:
        shutil.rmtree(other)
    unfinished = Path(app.doctreedir) / "unfinished"
    if unfinished.exists():
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.touch()


def finish(app: Sphinx, error: Exception | None) -> None:
    """Note that the build ended without an error and without a warning."""
    if error is None and app._warncount == 0:
        (Path(app.doctreedir) / "unfinished").unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    # Sphinx copies style sheets and icons when it writes pages: a changed one makes it write them all.
    app.add_config_value("static_files", "", "html", str)
    app.connect("config-inited", choose_cache)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
