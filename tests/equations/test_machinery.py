"""The checks of the equations find what they are for, on tiny chapters with planted faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pin
import pytest
from displayed import Equation, read_chapters, read_page
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from verify import Pairs, Verification, changed, difference, load_tests, read_pins, unlabelled, untested, verifies

CHAPTER = """# Energy

$$
E = m c^2
$$ (eq-energy)

By {eq}`eq-energy` and $p = m v$, a fast body is heavy.
"""
TESTS = """
from verify import verifies

@verifies("eq-energy", precision=1e-12)
def test_energy(rng):
    "Written out."
    m, c = rng.normal(size=2)
    yield m * c**2, m * c * c
"""


@pytest.fixture
def book(tmp_path: Path) -> tuple[Path, Path]:
    """A chapter with one equation, its test and its pin."""
    chapters, tests = tmp_path / "chapters", tmp_path / "tests"
    chapters.mkdir()
    tests.mkdir()
    (chapters / "01-energy.md").write_text(CHAPTER)
    (tests / "test_chapter01.py").write_text(TESTS)
    assert pin.main(chapters, tests) == 0
    return chapters, tests


def faults(book: tuple[Path, Path]) -> dict[str, list[str]]:
    """Return what the three checks of the book find."""
    equations, tests = read_chapters(book[0]), load_tests(book[1])
    found = {
        "unlabelled": unlabelled(equations),
        "untested": untested(equations, tests),
        "changed": changed(equations, read_pins(book[1] / "pins.json")),
    }
    return {name: lines for name, lines in found.items() if lines}


def rewrite(book: tuple[Path, Path], old: str, new: str) -> None:
    path = book[0] / "01-energy.md"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_sound_book_has_no_faults(book: tuple[Path, Path]) -> None:
    assert faults(book) == {}


def test_white_space_is_no_change(book: tuple[Path, Path]) -> None:
    rewrite(book, "E = m c^2", "E  =\n   m c^2")
    assert faults(book) == {}


def test_unlabelled_equation_is_found(book: tuple[Path, Path]) -> None:
    rewrite(book, "heavy.", "heavy.\n\n$$\np = m v\n$$\n")
    (line,) = faults(book)["unlabelled"]
    assert "01-energy.md" in line
    assert "p = m v" in line


def test_untested_equation_is_found(book: tuple[Path, Path]) -> None:
    rewrite(book, "heavy.", "heavy.\n\n$$\np = m v\n$$ (eq-momentum)\n")
    found = faults(book)
    assert "no test verifies eq-momentum" in found["untested"][0]
    assert "never verified: eq-momentum" in found["changed"][0]


def test_changed_equation_is_found(book: tuple[Path, Path]) -> None:
    rewrite(book, "E = m c^2", "E = m c^3")
    (line,) = faults(book)["changed"]
    assert line.splitlines() == [
        "eq-energy (01-energy.md) changed since it was verified",
        "  was: E = m c^2",
        "  is:  E = m c^3",
    ]


def test_vanished_equation_is_found(book: tuple[Path, Path]) -> None:
    rewrite(book, "(eq-energy)", "(eq-einstein)")
    found = faults(book)
    assert any("eq-energy was verified and has vanished" in line for line in found["changed"])
    assert any("eq-energy has a test, but no chapter displays it" in line for line in found["untested"])


def test_shared_label_and_second_test_are_found(book: tuple[Path, Path]) -> None:
    (book[0] / "02-again.md").write_text(CHAPTER)
    (book[1] / "test_chapter02.py").write_text(TESTS)
    found = faults(book)
    assert "eq-energy labels 2 equations" in found["unlabelled"][0]
    assert "eq-energy has 2 tests" in found["untested"][0]


def test_pin_records_a_change_and_says_so(book: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(book, "E = m c^2", r"E = m\, c^2")
    assert pin.main(*book) == 0
    assert "was: E = m c^2\n  is:  E = m\\, c^2" in capsys.readouterr().out
    assert faults(book) == {}
    assert [path.name for path in book[1].iterdir() if "pin" in path.name] == ["pins.json"]


def test_pin_refuses_an_equation_whose_test_fails(book: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    (book[1] / "test_chapter01.py").write_text(TESTS.replace("m * c * c", "m * c"))
    assert pin.main(*book) == 1
    assert "not pinned: eq-energy is off by" in capsys.readouterr().err
    assert "eq-energy" not in read_pins(book[1] / "pins.json")


def test_pin_refuses_what_has_no_test(book: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(book, "heavy.", "heavy.\n\n$$\np = m v\n$$ (eq-momentum)\n")
    assert pin.main(*book) == 1
    assert "no test verifies eq-momentum" in capsys.readouterr().err
    assert list(read_pins(book[1] / "pins.json")) == ["eq-energy"]


class TestReading:
    """Every way of writing a displayed equation is read."""

    @pytest.mark.parametrize(
        ("text", "label"),
        [
            ("$$ x $$ (eq-x)", "eq-x"),
            ("- a list\n\n  $$\n  x\n  $$ (eq-x)", "eq-x"),
            ("```{math}\n:label: eq-x\n\nx\n```", "eq-x"),
            (":::{math}\n:label: eq-x\nx\n:::", "eq-x"),
            ("````{exercise} E\n:label: e\n\n$$ x $$ (eq-x)\n````", "eq-x"),
            (":::{note}\n```{dropdown} D\n$$ x $$ (eq-x)\n```\n:::", "eq-x"),
            ("$$ x $$", None),
            ("$$ x $$ (mass)", None),
            ("```{math}\nx\n```", None),
            ("> $$ x $$", None),
            ("````{solution} e\n$$ x $$\n````", None),
            ("\\begin{align}\nx\n\\end{align}", None),
            ("\\[ x \\]", None),
            ("text $$ x $$ text", None),
        ],
    )
    def test_displayed(self, text: str, label: str | None, tmp_path: Path) -> None:
        path = tmp_path / "a.md"
        path.write_text(text)
        (equation,) = read_page(path)
        assert equation.label == label
        assert "x" in equation.latex

    @pytest.mark.parametrize(
        "text",
        ["inline $x$", "```python\n'$$ x $$'\n```", "the code `$$ x $$`", "```{code-block} latex\n\\[ x \\]\n```"],
    )
    def test_not_displayed(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "a.md"
        path.write_text(text)
        assert read_page(path) == []

    def test_notebook(self, tmp_path: Path) -> None:
        shown = new_output("display_data", data={"text/latex": "$$ y $$"})
        cells = [new_markdown_cell("# T"), new_markdown_cell("$$ x $$ (eq-x)"), new_code_cell("", outputs=[shown])]
        nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
        assert read_page(tmp_path / "a.ipynb") == [
            Equation("eq-x", "x", "a.ipynb", "T", 2),
            Equation(None, "$$ y $$", "a.ipynb", "T", 3),
        ]


class TestVerification:
    """A test of an equation holds what it promises, or fails."""

    @staticmethod
    def of_pairs(*pairs: tuple[object, object], precision: float = 1e-12) -> Callable[[], None]:
        @verifies("eq-x", precision=precision)
        def check(rng: np.random.Generator) -> Pairs:
            yield from pairs

        return check

    def test_agreement_passes(self) -> None:
        self.of_pairs((1.0, 1.0 + 1e-13), ([1.0, 2.0], [1.0, 2.0]))()

    @pytest.mark.parametrize(
        ("pair", "says"),
        [
            ((1.0, 1.0 + 1e-11), "off by 1e-11, allowed 1e-12"),
            (([1.0, 2.0], [[1.0, 2.0]]), "off by inf"),
            ((np.nan, np.nan), "off by inf"),
            ((np.inf, np.inf), "off by inf"),
        ],
    )
    def test_disagreement_fails(self, pair: tuple[object, object], says: str) -> None:
        with pytest.raises(AssertionError, match=says):
            self.of_pairs((3.0, 3.0), pair)()

    def test_nothing_compared_fails(self) -> None:
        with pytest.raises(AssertionError, match="no pairs"):
            self.of_pairs()()
        with pytest.raises(AssertionError, match="compares nothing but"):
            self.of_pairs((0.0, 0.0))()

    def test_one_seed_is_enough_to_fail(self) -> None:
        @verifies("eq-x", precision=0)
        def check(rng: np.random.Generator) -> Pairs:
            x = rng.integers(1000)
            yield x, x if x != np.random.default_rng(19).integers(1000) else x + 1

        with pytest.raises(AssertionError, match="seed 19"):
            check()

    def test_difference_is_relative_to_the_largest_entry(self) -> None:
        assert difference([1e-3, 1e3], [2e-3, 1e3]) == pytest.approx(1e-6)
        assert difference([0.0], [0.0]) == 0


def of(label: str) -> Verification:
    """Return the test of an equation of the book."""
    (found,) = (test for test in load_tests(Path(__file__).parent) if test.label == label)
    return found


def test_pins_stand_in_order_on_one_line_each() -> None:
    text = (Path(__file__).parent / "pins.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert len(text.splitlines()) == len(json.loads(text)) + 2
