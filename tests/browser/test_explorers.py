"""Explorers in the built pages, moved by keyboard: picture, numbers and words are those that the code computes."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterator

import pytest
from browser.recompute import Control, Expected, makes_explorers, recompute
from browser.site import NARROW, SITE, Visit, each_page, pages, visit
from playwright.sync_api import Browser, Page, expect

PAGES = [page for page in pages() if makes_explorers(page)]
CHAPTERS = [page for page in pages() if re.match(r"chapters/\d\d-", page)]

NAMES = "() => [...document.querySelectorAll('figure.dlx')].map(figure => figure.dataset.name)"
# The name of an explorer, and the format of its first picture.
PICTURES = re.compile(r'<figure class="dlx"[^>]*?data-name="([^"]+)".*?<img[^>]*?src="data:image.(svg|webp)', re.DOTALL)
SHOWN = """async id => {
    const figure = document.getElementById(id), img = figure.querySelector("img");
    const answer = await (await fetch(img.src)).blob();  // an SVG's first frame has other quotes
    const bytes = answer.type.includes("svg")
        ? new TextEncoder().encode((await answer.text()).replaceAll('"', "'")) : await answer.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const terms = [...figure.querySelectorAll("dt")];
    return {
        numbers: Object.fromEntries(terms.map(term => [term.textContent, term.nextElementSibling.textContent])),
        text: img.alt,
        picture: [...digest].map(byte => byte.toString(16).padStart(2, "0")).join(""),
        visible: img.complete && img.naturalWidth > 0,
    };
}"""
SETTLED = """([id, state]) => { const { dataset } = document.getElementById(id);
    return dataset.state == state && dataset.shown == state; }"""
CHANGE_TIMES = """async figure => {
    const range = figure.querySelector("input[type=range]"), times = [];
    for (let round = 0; round < 3; round += 1) for (let value = 0; value <= Number(range.max); value += 1) {
        if (range.valueAsNumber === value) continue;
        const begin = performance.now();
        range.value = value;
        range.dispatchEvent(new Event("input", { bubbles: true }));
        while (figure.dataset.shown !== figure.dataset.state) await new Promise(next => setTimeout(next));
        await new Promise(requestAnimationFrame);
        times.push(performance.now() - begin);
    }
    return times;
}"""
SIZES = """selector => [...document.querySelectorAll(selector)].map(node => {
    const { width, height } = node.getBoundingClientRect(); return [node.outerHTML.slice(0, 80), width, height]; })"""
TARGETS = "figure.dlx :is(button, input[type=range], label.dlx-row, .dlx-choices label)"


def anchor(explorer: Expected) -> str:
    return f"explore-{explorer.name}"


def wait_for(page: Page, explorer: Expected, positions: list[int], seconds: int = 30) -> None:
    """Wait until the explorer shows the state with these positions."""
    page.wait_for_function(SETTLED, arg=[anchor(explorer), explorer.index(positions)], timeout=1000 * seconds)


def assert_shows(page: Page, explorer: Expected, positions: list[int]) -> None:
    """Assert that picture, numbers and words of a state are on the page."""
    wait_for(page, explorer, positions)
    shown = page.evaluate(SHOWN, anchor(explorer))
    assert shown == explorer.states[explorer.index(positions)] | {"visible": True}
    for control, position in zip(explorer.parameters, positions, strict=True):
        if control.kind == "slider":
            slider = page.locator(f"#{anchor(explorer)}-{control.name}")
            expect(slider).to_have_attribute("aria-valuetext", control.texts[position])
            expect(slider.locator("xpath=following-sibling::span")).to_have_text(control.texts[position])


def walk(page: Page, explorer: Expected, control: Control) -> Iterator[int]:
    """Move a control through all of its values by keyboard; yields the position after each key."""
    key = f"{anchor(explorer)}-{control.name}"
    count = len(control.texts)
    if control.kind == "slider":
        page.locator(f"#{key}").focus()
        page.keyboard.press("Home")
        yield 0
        for position in range(1, count):
            page.keyboard.press("ArrowRight")
            yield position
    elif control.kind == "switch":
        page.locator(f"[data-parameter='{control.name}'] input[type=checkbox]").and_(
            page.locator(f"#{anchor(explorer)} input")
        ).focus()
        for press in range(1, 3):
            page.keyboard.press("Space")
            yield (control.start + press) % 2
    else:
        page.locator(f"input[name='{key}']:checked").focus()
        for press in range(1, count + 1):
            page.keyboard.press("ArrowDown")
            yield (control.start + press) % count


def expected_on(path: str) -> dict[str, Expected]:
    """What the notebook of a page computes for the explorers, drawn in the format that the page uses."""
    return recompute(path, json.dumps(dict(PICTURES.findall((SITE / path).read_text("utf-8"))), sort_keys=True))


def assert_link_leads_back(shown: Page, explorer: Expected, base: str, browser: Browser) -> None:
    """Assert that a link copied in another state opens that state in a new window."""
    control, positions = explorer.parameters[-1], explorer.start
    positions[-1] = next(i for i in walk(shown, explorer, control) if i != control.start)
    wait_for(shown, explorer, positions)
    shown.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    shown.locator(f"#{anchor(explorer)}").get_by_role("button", name="Copy link").click()
    link = shown.wait_for_function("() => window.copied").json_value()
    assert link.endswith(f"#{anchor(explorer)}")
    assert f"{explorer.name}.{control.name}=" in link
    shown.wait_for_function("link => location.href.split('#')[0] === link.split('#')[0]", arg=link)
    shown.evaluate("() => { delete window.copied; }")
    with visit(browser, base, link.removeprefix(f"{base}/")) as other:
        assert_shows(other.page, explorer, positions)
        expect(other.page.locator(f"#{anchor(explorer)}")).to_be_in_viewport()
        assert other.complaints == []
    shown.locator(f"#{anchor(explorer)}").get_by_role("button", name="Reset").click()
    wait_for(shown, explorer, explorer.start)
    shown.wait_for_function("() => !location.search")


@each_page(PAGES)
class TestPage:
    def test_has_its_explorers(self, page: str, shown: Visit) -> None:
        assert shown.page.evaluate(NAMES) == list(expected_on(page))

    def test_every_control_shows_what_the_code_computes(self, page: str, shown: Visit) -> None:
        for explorer in expected_on(page).values():
            figure = shown.page.locator(f"#{anchor(explorer)}")
            for k, control in enumerate(explorer.parameters):
                positions = explorer.start
                for positions[k] in walk(shown.page, explorer, control):
                    assert_shows(shown.page, explorer, positions)
                figure.get_by_role("button", name="Reset").press("Enter")
                assert_shows(shown.page, explorer, explorer.start)

    def test_a_copied_link_opens_the_same_state(self, page: str, shown: Visit, http: str, browser: Browser) -> None:
        for explorer in expected_on(page).values():
            assert_link_leads_back(shown.page, explorer, http, browser)

    def test_works_as_a_file(self, page: str, browser: Browser) -> None:
        """What may differ without a server is how pictures are unpacked and how a link is opened."""
        with visit(browser, SITE.as_uri(), page) as visited:
            explorers = list(expected_on(page).values())
            for explorer in explorers:
                positions = explorer.start
                for positions[0] in walk(visited.page, explorer, explorer.parameters[0]):
                    assert_shows(visited.page, explorer, positions)
                visited.page.locator(f"#{anchor(explorer)}").get_by_role("button", name="Reset").press("Enter")
                assert_shows(visited.page, explorer, explorer.start)
            assert_link_leads_back(visited.page, explorers[0], SITE.as_uri(), browser)
            assert visited.foreign == []
            assert visited.complaints == []

    def test_play_runs_to_the_end_and_reset_returns(self, page: str, shown: Visit) -> None:
        for explorer, k in playable(expected_on(page)):
            control, end = explorer.parameters[k], explorer.start
            end[k] = len(control.texts) - 1
            figure = shown.page.locator(f"#{anchor(explorer)}")
            figure.get_by_role("button", name="Play").click()
            expect(figure.get_by_role("button", name="Pause")).to_be_visible()
            wait_for(shown.page, explorer, end, seconds=180)  # a hundred states, on a busy machine
            expect(figure.get_by_role("button", name="Play")).to_be_visible()
            assert_shows(shown.page, explorer, end)
            expect(figure.get_by_role("status")).to_contain_text(explorer.states[explorer.index(end)]["text"])
            figure.get_by_role("button", name="Reset").click()
            assert_shows(shown.page, explorer, explorer.start)

    def test_with_reduced_motion_play_makes_one_step(self, page: str, http: str, browser: Browser) -> None:
        with visit(browser, http, page) as visited:
            visited.page.emulate_media(reduced_motion="reduce")
            for explorer, k in playable(expected_on(page)):
                positions = explorer.start
                figure = visited.page.locator(f"#{anchor(explorer)}")
                for _ in range(2):
                    figure.get_by_role("button", name="Step").press("Enter")
                    positions[k] = (positions[k] + 1) % len(explorer.parameters[k].texts)
                    visited.page.wait_for_timeout(700)  # longer than the longest interval of play
                    assert_shows(visited.page, explorer, positions)
            visited.page.emulate_media(media="print")
            assert_still(visited.page)

    @pytest.mark.parametrize(("touch", "least"), [(False, 24), (True, 44)], ids=["mouse", "touch"])
    def test_controls_are_large_enough(self, page: str, touch: bool, least: int, http: str, browser: Browser) -> None:
        context = browser.new_context(viewport={"width": NARROW, "height": 800}, has_touch=touch, is_mobile=touch)
        phone = context.new_page()
        phone.goto(f"{http}/{page}")
        sizes = phone.evaluate(SIZES, TARGETS)
        assert sizes
        assert [size for size in sizes if min(size[1:]) < least] == []
        assert [size for size in phone.evaluate(SIZES, "figure.dlx") if size[1] > NARROW] == []
        context.close()

    def test_without_javascript_the_first_frame_stands(self, page: str, http: str, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        still = context.new_page()
        still.goto(f"{http}/{page}")
        assert_still(still)
        context.close()

    def test_change_is_quick(self, page: str, shown: Visit) -> None:
        for figure in shown.page.locator("figure.dlx:has(input[type=range])").all():
            median = statistics.median(figure.evaluate(CHANGE_TIMES))
            print(f"{page}, {figure.get_attribute('data-name')}: {median:.1f} ms from key to frame (median)")
            assert median < 500, "far beyond the 50 ms that an idle machine keeps, even for a busy one"


def playable(explorers: dict[str, Expected]) -> list[tuple[Expected, int]]:
    """The explorers with a play button, and the number of the parameter that it moves."""
    return [(e, k) for e in explorers.values() for k, control in enumerate(e.parameters) if control.play]


def assert_still(page: Page) -> None:
    """Assert that every explorer shows its picture with a note, and no control."""
    for figure in page.locator("figure.dlx").all():
        expect(figure.locator(".dlx-controls")).to_be_hidden()
        expect(figure.locator(".dlx-actions")).to_be_hidden()
        expect(figure.locator(".dlx-note")).to_contain_text("Shown: ")
        expect(figure.locator("img")).to_be_visible()
        assert figure.locator("img").evaluate("img => img.decode().then(() => img.naturalWidth > 0)")


@pytest.mark.parametrize("path", CHAPTERS)
def test_every_chapter_has_two_explorers(path: str) -> None:
    assert (SITE / path).read_text().count('<figure class="dlx"') >= 2


@pytest.mark.parametrize("page", pages())
def test_no_page_has_a_dead_widget(page: str) -> None:
    html = (SITE / page).read_text()
    assert "application/vnd.jupyter.widget" not in html
    names = re.findall(r'<figure class="dlx" id="([^"]+)"', html)
    assert len(set(names)) == len(names)
    assert ("startExplorer" in html) == bool(names), "the script is on the pages that have explorers, and only there"
    assert bool(names) == (page in PAGES)


def test_an_explorer_of_11_by_11_line_plots_weighs_at_most_200_kb() -> None:
    html = (SITE / "chapters/02-forward-propagation.html").read_text()
    [bumps] = re.findall(r'<figure class="dlx" id="explore-bumps".*?</figure>', html, re.DOTALL)
    assert "The picture has 121 states" in bumps
    assert 'src="data:image/svg' in bumps
    assert len(bumps.encode()) <= 200_000
