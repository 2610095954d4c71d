"""HTML that a screen reader and a keyboard can use, where Sphinx and its extensions write something else."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SHARED = {"exercise-content", "solution-content", "proof-content"}
TABLE = '<div class="pst-scrollable-table-container"'
PARAMETER = r'<dd>(<em class="sig-param">.*?)'
REWRITES = [
    # A table that is wider than the page scrolls by itself: the arrow keys reach only what has the focus.
    (re.compile(TABLE), TABLE + ' tabindex="0"'),
    # The parameters of a long signature are written as a list of definitions in which nothing is defined.
    (re.compile(rf"<dl>\s*((?:{PARAMETER}</dd>\s*)+)</dl>", re.DOTALL), r'<span class="sig-params">\1</span>'),
    (re.compile(rf"{PARAMETER}</dd>", re.DOTALL), r'<span class="sig-line">\1</span>'),
    # The role for entries of a bibliography is deprecated, and a list may not hold it.
    (re.compile(r'role="doc-biblioentry"'), 'role="listitem"'),
]


def drop_shared_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take off the id that all exercises (solutions, proofs) of a page share; the box around each has its own."""
    for section in doctree.findall(nodes.section):
        section["ids"] = [own for own in section["ids"] if own not in SHARED]


def rewrite(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Rewrite the body of a page."""
    if "body" in context:
        for pattern, replacement in REWRITES:
            context["body"] = pattern.sub(replacement, context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; late, since other extensions change the body too."""
    app.connect("doctree-resolved", drop_shared_ids)
    app.connect("html-page-context", rewrite, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
