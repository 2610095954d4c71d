"""From what a function did to what a teacher would say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbook.exercises.answer import Answer
from dlbook.exercises.describe import describe_difference
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.run import Outcome, Run, run
from dlbook.exercises.show import show_case, size
from dlbook.exercises.values import Odd, all_close, all_same
from dlbook.shapes import Array


@dataclass(frozen=True, slots=True)
class Seen:
    """One case as the judge sees it: the arrays to compare, or ``problem`` in their place.

    ``alarms``: what NumPy warned of, where an exercise forbids it.
    ``raised``: the problem is an exception; ``misfit``: arrays came, but what they should make up cannot be observed.
    """

    case: Case
    expected: tuple[Array, ...]
    got: tuple[Array, ...]
    problem: str = ""
    raised: bool = False
    misfit: bool = False
    alarms: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the answer is the reference's, and no alarm went off."""
        return self.agrees and not self.alarms

    @property
    def agrees(self) -> bool:
        """Whether the numbers are the reference's."""
        return not self.problem and all_close(self.got, self.expected)


def judge(exercise: Exercise, ran: Run, cases: Sequence[Case]) -> Answer:
    """Compare a run with the reference, and say in words what is right or wrong."""
    if ran.stub:
        return Answer(exercise.id, exercise.title, "not attempted")
    seen = look(exercise, ran, cases)
    notes = _notes(ran)
    endless = [s for s, o in zip(seen, ran.outcomes, strict=True) if o.kind == "endless"]
    if endless:
        says: tuple[str, ...] = (
            "Your function did not return in time: is there a loop whose condition never becomes false?",
            f"It was stopped in this case ({endless[0].case.label}):",
        )
        return Answer(exercise.id, exercise.title, "endless", says=says + notes, case=show_case(exercise, endless[0]))
    wrong = [s for s in seen if not s.right]
    if not wrong:
        return _all_right(exercise, ran, seen, notes)
    mistake = recognise(exercise, seen, cases)
    if mistake:
        with_numbers = [s for s in wrong if not s.problem]
        says = (f"Known mistake: {mistake.name}.", mistake.hint, *_damage(ran))
        return _answer(exercise, "mistake", says + notes, with_numbers, seen, mistake.name)
    if all(s.agrees for s in wrong):
        kinds = " and ".join(dict.fromkeys(kind for s in wrong for kind in s.alarms))
        says = (f"The numbers are right, but NumPy warns on the way: {kinds}.", *_damage(ran))
        return _answer(exercise, "wrong", says + notes, wrong, seen)
    words, shown = describe_difference(exercise, seen)
    says = (*words, *_damage(ran))
    if all(s.raised for s in wrong):
        return _answer(exercise, "raises", says + notes, wrong, seen)
    worst = [shown] if shown else [s for s in wrong if not s.raised]
    return _answer(exercise, "wrong", says + notes, worst, seen)


def look(exercise: Exercise, ran: Run, cases: Sequence[Case]) -> list[Seen]:
    """Put every outcome beside what the reference gives."""
    expected = _seen(exercise, exercise.reference, cases)
    pairs = zip(cases, ran.outcomes, expected, strict=True)
    return [_see(exercise, case, outcome, right.got) for case, outcome, right in pairs]


def _seen(exercise: Exercise, function: Callable[..., Any], cases: Sequence[Case]) -> list[Seen]:
    """Run a function of the book's own."""
    ran = run(function, cases, exercise.arguments, len(exercise.outputs), seconds=60)
    return [_see(exercise, case, outcome, ()) for case, outcome in zip(cases, ran.outcomes, strict=True)]


