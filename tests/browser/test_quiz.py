"""Quick questions in the built pages: every reply gets its own feedback, by keyboard, and without JavaScript too."""

from __future__ import annotations

import re
from typing import Any

from browser.site import ROOT, Visit, each_page, visit
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


@each_page(PAGES)
class TestPage:
    def test_every_reply_gets_its_feedback(self, shown: Visit) -> None:
        questions = shown.page.evaluate(QUESTIONS)
        assert len(questions) >= 2
        for question in questions:
            form = shown.page.locator(f"#{question['id']}")
            assert not form.locator("details").first.is_visible()
            for index, reply in enumerate(question["replies"]):
                verdict = answer(form, question, index)
                assert verdict.startswith("✓ Correct." if reply["right"] else "✗ Not this one.")
                assert verdict.endswith(reply["text"])

    def test_without_a_reply_it_asks_for_one(self, page: str, http: str, browser: Browser) -> None:
        with visit(browser, http, page) as fresh:
            for form in fresh.page.locator("form.quiz").all():
                form.locator("button").click()
                assert "first" in (form.locator(".quiz-verdict").text_content() or "")

    def test_a_number_is_read_as_people_write_it(self, shown: Visit) -> None:
        for form in shown.page.locator("form.quiz[data-kind=number]").all():
            value = form.locator("details[data-right]").get_attribute("data-value") or ""
            comma = value if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", value) else value.replace(".", ",")  # 1,234 is 1234
            for written in (value.replace("-", "\u2212"), f" {value} ", f"{value}/1", comma):
                form.locator("input").fill(written)
                form.locator("input").press("Enter")
                assert "Correct" in (form.locator(".quiz-verdict").text_content() or ""), written

    def test_feedback_unfolds_without_javascript(self, page: str, http: str, browser: Browser) -> None:
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

    def test_links_to_run_an_exercise_lead_to_a_notebook(self, shown: Visit) -> None:
        links = shown.page.locator("a.run-it").all()
        assert links
        for link in links:
            # Where JupyterLite is built the link opens it, and names the notebook for pages that are read as files.
            target = link.evaluate("link => new URL(link.dataset.notebook ?? link.href, location).href")
            assert target.endswith(".ipynb")
            assert shown.page.request.get(target).json()["nbformat"] == 4
