"""Explorers: the grid, the frames, the cache, and what is shown where."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from dlbook.explore import Explorer, ExplorerError, explore
from dlbook.explorers import cache, live, page, render
from dlbook.explorers.fingerprint import NotHashable, fingerprint
from dlbook.explorers.frame import number_text
from dlbook.explorers.grid import value_text
from dlbook.explorers.pack import pack, unpack
from dlbook.explorers.slim_svg import relative, slim_svg

PACKAGE = Path(render.__file__).parents[1]
TEXT = {"title": "A power of x", "alt": "The curve of x to the power {n}.", "format": "svg"}


def power(n: int, scale: float = 1.0) -> dict[str, float]:
    _, ax = plt.subplots(figsize=(4, 3))
    x = np.linspace(0, 1, 30)
    ax.plot(x, scale * x**n)
    ax.set(ylim=(0, 2))
    return {"end": scale * x[-1] ** n, "n": n}


@pytest.fixture(autouse=True)
def _matplotlib(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("DLBOOK_BOOK_BUILD", raising=False)
    monkeypatch.delenv("DLBOOK_EXPLORER_CACHE", raising=False)
    plt.switch_backend("agg")
    yield
    assert plt.get_fignums() == [], "an explorer leaves no open figure behind"


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A build of the book, with a cache; returns the cache's folder."""
    monkeypatch.setenv("DLBOOK_BOOK_BUILD", "1")
    monkeypatch.setenv("DLBOOK_EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def block_of(html: str) -> tuple[list[bytes], dict[str, Any]]:
    """The frames and the header inside an explorer's HTML."""
    found = re.search(r'class="dlx-frames">([^<]+)<', html)
    assert found
    return unpack(b64decode(found[1]))


class TestGrid:
    def test_last_parameter_varies_fastest(self) -> None:
        grid = explore(power, n=[1, 2, 3], scale=[0.5, 1.0], **TEXT).grid
        assert len(grid) == 6
        assert list(grid.states()) == [{"n": n, "scale": s} for n, s in product([1, 2, 3], [0.5, 1.0])]
        assert [grid.index(position) for position in product(range(3), range(2))] == list(range(6))

    def test_values_choose_the_control(self) -> None:
        def draw_all(a: Any, b: Any, c: Any) -> None:
            plt.plot([0, 1])

        made = explore(draw_all, name="kinds", a=np.arange(3), b=["x", "y"], c=[False, True], title="T", alt="A line.")
        assert [p.kind for p in made.grid.parameters] == ["slider", "choice", "switch"]
        assert [type(p.values[0]) for p in made.grid.parameters] == [int, str, bool]

    def test_start_is_found_by_what_is_shown(self) -> None:
        made = explore(power, n=[1, 2, 3], scale=np.linspace(-1, 1, 11), start={"scale": 0.6, "n": 2}, **TEXT)
        assert made.grid.start_index == 1 * 11 + 8

    def test_values_are_shown_short(self) -> None:
        assert [value_text(v) for v in (0.1 + 0.2, -3, 1e-5, True, "XOR")] == ["0.3", "−3", "1e−05", "on", "XOR"]

    def test_numbers_are_shown_with_four_digits(self) -> None:
        shown = [
            number_text(v) for v in (0.0, 0.123456, -2.5, 12345.6, 1234.5, 7, 1.5e-7, float("nan"), -np.inf, "yes")
        ]
        expected = ["0.000", "0.1235", "−2.500", "12346", "1234", "7", "1.50·10⁻⁷", "undefined", "−∞", "yes"]
        assert shown == expected


def fails_at_two(n: int) -> None:
    plt.plot([1, 1 / (n - 2)])


def draws_nothing_at_two(n: int) -> None:
    if n != 2:
        plt.plot([0, n])


def empty_axes(n: int) -> None:
    plt.subplots()


def two_figures(n: int) -> None:
    plt.subplots()
    plt.subplots()


def returns_a_list(n: int) -> list[int]:
    plt.plot([0, n])
    return [n]


def returns_an_array(n: int) -> dict[str, Any]:
    plt.plot([0, n])
    return {"path": np.arange(n)}


def changes_size(n: int) -> None:
    plt.subplots(figsize=(4, 3 + n // 2))[1].plot([0, n])


def changes_readout(n: int) -> dict[str, int]:
    plt.plot([0, n])
    return {"n": n} if n < 2 else {"m": n}


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({}, ["power", "no parameter"]),
            ({"n": []}, ["power", "'n'", "empty"]),
            ({"n": [1]}, ["power", "'n'", "one value"]),
            ({"n": 3}, ["power", "'n'", "list of values", "3"]),
            ({"n": [1, "a"]}, ["power", "'n'", "[1, 'a']"]),
            ({"n": [1, float("nan")]}, ["power", "finite"]),
            ({"n": [1, 1 + 1e-9]}, ["power", "differently"]),
            ({"n": [1, 2], "depth": [1, 2]}, ["power", "does not take depth", "n, scale"]),
            ({"scale": [1, 2]}, ["power", "also needs n"]),
            ({"n": [1, 2], "play": "m"}, ["power", "play", "'m'", "n"]),
            ({"n": [1, 2], "start": {"n": 3}}, ["power", "n=3", "1, 2"]),
            ({"n": [1, 2], "labels": {"m": "x"}}, ["power", "labels", "'m'"]),
            ({"n": [1, 2], "name": "Not a name"}, ["Not a name", "lower-case"]),
            ({"n": range(100), "scale": range(1, 6)}, ["power", "100 (n) x 5 (scale) = 500", "400", "'n'"]),
            ({"n": [1, 2], "alt": "x to the {m}"}, ["power", "n=1", "alternative text", "KeyError"]),
            ({"n": [1, 2], "alt": lambda state: " "}, ["power", "n=1", "say in a sentence"]),
        ],
    )
    def test_message_names_explorer_values_and_cause(self, options: dict[str, Any], words: list[str]) -> None:
        with pytest.raises(ExplorerError) as error:
            explore(power, **{**TEXT, **options})
        assert [word for word in words if word not in str(error.value)] == []

    def test_play_needs_numbers(self) -> None:
        with pytest.raises(ExplorerError, match="numeric"):
            explore(power, n=["a", "b"], play="n", **TEXT)

    def test_a_nameless_function_needs_a_name(self) -> None:
        with pytest.raises(ExplorerError, match="name="):
            explore(lambda n: None, n=[1, 2], **TEXT)

    @pytest.mark.parametrize(
        ("draw", "words"),
        [
            (fails_at_two, ["fails-at-two", "n=2", "ZeroDivisionError", "division by zero"]),
            (draws_nothing_at_two, ["draws-nothing-at-two", "n=2", "draws nothing"]),
            (empty_axes, ["empty-axes", "n=1", "draws nothing"]),
            (two_figures, ["two-figures", "n=1", "2 figures"]),
            (returns_a_list, ["returns-a-list", "n=1", "list", "dict of numbers"]),
            (returns_an_array, ["returns-an-array", "n=1", "'path'", "ndarray"]),
            (changes_size, ["changes-size", "n=2", "384 x 384", "384 x 288", "figsize"]),
            (changes_readout, ["changes-readout", "n=2", "['m']", "['n']"]),
        ],
    )
    def test_one_bad_state_stops_the_build(
        self, draw: Callable[..., Any], words: list[str], building: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(ExplorerError) as error:
            explore(draw, n=[1, 2, 3], title="T", alt="A line.", format="svg")
        assert [word for word in words if word not in str(error.value)] == []
        assert list(building.glob("*")) == [], "nothing of a failed explorer is kept"

    def test_first_state_is_checked_in_a_live_kernel(self) -> None:
        with pytest.raises(ExplorerError, match=r"n=2: the function raises ZeroDivisionError") as error:
            explore(fails_at_two, n=[2, 3], title="T", alt="A line.")
        assert isinstance(error.value.__cause__, ZeroDivisionError)

    def test_a_shared_generator_is_refused(self) -> None:
        rng = np.random.default_rng(0)

        def noise(n: int) -> None:
            plt.plot(rng.normal(size=n))

        with pytest.raises(ExplorerError, match=r"noise.*generator made outside"):
            explore(noise, n=[2, 3], title="T", alt="Noise.")

    def test_too_many_bytes_are_refused_with_their_size(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def snow(n: int) -> None:
            pixels = np.random.default_rng(n).integers(0, 256, size=(150, 150))
            plt.figure(figsize=(2, 2)).add_axes((0, 0, 1, 1)).imshow(pixels, interpolation="nearest")

        assert page.MAX_BYTES == 700_000
        monkeypatch.setattr(page, "MAX_BYTES", 5_000)
        with pytest.raises(ExplorerError, match=r"snow.* weighs \d+ kB \(2 frames of [\d.]+ kB\), at most 5 kB"):
            explore(snow, n=[1, 2], title="T", alt="Snow.", format="webp")


class TestFrames:
    def test_figure_comes_from_anywhere(self) -> None:
        def on_current(n: int) -> None:
            plt.plot([0, n])

        def returned(n: int) -> Any:
            fig, ax = plt.subplots()
            ax.plot([0, n])
            plt.figure()
            return fig, {"n": n}

        kept = plt.figure()
        for draw in (on_current, returned):
            frame = explore(draw, n=[1, 2], title="T", alt="A line.").frame(n=2)
            assert frame.data.startswith(b"\x89PNG")
        assert frame.numbers == {"n": 2}
        assert plt.get_fignums() == [kept.number]
        assert not kept.axes, "a figure of the notebook is not drawn on"
        plt.close(kept)

    def test_page_holds_what_the_function_draws(self, building: Path) -> None:
        made = explore(power, n=[1, 2], scale=[0.5, 1.5], **TEXT)
        frames, header = block_of(made.html)
        states = list(made.grid.states())
        assert frames == [made.frame(**state).data for state in states]
        assert header["texts"] == [f"The curve of x to the power {state['n']}." for state in states]
        assert header["numbers"] == [[number_text(s["scale"]), str(s["n"])] for s in states]
        assert len(set(frames)) == len(frames)

    def test_serial_and_parallel_frames_are_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        grid = explore(power, n=[1, 2, 3], **TEXT).grid
        monkeypatch.setattr(render.os, "cpu_count", lambda: 2)
        parallel = render.render(power, grid, "svg")
        monkeypatch.setattr(render.os, "cpu_count", lambda: 1)
        assert parallel == render.render(power, grid, "svg")

    def test_lines_become_vectors_and_noise_becomes_pixels(self) -> None:
        def cloud(n: int) -> None:
            plt.scatter(*np.random.default_rng(n).normal(size=(2, 3000)))

        grid = explore(power, n=[1, 2], **TEXT).grid
        assert render.choose_picture(power, grid) == "svg"
        assert render.choose_picture(cloud, grid) == "webp"

    def test_only_path_data_is_rounded(self) -> None:
        figure = '<g><!-- a -->\n <use x="1.234"/> <path id="p" d="M 1.26 2 \nL 3.44 2.04 \nz\n" t="0.015625"/>\n</g>'
        slim = slim_svg(f'<?xml version="1.0"?>\n{figure}')
        assert slim == '<g><use x="1.234"/>\n<path id="p" d="M1.3 2l2.1 0z" t="0.015625"/>\n</g>'

    def test_relative_path_does_not_drift(self) -> None:
        x = np.random.default_rng(0).uniform(-500, 500, size=(400, 2))
        path = "M " + " L ".join(f"{a:.6f} {b:.6f}" for a, b in x)
        steps = re.findall(r"-?\d*\.?\d+", relative(path))
        assert np.abs(np.cumsum(np.array(steps, float).reshape(-1, 2), axis=0) - x).max() <= 0.05 + 1e-9

    def test_pack_and_unpack_are_inverse(self) -> None:
        frames = [b"<a><b/>x</a>", b"<a></a>", b"", b"<a><b/>x</a>"]
        for mime in ("image/svg+xml", "image/webp"):
            assert unpack(pack(frames, mime=mime, note="ö"))[0] == frames
        assert unpack(pack(frames, mime="image/webp", note="ö"))[1]["note"] == "ö"


class TestCache:
    def count_renders(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """A list that grows with every grid that is drawn."""
        drawn: list[int] = []

        def counting(draw: Any, grid: Any, format: Any) -> Any:
            drawn.append(len(grid))
            return render.render(draw, grid, format)

        monkeypatch.setattr(cache, "render", counting)
        return drawn

    def test_an_unchanged_explorer_is_not_drawn_again(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = self.count_renders(monkeypatch)
        first = explore(power, n=[1, 2], **TEXT).html
        assert explore(power, n=[1, 2], **TEXT).html == first
        assert drawn == [2]

    def test_a_damaged_file_is_drawn_again(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = self.count_renders(monkeypatch)
        first = explore(power, n=[1, 2], **TEXT).html
        [path] = building.glob("*.frames")
        path.write_bytes(path.read_bytes()[:-40])
        assert explore(power, n=[1, 2], **TEXT).html == first
        assert drawn == [2, 2]

    def test_values_and_settings_count(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = self.count_renders(monkeypatch)
        explore(power, n=[1, 2], **TEXT)
        explore(power, n=[1, 3], **TEXT)
        with plt.rc_context({"lines.linewidth": 5}):
            explore(power, n=[1, 2], **TEXT)
        assert drawn == [2, 2, 2]

    def test_title_and_alternative_text_cost_nothing(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = self.count_renders(monkeypatch)
        explore(power, n=[1, 2], **TEXT)
        assert "Other words." in explore(power, n=[1, 2], **{**TEXT, "title": "New", "alt": "Other words."}).html
        assert drawn == [2]


PROGRAM = """
import functools
import numpy as np
from dlbook import Dense
from dlbook.explorers.fingerprint import fingerprint
DATA = np.arange(5.0)
CHOICES = {"b", "a", "c"}
class Model:
    rate = 0.5
    def step(self, x):
        return x * self.rate
model = Model()
layer = Dense(2, 3, rng=np.random.default_rng(0))
@functools.cache
def helper(n):
    return DATA * n
def draw(n, m=2):
    class Point:
        def __init__(self):
            self.x = self.y = self.z = self.size = n
        def move(self):
            self.x, self.y, self.colour = self.y, self.x, "red"
    return [model.step(v) + len(CHOICES) for v in helper(n)] + [layer.params["W"], unused_name(n), Point()]
def unused_name(n):
    return n
other = 1
"""
CHANGES = [  # what, into what, and whether the fingerprint stays
    ("DATA * n", "DATA + n", False),
    ("np.arange(5.0)", "np.arange(5.0) + 1e-12", False),
    ("rate = 0.5", "rate = 0.6", False),
    ("x * self.rate", "x - self.rate", False),
    ("m=2", "m=3", False),
    ('"b", "a", "c"', '"b", "a", "d"', False),
    ('"red"', '"blue"', False),
    ("default_rng(0)", "default_rng(1)", False),
    ("    return n\nother", "    return -n\nother", False),
    ("other = 1", "other = 2", True),
    ("DATA = ", "\n\n# moved down\nDATA = ", True),
    ("    class Point", "\n\n    # moved down\n    class Point", True),
]
RUN_ALL = """
import json, sys
for program in json.load(sys.stdin):
    space = {"__name__": "__main__"}
    exec(compile(program, "cell", "exec"), space)
    print(space["fingerprint"](space["draw"]))
"""


@pytest.fixture(scope="module")
def fingerprints() -> tuple[list[str], list[str]]:
    """What two processes with different hash seeds make of the program and of every change of it."""
    programs = json.dumps([PROGRAM, *(PROGRAM.replace(old, new) for old, new, _ in CHANGES)])
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RUN_ALL],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=PACKAGE.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in "12"
    ]
    first, second = (process.communicate(programs)[0].split() for process in started)
    return first, second


class TestFingerprint:
    def test_is_the_same_in_every_process(self, fingerprints: tuple[list[str], list[str]]) -> None:
        first, second = fingerprints
        assert len(first) == 1 + len(CHANGES)
        assert first == second

    @pytest.mark.parametrize("change", range(len(CHANGES)), ids=[f"{old} → {new}" for old, new, _ in CHANGES])
    def test_changes_with_what_the_function_depends_on(self, fingerprints: tuple[list[str], ...], change: int) -> None:
        old, _, same = CHANGES[change]
        assert PROGRAM.count(old) == 1
        assert (fingerprints[0][1 + change] == fingerprints[0][0]) is same

    def test_closures_count(self) -> None:
        def make(value: Any) -> Callable[[], Any]:
            return lambda: value

        assert fingerprint(make([1, 2])) == fingerprint(make([1, 2]))
        assert len({fingerprint(make(value)) for value in ([1, 2], [1, 3], (1, 2), {"a": 1}, {1, 2}, "1", 1, 1.0)}) == 8

    def test_what_cannot_be_hashed_is_not_guessed(self, building: Path) -> None:
        lines = iter([1, 2, 3])
        stream = (value for value in lines)

        def from_stream(n: int) -> None:
            plt.plot([0, n], label=str(stream)[:1])

        with pytest.raises(NotHashable, match="generator"):
            fingerprint(from_stream)
        assert explore(from_stream, n=[1, 2], title="T", alt="A line.").html
        assert list(building.glob("*")) == []


class TestLive:
    """The ipywidgets of a live kernel."""

    @staticmethod
    def parts(made: Explorer) -> tuple[list[Any], Any, Any, Any]:
        """The controls, the picture, the readout and the reset button."""
        _, *rows, picture, readout, reset = live.build(made).children
        return [row.children[0] if hasattr(row, "children") else row for row in rows], picture, readout, reset

    def picture_of(self, made: Explorer, **values: Any) -> str:
        return b64encode(made.frame(**values).data).decode()

    def test_controls_call_the_function(self) -> None:
        made = explore(power, n=[1, 2, 3], scale=[0.5, 1.5], play="n", **TEXT)
        (n, scale), picture, readout, reset = self.parts(made)
        for n.value, scale.value in ((3, 1.5), (2, 0.5)):
            assert self.picture_of(made, n=n.value, scale=scale.value) in picture.value
            assert f'alt="The curve of x to the power {n.value}."' in picture.value
            assert f"end <b>{number_text(scale.value)}</b>" in readout.value
        reset.click()
        assert (n.value, scale.value) == (1, 0.5)
        assert self.picture_of(made, n=1, scale=0.5) in picture.value

    def test_controls_have_the_values_and_the_start_of_the_grid(self) -> None:
        def kinds(a: float, b: str, c: bool) -> None:
            plt.plot([0, 1])

        made = explore(
            kinds, a=[0.1, 10], b=["x", "y"], c=[False, True], start={"a": 10, "c": True}, title="T", alt="A line."
        )
        controls, *_ = self.parts(made)
        assert [control.value for control in controls] == [10, "x", True]
        assert controls[0].options == (("0.1", 0.1), ("10", 10))

    def test_a_failing_state_says_so(self) -> None:
        made = explore(fails_at_two, n=[1, 2, 3], title="T", alt="A line.")
        (n,), _, readout, _ = self.parts(made)
        n.value = 2
        assert "n=2: the function raises ZeroDivisionError" in readout.value
        n.value = 3
        assert "raises" not in readout.value


class TestShownWhere:
    def test_in_the_book_it_is_html_without_widgets(self, building: Path) -> None:
        bundle = explore(power, n=[1, 2], **TEXT)._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html"}
        assert not re.search(r"https?://(?!www\.w3\.org)", bundle["text/html"])

    def test_in_a_kernel_it_is_widgets_and_stable_text(self) -> None:
        bundle = explore(power, n=[1, 2], **TEXT)._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
        assert bundle["text/plain"] == (
            "Explorer: A power of x\nn: 1 to 2 (2 values). 2 states; run the cell in Jupyter to move the controls."
        )

    def test_it_has_no_repr_html(self) -> None:
        assert not hasattr(Explorer, "_repr_html_")

    def test_bytes_are_reproducible(self, building: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = explore(power, n=[1, 2], **TEXT).html
        monkeypatch.delenv("DLBOOK_EXPLORER_CACHE")
        assert explore(power, n=[1, 2], **TEXT).html == first

    def test_words_are_escaped(self, building: Path) -> None:
        def draw_it(kind: str) -> dict[str, int]:
            plt.plot([0, 1])
            return {"<b>": 1}

        html = explore(draw_it, kind=['a<"b"', "c&d"], title="<i>T</i>", alt='"{kind}"', labels={"kind": "<k>"}).html
        for text in ("<i>", "<b>", "<k>", 'a<"b"'):
            assert text not in html
        assert json.loads(
            re.search(r"data-texts=\"([^\"]+)\"", html)[1]
            .replace("&quot;", '"')
            .replace("&lt;", "<")
            .replace("&amp;", "&")
        ) == ['a<"b"', "c&d"]

    def test_the_first_frame_is_in_the_html(self, building: Path) -> None:
        made = explore(power, n=[1, 2], start={"n": 2}, **TEXT)
        assert 'alt="The curve of x to the power 2."' in made.html
        assert 'width="384" height="288"' in made.html
        assert 'src="data:image/svg+xml,' in made.html

    def test_damaged_blocks_are_noticed(self) -> None:
        with pytest.raises(zlib.error):
            unpack(pack([b"abc"], mime="image/webp")[:-3])