def _see(exercise: Exercise, case: Case, outcome: Outcome, wanted: tuple[Array, ...]) -> Seen:
    if outcome.kind != "value":
        return Seen(case, wanted, (), outcome.message or "no answer", raised=outcome.kind == "raised")
    if isinstance(outcome.value, Odd):
        return Seen(case, wanted, (), outcome.value.what)
    alarms = outcome.alarms if exercise.quiet else ()
    if exercise.observe is None:
        return Seen(case, wanted, outcome.value, alarms=alarms)
    try:
        observed = exercise.observe(case.args, outcome.value)
    except ValueError as misfit:
        return Seen(case, wanted, (), str(misfit), misfit=True)
    single = any(array.dtype == np.float32 for array in outcome.value)  # no finer than what it was made of
    return Seen(case, wanted, (observed.astype(np.float32) if single else observed,), alarms=alarms)


def recognise(exercise: Exercise, seen: Sequence[Seen], cases: Sequence[Case]) -> Mistake | None:
    """Return the one known mistake that does the same as the student in every case, or None.

    The same numbers wherever it gives numbers (at least once they must be wrong ones), an exception wherever it
    raises one, an alarm wherever it sets one off, the same kind of thing where it returns something
    else. Two candidates are no diagnosis.
    """
    telling = next((i for i, s in enumerate(seen) if not s.right and not s.problem), None)
    if telling is None:
        return None
    found = []
    for mistake in exercise.mistakes:
        if not _same(seen[telling], _seen(exercise, mistake.make, [cases[telling]])[0]):
            continue  # most are told apart by one case
        made = _seen(exercise, mistake.make, cases)
        if all(_same(s, m) for s, m in zip(seen, made, strict=True)):
            found.append(mistake)
    return found[0] if len(found) == 1 else None


def _same(student: Seen, mistake: Seen) -> bool:
    if student.problem or mistake.problem:
        return student.raised == mistake.raised and (student.raised or student.problem == mistake.problem)
    return bool(student.alarms) == bool(mistake.alarms) and all_same(student.got, mistake.got)


def _all_right(exercise: Exercise, ran: Run, seen: Sequence[Seen], notes: tuple[str, ...]) -> Answer:
    damage = _damage(ran)
    if any(o.changed for o in ran.outcomes):
        says = ("The numbers are right, but the inputs are damaged.", *damage, *notes)
        return Answer(exercise.id, exercise.title, "damages", says=says)
    agrees = exercise.praise or f"It agrees with the reference in all {len(seen)} cases, edges included."
    says = (agrees, *damage, *notes)
    return Answer(exercise.id, exercise.title, "passed", says=says)


def _damage(ran: Run) -> tuple[str, ...]:
    changed = dict.fromkeys(name for o in ran.outcomes for name in o.changed)
    if changed:
        owned = "belongs" if len(changed) == 1 else "belong"
        names, first = " and ".join(changed), next(iter(changed))
        return (
            f"In-place damage: your function writes into {names}, which {owned} to the caller. Make a new array: "
            f"`{first} = {first} + …` in place of `{first} += …`; for a list, pop on a copy.",
        )
    if ran.wrote:
        return ("It writes into its input and puts it back. A copy is safer: an exception in between does damage.",)
    return ()


def _notes(ran: Run) -> tuple[str, ...]:
    notes = []
    if ran.printed:
        notes.append(f"It printed {ran.printed} line{'s' * (ran.printed != 1)}, which are not shown here.")
    if ran.reads:
        names = ", ".join(f"`{name}`" for name in ran.reads)
        notes.append(f"It reads {names} from the notebook and not from its arguments. Is that meant?")
    return tuple(notes)


def _answer(
    exercise: Exercise, status: str, says: tuple[str, ...], worst: Sequence[Seen], seen: Sequence[Seen], name: str = ""
) -> Answer:
    smallest = min(worst, key=lambda s: size(s.case.args))
    n_right = sum(s.right for s in seen)
    counted = f"{n_right} of {len(seen)} cases {'is' if n_right == 1 else 'are'} right."
    which = "The smallest one that shows it" if len(worst) > 1 else "One that shows it"
    says = (*says, f"{counted} {which}: {smallest.case.label}.")
    return Answer(exercise.id, exercise.title, status, mistake=name, says=says, case=show_case(exercise, smallest))
