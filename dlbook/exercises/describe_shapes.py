"""What a wrong shape looks like. A cause is named only where the numbers of all misshapen cases bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dlbook.exercises.show import size
from dlbook.exercises.values import close
from dlbook.shapes import Array

if TYPE_CHECKING:
    from dlbook.exercises.judge import Seen
    from dlbook.exercises.model import Exercise

Pair = tuple[Array, Array]  # what came, what was expected


def misshapen_outputs(seen: Seen) -> list[int]:
    """Return the outputs of a case whose shape is wrong."""
    return [i for i, (g, e) in enumerate(zip(seen.got, seen.expected, strict=True)) if g.shape != e.shape]


def describe_shapes(exercise: Exercise, misshapen: Sequence[Seen]) -> tuple[list[str], Seen]:
    """Return a sentence for every output with a wrong shape, and the case that they speak of."""
    shown = min(misshapen, key=lambda s: _vague(s, misshapen_outputs(s)))
    says = []
    for i in sorted({i for s in misshapen for i in misshapen_outputs(s)}):
        having = [s for s in misshapen if i in misshapen_outputs(s)]
        best = shown if any(s is shown for s in having) else min(having, key=lambda s: _vague(s, [i]))
        says.append(_sentence(output_name(exercise, i), (best.got[i], best.expected[i]), _pairs(having, i)))
    return [*says, f"Expected: {exercise.shapes}."], shown


def output_name(exercise: Exercise, index: int) -> str:
    """Return what an output is called in a sentence."""
    if exercise.observe:
        return exercise.observed
    return exercise.outputs[index] if len(exercise.outputs) > 1 else "the result"


def _pairs(seen: Sequence[Seen], index: int) -> list[Pair]:
    return [(s.got[index], s.expected[index]) for s in seen]


def _vague(seen: Seen, outputs: Sequence[int]) -> tuple[int, int, int, int]:
    """Order cases: shapes with another number of entries tell most, those with an axis of length one little."""
    pairs = [(seen.got[i], seen.expected[i]) for i in outputs]
    same = sum((g.size == e.size) + close(g.reshape(-1), e.T.reshape(-1)) for g, e in pairs)
    degenerate = sum((g.size < 2) + (e.size < 2) + _repeats(g.shape) + _repeats(e.shape) for g, e in pairs)
    return -len(outputs), same, degenerate, size(seen.case.args)


def _repeats(shape: tuple[int, ...]) -> bool:
    return len(set(shape)) < len(shape)


def _sentence(name: str, shown: Pair, pairs: Sequence[Pair]) -> str:
    got, right = shown
    text = f"{name} should have shape {right.shape}, and has {got.shape}"
    if all(g.shape == r.shape[::-1] for g, r in pairs):
        own = all(close(g.T, r) for g, r in pairs)
        return f"{text}, as if transposed{': the numbers are those of the transpose' if own else ''}."
    if all(g.size == r.size for g, r in pairs):
        return f"{text}: as many numbers, but laid out in another way."
    if got.size == 1:
        return f"{text}: one number where there should be several.{_reduced(pairs)}"
    if got.ndim > right.ndim:
        return f"{text}: an axis too many. Is a sum missing, or did (m, 1) meet (m,) and become (m, m)?"
    if got.ndim < right.ndim:
        return f"{text}: an axis is missing.{_reduced(pairs)}"
    return f"{text}."


def _reduced(pairs: Sequence[Pair]) -> str:
    """Say how the right numbers became fewer, if one way explains every case."""
    axes = [None, *range(min(r.ndim for _, r in pairs))]
    for axis in axes:
        which = "all right numbers" if axis is None else f"the right numbers along axis {axis}"
        for verb, reduce in (("sum", np.sum), ("mean", np.mean)):
            if all(_is(g, reduce(r, axis=axis)) for g, r in pairs):
                return f" It is the {verb} of {which}: did a {verb} run over too many axes?"
    if all(_is(g, r[0]) for g, r in pairs):
        return " It is the first entry of the right answer alone: is the `return` inside the loop?"
    return ""


def _is(got: Array, value: Array) -> bool:
    return got.size == value.size and close(got.reshape(-1), np.asarray(value).reshape(-1))
