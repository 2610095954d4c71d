"""Known mistakes as a student writes them, in other words than the catalogue's: the name must be found all the same."""

from __future__ import annotations

from importlib import import_module

import pytest
from exercises.answers.model import Function

from dlbook.exercises import check
from dlbook.exercises.session import chapters, of_chapter

MODULES = {number: import_module(f"exercises.slips.chapter{number:02d}") for number in chapters()}
SLIPS = [slip for module in MODULES.values() for slip in module.SLIPS]
NAMELESS = [(id_, i) for module in MODULES.values() for i, (id_, _) in enumerate(module.NAMELESS)]


@pytest.mark.parametrize(("exercise_id", "function", "name"), SLIPS, ids=[f"{i} {n}" for i, _, n in SLIPS])
def test_slip_is_called_by_its_name(exercise_id: str, function: Function, name: str) -> None:
    answer = check(exercise_id, function)
    assert answer.mistake == name, f"{answer}"


@pytest.mark.parametrize(("exercise_id", "place"), NAMELESS)
def test_what_only_resembles_a_slip_keeps_no_name(exercise_id: str, place: int) -> None:
    number = int(exercise_id.split(".")[0])
    answer = check(exercise_id, MODULES[number].NAMELESS[place][1])
    assert not answer.passed
    assert answer.mistake == ""


@pytest.mark.parametrize("number", chapters())
def test_slips_belong_to_their_chapter(number: int) -> None:
    ids, module = {e.id for e in of_chapter(number)}, MODULES[number]
    assert {id_ for id_, *_ in module.SLIPS} <= ids
    assert {id_ for id_, _ in module.NAMELESS} <= ids
    assert len(module.SLIPS) >= 4
    assert module.NAMELESS
