"""A failing case in numbers, short enough to follow by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dlbook.exercises.values import close
from dlbook.shapes import Array

if TYPE_CHECKING:
    from dlbook.exercises.judge import Seen
    from dlbook.exercises.model import Exercise


def size(args: Any) -> int:
    """Count the numbers in the arguments: the smallest case is the one with the fewest."""
    if isinstance(args, (list, tuple)):
        return sum(size(a) for a in args)
    return int(np.size(args)) if isinstance(args, np.ndarray) else 1


def show_case(exercise: Exercise, seen: Seen) -> str:
    """Return the arguments, what was expected and what came, one name per line."""
    given = zip(exercise.arguments, seen.case.args, strict=True)
    lines = [f"{name} = {_value(arg, len(name) + 3)}" for name, arg in given]
    outputs = (exercise.observed,) if exercise.observe else exercise.outputs
    if seen.problem:
        return "\n".join([*lines, *_pairs(outputs, seen.expected, None), f"yours: {seen.problem}"])
    return "\n".join(lines + _pairs(outputs, seen.expected, seen.got))


def _pairs(names: tuple[str, ...], expected: tuple[Array, ...], got: tuple[Array, ...] | None) -> list[str]:
    lines = []
    for i, (name, right) in enumerate(zip(names, expected, strict=True)):
        if got is None or i >= len(got):
            lines.append(f"expected: {name} = {_value(right, len(name) + 13)}")
        elif not close(got[i], right) or len(names) == 1:
            digits = _digits_that_differ(got[i], right)
            lines.append(f"expected: {name} = {_value(right, len(name) + 13, digits)}")
            lines.append(f"yours:    {name} = {_value(got[i], len(name) + 13, digits)}")
    return lines


def _digits_that_differ(got: Array, right: Array) -> int:
    """Use four digits, and more where four do not show the difference."""
    return next((d for d in (4, 7, 10) if _value(got, 0, d) != _value(right, 0, d)), 4)


def _value(value: Any, indent: int, digits: int = 4) -> str:
    if isinstance(value, (list, tuple)) and any(isinstance(v, np.ndarray) for v in value):
        return "[" + (",\n" + " " * (indent + 1)).join(_value(v, indent + 1, digits) for v in value) + "]"
    if not isinstance(value, (np.ndarray, np.generic, float)):
        return str(value)
    array = np.asarray(value)
    if not array.size:
        return f"an empty array of shape {array.shape}"
    largest = float(np.nan_to_num(np.abs(array.astype(float)), posinf=0.0).max())

    def number(x: Any) -> str:
        return f"{0.0 if abs(x) <= 1e-12 * largest else x:.{digits}g}"  # rounding noise differs between machines

    return np.array2string(
        array, separator=", ", prefix=" " * indent, threshold=40, max_line_width=100, formatter={"float_kind": number}
    )
