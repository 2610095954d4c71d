"""axe-core, the accessibility checker, on an open page."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
A_AND_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # WCAG 2.2, levels A and AA

# A word of code has the colours of its kind, and some pages have fifty thousand: a block that brings no new kind is
# hidden meanwhile. What axe would load by itself is style sheets that it looks for in the wrong folder.
RUN = """async tags => {
    const kinds = new Set(), hidden = [];
    for (const block of document.querySelectorAll("pre")) {
        const before = kinds.size, ground = getComputedStyle(block).backgroundColor;
        for (const word of block.querySelectorAll("span")) kinds.add(word.className + ground);
        if (kinds.size === before) hidden.push(block);
    }
    for (const block of hidden) block.style.display = "none";
    const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"], preload: false });
    for (const block of hidden) block.style.display = "";
    return found;
}"""


def violations(page: Page) -> list[tuple[str, str]]:
    """Return the rule and the HTML of each violation of WCAG 2.2 AA on the page."""
    page.evaluate(AXE)
    found = page.evaluate(RUN, A_AND_AA)
    assert found["passes"], "axe looked at nothing"
    return [(violation["id"], node["html"][:300]) for violation in found["violations"] for node in violation["nodes"]]
