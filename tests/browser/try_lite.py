"""A reader's way through chapter 3 in JupyterLite: the button, the cells, an exercise, an explorer.

`make lite-try PYODIDE=…` builds the book with a Pyodide release inside and runs this. No name is looked up meanwhile,
so whatever is asked of another host fails; it is reported as well.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.site import SITE, chromium, served
from playwright.sync_api import Locator, Page

CHAPTER = "chapters/03-back-propagation.html"
PATIENCE = 600_000  # milliseconds; what is promised is printed, a slow machine still gets to the end
ANSWER = """def output_delta(Z, Y):
    A = 1 / (1 + np.exp(-Z))
    return (A - Y) * A * (1 - A)"""
DONE = (
    "() => document.querySelectorAll('.jp-Notebook .jp-InputPrompt').values().every(p => !p.textContent.includes('*'))"
)


def code_cell(page: Page, text: str) -> Locator:
    """Return the code cell that holds ``text``."""
    return page.locator(".jp-CodeCell").filter(has_text=text).first


def run(page: Page, *cells: Locator) -> None:
    """Run cells, one key after the other as a reader would, and wait for the end of the last."""
    for cell in cells:
        cell.locator(".jp-InputPrompt").click()
        page.keyboard.press("Shift+Enter")
    cells[-1].locator(".jp-InputPrompt").filter(has_not_text="*").wait_for(timeout=PATIENCE)


def main(site: Path = SITE) -> int:
    """Walk the way, print what was seen when, and return 1 if something was not as it should be."""
    if not (site / "lite/static/pyodide").exists():
        raise SystemExit("There is no Pyodide in the book: name a release, make lite-try PYODIDE=archive-or-folder")
    problems: list[str] = []
    with served(site) as base, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda r: r.url.startswith((base, "data:", "blob:")) or problems.append(f"asked {r.url}"))
        chapter = context.new_page()
        chapter.goto(f"{base}/{CHAPTER}")
        with context.expect_page() as opened:
            chapter.locator(".btn-run-in-browser").click()
        start = time.monotonic()
        page = opened.value

        def say(what: str) -> None:
            print(f"{time.monotonic() - start:6.1f} s  {what}", flush=True)

        first, second = code_cell(page, "plot.use_style()"), code_cell(page, "def J_of(net)")
        first.wait_for()
        say("the chapter is open")
        run(page, first, second)
        say(f"first result: {second.locator('.jp-OutputArea').inner_text().strip().splitlines()[-1]}")

        run(page, code_cell(page, "import check, progress"))
        stub, answer = code_cell(page, "def output_delta"), code_cell(page, 'check("3.3", output_delta)')
        stub.locator(".cm-content").click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(ANSWER)
        run(page, stub)
        run(page, answer)
        verdict = answer.locator(".dlbook-answer").inner_text()
        say(f"exercise: {verdict}")
        if "correct" not in verdict:
            problems.append(f"the right answer to exercise 3.3 was not accepted: {verdict}")

        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(2000)
        page.wait_for_function(DONE)
        say("all cells have run")
        for error in page.locator("[data-mime-type='application/vnd.jupyter.error']").all():
            problems.append(f"a cell failed: {error.inner_text().strip().splitlines()[-1]}")
        sliders = page.locator(".widget-slider").count()
        say(f"{page.locator('.jp-OutputArea img').count()} pictures, {sliders} sliders of explorers")
        if not sliders:
            problems.append("no explorer has a slider")
    print("\n".join(problems) or "nothing was asked of another host, no cell failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
