"""Every link inside the built site leads to a file, and to a place in it, that exist."""

from __future__ import annotations

import functools
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser.site import SITE, pages


class _Collector(HTMLParser):
    """Collects what a page links to and the places that it offers."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        self.links += [values[name] for name in ("href", "src") if name in values]


@functools.cache  # hundreds of links lead to the same large page
def collect(path: Path) -> _Collector:
    """Return the links and places of the page in ``path``."""
    collector = _Collector()
    collector.feed(path.read_text(encoding="utf-8"))
    return collector


def dead_links(page: Path) -> list[str]:
    """Return the links of ``page`` that lead nowhere inside the site."""
    dead = []
    for link in collect(page).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        missing = not target.exists()
        if missing or (
            target.suffix == ".html" and parts.fragment and unquote(parts.fragment) not in collect(target).places
        ):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    assert dead_links(SITE / page) == []


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<p id="here">')
    page = tmp_path / "a.html"
    page.write_text(
        '<a href="b.html#here"></a><a href="b.html#there"></a><a href="c.html"></a><a href="https://x.org"></a>'
    )
    assert dead_links(page) == ["b.html#there", "c.html"]
