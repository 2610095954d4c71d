"""Run a function that nobody has read yet: fresh inputs, a time limit, and a record of all that happened."""

from __future__ import annotations

import dis
import inspect
import linecache
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from dlbook.exercises.limits import Lid, OutOfTime, time_limit
from dlbook.exercises.model import Case
from dlbook.exercises.values import Odd, as_outputs

TIME_LIMIT = 1.5  # seconds for all cases together; a right answer takes some milliseconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one case did.

    Attributes:
        kind: "value", "raised", "endless" (the time was up) or "skipped" (a case after that).
        value: the outputs as arrays, or an :class:`Odd` that says what came in their place.
        message: the exception and where it was raised.
        changed: names of arguments that were different after the call.
        alarms: what NumPy warned of: "overflow", "divide by zero", "invalid value".
    """

    kind: str
    value: tuple[Any, ...] | Odd = ()
    message: str = ""
    changed: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """All cases of one function.

    Attributes:
        stub: nobody has written anything yet.
        wrote: it tried to write into its inputs; the outcomes are those with writable copies.
        printed: how many lines it printed.
        reads: names of arrays that it takes from the notebook in place of its arguments.
    """

    outcomes: tuple[Outcome, ...]
    stub: bool = False
    wrote: bool = False
    printed: int = 0
    reads: tuple[str, ...] = ()


def run(
    function: Callable[..., Any],
    cases: Sequence[Case],
    arguments: tuple[str, ...],
    n_outputs: int,
    *,
    seconds: float = TIME_LIMIT,
) -> Run:
    """Call ``function`` with the arguments of every case.

    Inputs are read-only. When that stops the function, it runs once more on writable copies, to see what it would do.
    """
    outcomes, printed = _all_cases(function, cases, arguments, n_outputs, seconds, writable=False)
    wrote = any("read-only" in o.message for o in outcomes)
    if wrote:
        outcomes, printed = _all_cases(function, cases, arguments, n_outputs, seconds, writable=True)
    nothing = all(isinstance(o.value, Odd) and o.value.is_none for o in outcomes)
    unfinished = all(o.message.startswith("NotImplementedError") for o in outcomes)
    return Run(outcomes, unfinished or (nothing and _does_nothing(function)), wrote, printed, _arrays_read(function))


def _all_cases(
    function: Callable[..., Any],
    cases: Sequence[Case],
    arguments: tuple[str, ...],
    n_outputs: int,
    seconds: float,
    writable: bool,
) -> tuple[tuple[Outcome, ...], int]:
    outcomes: list[Outcome] = []
    lid = Lid()
    try:
        with redirect_stdout(lid), redirect_stderr(lid), time_limit(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for case in cases:
                outcomes.append(_one_case(function, case, arguments, n_outputs, writable))
    except OutOfTime:
        outcomes.append(Outcome("endless"))
    skipped = [Outcome("skipped")] * (len(cases) - len(outcomes))
    return tuple(outcomes[: len(cases)] + skipped), lid.lines


def _one_case(
    function: Callable[..., Any], case: Case, arguments: tuple[str, ...], n_outputs: int, writable: bool
) -> Outcome:
    given = [fresh(arg, writable) for arg in case.args]
    alarms: dict[str, None] = {}
    try:
        with np.errstate(over="call", divide="call", invalid="call", call=lambda kind, _: alarms.setdefault(kind)):
            value = function(*given)
    except (Exception, SystemExit) as error:
        message = _explain(error, function, len(given))
        return Outcome("raised", message=message, changed=_changed(given, case, arguments))
    return Outcome("value", as_outputs(value, n_outputs), "", _changed(given, case, arguments), tuple(alarms))


def fresh(arg: Any, writable: bool) -> Any:
    """Return a copy that shares nothing with ``arg``; its arrays are read-only unless ``writable``."""
    if isinstance(arg, (list, tuple)):
        return type(arg)(fresh(a, writable) for a in arg)
    if isinstance(arg, np.ndarray):
        arg = arg.copy()
        arg.setflags(write=writable)
    return arg


def _changed(given: list[Any], case: Case, arguments: tuple[str, ...]) -> tuple[str, ...]:
    pairs = zip(arguments, given, case.args, strict=True)
    return tuple(name for name, now, before in pairs if not _same(now, before))


def _same(now: Any, before: Any) -> bool:
    """Tell whether nothing has changed, but for rounding (an entry that was moved by h and put back)."""
    if isinstance(before, (list, tuple)):
        return len(now) == len(before) and all(_same(n, b) for n, b in zip(now, before, strict=True))
    if isinstance(before, np.ndarray):
        same = np.array_equal(now, before)  # nearly always, and much faster
        return same or (now.shape == before.shape and bool(np.allclose(now, before, rtol=1e-6, atol=1e-12)))
    return True  # numbers and functions cannot be changed


def _explain(error: BaseException, function: Callable[..., Any], n_given: int) -> str:
    """Name the exception and the line of the student's function that raised it."""
    try:
        inspect.signature(function).bind(*[None] * n_given)
    except TypeError as misfit:
        return f"TypeError: your function cannot be called with {n_given} arguments: {misfit}"
    except ValueError:  # built-in functions have no signature
        return f"{type(error).__name__}: {error}"[:300]
    code = getattr(function, "__code__", None)
    line, trace = "", error.__traceback__
    while trace is not None:
        if code is not None and trace.tb_frame.f_code.co_filename == code.co_filename:
            line = _place(trace, code.co_firstlineno if trace.tb_frame.f_code is code else None)
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}"[:300] + line


def _place(trace: TracebackType, first: int | None) -> str:
    source = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
    where = f"line {trace.tb_lineno - first + 1}" if first is not None else f"in {trace.tb_frame.f_code.co_name}"
    return f" ({where}: {source})" if source else f" ({where})"


def _does_nothing(function: Callable[..., Any]) -> bool:
    """Tell whether the body is empty: ``...``, ``pass``, ``return None`` or a docstring alone."""
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP", "COPY_FREE_VARS", "CACHE"}
    code = getattr(function, "__code__", None)
    return code is not None and all(step.opname in idle for step in dis.get_instructions(code))


def _arrays_read(function: Callable[..., Any]) -> tuple[str, ...]:
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    return () if code is None else tuple(n for n in code.co_names if isinstance(names.get(n), np.ndarray))
