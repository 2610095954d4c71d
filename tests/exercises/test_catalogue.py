"""Every exercise: right answers pass however written, a known mistake is called by its name, an unknown one never."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from exercises.answers import SOLUTIONS, VARIANTS

from dlbook.exercises import check
from dlbook.exercises import judge as judging
from dlbook.exercises.answer import Answer
from dlbook.exercises.describe import ENOUGH
from dlbook.exercises.judge import judge
from dlbook.exercises.model import SEED, Case, Exercise, Mistake
from dlbook.exercises.run import run
from dlbook.exercises.session import chapters, of_chapter
from dlbook.exercises.values import Odd, all_close, as_outputs

ALL = [exercise for number in chapters() for exercise in of_chapter(number)]
MISTAKES = [(exercise, mistake) for exercise in ALL for mistake in exercise.mistakes]
SEEDS = range(2)  # of some twenty cases each
# Answers that single precision cannot give: differences with a small step, σ(−700). And class numbers are integers.
TOO_COARSE = {"3.7", "4.3", "4.5"}

each = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"), MISTAKES, ids=lambda x: getattr(x, "id", None) or x.name
)


@pytest.fixture(autouse=True, scope="module")
def _the_book_answers_each_case_once() -> Iterator[None]:
    """References and mistakes give the same for the same case: remember it, for it is asked dozens of times."""
    draw, answer = Exercise.cases, judging._seen
    drawn: dict[tuple[str, int], list[Case]] = {}
    answers: dict[tuple[Callable[..., Any], int], judging.Seen] = {}

    def cases(exercise: Exercise, seed: int = SEED) -> list[Case]:
        if (exercise.id, seed) not in drawn:
            drawn[exercise.id, seed] = draw(exercise, seed)
        return drawn[exercise.id, seed]

    def seen(exercise: Exercise, function: Callable[..., Any], cases: Sequence[Case]) -> list[judging.Seen]:
        new = [case for case in cases if (function, id(case)) not in answers]
        answers.update(zip([(function, id(case)) for case in new], answer(exercise, function, new), strict=True))
        return [answers[function, id(case)] for case in cases]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Exercise, "cases", cases)
        patch.setattr(judging, "_seen", seen)
        yield


def grade(exercise: Exercise, function: Callable[..., Any], seed: int) -> Answer:
    cases = exercise.cases(seed)
    return judge(exercise, run(function, cases, exercise.arguments, len(exercise.outputs)), cases)


@pytest.mark.parametrize("number", chapters())
def test_every_exercise_has_a_solution_and_two_variants(number: int) -> None:
    def own(answers: dict[str, Any]) -> set[str]:
        return {id_ for id_ in answers if id_.startswith(f"{number}.")}

    assert {e.id for e in of_chapter(number)} == own(SOLUTIONS) == own(VARIANTS)
    assert all(len(VARIANTS[id_]) >= 2 for id_ in own(VARIANTS))


@each
def test_exercise_is_complete(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= 4
    assert len({m.name for m in exercise.mistakes}) == len(exercise.mistakes)
    assert all(len(m.hint) > 40 for m in exercise.mistakes)
    assert list(inspect.signature(SOLUTIONS[exercise.id]).parameters) == list(exercise.arguments)


@each
def test_solution_passes(exercise: Exercise) -> None:
    assert check(exercise.id, SOLUTIONS[exercise.id]).passed
    assert all(grade(exercise, SOLUTIONS[exercise.id], seed).passed for seed in SEEDS)


@each
def test_variants_pass(exercise: Exercise) -> None:
    for variant in VARIANTS[exercise.id]:
        answer = check(exercise.id, variant)
        assert answer.passed, f"{variant.__name__}\n{answer}"


@pytest.mark.parametrize("exercise", [e for e in ALL if e.id not in TOO_COARSE], ids=lambda e: e.id)
def test_float32_passes(exercise: Exercise) -> None:
    def single(x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return type(x)(map(single, x))
        return x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x  # lengths stay whole

    def in_single_precision(*args: Any) -> Any:
        return single(SOLUTIONS[exercise.id](*map(single, args)))

    assert check(exercise.id, in_single_precision).passed


def test_float32_is_too_coarse_for_differences_with_a_small_step() -> None:
    assert not check("3.7", lambda f, x, h: SOLUTIONS["3.7"](f, x, np.float32(h)) * np.float32(1.0001)).passed


@each
def test_cases_have_an_edge_and_float32(exercise: Exercise) -> None:
    arrays = [a for c in exercise.cases() for a in c.args if isinstance(a, np.ndarray)]
    if any(a.ndim > 1 for a in arrays):
        assert 1 in [len(a) for a in arrays if a.ndim > 1]
    if arrays and exercise.id not in TOO_COARSE:
        assert any(a.dtype == np.float32 for a in arrays)


@each
def test_every_condition_can_be_told_from_its_absence(exercise: Exercise) -> None:
    """ "Wrong only with …" needs cases without it that are right."""
    cases = exercise.cases()
    for phrase, holds in exercise.conditions.items():
        having = sum(bool(holds(*c.args)) for c in cases)
        assert len(cases) - having >= ENOUGH, phrase
        assert having >= 1, phrase


@each_mistake
def test_mistake_gets_its_own_name_and_hint(exercise: Exercise, mistake: Mistake) -> None:
    for seed in SEEDS:
        answer = grade(exercise, mistake.make, seed)
        assert (answer.status, answer.mistake) == ("mistake", mistake.name), f"{answer}"
        assert mistake.hint in answer.says
        assert "expected" in answer.case
        assert "yours" in answer.case


def values(exercise: Exercise, mistake: Mistake) -> list[Any]:
    ran = run(mistake.make, exercise.cases(0), exercise.arguments, len(exercise.outputs))
    return [outcome.value for outcome in ran.outcomes]


def _outputs(exercise: Exercise, value: Any) -> list[np.ndarray]:
    outputs = as_outputs(value, len(exercise.outputs))
    assert isinstance(outputs, tuple)
    return [o.astype(float) for o in outputs]


def _entry(o: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    o = o.copy()
    o.reshape(-1)[rng.integers(o.size)] += rng.normal()
    return o


PERTURBATIONS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "noise": lambda o, rng: o + rng.normal(size=o.shape),
    "small noise": lambda o, rng: o + 1e-4 * rng.normal(size=o.shape),
    "one entry": _entry,
    "bent": lambda o, rng: o + 0.1 * o**2 + 0.01,
    "shifted": lambda o, rng: o + 0.37,
    "scaled": lambda o, rng: o * 1.37,
    "random scale": lambda o, rng: o * rng.uniform(1.1, 1.9),
}


@pytest.mark.parametrize("kind", PERTURBATIONS)
@each  # the lower one stands first in the name: -k "[3." selects a chapter
def test_unknown_mistake_gets_no_name(exercise: Exercise, kind: str) -> None:
    if not exercise.arguments:
        return  # XOR: other weights are another truth table, see the test below
    for seed in range(3):
        rng = np.random.default_rng([seed, len(kind)])

        def perturbed(*args: Any, rng: np.random.Generator = rng) -> Any:
            right = _outputs(exercise, SOLUTIONS[exercise.id](*args))
            wrong = [PERTURBATIONS[kind](o, rng) for o in right]
            return wrong if len(wrong) > 1 else wrong[0]

        answer = grade(exercise, perturbed, seed)
        assert (answer.status, answer.mistake) == ("wrong", ""), f"{answer}"
        assert len(answer.says) >= 2


@each
def test_mistake_that_shows_only_sometimes_gets_no_name(exercise: Exercise) -> None:
    """A function that is right in most cases, and in one case wrong as a known mistake is, makes another mistake."""
    if len(exercise.cases()) == 1:
        return
    for mistake in exercise.mistakes:
        cases = exercise.cases()
        mixed = run(SOLUTIONS[exercise.id], cases, exercise.arguments, len(exercise.outputs))
        made = run(mistake.make, cases, exercise.arguments, len(exercise.outputs))
        differ = [
            i
            for i, (a, b) in enumerate(zip(mixed.outcomes, made.outcomes, strict=True))
            if not isinstance(b.value, tuple) or b.kind != "value" or not all_close(a.value, b.value)
        ]
        if len(differ) < 2:
            continue
        outcomes = list(mixed.outcomes)
        outcomes[differ[-1]] = made.outcomes[differ[-1]]
        answer = judge(exercise, type(mixed)(tuple(outcomes)), cases)
        assert not answer.passed
        assert answer.mistake == "", f"{mistake.name}\n{answer}"


@each_mistake
def test_two_mistakes_at_once_get_no_name(exercise: Exercise, mistake: Mistake) -> None:
    """A known mistake on top of an unknown one is an unknown one."""
    if not exercise.arguments or any(isinstance(v, Odd) for v in values(exercise, mistake)):
        return  # the first has no numbers of its own, the others no arrays

    def both(*args: Any) -> Any:
        wrong = [1.37 * o + 0.01 for o in _outputs(exercise, mistake.make(*args))]
        return wrong if len(wrong) > 1 else wrong[0]

    assert grade(exercise, both, 0).mistake == ""


def test_xor_weights_are_named_by_what_they_compute() -> None:
    exercise = next(e for e in ALL if e.id == "1.6")
    assert exercise.observe is not None
    named = {tuple(exercise.observe((), as_outputs(m.make(), 4))): m.name for m in exercise.mistakes}
    rng = np.random.default_rng(0)
    tables = set()
    for _ in range(150):
        weights = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), rng.normal()
        table = tuple(exercise.observe((), as_outputs(weights, 4)))
        answer = check("1.6", lambda weights=weights: weights)
        assert answer.passed == (table == (0, 1, 1, 0))
        assert answer.mistake == named.get(table, "")
        tables.add(table)
    assert len(tables) > 10


def test_two_candidates_are_no_diagnosis() -> None:
    exercise = next(e for e in ALL if e.id == "3.3")
    doubled = dataclasses.replace(exercise, mistakes=exercise.mistakes * 2)
    assert grade(doubled, exercise.mistakes[0].make, 0).mistake == ""
