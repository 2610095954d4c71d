"""An equation bears its mark only when its test has passed in this build and its formula is the one that was pinned."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from book.tiny import ROOT, tiny_notebook
from nbformat import NotebookNode
from verified import verify_all
from verified_page import MARKER, power, shown_precision, spoken_precision
from verify import Verification

TESTS = '''
from verify import verifies

@verifies("eq-tiny", precision=1e-12)
def test_tiny(rng):
    """Written out twice."""
    w, a, b = rng.normal(size=3)
    yield w * a + b, b + a * w

@verifies("eq-changed", precision=1e-12)
def test_changed(rng):
    """Has not been looked at since."""
    x = rng.normal()
    yield x, x
'''
PINS = {"eq-tiny": "z = w a + b", "eq-changed": "x = y"}


def plant(tests: Path, code: str = TESTS) -> None:
    """Write the tests and the pins of the tiny book."""
    tests.mkdir(parents=True, exist_ok=True)
    (tests / "test_chapter01.py").write_text(code)
    (tests / "pins.json").write_text(json.dumps(PINS))


def test_mark_count_and_page(build: Callable[[NotebookNode], CompletedProcess[str]], tmp_path: Path) -> None:
    plant(tmp_path / "tests" / "equations")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapters/tiny\nchapters:\n- file: chapters/verified\n")
    page = (ROOT / "chapters" / "verified.md").read_text()
    assert MARKER in page
    (tmp_path / "chapters" / "verified.md").write_text(page)
    notebook = tiny_notebook()
    notebook.cells = notebook.cells[:1]
    notebook.cells[0].source += "\n\n$$\nx = 2 y\n$$ (eq-changed)\n\nThere are {verified-count}`equations`.\n"
    done = build(notebook)
    assert done.returncode == 0, done.stdout + done.stderr
    chapter = (tmp_path / "_build/html/chapters/tiny.html").read_text()
    assert chapter.count('class="eq-verified"') == 1
    assert 'href="verified.html#test-eq-tiny" aria-label="Equation 1 is verified to 1e-12: see the test"' in chapter
    assert ">1 equations<" in chapter
    tests = (tmp_path / "_build/html/chapters/verified.html").read_text()
    assert 'id="test-eq-tiny"' in tests
    assert "test_tiny" in tests
    assert "test_changed" not in tests
    assert "Not verified in this build" in tests

    notebook.cells[0].source += "\n\n$$\nx = 3\n$$\n"
    done = build(notebook)
    assert done.returncode != 0
    assert "a displayed equation needs a label eq-" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("b + a * w", "b - a * w", "AssertionError: eq-tiny is off by"),
        ("b + a * w", "b + a * w * u", "NameError: name 'u' is not defined"),
    ],
)
def test_failing_test_is_reported(old: str, new: str, says: str, tmp_path: Path) -> None:
    chapters, tests = tmp_path / "chapters", tmp_path / "tests"
    chapters.mkdir()
    (chapters / "tiny.md").write_text(tiny_notebook().cells[0].source)
    plant(tests)
    verified, complaints = verify_all(chapters, tests)
    assert [v.equation.label for v in verified] == ["eq-tiny"]
    assert complaints == []
    plant(tests, TESTS.replace(old, new))
    verified, (complaint,) = verify_all(chapters, tests)
    assert verified == []
    assert complaint.startswith(says)


@pytest.mark.parametrize(("precision", "text"), [(1e-12, "10⁻¹²"), (1e-7, "10⁻⁷"), (2e-7, "2·10⁻⁷"), (0, "exact")])
def test_power(precision: float, text: str) -> None:
    assert power(precision) == text


def test_a_theorem_is_only_said_to_hold_in_examples() -> None:
    law, theorem = (Verification("eq-x", 0, iter, theorem) for theorem in (False, True))
    assert (shown_precision(law), spoken_precision(law)) == ("exact", "exactly")
    assert (shown_precision(theorem), spoken_precision(theorem)) == ("examples", "in examples")
