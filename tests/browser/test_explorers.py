"""Explorers in the built pages, moved by keyboard: picture, numbers and words are those that the code computes."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterator

import pytest
from browser.axe import LOOKS, serious_problems
from browser.recompute import Control, Expected, makes_explorers, recompute
from browser.site import NARROW, SITE, Visit, pages, visit
from playwright.sync_api import Browser, Page, expect

PAGES = [page for page in pages() if makes_explorers(page)]
CHAPTERS = [page for page in pages() if re.match(r"chapters/\d\d-", page)]

NAMES = "() => [...document.querySelectorAll('figure.dlx')].map(figure => figure.dataset.name)"
PICTURES = """() => Object.fromEntries([...document.querySelectorAll("figure.dlx")].map(figure => [
    figure.dataset.name, figure.querySelector("img").src.match(/^data:image.(svg|webp)/)[1]]))"""
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


def wait_for(page: Page, explorer: Expected, positions: list[int]) -> None:
    """Wait until the explorer shows the state with these positions."""
    page.wait_for_function(SETTLED, arg=[anchor(explorer), explorer.index(positions)])


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


def expected_on(visited: Visit, path: str) -> dict[str, Expected]:
    """What the notebook of a page computes for the explorers, drawn in the format that the page uses."""
    return recompute(path, json.dumps(visited.page.evaluate(PICTURES), sort_keys=True))


@pytest.fixture
def opened(path: str, base: str, browser: Browser) -> Iterator[Visit]:
    """The page of a chapter, with networking closed; afterwards nothing may have gone wrong on it."""
    with visit(browser, base, path) as visited:
        yield visited
        assert visited.foreign == []
        assert visited.complaints == []


# One process for all tests of a page: what its notebook computes is computed once.
@pytest.mark.parametrize("path", [pytest.param(page, marks=pytest.mark.xdist_group(page)) for page in PAGES])
class TestPage:
    def test_has_its_explorers(self, path: str, opened: Visit) -> None:
        names = opened.page.evaluate(NAMES)
        assert names == list(expected_on(opened, path))

    def test_every_control_shows_what_the_code_computes(self, path: str, opened: Visit) -> None:
        for explorer in expected_on(opened, path).values():
            figure = opened.page.locator(f"#{anchor(explorer)}")
            for k, control in enumerate(explorer.parameters):
                positions = explorer.start
                for positions[k] in walk(opened.page, explorer, control):
                    assert_shows(opened.page, explorer, positions)
                figure.get_by_role("button", name="Reset").press("Enter")
                assert_shows(opened.page, explorer, explorer.start)

    def test_a_copied_link_opens_the_same_state(self, path: str, base: str, opened: Visit, browser: Browser) -> None:
        for explorer in expected_on(opened, path).values():
            control, positions = explorer.parameters[-1], explorer.start
            positions[-1] = next(i for i in walk(opened.page, explorer, control) if i != control.start)
            wait_for(opened.page, explorer, positions)
            opened.page.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
            opened.page.locator(f"#{anchor(explorer)}").get_by_role("button", name="Copy link").click()
            link = opened.page.wait_for_function("() => window.copied").json_value()
            assert link.endswith(f"#{anchor(explorer)}")
            assert f"{explorer.name}.{control.name}=" in link
            opened.page.wait_for_function("link => location.href.split('#')[0] === link.split('#')[0]", arg=link)
            opened.page.evaluate("() => { delete window.copied; }")
            with visit(browser, base, link.removeprefix(f"{base}/")) as other:
                assert_shows(other.page, explorer, positions)
                expect(other.page.locator(f"#{anchor(explorer)}")).to_be_in_viewport()
                assert other.complaints == []
            opened.page.locator(f"#{anchor(explorer)}").get_by_role("button", name="Reset").click()
            wait_for(opened.page, explorer, explorer.start)
            opened.page.wait_for_function("() => !location.search")

    def test_play_runs_to_the_end_and_reset_returns(self, path: str, opened: Visit) -> None:
        for explorer, k in playable(expected_on(opened, path)):
            control, end = explorer.parameters[k], explorer.start
            end[k] = len(control.texts) - 1
            figure = opened.page.locator(f"#{anchor(explorer)}")
            figure.get_by_role("button", name="Play").click()
            expect(figure.get_by_role("button", name="Pause")).to_be_visible()
            wait_for(opened.page, explorer, end)
            expect(figure.get_by_role("button", name="Play")).to_be_visible()
            assert_shows(opened.page, explorer, end)
            expect(figure.get_by_role("status")).to_contain_text(explorer.states[explorer.index(end)]["text"])
            figure.get_by_role("button", name="Reset").click()
            assert_shows(opened.page, explorer, explorer.start)

    def test_with_reduced_motion_play_makes_one_step(self, path: str, opened: Visit) -> None:
        opened.page.emulate_media(reduced_motion="reduce")
        for explorer, k in playable(expected_on(opened, path)):
            positions = explorer.start
            figure = opened.page.locator(f"#{anchor(explorer)}")
            for _ in range(2):
                figure.get_by_role("button", name="Step").press("Enter")
                positions[k] = (positions[k] + 1) % len(explorer.parameters[k].texts)
                opened.page.wait_for_timeout(700)  # longer than the longest interval of play
                assert_shows(opened.page, explorer, positions)

    def test_axe_finds_no_serious_problem(self, path: str, http: str, browser: Browser) -> None:
        for width, dark in LOOKS:
            with visit(browser, http, path, width=width, dark=dark) as visited:
                assert serious_problems(visited.page, "figure.dlx") == []

    @pytest.mark.parametrize(("touch", "least"), [(False, 24), (True, 44)], ids=["mouse", "touch"])
    def test_controls_are_large_enough(self, path: str, touch: bool, least: int, http: str, browser: Browser) -> None:
        context = browser.new_context(viewport={"width": NARROW, "height": 800}, has_touch=touch, is_mobile=touch)
        page = context.new_page()
        page.goto(f"{http}/{path}")
        sizes = page.evaluate(SIZES, TARGETS)
        assert sizes
        assert [size for size in sizes if min(size[1:]) < least] == []
        assert [size for size in page.evaluate(SIZES, "figure.dlx") if size[1] > NARROW] == []
        context.close()

    def test_without_javascript_the_first_frame_stands(self, path: str, http: str, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{http}/{path}")
        assert_still(page)
        context.close()

    def test_on_paper_there_are_no_controls(self, path: str, opened: Visit) -> None:
        opened.page.emulate_media(media="print")
        assert_still(opened.page)

    def test_change_is_quick(self, path: str, opened: Visit) -> None:
        for figure in opened.page.locator("figure.dlx:has(input[type=range])").all():
            median = statistics.median(figure.evaluate(CHANGE_TIMES))
            print(f"{path}, {figure.get_attribute('data-name')}: {median:.1f} ms from key to frame (median)")
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


def test_no_page_is_heavier_than_1_5_mb_gzipped() -> None:
    import gzip

    weights = {page: len(gzip.compress((SITE / page).read_bytes())) for page in pages()}
    assert {page: weight for page, weight in weights.items() if weight > 1_500_000} == {}


def test_an_explorer_of_11_by_11_line_plots_weighs_at_most_200_kb() -> None:
    html = (SITE / "chapters/02-forward-propagation.html").read_text()
    [bumps] = re.findall(r'<figure class="dlx" id="explore-bumps".*?</figure>', html, re.DOTALL)
    assert "The picture has 121 states" in bumps
    assert 'src="data:image/svg' in bumps
    assert len(bumps.encode()) <= 200_000
