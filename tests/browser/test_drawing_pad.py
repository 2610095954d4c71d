"""The drawing pad in the built page: strokes by mouse, touch and keys get the answers that dlbook computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from browser.axe import violations
from browser.site import NARROW, SITE, WIDE, Visit, visit
from playwright.sync_api import Browser, FloatRect, Page, expect

from dlbook import softmax, zoo
from dlbook.pad import DrawingPad, as_mnist
from dlbook.shapes import Array
from dlbook.weights import trained_lenet5

PATH = "chapters/14-handwritten-digits.html"
Stroke = Sequence[tuple[float, float]]  # places on the sheet, from (0, 0) at the top left to (1, 1)
SEVEN: list[Stroke] = [[(0.25, 0.2), (0.72, 0.2), (0.42, 0.85)]]
FOUR: list[Stroke] = [[(0.35, 0.15), (0.25, 0.55), (0.75, 0.55)], [(0.62, 0.15), (0.62, 0.88)]]
ZERO: list[Stroke] = [[(0.5 + 0.22 * np.sin(t), 0.5 - 0.33 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 25)]]

READ = """figure => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const { ink, image, probabilities } = figure.pad;
    const bars = [...figure.querySelectorAll("li")].map(bar => bar.querySelector(".dlp-share").textContent);
    done({ ink: [...ink], image: [...image], probabilities, bars,
        words: figure.querySelector(".dlp-answer").textContent });
})))"""
# As JupyterLab shows a cell's HTML: it is set as text, and then each script is made anew, which runs it.
INSERT = """html => {
    const host = document.body.appendChild(document.createElement("div"));
    host.innerHTML = html;
    for (const old of host.querySelectorAll("script")) {
        const script = document.createElement("script");
        for (const { name, value } of old.attributes) script.setAttribute(name, value);
        script.textContent = old.textContent;
        old.replaceWith(script);
    }
}"""


@dataclass
class Pad:
    """The pad of an open page."""

    page: Page

    @property
    def sheet(self) -> FloatRect:
        """Where the sheet lies in the window, once it is scrolled to."""
        self.page.locator(".dlp-paper").scroll_into_view_if_needed()
        box = self.page.locator(".dlp-paper").bounding_box()
        assert box
        return box

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        box = self.sheet
        return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]

    def draw_by_mouse(self, strokes: list[Stroke]) -> None:
        for first, *others in strokes:
            self.page.mouse.move(*self.at(first))
            self.page.mouse.down()
            for place in others:
                self.page.mouse.move(*self.at(place), steps=6)
            self.page.mouse.up()

    def draw_by_touch(self, strokes: list[Stroke]) -> None:
        finger = self.page.context.new_cdp_session(self.page)

        def send(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y} for x, y in places]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        for first, *others in strokes:
            send("touchStart", self.at(first))
            last = first
            for place in others:
                for part in np.linspace(0, 1, 7)[1:]:
                    send("touchMove", self.at(tuple(np.array(last) * (1 - part) + np.array(place) * part)))
                last = place
            send("touchEnd")

    def press(self, *keys: str) -> None:
        """Press keys; "ArrowUp*3" is the same key three times."""
        for key in keys:
            name, _, times = key.partition("*")
            for _ in range(int(times or 1)):
                self.page.keyboard.press("Space" if name == " " else name)

    def read(self) -> dict[str, Any]:
        return self.page.locator("figure.dlp").evaluate(READ)  # type: ignore[no-any-return]

    def assert_reads(self, digit: int) -> Array:
        """Assert that image and probabilities are dlbook's, and that the page says so; returns the image."""
        shown = self.read()
        image = np.array(shown["image"]).reshape(28, 28)
        assert np.abs(as_mnist(np.array(shown["ink"]).reshape(224, 224)) - image).max() < 1e-9
        [p] = softmax(trained_lenet5()(image[None, None].astype(np.float32)).astype(float))
        assert np.abs(p - shown["probabilities"]).max() < 1e-4
        assert p.argmax() == digit
        assert shown["words"].startswith(f"The network reads {digit}, doubt ")
        assert [int(text.removesuffix(" %")) for text in shown["bars"]] == pytest.approx(list(100 * p), abs=0.51)
        return image


