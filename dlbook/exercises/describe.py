"""What a difference looks like, where no known mistake explains it. Nothing here claims to know the cause."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from dlbook.exercises.describe_shapes import describe_shapes, misshapen_outputs, output_name
from dlbook.exercises.draw import in_single_precision
from dlbook.exercises.values import all_close, close
from dlbook.shapes import Array

if TYPE_CHECKING:
    from dlbook.exercises.judge import Seen
    from dlbook.exercises.model import Exercise

ENOUGH = 4  # right cases without a condition, before the condition is called the cause


def describe_difference(exercise: Exercise, seen: Sequence[Seen]) -> tuple[list[str], Seen | None]:
    """Return sentences on how the wrong cases differ from the reference, and the case they speak of, if it is one."""
    if _in_another_order(seen):
        return [f"All numbers are right, in another order: return {', '.join(exercise.outputs)}."], None
    wrong = [s for s in seen if not s.right]
    raised = [s for s in wrong if s.raised]
    odd = [s for s in wrong if s.problem and not s.raised]
    numbers = [s for s in wrong if not s.problem]
    says = []
    if raised:
        where = "every case" if len(raised) == len(seen) else f"{len(raised)} of {len(seen)} cases"
        says.append(f"Your function raises an exception in {where}: {raised[0].problem}.")
    if odd:
        says.append(_wrong_type(exercise, odd[0]))
    misshapen, shown = [s for s in numbers if misshapen_outputs(s)], None
    if misshapen:
        shapes, shown = describe_shapes(exercise, misshapen)
        says += shapes
    if numbers:
        says += _wrong_numbers(exercise, numbers, seen)
    says = [text[:1].upper() + text[1:] if text.startswith("the result") else text for text in says]
    return says + _when(exercise, wrong, seen), shown


def _in_another_order(seen: Sequence[Seen]) -> bool:
    """Tell whether exactly one other order of the outputs makes every case right."""
    if any(s.problem for s in seen):
        return False
    orders = permutations(range(len(seen[0].expected)))
    fits = (all(all_close(tuple(s.got[i] for i in order), s.expected) for s in seen) for order in orders)
    return sum(fits) == 1


def _wrong_type(exercise: Exercise, first: Seen) -> str:
    if first.problem in ("None", "..."):
        return f"Your function returns {first.problem}: is the `return` missing?"
    if first.misfit:
        return f"What your function returned cannot be used: {first.problem}."
    wanted = f"{len(exercise.outputs)} values"
    if len(exercise.outputs) == 1:
        wanted = "an array of numbers" if first.expected[0].ndim else "one number"
    return f"Your function should return {wanted} ({exercise.shapes}), and returned {first.problem}."


def _wrong_numbers(exercise: Exercise, numbers: Sequence[Seen], seen: Sequence[Seen]) -> list[str]:
    says = []
    n = len(numbers[0].expected)
    wrong_outputs = [i for i in range(n) if any(not close(s.got[i], s.expected[i]) for s in numbers)]
    if len(wrong_outputs) < n:
        rest = [i for i in range(n) if i not in wrong_outputs]
        says.append(f"{_names(exercise, rest)} right; {_names(exercise, wrong_outputs)} not.")
    misshapen = {i for s in numbers for i in misshapen_outputs(s)}
    for i in (i for i in wrong_outputs if i not in misshapen):
        pairs = [(s.got[i], s.expected[i], s) for s in numbers if not close(s.got[i], s.expected[i])]
        if any(not np.isfinite(g.astype(float)).all() for g, _, _ in pairs):
            says.append(f"{output_name(exercise, i)} contains NaN or an infinity: a division by zero, or an overflow?")
            continue
        says += _factor(output_name(exercise, i), pairs) or _pattern(output_name(exercise, i), pairs)
    answers = [s.got for s in seen if not s.problem]
    if len(answers) == len(seen) > 1 and all(all_close(a, answers[0]) for a in answers):
        says.append("It returns the same numbers in every case: are the arguments used?")
    return says


def _factor(name: str, pairs: Sequence[tuple[Array, Array, Seen]]) -> list[str]:
    """Say that the answer is a multiple of the right one: by the same number always, or by the length of an axis."""
    factors = [_ratio(got, right) for got, right, _ in pairs]
    if any(f is None for f in factors):
        return []
    c = np.array(factors, dtype=float)
    if np.allclose(c, -1, rtol=1e-5):
        return [f"{name} has the wrong sign, in every entry."]
    if np.allclose(c, c[0], rtol=1e-5) and len(c) > 1:
        return [f"{name} is {c[0]:.4g} times what it should be, in every case that is wrong."]
    args = [s.case.args for _, _, s in pairs]
    for place in range(len(args[0])):
        for axis in range(min(np.ndim(a[place]) if isinstance(a[place], np.ndarray) else 0 for a in args)):
            length = np.array([a[place].shape[axis] for a in args], dtype=float)
            flat = all(a[place].ndim <= 2 for a in args)
            counted = f"the number of {'columns' if axis else 'rows'}" if flat else f"the length of axis {axis}"
            which = f"{counted} of argument {place + 1}"
            if len(set(length)) > 1 and np.allclose(c, length, rtol=1e-5):
                return [f"{name} is too large by a factor: {which}."]
            if len(set(length)) > 1 and np.allclose(c, 1 / length, rtol=1e-5):
                return [f"{name} is too small by a factor: {which}."]
    return []


def _ratio(got: Array, right: Array) -> float | None:
    g, r = got.astype(float), right.astype(float)
    if not (r * r).sum() > 0:
        return None
    c = float((g * r).sum() / (r * r).sum())
    coarse = np.dtype(np.float32) in (got.dtype, right.dtype)
    return c if c and np.allclose(g, c * r, rtol=1e-4 if coarse else 1e-8, atol=1e-6 if coarse else 1e-12) else None


def _pattern(name: str, pairs: Sequence[tuple[Array, Array, Seen]]) -> list[str]:
    if all(r.ndim == 2 and r.shape[0] == r.shape[1] and close(g.T, r) for g, r, _ in pairs):
        return [f"{name} is the transpose of what it should be."]
    if any(g.any() for g, _, _ in pairs) and all(np.array_equal(g, np.trunc(r)) for g, r, _ in pairs):
        return [f"{name} has the right numbers without their decimals: does an array of whole numbers hold them?"]
    if max(_gap(got.astype(float), right.astype(float)) for got, right, _ in pairs) < 1e-3:
        close_by = "is close but not equal: it differs by less than a thousandth"
        return [f"{name} {close_by}. Is something approximated, or rounded?"]
    if len(pairs) > 1 and all(g.ndim and len(g) > 1 for g, _, _ in pairs):
        good = [[bool(close(a, b)) for a, b in zip(g, r, strict=True)] for g, r, _ in pairs]
        if all(row[0] and not any(row[1:]) for row in good):
            return [f"Only the first entry along the first axis of {name} is right."]
        if all(not row[0] and all(row[1:]) for row in good):
            return [f"Only the first entry along the first axis of {name} is wrong."]
        if all(not row[-1] and all(row[:-1]) for row in good):
            return [f"Only the last entry along the first axis of {name} is wrong."]
    return [f"The numbers of {name} differ from the right ones in no simple way."]


def _gap(got: Array, right: Array) -> float:
    return float(np.abs(got - right).max() / max(np.abs(right).max(), 1e-12))


def _when(exercise: Exercise, wrong: Sequence[Seen], seen: Sequence[Seen]) -> list[str]:
    """Say on which cases it goes wrong, if they have something in common that most of the right ones lack.

    A cause is named on evidence alone: enough cases without it are right, and most of those with it are wrong.
    """
    if len(wrong) == len(seen):
        return []
    if all(in_single_precision(s.case) for s in wrong):
        return ["It is wrong only with float32 inputs."]
    best: tuple[int, str] | None = None
    for phrase, holds in exercise.conditions.items():
        where = [s for s in seen if holds(*s.case.args)]
        covered = all(any(s is w for s in where) for w in wrong)
        evidence = len(seen) - len(where) >= ENOUGH and 2 * len(wrong) > len(where)
        if covered and evidence and (best is None or len(where) < best[0]):
            best = (len(where), phrase)
    if best is None:
        return []
    return [f"It is wrong only with {best[1]}; without, all is right."]


def _names(exercise: Exercise, indices: Sequence[int]) -> str:
    names = " and ".join(exercise.outputs[i] for i in indices)
    return f"{names} {'is' if len(indices) == 1 else 'are'}"
