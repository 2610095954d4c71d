"""In running text, "chapter 5" leads to chapter 5 as soon as the book has one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

# "Chapter 5", "chapters 4 and 6", "chapters 4–6"; not "chapter 4 of his book"
MENTION = re.compile(r"\b[Cc]hapters? \d+(?:(?:, | and | or | to |–)\d+)*\b(?!\.\d| of )")
LEFT_ALONE = (nodes.reference, nodes.title, nodes.literal, nodes.literal_block, nodes.math, nodes.raw)


def pieces(text: str) -> Iterator[tuple[str, int | None]]:
    """Cut a text where it mentions chapters: "chapter 5" is one piece with its number, of several each is one."""
    end = 0
    for mention in MENTION.finditer(text):
        single = mention[0].startswith(("Chapter ", "chapter "))
        for number in [mention] if single else re.compile(r"\d+").finditer(text, *mention.span()):
            yield text[end : number.start()], None
            yield number[0], int(re.findall(r"\d+", number[0])[0])
            end = number.end()
    yield text[end:], None


def link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a reference in the place of every mention of another chapter that there is."""
    numbered = (re.match(r"chapters/(\d\d)-", name) for name in app.env.found_docs)
    pages = {int(page[1]): page.string for page in numbered if page and page.string != docname}
    for node in list(doctree.findall(nodes.Text)):
        if not MENTION.search(node) or any(isinstance(above, LEFT_ALONE) for above in ancestors(node)):
            continue
        parts = [
            make_refnode(app.builder, docname, pages[number], "", nodes.inline("", text))
            if number in pages
            else nodes.Text(text)
            for text, number in pieces(node)
        ]
        node.parent.replace(node, parts)


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what contains a node, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
