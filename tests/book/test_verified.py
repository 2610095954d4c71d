"""An equation bears its mark only when its test has passed in this build and its formula is the one that was pinned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from book.tiny import tiny_notebook
from verified import verify_all
from verified_page import power, shown_precision, spoken_precision
from verify import Verification

TESTS = '''
from verify import verifies

@verifies("eq-tiny", precision=1e-12)
def test_tiny(rng):
    """Written out twice."""
    w, a, b = rng.normal(size=3)
    yield w * a + b, b + a * w
'''
PINS = {"eq-tiny": "z = w a + b"}


def plant(tests: Path, code: str = TESTS) -> None:
    """Write the tests and the pins of the tiny book."""
    tests.mkdir(parents=True, exist_ok=True)
    (tests / "test_chapter01.py").write_text(code)
    (tests / "pins.json").write_text(json.dumps(PINS))


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
