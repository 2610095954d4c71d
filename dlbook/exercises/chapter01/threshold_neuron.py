"""Exercise 1.3: The threshold neuron for a batch."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import halves, in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import sign, step
from dlbook.shapes import Array


def _neuron_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        return Case(label, (halves(rng, m, n), halves(rng, n), float(rng.choice([-2.5, -1.5, 0.5, 1.5, 2.5]))))

    def unbiased(m: int, n: int) -> Case:
        return Case("a bias of zero", (halves(rng, m, n), halves(rng, n), 0.0))

    one = np.array([[1.0, -0.5]])
    near = np.array([[0.5, 0.25], [1.0, -1e-6], [1.0, 1e-6], [1.0, 0.25]])
    cases = [
        Case("one example, exactly on the boundary", (one, np.array([0.5, 1.0]), 0.0)),
        Case("one example, a positive bias alone", (np.zeros((1, 2)), np.array([0.5, 1.0]), 0.5)),
        Case("one example, a negative bias alone", (np.zeros((1, 2)), np.array([0.5, 1.0]), -0.5)),
        Case("two examples, one on the boundary", (np.array([[1.0, 1.0], [0.0, 0.5]]), np.array([1.0, 1.0]), -2.0)),
        Case("on both sides of the boundary, very near", (near, np.ones(2), -1.0)),
        case("one input", 4, 1),
        case("as many examples as inputs", 3, 3),
        *(case("a random batch", int(rng.integers(2, 9)), int(rng.integers(2, 6))) for _ in range(8)),
        *(case("one random example", 1, 3) for _ in range(2)),
        *(unbiased(2, 3) for _ in range(3)),
    ]
    return [*cases, in_float32(cases[-1])]


def _neuron(X: Array, w: Array, b: float) -> Array:
    return step(X @ w + b)


THRESHOLD_NEURON = Exercise(
    "1.3",
    "The threshold neuron for a batch",
    ("X", "w", "b"),
    ("outputs",),
    "one 0 or 1 per example, shape (m,)",
    _neuron,
    _neuron_cases,
    (
        Mistake(
            "it fires at v > 0 in place of v ≥ 0",
            lambda X, w, b: np.where(X @ w + b > 0, 1.0, 0.0),
            "A point exactly on the boundary, v = 0, belongs to the side that fires: the threshold function is 1 where "
            "v ≥ 0. The text says which side; the two conventions differ only there.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, w, b: step(X @ w),
            "Without b every boundary runs through the origin, and x = 0 always gives v = 0. Add b to the weighted "
            "sum.",
        ),
        Mistake(
            "the bias is subtracted",
            lambda X, w, b: step(X @ w - b),
            "You treat b as a threshold that the sum must reach. As a bias it is added: v = w · x + b, so b = "
            "−threshold.",
        ),
        Mistake(
            "the outputs are −1 and 1",
            lambda X, w, b: sign(X @ w + b),
            "This is the other form of the threshold function. The neuron of this exercise gives 0 where it does not "
            "fire.",
        ),
        Mistake(
            "np.sign has three values",
            lambda X, w, b: np.sign(X @ w + b),
            "np.sign gives −1, 0 and 1, and 0 exactly on the boundary. The threshold function has the values 0 and 1 "
            "only.",
        ),
        Mistake(
            "the threshold function is missing",
            lambda X, w, b: X @ w + b,
            "These are the values v before the threshold function. The neuron answers 1 or 0: compare v with 0.",
        ),
        Mistake(
            "0 and 1 are exchanged",
            lambda X, w, b: np.where(X @ w + b >= 0, 0.0, 1.0),
            "It fires where v < 0. The comparison, or the order of the two values, is the wrong way round.",
        ),
        Mistake(
            "the sum runs over the examples",
            lambda X, w, b: step((X * w).sum(axis=0) + b),
            "X * w has one row per example. The neuron adds over its inputs, which are the columns: axis 1, or X @ w.",
        ),
        Mistake(
            "one output for the whole batch",
            lambda X, w, b: float((X @ w).sum() + b >= 0),
            "You add over the examples too. Each row of X is an example of its own and gets an answer of its own.",
        ),
        Mistake(
            "the sigmoid in place of the step",
            lambda X, w, b: 1 / (1 + np.exp(-(X @ w + b))),
            "σ(v) climbs smoothly from 0 to 1. The threshold neuron jumps: 1 where v ≥ 0, else 0, and nothing between.",
        ),
    ),
    {
        "a point exactly on the boundary": lambda X, w, b: bool((X @ w + b == 0).any()),
        "more than one example": lambda X, w, b: several(X),
        "a bias that is not zero": lambda X, w, b: b != 0,
    },
)
