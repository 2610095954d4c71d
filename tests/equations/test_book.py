"""Every displayed equation of the book has a label, a test, and the LaTeX for which that test was written."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from displayed import read_chapters
from verify import Verification, changed, load_tests, read_pins, unlabelled, untested

import dlbook

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
PACKAGE = str(Path(dlbook.__file__).parent)
LOOK = "look at the equation and at its test, then run: make pin"


def test_every_equation_is_labelled() -> None:
    found = unlabelled(read_chapters(CHAPTERS))
    assert not found, "give each displayed equation a label of its own, $$ … $$ (eq-name):\n" + "\n".join(found)


def test_every_equation_is_tested() -> None:
    found = untested(read_chapters(CHAPTERS), load_tests(HERE))
    assert not found, "each equation needs one test in tests/equations:\n" + "\n".join(found)


def test_no_equation_changed_since_it_was_verified() -> None:
    found = changed(read_chapters(CHAPTERS), read_pins(HERE / "pins.json"))
    assert not found, f"{LOOK}\n" + "\n".join(found)


@pytest.mark.parametrize("verification", load_tests(HERE), ids=lambda verification: verification.label)
def test_runs_the_package(verification: Verification) -> None:
    """An equation that is compared with the test's own code alone says nothing about the book's."""
    seen = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            seen.add(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for seed in range(3):
            list(verification.check(np.random.default_rng(seed)))
    finally:
        sys.setprofile(before)
    assert seen
