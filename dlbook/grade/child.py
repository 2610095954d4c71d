"""The process that runs one notebook. It knows inputs, not answers; what it says is judged elsewhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import dlbook.exercises
from dlbook.exercises.limits import OutOfTime, time_limit
from dlbook.exercises.model import Case
from dlbook.exercises.run import run
from dlbook.grade.wire import decode, encode_run


class Shell(InteractiveShell):
    """A notebook's kernel without a notebook: magic commands work, windows do not, and exit() is an error."""

    def enable_gui(self, gui: object = None) -> None:
        """Do nothing: there is no window to open."""

    def ask_exit(self) -> None:
        """Turn exit() into the exception that sys.exit() raises."""
        raise SystemExit


class Recorded:
    """What ``check`` returns here: the marks are given later."""

    passed = False

    def __repr__(self) -> str:
        return "recorded"


def limit(memory: int, seconds: float) -> None:
    """Limit this process's memory (bytes), processor time and the size of the files it writes, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 5),
        (resource.RLIMIT_FSIZE, 100_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read the job from standard input, run the cells, write one line of JSON for everything there is to report."""
    channel = os.fdopen(os.dup(1), "w", encoding="ascii")
    silence = os.open(os.devnull, os.O_RDWR)
    job = json.loads(sys.stdin.buffer.read())
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    limit(job["memory"], job["seconds"])
    run_notebook(job, channel)
    say(channel, {"done": True})
    os._exit(0)  # without waiting for threads that the notebook may have started


def say(channel: TextIO, message: dict[str, Any]) -> None:
    """Send one message."""
    channel.write(json.dumps(message) + "\n")
    channel.flush()


def run_notebook(job: dict[str, Any], channel: TextIO) -> None:
    """Run cell after cell, also after one that failed; answer every exercise as soon as it is checked."""
    recorded: dict[str, Any] = {}

    def check(exercise_id: str, function: object) -> Recorded:
        recorded[str(exercise_id)] = function
        return Recorded()

    vars(dlbook.exercises).update(check=check, progress=lambda *chapter: Recorded())
    config = Config()
    config.HistoryManager.enabled = False
    shell = Shell.instance(config=config)
    for number, (source, checks) in enumerate(zip(job["cells"], job["checks"], strict=True)):
        say(channel, {"cell": number + 1})
        trouble = _run_cell(shell, source, job["seconds"] / 3)
        if trouble:
            say(channel, {"trouble": f"cell {number + 1}: {trouble}"[:300]})
        for exercise_id, expression in checks:  # also where check itself was replaced
            recorded.setdefault(exercise_id, _evaluate(shell, expression))
        for exercise_id in list(recorded):
            _answer(job, channel, exercise_id, recorded.pop(exercise_id))


def _run_cell(shell: Any, source: str, seconds: float) -> str:
    """Run a cell and return what went wrong, in a few words."""
    try:
        with time_limit(seconds):
            result = shell.run_cell(source)
    except OutOfTime:
        return f"stopped after {seconds:.0f} s"
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, OutOfTime):
        return f"stopped after {seconds:.0f} s"
    if isinstance(error, SystemExit):
        return "it calls exit()"
    return f"{type(error).__name__}: {error}" if error else ""


def _evaluate(shell: Any, expression: str) -> Any:
    try:
        with time_limit(5):
            return shell.ev(expression)
    except (Exception, OutOfTime, SystemExit):
        return _Missing


class _Missing:
    """There is nothing of that name in the notebook."""


def _answer(job: dict[str, Any], channel: TextIO, exercise_id: str, function: Callable[..., Any] | object) -> None:
    exercise = job["exercises"].get(exercise_id)
    if exercise is None:
        return
    if function is _Missing or not callable(function):
        say(channel, {"exercise": exercise_id, "missing": function is _Missing, "empty": function in (None, ...)})
        return
    cases = [Case(label, decode(args)) for label, args in exercise["cases"]]
    ran = run(function, cases, tuple(exercise["arguments"]), exercise["outputs"], seconds=exercise["seconds"])
    say(channel, {"exercise": exercise_id, "run": encode_run(ran)})
