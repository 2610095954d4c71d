"""Exercise 4.7: The learned slope of PReLU."""

from __future__ import annotations

import numpy as np

from dlbook.activations import PReLU
from dlbook.exercises.chapter04.wrong_slopes import MISTAKES
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise
from dlbook.shapes import Array


def _slope_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        return Case(label, (nonzero(rng, m, n), nonzero(rng, m, n), nonzero(rng, n)))

    def one_sided(label: str, m: int, n: int, sign: int) -> Case:
        return Case(label, (nonzero(rng, m, n), sign * np.abs(nonzero(rng, m, n)), nonzero(rng, n)))

    def with_slope(label: str, m: int, a: list[float]) -> Case:
        n = len(a)
        X = nonzero(rng, m, n)
        X[0] = -np.abs(X[0])  # so that the slope is met
        return Case(label, (nonzero(rng, m, n), X, np.array(a)))

    def zeros(m: int, n: int) -> Case:
        X = nonzero(rng, m, n)
        X[-1] = 0
        return Case("inputs that are exactly 0", (nonzero(rng, m, n), X, nonzero(rng, n)))

    cases = [
        one_sided("one example, one channel, x > 0", 1, 1, 1),
        one_sided("one example, one channel, x < 0", 1, 1, -1),
        case("one example", 1, 3),
        one_sided("one example, x > 0", 1, 3, 1),
        one_sided("one example, x < 0", 1, 3, -1),
        case("one channel", 4, 1),
        *(case("as many examples as channels", n, n) for n in (2, 3, 4)),
        with_slope("slopes of 0, which make it a ReLU", 3, [0.0, 0.0]),
        with_slope("negative slopes", 3, [-0.5, -1.25]),
        with_slope("slopes above 1", 3, [1.5, 2.0]),
        with_slope("the usual slope", 4, [0.25, 0.25, 0.25]),
        one_sided("all inputs positive: ∂J/∂a is 0", 3, 2, 1),
        one_sided("all inputs negative", 3, 2, -1),
        zeros(1, 1),
        zeros(3, 2),
        *(case("a random batch", m, n) for m, n in ((5, 2), (2, 3), (6, 4), (3, 5), (4, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _prelu_backward(dY: Array, X: Array, a: Array) -> tuple[Array, Array]:
    layer = PReLU(len(a))
    layer.params = {"a": a}
    dX, grads = layer.backward(dY, X)
    return dX, grads["a"]


PRELU_BACKWARD = Exercise(
    "4.7",
    "The learned slope of PReLU",
    ("dY", "X", "a"),
    ("dX", "da"),
    "dX (m, n) and da (n,)",
    _prelu_backward,
    _slope_cases,
    MISTAKES,
    {
        "more than one example": lambda dY, X, a: several(X),
        "more than one channel": lambda dY, X, a: X.shape[1] > 1,
        "inputs that are exactly 0": lambda dY, X, a: bool((X == 0).any()),
        "negative inputs": lambda dY, X, a: bool((X < 0).any()),
        "positive inputs": lambda dY, X, a: bool((X > 0).any()),
        "negative slopes": lambda dY, X, a: bool((a < 0).any()),
        "slopes above 1": lambda dY, X, a: bool((a > 1).any()),
    },
)
