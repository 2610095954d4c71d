"""``check`` and ``progress``: what the reader calls."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from dlbook.exercises.answer import Answer
from dlbook.exercises.judge import judge
from dlbook.exercises.model import SEED, Exercise
from dlbook.exercises.run import TIME_LIMIT, run

_answers: dict[str, list[Answer]] = {}  # of this session, in the order of the first check


def chapters() -> list[int]:
    """Return the numbers of the chapters that have coded exercises."""
    return sorted(int(path.parent.name[7:]) for path in Path(__file__).parent.glob("chapter[0-9][0-9]/__init__.py"))


def of_chapter(number: int) -> tuple[Exercise, ...]:
    """Return the exercises of a chapter; only its own package is imported."""
    exercises: tuple[Exercise, ...] = import_module(f"dlbook.exercises.chapter{number:02d}").EXERCISES
    return exercises


def find(exercise_id: str | float) -> Exercise | None:
    """Return the exercise with this id, or None."""
    exercise_id = str(exercise_id)  # 3.3, the number, is understood as well
    head = exercise_id.split(".")[0]
    if not (head.isascii() and head.isdigit()) or int(head) not in chapters():
        return None
    return next((e for e in of_chapter(int(head)) if e.id == exercise_id), None)


def check(exercise_id: str | float, function: Callable[..., Any]) -> Answer:
    """Compare ``function`` with the reference on random cases and on edges, and say in words what is right or wrong.

    Never raises because of what the function does: an exception, an endless loop or damage to the inputs is reported.
    """
    exercise = find(exercise_id)
    if exercise is None:
        known = ", ".join(e.id for n in chapters() for e in of_chapter(n))
        says = (f"There is no exercise {exercise_id!r}. Known are {known}.",)
        return Answer(str(exercise_id), "", "unknown", says=says)
    answer = _checked(exercise, function)
    _answers.setdefault(exercise.id, []).append(answer)
    return answer


def _checked(exercise: Exercise, function: object) -> Answer:
    if function is None or function is ...:
        return Answer(exercise.id, exercise.title, "not attempted")
    if not callable(function):
        says = (
            f'`check("{exercise.id}", f)` needs the function itself, without brackets: it calls it many times. '
            f"It was given {type(function).__name__}.",
        )
        return Answer(exercise.id, exercise.title, "wrong", says=says)
    cases = exercise.cases(SEED)
    return judge(exercise, run(function, cases, exercise.arguments, len(exercise.outputs), seconds=TIME_LIMIT), cases)


@dataclass(frozen=True, slots=True)
class Progress:
    """The reader's table: one row per exercise with id, title, state and number of checks; or a ``note``."""

    rows: tuple[tuple[str, str, str, int], ...]
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return self.note
        if not self.rows:
            return 'Nothing checked in this session yet: try check("1.3", your_function).'
        width = max(len(title) for _, title, _, _ in self.rows)
        lines = [f"{id_:<5} {title:<{width}}  {state}{_times(tries)}" for id_, title, state, tries in self.rows]
        done = sum(state.startswith("passed") for _, _, state, _ in self.rows)
        return "\n".join([*lines, f"{done} of {len(self.rows)} exercises passed."])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{html.escape(str(self))}</p>"
        cell = "style='text-align:left;padding:.2em 1em .2em 0'"
        body = "".join(
            f"<tr><th scope='row' {cell}>{id_}</th><td {cell}>{html.escape(title)}</td>"
            f"<td {cell}>{html.escape(state)}{_times(tries)}</td></tr>"
            for id_, title, state, tries in self.rows
        )
        heads = "".join(f"<th scope='col' {cell}>{name}</th>" for name in ("Exercise", "Title", "State"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div class='dlbook-answer'>{table}<p>{str(self).splitlines()[-1]}</p></div>"


def progress(chapter: int | str | None = None) -> Progress:
    """Return the table of ``chapter``'s coded exercises; without one, of all chapters checked in this session."""
    if chapter is not None and str(chapter) not in map(str, chapters()):
        return Progress(
            (), f"There is no chapter {chapter} with exercises. Known are {', '.join(map(str, chapters()))}."
        )
    wanted = [int(chapter)] if chapter is not None else sorted({int(i.split(".")[0]) for i in _answers})
    rows = []
    for exercise in (e for number in wanted for e in of_chapter(number)):
        answers = _answers.get(exercise.id, [])
        attempts = sum(a.status != "not attempted" for a in answers)
        rows.append((exercise.id, exercise.title, _state(answers), attempts))
    return Progress(tuple(rows))


def _state(answers: list[Answer]) -> str:
    """Say how an exercise stands: what was solved once stays solved, whatever is tried afterwards."""
    if not answers:
        return "not attempted yet"
    if answers[-1].passed or not any(a.passed for a in answers):
        return answers[-1].summary
    return f"passed (last check: {'not attempted' if answers[-1].status == 'not attempted' else 'not right'})"


def forget() -> None:
    """Start the session's table anew."""
    _answers.clear()


def _times(tries: int) -> str:
    return f" ({tries} checks)" if tries > 1 else ""
