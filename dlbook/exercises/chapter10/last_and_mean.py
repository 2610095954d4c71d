"""Exercise 10.7: Where the sequences end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.exercises.draw import nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Two: TypeAlias = tuple[Array, Array]


def _end_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, lengths: list[int], T: int, n: int) -> Case:
        return Case(label, (nonzero(rng, len(lengths), T, n), np.array(lengths)))

    def random(label: str, m: int, T: int, n: int) -> Case:
        return case(label, [T, *(int(k) for k in rng.integers(2, T, size=m - 1))], T, n)

    cases = [
        case("one sequence of one step", [1], 1, 1),
        case("no filling", [3, 3], 3, 2),
        case("no filling, one sequence", [4], 4, 3),
        case("no filling, one unit", [2, 2, 2], 2, 1),
        case("one sequence, half of it real", [2], 4, 2),
        case("one sequence with one real step", [1], 3, 2),
        case("one unit", [4, 2, 3], 4, 1),
        case("one sequence of one unit", [2], 3, 1),
        case("every length from 1 on", [1, 2, 3, 4], 4, 2),
        case("all short", [2, 3], 5, 2),
        case("as many sequences as steps and units", [2, 3, 1], 3, 3),
        *(random("a random batch", *(int(k) for k in rng.integers(3, 6, size=3))) for _ in range(6)),
    ]
    H, lengths = cases[-1].args
    return [*cases, Case("single precision, float32", (H.astype(np.float32), lengths))]


def _last(H: Array, steps: Array) -> Array:
    return np.asarray(H[np.arange(len(H)), steps])


def _mean(H: Array, counted: Array, by: Array) -> Array:
    """Sum up the first ``counted`` steps of each sequence and divide."""
    real = np.arange(H.shape[1]) < counted[:, None]
    return np.asarray((H * real[..., None]).sum(axis=1) / by[:, None]).astype(H.dtype)


def _right(H: Array, lengths: Array) -> Two:
    return _last(H, lengths - 1), _mean(H, lengths, lengths)


def _with_last(last: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Two]:
    return lambda H, lengths: (last(H, lengths), _right(H, lengths)[1])


def _with_mean(mean: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Two]:
    return lambda H, lengths: (_right(H, lengths)[0], mean(H, lengths))


def _steps(H: Array) -> Array:
    return np.full(len(H), H.shape[1])


LAST_AND_MEAN = Exercise(
    "10.7",
    "Where the sequences end",
    ("H", "lengths"),
    ("last", "mean"),
    "last of shape (m, n), mean of shape (m, n)",
    _right,
    _end_cases,
    (
        Mistake(
            "the last column in place of the last real step",
            _with_last(lambda H, lengths: H[:, -1]),
            "H[:, −1] is the state after the filling. A sequence of length 3 ends at index 2.",
        ),
        Mistake(
            "the last step: one too far",
            _with_last(lambda H, lengths: _last(H, np.minimum(lengths, H.shape[1] - 1))),
            "Counting starts at 0: the last of 3 steps has index 2, so that index 3 is the first step of the filling.",
        ),
        Mistake(
            "the last step: one too early",
            _with_last(lambda H, lengths: _last(H, np.maximum(lengths - 2, 0))),
            "You take the last step but one. The last of 3 steps has index 2 = length − 1.",
        ),
        Mistake(
            "the first step in place of the last",
            _with_last(lambda H, lengths: H[:, 0]),
            "You return the state after the first step. The mean is right.",
        ),
        Mistake(
            "one index for all sequences",
            _with_last(lambda H, lengths: H[:, lengths.max() - 1]),
            "You take the end of the longest sequence for all. Each one has its own index: "
            "H[np.arange(m), lengths − 1].",
        ),
        Mistake(
            "every sequence at every end",
            _with_last(lambda H, lengths: H[:, lengths - 1]),
            "H[:, lengths − 1] takes the ends of all sequences from each of them. Pair the indices: np.arange(m) for "
            "the sequence, lengths − 1 for the step.",
        ),
        Mistake(
            "the filling counts in the mean",
            _with_mean(lambda H, lengths: H.mean(axis=1)),
            "The mean runs over all T steps, the filling included. Count the real steps alone.",
        ),
        Mistake(
            "divided by T",
            _with_mean(lambda H, lengths: _mean(H, lengths, _steps(H))),
            "The sum is right: it leaves the filling out. Divide it by the number of real steps and not by T.",
        ),
        Mistake(
            "the filling is added, and divided by the length",
            _with_mean(lambda H, lengths: _mean(H, _steps(H), lengths)),
            "You divide by the right number, but the sum holds the filling too. Mask it out first.",
        ),
        Mistake(
            "the sum in place of the mean",
            _with_mean(lambda H, lengths: _mean(H, lengths, np.ones_like(lengths))),
            "The right steps are added. A mean divides by how many they are.",
        ),
        Mistake(
            "the mask: one step too many",
            _with_mean(lambda H, lengths: _mean(H, lengths + 1, lengths)),
            "Your mask lets one step of the filling through: np.arange(T) < length, and not <=.",
        ),
        Mistake(
            "the mean leaves out the last real step",
            _with_mean(lambda H, lengths: _mean(H, lengths - 1, lengths)),
            "One step is missing in the sum: length steps are real, with indices 0 to length − 1.",
        ),
        Mistake(
            "the order of the answer is turned round",
            lambda H, lengths: _right(H, lengths)[::-1],
            "You return the mean first. Asked is the last state, then the mean.",
        ),
    ),
    {
        "filling": lambda H, lengths: bool((lengths < H.shape[1]).any()),
        "more than one sequence": lambda H, lengths: several(lengths),
        "more than one unit": lambda H, lengths: H.shape[2] > 1,
    },
)
