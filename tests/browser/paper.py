"""Print the built book as one PDF (_build/dlbook.pdf), with bookmarks, a table of contents and links that work.

The pages become one long document, so that the browser itself makes links within the book and the bookmarks from the
headings. Explorers show their first picture with a note, hidden code stays out, solutions are unfolded.

python tests/browser/paper.py [target [pages, in place of the whole book]]
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).parents[1]))

import yaml
from browser.site import ROOT, SITE, chromium, served
from bs4 import BeautifulSoup, Tag

from dlbook.atomic import writing

TARGET = ROOT / "_build" / "dlbook.pdf"
FOOTER = (
    '<div style="width: 100%; font-size: 8px; text-align: center; font-family: sans-serif">'
    '<span class="pageNumber"></span></div>'
)
SHEET = """<style>
    @page { size: A4; margin: 18mm 17mm; }
    html { font-size: 13px; }
    body > article { display: block; max-width: none; margin: 0; padding: 0; }
    article + article, nav.paper-contents { break-before: page; }
    .title-page { padding-top: 30%; text-align: center; }
    nav.paper-contents li { list-style: none; } nav.paper-contents .page { font-weight: 600; margin-top: .4rem; }
</style>"""
TYPESET = "async () => { await window.MathJax.startup.promise; await document.fonts.ready; }"


def in_order(root: Path = ROOT) -> list[str]:
    """Return the book's pages in the order of its table of contents."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    return [f"{name}.html" for name in (contents["root"], *chapters)]


def name_of(page: str) -> str:
    """Return what a page's ids begin with in the document: ids are unique on a page, not in the book."""
    return PurePosixPath(page).stem


def article(page: str, among: dict[str, str]) -> Tag:
    """Return what a page says, with ids and links that hold in the whole document; ``among`` names its pages."""
    soup = BeautifulSoup((SITE / page).read_text(encoding="utf-8"), "html.parser")
    found = soup.select_one("article.bd-article")
    if found is None:
        raise ValueError(f"{page} has no article to print: was the book built with another theme?")
    own = name_of(page)
    for node in found.select("script, details.hide, a.headerlink, .dlx-controls, .dlx-actions, .toctree-wrapper"):
        node.decompose()
    for details in found.select("details"):
        details["open"] = ""
    for node in found.select("[id]"):
        node["id"] = f"{own}--{node['id']}"
    for node in found.select("[for]"):
        node["for"] = f"{own}--{node['for']}"
    for node in found.select("[aria-labelledby]"):
        node["aria-labelledby"] = " ".join(f"{own}--{name}" for name in str(node["aria-labelledby"]).split())
    for link in found.select("a[href]"):
        target, _, anchor = str(link["href"]).partition("#")
        if not target and anchor:
            link["href"] = f"#{own}--{anchor}"
        elif target in among:
            link["href"] = f"#{among[target]}--{anchor}" if anchor else f"#{among[target]}"
        elif "://" not in target and not target.startswith("mailto:"):
            link.name = "span"  # a file of the site, which paper cannot open
            del link["href"]
    found["id"] = own
    return found


def contents(articles: list[Tag]) -> str:
    """Return a table of contents: each page's title and its sections'."""
    lines = []
    for one in articles:
        for heading in one.select("h1, section > section > h2"):
            section = heading.find_parent("section")
            style = "page" if heading.name == "h1" else "section"
            text = " ".join(heading.get_text().split())
            lines.append(
                f'<li class="{style}"><a href="#{section["id"] if section else one["id"]}">{escape(text)}</a></li>'
            )
    return f'<nav class="paper-contents"><h1>Contents</h1><ul>{"".join(lines)}</ul></nav>'


def document(pages: list[str]) -> str:
    """Return all pages as one HTML document, to be opened beside the first of them."""
    among = {PurePosixPath(page).name: name_of(page) for page in pages}
    articles = [article(page, among) for page in pages]
    first = BeautifulSoup((SITE / pages[0]).read_text(encoding="utf-8"), "html.parser")
    head = "".join(str(sheet) for sheet in first.select("head link[rel=stylesheet]"))
    mathjax = "".join(
        str(script) for script in first.select("head script") if "MathJax" in str(script) or "mathjax" in str(script)
    )
    title = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}{SHEET}{mathjax}</head>"
        f'<body class="bd-content"><div class="title-page"><p style="font-size: 2.6rem">{escape(title)}</p></div>'
        f"{contents(articles)}{''.join(str(one) for one in articles)}</body></html>"
    )


def print_to(target: Path, pages: list[str]) -> None:
    """Print pages into one PDF; the file is whole, or it is not there."""
    html = document(pages)
    with chromium() as browser, served() as base:
        page = browser.new_page()
        page.set_default_timeout(600_000)
        address = f"{base}/chapters/the-book-on-paper.html"
        page.route(address, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(address)
        page.evaluate(TYPESET)
        printed = page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with writing(target) as file:
        file.write(printed)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    print_to(target, sys.argv[2:] or in_order())
    print(f"The book on paper is {target} ({target.stat().st_size / 1e6:.1f} MB)")
