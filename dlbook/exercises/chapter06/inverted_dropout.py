"""Exercise 6.5: Inverted dropout, there and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.dropout import Dropout
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Factor = Callable[[Array, float], Any]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int, p: float | None = None) -> Case:
        R = (rng.random((m, n)) < 0.6).astype(float)
        R.flat[0] = 1  # at least one unit stays
        R.flat[-1] = 0 if R.size > 1 else 1  # and one is off
        share = float(rng.choice([0.2, 0.25, 0.4, 0.6, 0.8])) if p is None else p
        return Case(label, (nonzero(rng, m, n), R, share, nonzero(rng, m, n)))

    def all_stay(m: int, n: int) -> Case:
        A, R, p, dY = case("", m, n).args
        return Case("a mask that keeps everything", (A, np.ones_like(R), p, dY))

    cases = [
        case("one unit", 1, 1),
        *(case("one example", 1, n) for n in (2, 4)),
        case("one unit, several examples", 3, 1),
        case("nothing is dropped on average: p = 0", 2, 3, 0.0),
        *(all_stay(m, n) for m, n in ((2, 2), (1, 3), (3, 2))),
        case("half of the units", 2, 4, 0.5),
        *(case("as many examples as units", n, n) for n in (2, 3, 4)),
        *(case("a random batch", int(m), int(n)) for m, n in rng.integers(2, 6, size=(7, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _dropout(A: Array, R: Array, p: float, dY: Array) -> tuple[Array, Array]:
    factors = R / (1 - p)
    return A * factors, Dropout(p).backward(dY, factors)[0]


def _with(there: Factor, back: Factor | None = None) -> Callable[..., tuple[Array, Array]]:
    """Return dropout with other factors, there and (by default the same) back."""

    def dropped(A: Array, R: Array, p: float, dY: Array) -> tuple[Array, Array]:
        return A * there(R, p), dY * (there if back is None else back)(R, p)

    return dropped


def _right(R: Array, p: float) -> Array:
    return np.asarray(R / (1 - p))


INVERTED_DROPOUT = Exercise(
    "6.5",
    "Inverted dropout, there and back",
    ("A", "R", "p", "dY"),
    ("Y", "dA"),
    "Y and dA, both of shape (m, n)",
    _dropout,
    _cases,
    (
        Mistake(
            "nothing is scaled",
            _with(lambda R, p: R),
            "The mask is right. But on average only (1 − p) a arrives, and prediction gives a: divide by 1 − p, in "
            "both directions.",
        ),
        Mistake(
            "the gradient is not scaled",
            _with(_right, lambda R, p: R),
            "Y is right. It is A times R/(1 − p), so its derivative is R/(1 − p), with the division.",
        ),
        Mistake(
            "the output is not scaled",
            _with(lambda R, p: R, _right),
            "dA is right. Y must be divided by 1 − p as well: the same factor in both directions.",
        ),
        Mistake(
            "divided by p in place of 1 − p",
            _with(lambda R, p: R / np.float64(p)),
            "p is the probability of being switched off. What stays is divided by the probability of staying.",
        ),
        Mistake(
            "multiplied by 1 − p",
            _with(lambda R, p: R * (1 - p)),
            "This makes the output even smaller. What stays must stand in for what is missing: divide.",
        ),
        Mistake(
            "the gradient passes all units",
            _with(_right, lambda R, p: np.full_like(R, 1 / (1 - p))),
            "Y is right. In dA the mask is missing: a unit that was off had no influence, and its gradient is 0.",
        ),
        Mistake(
            "the gradient is passed on as it came",
            _with(_right, lambda R, p: 1.0),
            "Y is right, and dA is dY. Going back, the layer multiplies by the same factors as on the way there.",
        ),
        Mistake(
            "the mask is turned round",
            _with(lambda R, p: (1 - R) / (1 - p)),
            "R is 1 where a unit stays. You switch off those that should stay, and keep the others.",
        ),
        Mistake(
            "mask and probability are turned round",
            _with(lambda R, p: (1 - R) / p if p else 0 * R),
            "You read R as what is dropped and p as the probability of staying. Here R = 1 stays, and p is the "
            "probability of being off.",
        ),
        Mistake(
            "divided by the share that happened to stay",
            _with(lambda R, p: R / R.mean()),
            "R.mean() is the share in this mask, which differs from mask to mask. The scale is fixed: 1 − p.",
        ),
        Mistake(
            "the activation stands in the gradient",
            lambda A, R, p, dY: (A * _right(R, p), dY * A * _right(R, p)),
            "Y is right. The derivative of R a/(1 − p) with respect to a is R/(1 − p): a itself is gone.",
        ),
        Mistake(
            "the gradient is divided twice",
            _with(_right, lambda R, p: R / (1 - p) ** 2),
            "Y is right. dA has the factor 1/(1 − p) once: use the factors of the way there.",
        ),
        Mistake(
            "no mask: the mean over all masks",
            _with(lambda R, p: 1 - p),
            "You multiply every unit by 1 − p. This is prediction after dropout without scaling. In training units are "
            "really switched off.",
        ),
    ),
    {
        "a unit that is off": lambda A, R, p, dY: bool((R == 0).any()),
        "more than one example": lambda A, R, p, dY: several(A),
    },
)
