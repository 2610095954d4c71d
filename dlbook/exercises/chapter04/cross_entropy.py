"""Exercise 4.5: Softmax, cross-entropy and their gradient."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter04.wrong_entropies import MISTAKES
from dlbook.exercises.draw import normal, several
from dlbook.exercises.model import Case, Exercise
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.shapes import Array


def _entropy_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, K: int) -> Case:
        return Case(label, (normal(rng, m, K), rng.integers(K, size=m)))

    def given(label: str, rows: list[list[float]], *classes: int) -> Case:
        return Case(label, (np.array(rows), np.array(classes)))

    return [
        case("one example, one class", 1, 1),
        given("one example: source 000's scores, class 1 of 0, 1, 2", [[1.0, 5.0, 3.0]], 1),
        *(case("one example", 1, K) for K in (2, 4)),
        case("one class", 3, 1),
        given("equal scores: J = ln K", [[0.5] * 3] * 2, 0, 2),
        *(case("as many examples as classes", n, n) for n in (2, 3, 4)),
        *(case("a random batch", m, K) for m, K in ((5, 4), (3, 10), (4, 2), (6, 3))),
        Case("all examples of one class", (normal(rng, 4, 3), np.full(4, 2))),
        given("the true class is nearly certain", [[40.0, 0.0], [0.0, 12.0]], 0, 1),
        given("a loss of 12", [[0.0, -12.0]], 1),
        given("a loss of 700", [[-700.5, 0.0, -0.25]], 0),
        given("a loss of 1000", [[1000.0, 0.0]], 1),
        given("scores near 1000", [[999.5, 1000.25], [1000.0, 1000.5]], 0, 1),
        given("a loss of 740", [[0.0, -740.25]], 1),
        given("scores near 705, where e^z is still finite", [[704.5, 705.25]], 0),
        given("scores near −740, where e^z has few digits left", [[-738.5, -739.75], [-740.25, -739.5]], 1, 1),
        given("rows 740 apart", [[0.5, -0.25], [-738.5, -739.75]], 0, 1),
        given("scores 2000 apart in one row, the true one on top", [[0.0, -2000.0]], 0),
        Case("single precision, float32", (normal(rng, 3, 4).astype(np.float32), rng.integers(4, size=3))),
    ]


def _cross_entropy(Z: Array, y: Array) -> tuple[np.floating, Array]:
    loss = SoftmaxCrossEntropy()
    J, cache = loss.forward(Z, y)
    return Z.dtype.type(J), loss.backward(cache)  # a float32 in single precision, to be compared as one


CROSS_ENTROPY = Exercise(
    "4.5",
    "Softmax, cross-entropy and their gradient",
    ("Z", "y"),
    ("J", "dZ"),
    "J one number, dZ (m, K)",
    _cross_entropy,
    _entropy_cases,
    MISTAKES,
    {
        "more than one example": lambda Z, y: several(Z),
        "more than two classes": lambda Z, y: Z.shape[1] > 2,
        "scores beyond ±700": lambda Z, y: bool((np.abs(Z) > 700).any()),
        "scores below −700": lambda Z, y: bool((Z < -700).any()),
        "scores more than 700 apart in one row": lambda Z, y: bool((np.ptp(Z, axis=1) > 700).any()),
        "scores more than 700 apart": lambda Z, y: bool(np.ptp(Z) > 700),
        "scores more than 30 apart in one row": lambda Z, y: bool((np.ptp(Z, axis=1) > 30).any()),
    },
)
