"""No id twice on a page: exercises, solutions and proofs all call their content by the same one."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

SHARED = {"exercise-content", "solution-content", "proof-content"}


def drop_shared_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take the shared ids off: nothing links to them, the box around each has an id of its own."""
    for section in doctree.findall(nodes.section):
        section["ids"] = [own for own in section["ids"] if own not in SHARED]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("doctree-resolved", drop_shared_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