@pytest.fixture(scope="class", params=["http", "file"])
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    """The page, over http and from a file, with networking closed; at the end nothing may have gone wrong on it."""
    base = request.getfixturevalue("http") if request.param == "http" else SITE.as_uri()
    with visit(browser, base, PATH) as visited:
        yield visited
        assert visited.foreign == []
        assert visited.complaints == []


@pytest.fixture
def pad(opened: Visit) -> Pad:
    """The pad with an empty sheet."""
    opened.page.get_by_role("button", name="Clear").click()
    return Pad(opened.page)


class TestAnswers:
    @pytest.mark.parametrize(("strokes", "digit"), [(SEVEN, 7), (FOUR, 4), (ZERO, 0)], ids=["7", "4", "0"])
    def test_mouse(self, pad: Pad, strokes: list[Stroke], digit: int) -> None:
        pad.draw_by_mouse(strokes)
        pad.assert_reads(digit)

    @pytest.mark.parametrize(("strokes", "digit"), [(SEVEN, 7), (ZERO, 0)], ids=["7", "0"])
    def test_touch_draws_and_does_not_scroll(
        self, base: str, browser: Browser, strokes: list[Stroke], digit: int
    ) -> None:
        with visit(browser, base, PATH, width=NARROW, touch=True) as visited:
            pad = Pad(visited.page)
            box = pad.sheet
            pad.draw_by_touch(strokes)
            pad.assert_reads(digit)
            assert pad.sheet == box
            assert visited.complaints == visited.foreign == []

    def test_keys(self, pad: Pad) -> None:
        pad.page.locator(".dlp-paper").focus()
        before = pad.sheet
        pad.press("ArrowLeft*5", "ArrowUp*9", " ", "ArrowRight*10", "ArrowDown*3")
        for _ in range(8):
            pad.press("ArrowDown*2", "ArrowLeft")
        pad.press(" ", "ArrowRight*9")  # the pen is up: nothing is drawn
        pad.assert_reads(7)
        assert pad.sheet == before, "arrows and space move the pen, not the page"
        pad.press("Delete")
        assert pad.read()["probabilities"] is None
        pad.press("ArrowUp*8", " ", "ArrowDown*18")
        pad.assert_reads(1)
        pad.press("Tab")
        expect(pad.page.get_by_role("button", name="Clear")).to_be_focused()

    def test_ready_made_digits_and_clear(self, pad: Pad) -> None:
        buttons = pad.page.locator("figure.dlp [data-drawing]").all()
        assert len(buttons) >= 10
        for digit, button in enumerate(buttons[:10]):
            button.press("Enter")
            pad.assert_reads(digit)
        pad.page.get_by_role("button", name="Clear").press("Enter")
        shown = pad.read()
        assert not np.any(shown["ink"])
        assert not np.any(shown["image"])
        assert shown["bars"] == ["–"] * 10
        assert shown["words"] == "Draw a digit."

    def test_a_drawing_is_centred_and_fills_the_box_wherever_it_stands(self, pad: Pad) -> None:
        pad.draw_by_mouse(SEVEN)
        large = pad.assert_reads(7)
        pad.page.get_by_role("button", name="Clear").click()
        pad.draw_by_mouse([[(0.4 + 0.6 * x, 0.35 + 0.6 * y) for x, y in stroke] for stroke in SEVEN])
        small = pad.assert_reads(7)
        for image in (large, small):
            places = image.nonzero()
            assert max(np.ptp(places, axis=1)) + 1 == 20
            assert np.average(places, axis=1, weights=image[places]) == pytest.approx([14, 14], abs=0.5 + 1e-6)
        assert small.sum() > 1.2 * large.sum(), "the same pen is thicker in a smaller digit"


