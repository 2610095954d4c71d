"""A book that asks nothing of the network.

By default a page requests MathJax, RequireJS, the widget manager and Thebe from content networks. Here MathJax and its
fonts are copied into the site, the widgets' scripts are switched off (the book's explorers need none), and whatever
else points off the site is dropped from the pages.
"""

from __future__ import annotations

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

MATHJAX = "tex-chtml-full.js"
FONTS = "output/chtml/fonts/woff-v2"


def mathjax_folder() -> Path:
    """Return where the package sphinx-mathjax-offline keeps MathJax (no identifier, so it cannot be imported)."""
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("MathJax is missing: pip install -r requirements.txt brings it (sphinx-mathjax-offline)")
    return Path(spec.origin).parent / "static" / "mathjax"


def configure(app: Sphinx, config: Config) -> None:
    """Point the pages at the local MathJax, and tell the kernels that they draw for a static page."""
    config.mathjax_path = f"mathjax/{MATHJAX}"
    config.nb_ipywidgets_js = {}
    os.environ["DLBOOK_BOOK_BUILD"] = "1"


def copy_mathjax(app: Sphinx) -> None:
    """Copy MathJax and its fonts, 1.8 MB, next to the site's other static files."""
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    if app.builder.format != "html" or target.exists():
        return
    target.mkdir(parents=True)
    shutil.copy2(source / MATHJAX, target)
    shutil.copytree(source / FONTS, target / FONTS)


def drop_thebe_settings(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Remove the block of settings that Thebe would read from every page."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext():
            node.parent.remove(node)


def drop_foreign_files(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Keep only the scripts and stylesheets that the site itself holds, and none of Thebe's."""

    def local(file: Any) -> bool:
        name, body = str(getattr(file, "filename", file) or ""), getattr(file, "attributes", {}).get("body") or ""
        return not name.startswith(("http:", "https:", "//")) and "thebe" not in (name + body).lower()

    context["script_files"] = [file for file in context["script_files"] if local(file)]
    context["css_files"] = [file for file in context["css_files"] if local(file)]


def drop_font_preloads(app: Sphinx, error: Exception | None) -> None:
    """Remove the theme's hints to fetch its fonts early: from a file:// page a browser refuses them with an error."""
    pages = (page for page in Path(app.outdir).rglob("*.html") if "_static" not in page.parts)
    for page in pages:
        html = page.read_text(encoding="utf-8")
        if 'as="font"' in html:
            page.write_text(re.sub(r'<link rel="preload" as="font"[^>]*>\s*', "", html), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; the pages are filtered last, after every other extension has added its files."""
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_mathjax)
    app.connect("doctree-resolved", drop_thebe_settings, priority=999)
    app.connect("html-page-context", drop_foreign_files, priority=999)
    app.connect("build-finished", drop_font_preloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
