"""Marks: what a notebook's process sent back, judged here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbook.exercises.answer import Answer
from dlbook.exercises.judge import judge
from dlbook.exercises.model import Case, Exercise
from dlbook.grade.sandbox import Report, run_notebook
from dlbook.grade.submission import Submission
from dlbook.grade.wire import decode_run, encode

FUNCTION_SECONDS = 5.0  # for one exercise, all cases together


@dataclass(frozen=True, slots=True)
class Row:
    """One notebook's marks.

    Attributes:
        path: the notebook.
        answers: one for every exercise, in order.
        notes: what else there is to say: cells that failed, a process that died, files that were changed.
    """

    path: Path
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> int:
        """How many exercises are right."""
        return sum(answer.passed for answer in self.answers)


@dataclass(frozen=True)
class Marker:
    """Runs and marks notebooks.

    Attributes:
        exercises: which exercises to mark.
        files: dlbook's own files, read before the first notebook ran.
        seconds, memory: what a notebook may use (memory in bytes).
        seed: of the cases.
    """

    exercises: Sequence[Exercise]
    files: dict[str, bytes]
    seconds: float
    memory: int
    seed: int

    def run(self, submission: Submission) -> Report:
        """Run a notebook in its process, if it can be read."""
        if submission.problem:
            return Report((), submission.problem, ())
        return run_notebook(self._job(submission, self._cases()), self.files, self.seconds)

    def mark(self, submission: Submission, report: Report) -> Row:
        """Mark what a notebook's process sent; whatever happened inside becomes a row."""
        if submission.problem:
            absent = tuple(self._answer(e, "missing") for e in self.exercises)
            return Row(submission.path, absent, (submission.problem,))
        cases = self._cases()
        answers: dict[str, Answer] = {}
        notes: list[str] = []
        cell = 0
        for message in report.messages:
            if isinstance(message.get("cell"), int):
                cell = message["cell"]
            if isinstance(message.get("trouble"), str):
                notes.append(message["trouble"][:300])
            for exercise in self.exercises:
                if message.get("exercise") == exercise.id:
                    answers[exercise.id] = self._judged(exercise, cases[exercise.id], message)
        if len(notes) > 3:
            notes[3:] = [f"and {len(notes) - 3} more cells that failed"]
        if report.ended:
            notes.append(f"{report.ended}, in cell {cell}")
        if report.touched:
            notes.append(f"it changed its copy of dlbook: {', '.join(report.touched[:3])}")
        asked = {exercise_id for checks in submission.checks for exercise_id, _ in checks}
        others = {e.id: "not reached" if e.id in asked else "missing" for e in self.exercises}
        rows = tuple(answers.get(e.id) or self._answer(e, others[e.id]) for e in self.exercises)
        return Row(submission.path, rows, tuple(notes))

    def _cases(self) -> dict[str, list[Case]]:
        return {e.id: e.cases(self.seed) for e in self.exercises}

    def _job(self, submission: Submission, cases: dict[str, list[Case]]) -> dict[str, Any]:
        exercises = {
            e.id: {
                "arguments": list(e.arguments),
                "outputs": len(e.outputs),
                "seconds": min(FUNCTION_SECONDS, self.seconds / 3),
                "cases": [[case.label, encode(case.args)] for case in cases[e.id]],
            }
            for e in self.exercises
        }
        last = max((i + 1 for i, checks in enumerate(submission.checks) if checks), default=len(submission.cells))
        return {
            "cells": submission.cells[:last],
            "checks": submission.checks[:last],
            "exercises": exercises,
            "seconds": self.seconds,
            "memory": self.memory,
        }

    def _judged(self, exercise: Exercise, cases: list[Case], message: dict[str, Any]) -> Answer:
        if "run" not in message:
            status = "not attempted" if message.get("empty") is True else "missing"
            return self._answer(exercise, status)
        try:
            ran = decode_run(message["run"], len(cases), len(exercise.outputs))
        except ValueError as error:
            return Answer(exercise.id, exercise.title, "unreadable", says=(f"Its process sent {error}.",))
        return judge(exercise, ran, cases)

    @staticmethod
    def _answer(exercise: Exercise, status: str) -> Answer:
        return Answer(exercise.id, exercise.title, status)
