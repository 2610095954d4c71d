"""Explorers in the build: a cache for their frames, and no slider that is silently dead.

The static pages carry no widget manager, so a plain ipywidgets ``interact`` would show nothing at all. It is reported
as a warning, which fails a build that is run with warnings as errors; so are two explorers of one name on a page.
"""

from __future__ import annotations

import collections
import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

WIDGET = "application/vnd.jupyter.widget-view+json"
EXPLORER = re.compile(r'<figure class="dlx" id="([^"]+)"')

logger = logging.getLogger(__name__)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Tell the kernels of the build where frames are kept; the package names them by content."""
    os.environ["DLBOOK_EXPLORER_CACHE"] = str(Path(app.outdir).parent / ".explorer-cache")


def check_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Warn of widgets that need a kernel and of explorers that share a name."""
    body = context.get("body", "")
    if WIDGET in body:
        logger.warning("an ipywidget is dead in a static page: use dlbook.explore.explore instead", location=page)
    for name, count in collections.Counter(EXPLORER.findall(body)).items():
        if count > 1:
            logger.warning("%d explorers have the name %s: give each its own", count, name, location=page)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("config-inited", choose_cache)
    app.connect("html-page-context", check_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
