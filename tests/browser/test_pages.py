"""Every built page, opened with all networking closed: complete, quiet, and readable on a phone."""

from __future__ import annotations

import pytest
from browser.axe import violations
from browser.site import NARROW, SITE, Visit, each_page, pages, visit
from playwright.sync_api import Browser

FORMULAS = """() => [...document.querySelectorAll(".math")].map(node => ({
    text: node.textContent.slice(0, 60),
    typeset: node.querySelectorAll("mjx-container").length,
    wrong: node.querySelectorAll("mjx-merror, [data-mjx-error]").length,
}))"""
RAW_TEX = r"""() => {
    const body = document.querySelector("article").cloneNode(true);
    body.querySelectorAll("pre, code, script, style, mjx-container").forEach(node => node.remove());
    return body.textContent.match(/\\\(|\\\[|\\frac|\\begin|\$\$|\{eq\}|\{ref\}|\{cite/g) ?? [];
}"""
PICTURES = """() => [...document.querySelectorAll("article img")].map(img => ({
    source: img.currentSrc.slice(0, 90), width: img.naturalWidth, alt: img.alt }))"""
# So that the verdicts of the quick questions are looked at too.
ANSWER = """() => document.querySelectorAll("form.quiz").forEach(form => {
    const choice = form.querySelector("input[type=radio]");
    if (choice) choice.checked = true; else form.querySelector("input").value = "1";
    form.querySelector("button").click();
})"""
TOO_WIDE = """() => {
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit) return [];
    const scrolls = node => node && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
    const sticksOut = node => node.getBoundingClientRect().right > limit + 1 && !scrolls(node.parentElement);
    const wide = [...document.querySelectorAll("article *")].filter(sticksOut);
    return wide.slice(0, 5).map(n => `${n.tagName}.${n.className}`).concat("the page scrolls sideways");
}"""


def undescribed(pictures: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the pictures whose alternative text is missing, very short or a file name."""
    return [p for p in pictures if len(p["alt"]) < 20 or p["alt"].split("?")[0].endswith((".png", ".svg", ".webp"))]


def assert_complete(visited: Visit) -> None:
    """Assert that everything on the page is there, and nothing was asked of another host."""
    assert visited.foreign == []
    assert visited.complaints == []
    formulas = visited.page.evaluate(FORMULAS)
    assert [f for f in formulas if f["typeset"] != 1 or f["wrong"]] == []
    assert visited.page.evaluate(RAW_TEX) == []
    pictures = visited.page.evaluate(PICTURES)
    assert [p for p in pictures if not p["width"]] == []
    assert undescribed(pictures) == []


@each_page(pages())
class TestPage:
    def test_is_complete_with_networking_closed(self, shown: Visit) -> None:
        assert_complete(shown)

    def test_is_complete_as_a_file(self, page: str, browser: Browser) -> None:
        with visit(browser, SITE.as_uri(), page) as visited:
            assert_complete(visited)

    def test_does_not_scroll_sideways_at_400_percent(self, shown: Visit) -> None:
        shown.look(width=NARROW)
        assert shown.page.evaluate(TOO_WIDE) == []

    def test_dark_theme_darkens_page_and_figures(self, shown: Visit) -> None:
        shown.look(dark=True)
        background = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
        assert max(shown.page.evaluate(background)) < 80
        # Photographs keep their colours, by the tag of their cell; everything else is turned inside out.
        filters = """() => [...document.querySelectorAll('.cell_output img')].map(image =>
            [image.closest('.tag_keep-colors') !== null, getComputedStyle(image).filter.includes('invert')])"""
        assert all(inverted != kept for kept, inverted in shown.page.evaluate(filters))

    @pytest.mark.parametrize("look", [{}, {"width": NARROW, "dark": True}], ids=["wide-light", "narrow-dark"])
    def test_axe_finds_no_violation(self, look: dict[str, int], shown: Visit) -> None:
        shown.look(**look)
        shown.page.evaluate(ANSWER)
        shown.page.wait_for_timeout(500)  # what fades is there, and what scrolls has been given the focus
        assert violations(shown.page) == []


def test_start_page_leads_into_the_book(base: str, browser: Browser) -> None:
    with visit(browser, base, "index.html") as visited:
        assert visited.page.url == f"{base}/chapters/index.html"
        assert_complete(visited)


def test_search_finds_a_word_without_the_network(base: str, browser: Browser) -> None:
    with visit(browser, base, "search.html?q=gradient") as visited:
        visited.page.wait_for_selector("ul.search li a")
        assert visited.foreign == []
        assert visited.complaints == []


class TestTheChecksThemselves:
    """A page with every fault fails every check."""

    PAGE = """<html><body><article>
        <span class="math">\\(x\\)</span> <p>see {eq}`x`</p> <img src="gone.png" alt="gone.png"> <img src="bare.png">
        <script src="https://example.org/x.js"></script> <div style="width: 900px">wide</div>
        </article></body></html>"""

    def test_each_fault_is_seen(self, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tmp_path_factory.mktemp("site")
        (folder / "faulty.html").write_text(self.PAGE)
        with visit(browser, folder.as_uri(), "faulty.html", width=NARROW) as visited:
            assert visited.foreign == ["https://example.org/x.js"]
            assert any("gone.png" in complaint for complaint in visited.complaints)
            assert visited.page.evaluate(FORMULAS)[0]["typeset"] == 0
            assert len(visited.page.evaluate(RAW_TEX)) == 2
            pictures = visited.page.evaluate(PICTURES)
            assert pictures[0]["width"] == 0
            assert undescribed(pictures) == pictures
            assert visited.page.evaluate(TOO_WIDE)
            assert {"image-alt", "html-has-lang", "document-title"} <= {rule for rule, _ in violations(visited.page)}
