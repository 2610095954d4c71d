"""A button on every chapter that opens it as a notebook in the reader's browser, where JupyterLite was built.

``python -m lite`` builds JupyterLite into the folder ``lite`` of the pages. It needs a server, so the script takes the
button off pages that are read as files, and lets the links of ``run-it`` lead to the notebook itself there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.config import Config

LABEL = "run-in-browser"
APP = "lite/notebooks/index.html"
SCRIPT = f"""addEventListener("DOMContentLoaded", () => {{
  if (location.protocol !== "file:") return;
  for (const button of document.querySelectorAll(".btn-{LABEL}")) button.remove();
  for (const link of document.querySelectorAll("a[data-notebook]")) {{
    link.href = link.dataset.notebook;
    link.download = "";
  }}
}});"""


def look(app: Sphinx, config: Config) -> None:
    """Note whether JupyterLite is there; a change makes Sphinx write every page again."""
    config.lite_built = (Path(app.outdir) / APP).exists()


def add_button(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the button in front of the others."""
    source = Path(context.get("sourcename", "")).name
    if not app.config.lite_built or not source.endswith(".ipynb"):
        return
    button = {
        "type": "link",
        "url": f"{context['pathto'](APP, True)}?path={quote(source)}",
        "text": "Run",
        "tooltip": "Run this chapter in your browser",
        "icon": "fas fa-play",
        "label": LABEL,
    }
    context["header_buttons"].insert(0, button)
    app.add_js_file(None, body=SCRIPT)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: after the theme has made its buttons (priority 501), before ``run-it`` looks for one (600)."""
    app.add_config_value("lite_built", False, "html", [bool])
    app.connect("config-inited", look)
    app.connect("html-page-context", add_button, priority=550)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
