"""Quick questions in the built pages: every reply gets its own feedback, by keyboard, and without JavaScript too."""

from __future__ import annotations

from typing import Any

import pytest
from browser.axe import LOOKS, serious_problems
from browser.site import ROOT, visit
from playwright.sync_api import Browser, Locator

PAGES = sorted(f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("[0-9][0-9]-*.ipynb"))

QUESTIONS = """() => [...document.querySelectorAll("form.quiz")].map((form) => ({
    id: form.id, kind: form.dataset.kind,
    replies: [...form.querySelectorAll(".quiz-feedback")].map((f) => ({
        right: "right" in f.dataset, value: f.dataset.value,
        text: f.querySelector(".quiz-text").textContent.replace(/\\s+/g, " ").trim(),
    })),
}))"""


def answer(form: Locator, question: dict[str, Any], index: int) -> str:
    """Give reply number ``index`` with the keyboard, and return the verdict."""
    page = form.page
    if question["kind"] == "choice":
        form.locator("input").first.focus()
        page.keyboard.press("Space")
        for _ in range(index):
            page.keyboard.press("ArrowDown")
    else:
        form.locator("input").fill(question["replies"][index]["value"] or "987654.321")
    page.keyboard.press("Enter")
    return " ".join((form.locator(".quiz-verdict").text_content() or "").split())


@pytest.mark.parametrize("page", PAGES)
def test_every_reply_gets_its_feedback(page: str, base: str, browser: Browser) -> None:
    with visit(browser, base, page) as visited:
        questions = visited.page.evaluate(QUESTIONS)
        assert len(questions) >= 2
        for question in questions:
            form = visited.page.locator(f"#{question['id']}")
            assert not form.locator("details").first.is_visible()
            for index, reply in enumerate(question["replies"]):
                verdict = answer(form, question, index)
                assert verdict.startswith("✓ Correct." if reply["right"] else "✗ Not this one.")
                assert verdict.endswith(reply["text"])
        assert visited.complaints == []
        assert visited.foreign == []


@pytest.mark.parametrize("page", PAGES)
def test_no_reply_and_no_number(page: str, http: str, browser: Browser) -> None:
    with visit(browser, http, page) as visited:
        for form in visited.page.locator("form.quiz").all():
            form.locator("button").click()
            assert "first" in (form.locator(".quiz-verdict").text_content() or "")
            if form.get_attribute("data-kind") == "number":
                right = form.locator("details[data-right]")
                value = right.get_attribute("data-value") or ""
                for written in (value.replace("-", "\u2212"), f" {value} ", f"{value}/1", value.replace(".", ",")):
                    form.locator("input").fill(written)
                    form.locator("input").press("Enter")
                    assert "Correct" in (form.locator(".quiz-verdict").text_content() or ""), written


@pytest.mark.parametrize("page", PAGES)
def test_feedback_unfolds_without_javascript(page: str, http: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{http}/{page}")
    notes = opened.locator("form.quiz details").all()
    assert notes
    for note in notes:
        assert not note.locator(".quiz-text").is_visible()
        note.locator("summary").click()
        assert note.locator(".quiz-text").is_visible()
    assert not opened.locator("form.quiz button").first.is_visible()
    context.close()


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_serious_problem(page: str, http: str, browser: Browser) -> None:
    for width, dark in LOOKS:
        with visit(browser, http, page, width=width, dark=dark) as visited:
            for form, question in enumerate(visited.page.evaluate(QUESTIONS)):
                answer(visited.page.locator("form.quiz").nth(form), question, 1)
            assert serious_problems(visited.page, "form.quiz") == []


@pytest.mark.parametrize("page", PAGES)
def test_links_to_run_an_exercise_lead_to_a_notebook(page: str, http: str, browser: Browser) -> None:
    with visit(browser, http, page) as visited:
        links = visited.page.locator("a.run-it").all()
        assert links
        for link in links:
            target = link.evaluate("link => link.href")
            assert target.endswith(".ipynb")
            assert visited.page.request.get(target).json()["nbformat"] == 4