class TestManners:
    def test_it_answers_while_the_pen_moves_and_speaks_after_a_pause(self, pad: Pad) -> None:
        pad.page.evaluate("""() => {
            window.spoken = [];
            const status = document.querySelector(".dlp-status");
            new MutationObserver(() => window.spoken.push(status.textContent)).observe(status, { childList: true });
        }""")
        pad.page.mouse.move(*pad.at(SEVEN[0][0]))
        pad.page.mouse.down()
        answers = []
        for place in SEVEN[0][1:]:
            pad.page.mouse.move(*pad.at(place), steps=3)
            answers.append(pad.read()["probabilities"])
        assert answers[0] != answers[1]
        pad.page.mouse.up()
        pad.page.wait_for_function("() => window.spoken.length > 0")
        pad.page.wait_for_timeout(1000)
        spoken = pad.page.evaluate("() => window.spoken")
        assert spoken[-1] == pad.read()["words"]
        assert len(spoken) <= 4, "an announcement for each pause of a slow machine, not for each of the moves"

    def test_the_pens_place_is_seen_while_keys_draw_and_is_no_ink(self, pad: Pad) -> None:
        drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, 224, 224).data.some(byte => byte > 0)"
        sheet = pad.page.locator(".dlp-paper")
        sheet.focus()
        assert not sheet.evaluate(drawn)
        pad.press("ArrowUp")
        assert sheet.evaluate(drawn)
        assert not np.any(pad.read()["ink"])
        pad.press("Tab")
        assert not sheet.evaluate(drawn)

    def test_other_buttons_and_a_second_finger_draw_nothing(self, pad: Pad) -> None:
        pad.page.mouse.move(*pad.at((0.5, 0.5)))
        pad.page.mouse.down(button="right")
        pad.page.mouse.move(*pad.at((0.7, 0.7)))
        pad.page.mouse.up(button="right")
        pad.page.mouse.move(*pad.at((0.2, 0.7)))
        assert not np.any(pad.read()["ink"])

    def test_axe_finds_no_violation_while_it_is_used(self, http: str, browser: Browser) -> None:
        for width, dark in ((WIDE, False), (NARROW, True)):
            with visit(browser, http, PATH, width=width, dark=dark) as visited:
                Pad(visited.page).draw_by_mouse(SEVEN)
                assert violations(visited.page) == []

    @pytest.mark.parametrize(("touch", "least"), [(False, 24), (True, 44)], ids=["mouse", "touch"])
    def test_controls_are_large_enough_on_a_phone(self, http: str, browser: Browser, touch: bool, least: int) -> None:
        with visit(browser, http, PATH, width=NARROW, touch=touch) as visited:
            sizes = [button.bounding_box() for button in visited.page.locator("figure.dlp button").all()]
            assert [size for size in sizes if not size or min(size["width"], size["height"]) < least] == []
            assert Pad(visited.page).sheet["width"] > 0.7 * NARROW

    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_ink_stands_out_in_both_themes(self, http: str, browser: Browser, dark: bool) -> None:
        with visit(browser, http, PATH, width=WIDE, dark=dark) as visited:
            for name in ("paper", "seen"):
                style = visited.page.locator(f".dlp-{name}").evaluate("canvas => getComputedStyle(canvas).filter")
                assert style == ("invert(1)" if dark else "none")

    def test_reduced_motion_moves_no_bar(self, pad: Pad) -> None:
        length = "bar => getComputedStyle(bar).transitionDuration"
        assert pad.page.locator(".dlp-bar i").first.evaluate(length) != "0s"
        pad.page.emulate_media(reduced_motion="reduce")
        assert pad.page.locator(".dlp-bar i").first.evaluate(length) == "0s"
        pad.page.emulate_media(reduced_motion="no-preference")

    def test_without_javascript_it_says_so(self, http: str, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{http}/{PATH}")
        expect(page.locator("figure.dlp .dlp-note")).to_be_visible()
        expect(page.locator("figure.dlp .dlp-paper")).to_be_hidden()
        context.close()


def test_in_a_notebook_it_starts_where_it_is_inserted(browser: Browser) -> None:
    model = zoo.lenet5(rng=np.random.default_rng(1)).astype(np.float16).astype(np.float32)
    page = browser.new_page()
    page.goto("about:blank")
    for name in ("one", "two"):
        page.evaluate(INSERT, DrawingPad(model, name=name).html())
    for name in ("one", "two"):
        sheet = page.locator(f"#pad-{name} .dlp-paper")
        expect(sheet).to_be_visible()
        sheet.click()
        shown = page.locator(f"#pad-{name}").evaluate(READ)
        image = np.array(shown["image"]).reshape(1, 1, 28, 28)
        [p] = softmax(model(image.astype(np.float32)).astype(float))
        assert np.abs(p - shown["probabilities"]).max() < 1e-4
    page.close()
