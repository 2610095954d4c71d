"""The book on paper: bookmarks, links that stay inside, typeset formulas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.paper import in_order, print_to
from browser.site import pages
from pypdf import PdfReader
from pypdf.generic import Destination

PAGES = ["chapters/index.html", "chapters/01-neurons-and-perceptrons.html", "chapters/bibliography.html"]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """Two short pages and a chapter, printed."""
    target = tmp_path_factory.mktemp("paper") / "three.pdf"
    print_to(target, PAGES)
    assert list(target.parent.iterdir()) == [target]
    return PdfReader(target)


def titles(outline: list[Any]) -> Iterator[str]:
    """Yield the bookmarks, outer ones first."""
    for entry in outline:
        if isinstance(entry, Destination):
            yield str(entry.title)
        else:
            yield from titles(entry)


def test_whole_book_is_in_order() -> None:
    assert sorted(in_order()) == pages()


def test_bookmarks_are_the_headings(paper: PdfReader) -> None:
    found = list(titles(paper.outline))
    assert found[0] == "Contents"
    assert {"1. Neurons and perceptrons", "Bibliography"} <= set(found)
    assert sum(title.startswith("1.") for title in found) >= 8


def test_links_lead_into_the_book_or_to_an_article(paper: PdfReader) -> None:
    links = [note.get_object() for page in paper.pages for note in page.get("/Annots", [])]
    outside = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) - len(outside) > 50
    assert [address for address in outside if not address.startswith("https://")] == []


def test_formulas_are_typeset_and_explorers_stand_still(paper: PdfReader) -> None:
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "\\frac" not in text
    assert "Shown: " in text
    assert "Copy link" not in text


def test_nothing_is_left_behind_when_printing_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        print_to(tmp_path / "x.pdf", ["chapters/there-is-no-such-page.html"])
    assert list(tmp_path.iterdir()) == []
