"""axe-core, the accessibility checker, on part of an open page."""

from __future__ import annotations

from importlib.resources import files

from browser.site import NARROW, WIDE
from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LOOKS = [(WIDE, False), (WIDE, True), (NARROW, False), (NARROW, True)]  # width, and whether the theme is dark


def serious_problems(page: Page, inside: str) -> list[tuple[str, str]]:
    """Return the rule and the HTML of each serious or critical problem in what the selector ``inside`` finds."""
    page.evaluate(AXE)
    found = page.evaluate("inside => axe.run({ include: [[inside]] })", inside)
    assert found["passes"], "axe looked at nothing"
    return [
        (violation["id"], node["html"])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
