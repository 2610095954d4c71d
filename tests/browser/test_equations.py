"""The marks beside the equations: outside the formula, named for the ear, legible, and leading to the test."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from browser.site import NARROW, Visit, each_page, pages, visit
from playwright.sync_api import Browser

CHAPTERS = [page for page in pages() if page.split("/")[-1][:2].isdigit()]
MARKS = """() => [...document.querySelectorAll("a.eq-verified")].map(a => ({
    name: a.getAttribute("aria-label"), href: a.getAttribute("href"), shown: a.textContent,
    number: a.closest(".eqno").textContent.match(/[\\d.]+/)[0],
    inside: a.closest("mjx-container") !== null, focusable: a.tabIndex === 0 }))"""
NUMBERS = "() => document.querySelectorAll('.eqno').length"
SILENT = "() => document.querySelectorAll('mjx-container:not(:has(mjx-assistive-mml math))').length"
COLOURS = """() => {
    const rgb = value => value.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const luminance = value => rgb(value).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const text = luminance(getComputedStyle(document.querySelector("a.eq-verified")).color);
    const page = luminance(getComputedStyle(document.body).backgroundColor);
    return (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05);
}"""
COVERED = """() => [...document.querySelectorAll(".eqno")].filter(number => {
    const a = number.getBoundingClientRect();
    const b = number.parentElement.querySelector("mjx-container").getBoundingClientRect();
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
}).length"""


@each_page(CHAPTERS)
class TestMarks:
    def test_marks_are_named_and_formulas_are_spoken(self, shown: Visit) -> None:
        marks = shown.page.evaluate(MARKS)
        assert len(marks) == shown.page.evaluate(NUMBERS) > 0
        for mark in marks:
            assert mark["name"].startswith(f"Equation {mark['number']} is verified ")
            assert re.fullmatch("exact|examples|([2-9]·)?10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+", mark["shown"])
            assert mark["focusable"]
            assert not mark["inside"]
        assert shown.page.evaluate(SILENT) == 0

    @pytest.mark.parametrize("look", [{}, {"width": NARROW, "dark": True}], ids=["wide-light", "narrow-dark"])
    def test_marks_are_legible_and_cover_nothing(self, look: dict[str, int], shown: Visit) -> None:
        shown.look(**look)
        assert shown.page.evaluate(COLOURS) >= 4.5
        assert shown.page.evaluate(COVERED) == 0


def test_keyboard_leads_from_the_mark_to_the_test(http: str, browser: Browser) -> None:
    with visit(browser, http, CHAPTERS[0]) as visited:
        mark = visited.page.locator("a.eq-verified").first
        target = mark.get_attribute("href")
        assert target is not None
        mark.focus()
        visited.page.keyboard.press("Enter")
        visited.page.wait_for_url(f"**/{target}")
        heading = visited.page.locator(f"[id='{urlsplit(target).fragment}']")
        assert "@verifies" in heading.first.locator("xpath=ancestor-or-self::section[1]").inner_text()
