"""axe-core, the accessibility checker, on an open page."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
A_AND_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # WCAG 2.2, levels A and AA


def violations(page: Page) -> list[tuple[str, str]]:
    """Return the rule and the HTML of each violation of WCAG 2.2 AA on the page."""
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, { runOnly: tags })", A_AND_AA)
    assert found["passes"], "axe looked at nothing"
    return [(violation["id"], node["html"][:300]) for violation in found["violations"] for node in violation["nodes"]]
