"""Exercise 14.5: Wilson's interval."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from dlbook.evaluate import wilson
from dlbook.exercises.model import Case, Exercise, Mistake

Ends = tuple[float, float]


def _cases(rng: np.random.Generator) -> list[Case]:
    def drawn() -> Case:
        n = int(rng.integers(8, 60))
        return Case("random counts", (int(rng.integers(1, n)), n, float(np.round(rng.uniform(1.2, 2.8), 2))))

    return [
        Case("two standard deviations, half of them right", (20, 40, 2.0)),
        Case("one standard deviation", (15, 20, 1.0)),
        Case("all right", (12, 12, 2.0)),
        Case("none right", (0, 9, 2.0)),
        Case("one of one", (1, 1, 1.5)),
        Case("a test of ten thousand", (9920, 10_000, 1.96)),
        Case("no margin", (7, 10, 0.0)),
        *(drawn() for _ in range(11)),
    ]


def _with(
    right: int, n: int, z: float, *, shift: float = 1.0, inner: float = 1.0, scale: float = 1.0, power: int = 2
) -> Ends:
    """Wilson's formula with parts of it changed: factors on z²/2n, z²/4n² and z²/n, and the power of z."""
    p, zz = right / n, z**power
    middle = p + shift * zz / (2 * n)
    half = z * sqrt(p * (1 - p) / n + inner * zz / (4 * n * n))
    return (middle - half) / (1 + scale * zz / n), (middle + half) / (1 + scale * zz / n)


def _half_only(right: int, n: int, z: float) -> Ends:
    low, high = wilson(right, n, z)
    return (low + high) / 2, (high - low) / 2


def _with_half(half: Callable[[float, float, float], float]) -> Callable[[int, int, float], Ends]:
    """Wilson's formula with another half: it is made of p (1 − p)/n, z²/4n² and z."""

    def ends(right: int, n: int, z: float) -> Ends:
        p, zz = right / n, z * z
        middle, side = p + zz / (2 * n), half(p * (1 - p) / n, zz / (4 * n * n), z)
        return (middle - side) / (1 + zz / n), (middle + side) / (1 + zz / n)

    return ends


def _one_denominator(right: int, n: int, z: float) -> Ends:
    p, zz = right / n, z * z
    half = z * sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    return p + zz / (2 * n) - half, p + zz / (2 * n) + half


def _by_variance(right: int, n: int, z: float) -> Ends:
    p = right / n
    return p - z * p * (1 - p) / n, p + z * p * (1 - p) / n


INTERVAL = Exercise(
    "14.5",
    "Wilson's interval",
    ("right", "n", "z"),
    ("low", "high"),
    "two numbers, the lower end first",
    wilson,
    _cases,
    (
        Mistake(
            "the plain interval",
            lambda right, n, z: _with(right, n, z, shift=0, inner=0, scale=0),
            "p̂ ± z √(p̂ (1 − p̂)/n) takes the deviation at the observed share. With all answers right it has no "
            "width. Wilson's ends take the deviation that belongs to each end.",
        ),
        Mistake(
            "the plain interval without the root",
            _by_variance,
            "This adds and subtracts z times the variance. The standard deviation is its root, and Wilson's interval "
            "has more to it than that.",
        ),
        Mistake(
            "z²/4n² is missing under the root",
            lambda right, n, z: _with(right, n, z, inner=0),
            "Under the root there are two terms, and z²/4n² is missing. It keeps the interval from having no width "
            "where all answers are right.",
        ),
        Mistake(
            "the middle is not moved",
            lambda right, n, z: _with(right, n, z, shift=0),
            "The middle lies at p̂ + z²/2n before the division: few examples pull it towards one half.",
        ),
        Mistake(
            "the division by 1 + z²/n is missing",
            lambda right, n, z: _with(right, n, z, scale=0),
            "The numerator is complete. It is to be divided by 1 + z²/n; your upper end can pass 1.",
        ),
        Mistake(
            "only the width is divided",
            _one_denominator,
            "1 + z²/n divides the whole numerator, the middle p̂ + z²/2n as well.",
        ),
        Mistake(
            "z is not squared",
            lambda right, n, z: _with(right, n, z, power=1),
            "Three terms hold z², and yours hold z. Only the one in front of the root is plain.",
        ),
        Mistake(
            "z²/4n² stands outside the root",
            _with_half(lambda spread, more, z: z * sqrt(spread) + more),
            "z²/4n² belongs under the root, beside p̂ (1 − p̂)/n.",
        ),
        Mistake(
            "the root is missing",
            _with_half(lambda spread, more, z: z * (spread + more)),
            "What is added and subtracted is z times the *root* of p̂ (1 − p̂)/n + z²/4n².",
        ),
        Mistake(
            "z²/2n² in place of z²/4n²",
            lambda right, n, z: _with(right, n, z, inner=2),
            "Under the root it is z²/4n²: the square of z/2n.",
        ),
        Mistake(
            "z²/4n in place of z²/4n²",
            lambda right, n, z: _with(right, n, z, inner=n),
            "The second term under the root is z²/4n², the square of z/2n: here n is not squared.",
        ),
        Mistake(
            "z²/4 · n² in place of z²/4n²",
            lambda right, n, z: _with(right, n, z, inner=n**4),
            "Under the root n² multiplies. Python reads z**2 / 4 * n**2 from left to right; write z**2 / (4 * n**2).",
        ),
        Mistake(
            "z²/2 · n in place of z²/2n",
            lambda right, n, z: _with(right, n, z, shift=n**2),
            "The middle is moved by z²/2 times n. Python reads z**2 / 2 * n from left to right; write z**2 / (2 * n).",
        ),
        Mistake(
            "no z in front of the root",
            _with_half(lambda spread, more, z: sqrt(spread + more)),
            "What is added and subtracted is z times the root: without z it is one standard deviation.",
        ),
        Mistake(
            "the ends are exchanged",
            lambda right, n, z: wilson(right, n, z)[::-1],
            "Both numbers are right, the upper end comes first. Return the lower one first.",
        ),
        Mistake(
            "middle and half width",
            _half_only,
            "You return the middle and half the width. The two ends are asked: middle minus half, middle plus half.",
        ),
        Mistake(
            "percent in place of shares",
            lambda right, n, z: tuple(100 * end for end in wilson(right, n, z)),
            "A hundred times too large: the ends are shares between 0 and 1.",
        ),
        Mistake(
            "of the errors",
            lambda right, n, z: wilson(n - right, n, z),
            "This is the interval of the share of *errors*. right counts what was read correctly.",
        ),
    ),
    {"some margin": lambda right, n, z: z > 0 and 0 < right < n},
)
