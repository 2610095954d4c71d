"""Exercise 4.6: Back through a softmax."""

from __future__ import annotations

import numpy as np

from dlbook.activations import Softmax
from dlbook.exercises.chapter04.wrong_jacobians import MISTAKES
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise
from dlbook.shapes import Array


def _distributions(rng: np.random.Generator, m: int, K: int) -> Array:
    """Draw rows of multiples of 0.05 that sum to 1, none of them 0."""
    return (1 + rng.multinomial(20 - K, np.full(K, 1 / K), size=m)) / 20


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, K: int) -> Case:
        return Case(label, (nonzero(rng, m, K), _distributions(rng, m, K)))

    def cross_entropy(m: int, K: int) -> Case:
        A, Y = _distributions(rng, m, K), np.eye(K)[rng.integers(K, size=m)]
        return Case("behind it the cross-entropy, so that the result is a − y", (-Y / A, A))

    certain = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    cases = [
        case("one example, one class", 1, 1),
        case("one class", 3, 1),
        Case("one example, two classes", (np.array([[1.5, -0.5]]), np.array([[0.25, 0.75]]))),
        *(case("one example", 1, K) for K in (3, 5)),
        *(case("as many examples as classes", n, n) for n in (2, 3, 4)),
        Case("equal dA, so that the result is 0", (np.full((2, 3), 1.5), _distributions(rng, 2, 3))),
        Case("probabilities 0 and 1", (nonzero(rng, 2, 3), certain)),
        cross_entropy(1, 3),
        cross_entropy(4, 3),
        *(case("a random batch", m, K) for m, K in ((4, 2), (4, 3), (2, 5), (6, 4), (3, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _softmax_backward(dA: Array, A: Array) -> Array:
    return Softmax().backward(dA, A)[0]


SOFTMAX_BACKWARD = Exercise(
    "4.6",
    "Back through a softmax",
    ("dA", "A"),
    ("dZ",),
    "one row per example, shape (m, K)",
    _softmax_backward,
    _backward_cases,
    MISTAKES,
    {
        "more than one example": lambda dA, A: several(A),
        "more than two classes": lambda dA, A: A.shape[1] > 2,
    },
)
