"""Exercise 13.4: The rating to expect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid, softmax
from dlbook.exercises.chapter13.ratings import LEVELS
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Predict: TypeAlias = Callable[[Array, Array, Array], Array]
STARS = np.arange(1, LEVELS + 1)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, N: int, n_h: int) -> Case:
        p = np.round(rng.uniform(0.02, 0.98, size=(m, n_h)), 2)
        return Case(label, (p, normal(rng, n_h, N, LEVELS), nonzero(rng, N, LEVELS)))

    cases = [
        *(case("one user, one item, one unit", 1, 1, 1) for _ in range(3)),
        *(case("one user", 1, N, 2) for N in (2, 3)),
        case("one item", 3, 1, 2),
        case("one item, one unit", 2, 1, 1),
        case("one hidden unit", 3, 2, 1),
        *(case("users, items, units and levels of one number", n, n, n) for n in (LEVELS, LEVELS)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(7)),
    ]
    return [*cases, in_float32(cases[-1])]


def _sums(p: Array, W: Array, a: Array) -> Array:
    return np.asarray(np.einsum("mj,jik->mik", p, W) + a)


def _mean(P: Array) -> Array:
    return np.asarray(P @ STARS.astype(P.dtype))


def _over(axes: int | tuple[int, ...]) -> Predict:
    def predict(p: Array, W: Array, a: Array) -> Array:
        E = np.exp(_sums(p, W, a))
        return _mean(E / E.sum(axis=axes, keepdims=True))

    return predict


def _by_sigmoids(p: Array, W: Array, a: Array) -> Array:
    return _mean(sigmoid(_sums(p, W, a)))


def _shared_sigmoids(p: Array, W: Array, a: Array) -> Array:
    S = sigmoid(_sums(p, W, a))
    return _mean(S / S.sum(axis=2, keepdims=True))


def _share_of_the_sums(p: Array, W: Array, a: Array) -> Array:
    P = softmax(_sums(p, W, a))
    return np.asarray(P.max(axis=2))


PREDICTED_RATINGS = Exercise(
    "13.4",
    "The rating to expect",
    ("p", "W", "a"),
    ("r",),
    "r of shape (m, N)",
    lambda p, W, a: _mean(softmax(_sums(p, W, a))),
    _cases,
    (
        Mistake(
            "the most probable rating in place of the mean",
            lambda p, W, a: (_sums(p, W, a).argmax(axis=2) + 1).astype(p.dtype),
            "The squared error is smallest at the mean of the distribution, Σ k p(k). The most probable number of "
            "stars throws away how sure the machine is.",
        ),
        Mistake(
            "the stars count from 0",
            lambda p, W, a: _mean(softmax(_sums(p, W, a))) - 1,
            "Index 0 of the last axis is one star. You are one star too low everywhere.",
        ),
        Mistake(
            "softmax over the items",
            _over(1),
            "What excludes each other are the levels of *one* item: the last axis of the sums (m, N, K). You let the "
            "items compete.",
        ),
        Mistake(
            "softmax over the users",
            _over(0),
            "The sums have the axes user, item, level. Each user and each item has a softmax of its own, over the "
            "levels.",
        ),
        Mistake(
            "one softmax over all items and levels",
            _over((1, 2)),
            "The probabilities of each item add up to 1. Yours add up to 1 over all items together.",
        ),
        Mistake(
            "the bias is missing",
            lambda p, W, a: _mean(softmax(_sums(p, W, 0 * a))),
            "The bias a says how often an item gets each number of stars, whoever asks. Without it every item looks "
            "average before the hidden units speak.",
        ),
        Mistake(
            "a sigmoid for every level",
            _by_sigmoids,
            "A film gets one number of stars, so the K probabilities of an item must add up to 1. Separate sigmoids do "
            "not.",
        ),
        Mistake(
            "sigmoids, made to add up to 1",
            _shared_sigmoids,
            "You divide sigmoids by their sum. The energy asks for exponentials divided by their sum.",
        ),
        Mistake(
            "the hidden units rounded to 0 and 1",
            lambda p, W, a: _mean(softmax(_sums((p > 0.5).astype(p.dtype), W, a))),
            "The prediction uses the probabilities of the hidden units as they are. Rounded, a unit at 0.51 counts as "
            "much as one at 0.99.",
        ),
        Mistake(
            "the probability of the best level",
            _share_of_the_sums,
            "You return how probable the likeliest level is. Asked for is a number of stars.",
        ),
        Mistake(
            "the softmax is missing",
            lambda p, W, a: _mean(_sums(p, W, a)),
            "You weight the stars with the sums themselves. They have to become probabilities first.",
        ),
        Mistake(
            "exponentials that are not divided by their sum",
            lambda p, W, a: _mean(np.exp(_sums(p, W, a))),
            "e^z is not a probability yet: divide by the sum over the K levels of the item.",
        ),
    ),
    {
        "more than one user": lambda p, W, a: several(p),
        "more than one item": lambda p, W, a: several(a),
        "more than one hidden unit": lambda p, W, a: several(W),
    },
)
