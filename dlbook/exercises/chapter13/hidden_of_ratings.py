"""Exercise 13.3: The hidden units of a user."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.exercises.chapter13.ratings import LEVELS, some_ratings
from dlbook.exercises.draw import nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.recommend import RatingRBM, one_hot
from dlbook.shapes import Array

Hidden: TypeAlias = Callable[[Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, N: int, n_h: int, R: Array | None = None) -> Case:
        known = some_ratings(rng, m, N) if R is None else R
        return Case(label, (known, normal(rng, n_h, N, LEVELS), nonzero(rng, n_h)))

    def random_sizes() -> tuple[int, int, int]:
        m, N, n_h = (int(k) for k in rng.integers(2, 6, size=3))
        return m, N, n_h

    cases = [
        *(case("one user, one item, one unit", 1, 1, 1, np.array([[k]])) for k in (1, 3, 4)),
        case("a user who rated nothing", 1, 2, 2, np.array([[0, 0]])),
        case("one user, all items rated", 1, 3, 2, np.array([[4, 1, 2]])),
        case("one user, one item missing", 1, 3, 2, np.array([[3, 0, 4]])),
        case("one item", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        *(case("users, items and units of one number", n, n, n) for n in (2, 3)),
        *(case("a random batch", *random_sizes()) for _ in range(7)),
    ]
    R, W, b = cases[-1].args
    return [*cases, Case("single precision, float32", (R, W.astype(np.float32), b.astype(np.float32)))]


def _levels(R: Array, dtype: np.dtype[np.floating]) -> Array:
    """Return one unit per item and level, (m, N, K): 1 at the rating given, zeros where there is none."""
    return np.asarray((R[:, :, None] == np.arange(1, LEVELS + 1)).astype(dtype))


def _slip(
    *,
    units: Callable[[Array, Array], Array] = lambda R, V: V,
    bias: Callable[[Array, Array], Array | float] = lambda b, R: b,
    squash: Callable[[Array], Array] = sigmoid,
    shrink: Callable[[Array], Array | float] = lambda R: 1.0,
) -> Hidden:
    """Return the function with one thing done in another way; ``units`` may change the units that are on."""

    def hidden(R: Array, W: Array, b: Array) -> Array:
        V = units(R, _levels(R, W.dtype)).astype(W.dtype)
        z = np.einsum("mik,jik->mj", V, W) * np.asarray(shrink(R), W.dtype) + bias(b, R)
        return squash(z)

    return hidden


def _reference(R: Array, W: Array, b: Array) -> Array:
    machine = RatingRBM(R.shape[1], LEVELS, len(b), rng=np.random.default_rng(0))
    machine.params = {"W": W.reshape(len(b), -1), "a": np.zeros(R.shape[1] * LEVELS, W.dtype), "b": b}
    return machine.hidden_probabilities(one_hot(R, LEVELS).astype(W.dtype))


def _missing_is(level: int) -> Callable[[Array, Array], Array]:
    def units(R: Array, V: Array) -> Array:
        return _levels(np.where(R == 0, level, R), V.dtype)

    return units


def _last_only(R: Array, V: Array) -> Array:
    rated = R > 0
    later: Array = np.cumsum(rated[:, ::-1], axis=1)[:, ::-1] - rated  # ratings to the right of each
    return np.asarray(V * (later == 0)[:, :, None])


HIDDEN_OF_RATINGS = Exercise(
    "13.3",
    "The hidden units of a user",
    ("R", "W", "b"),
    ("p",),
    "p of shape (m, n_h)",
    _reference,
    _cases,
    (
        Mistake(
            "a missing rating counts as the highest one",
            _slip(units=_missing_is(LEVELS)),
            "Where nothing was rated, R is 0, and `R - 1` is the index −1: NumPy takes the last level, full marks. "
            "Leave these items out.",
        ),
        Mistake(
            "a missing rating counts as one star",
            _slip(units=_missing_is(1)),
            "Where nothing was rated, R is 0. You let the unit of the lowest rating stand for it. A missing item has "
            "no units at all in this user's machine.",
        ),
        Mistake(
            "the stars multiply the weights",
            _slip(units=lambda R, V: V * R[:, :, None]),
            "A rating of 3 does not count three times. It switches on one unit of the item, the third one, and that "
            "unit is 1.",
        ),
        Mistake(
            "all levels up to the rating are on",
            _slip(units=lambda R, V: np.arange(1, LEVELS + 1) <= R[:, :, None]),
            "One unit per item is on, that of the level given. You switched on the levels below it too.",
        ),
        Mistake(
            "the bias is missing",
            _slip(bias=lambda b, R: 0.0),
            "Each hidden unit has a bias of its own, whatever was rated.",
        ),
        Mistake(
            "the bias once per rating",
            _slip(bias=lambda b, R: b * (R > 0).sum(axis=1, keepdims=True)),
            "The bias belongs to the hidden unit, not to its connections: it is added once, outside the sum over the "
            "items.",
        ),
        Mistake(
            "the mean over the ratings in place of their sum",
            _slip(shrink=lambda R: 1 / np.maximum((R > 0).sum(axis=1, keepdims=True), 1)),
            "The energy is a sum over the rated items. Somebody who rated more gives the hidden units more evidence; a "
            "mean takes that away.",
        ),
        Mistake(
            "the last rating alone",
            _slip(units=_last_only),
            "Of each user's ratings only the last one counts. NumPy's `z[u] += …` with an array u adds once per user, "
            "however often u names them: loop, use np.add.at, or sum with np.einsum.",
        ),
        Mistake(
            "the sigmoid is missing",
            _slip(squash=lambda z: z),
            "You return the weighted sum. The probability that the unit is on is its sigmoid.",
        ),
        Mistake(
            "the probability of being off",
            _slip(squash=lambda z: sigmoid(-z)),
            "Your numbers are 1 − p: the probability of h = 0. In σ(z) = 1/(1 + e^(−z)) the exponent is negative.",
        ),
        Mistake(
            "states in place of probabilities",
            _slip(squash=lambda z: (z > 0).astype(z.dtype)),
            "You return 0 and 1, the more probable state. Asked for is the probability itself.",
        ),
        Mistake(
            "softmax over the hidden units",
            _slip(squash=softmax),
            "The levels of one *item* exclude each other and share a softmax. The hidden units do not: each has its "
            "own sigmoid.",
        ),
    ),
    {
        "more than one user": lambda R, W, b: several(R),
        "a missing rating": lambda R, W, b: bool((R == 0).any()),
        "more than one hidden unit": lambda R, W, b: several(b),
    },
)
