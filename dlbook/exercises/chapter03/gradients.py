"""Exercise 3.5: The gradients of one layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _gradient_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_out: int, n_in: int) -> Case:
        return Case(label, (normal(rng, m, n_out), normal(rng, m, n_in)))

    cases = [
        case("one example, one unit, one input", 1, 1, 1),
        case("one example", 1, 2, 3),
        case("two examples, one unit, one input", 2, 1, 1),
        case("one example, one input", 1, 3, 1),
        case("one example, one unit", 1, 1, 3),
        case("one unit", 3, 1, 2),
        case("one input", 3, 2, 1),
        *(case("batch and layers of one size", n, n, n) for n in (2, 3, 4)),
        *(case("as many inputs as units", n + 2, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 7, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _gradients(delta: Array, A_prev: Array) -> tuple[Array, Array]:
    layer = dense(np.zeros((delta.shape[1], A_prev.shape[1])), np.zeros(delta.shape[1]))
    grads = layer.param_grads(delta / len(delta), A_prev)
    return grads["W"], grads["b"]


def _with_db(db: Callable[[Array], Any]) -> Callable[[Array, Array], Any]:
    return lambda delta, A_prev: (_gradients(delta, A_prev)[0], db(delta))


def _times(c: Callable[[Array], float], d: Callable[[Array], float]) -> Callable[[Array, Array], Any]:
    def scaled(delta: Array, A_prev: Array) -> tuple[Array, Array]:
        dW, db = _gradients(delta, A_prev)
        return c(delta) * dW, d(delta) * db

    return scaled


GRADIENTS = Exercise(
    "3.5",
    "The gradients of one layer",
    ("delta", "A_prev"),
    ("dW", "db"),
    "dW (n_out, n_in) and db (n_out,)",
    _gradients,
    _gradient_cases,
    (
        Mistake(
            "the mean over the batch is missing",
            _times(len, len),
            "Your gradients are m times too large: J is the mean of the examples' losses. Without 1/m, a batch twice "
            "as large "
            "would take steps twice as long.",
        ),
        Mistake(
            "the mean over the batch is missing in dW",
            _times(len, lambda d: 1),
            "db is right. The matrix product δᵀ A adds over the examples and does not average: divide by m, as for db.",
        ),
        Mistake(
            "the mean over the batch is missing in db",
            _times(lambda d: 1, len),
            "dW is right. db adds the δ of all examples and is divided by m as well.",
        ),
        Mistake(
            "the mean over the batch is taken twice",
            _times(lambda d: 1 / len(d), lambda d: 1 / len(d)),
            "Your gradients are m times too small. This delta comes without 1/m: divide once.",
        ),
        Mistake(
            "dW is transposed",
            lambda d, A: (A.T @ d / len(d), d.mean(axis=0)),
            "A gradient has the shape of its parameter: dW is (n_out, n_in) like W. The product is δᵀ A, not Aᵀ δ.",
        ),
        Mistake(
            "db is summed over the wrong axis",
            _with_db(lambda d: d.mean(axis=1)),
            "You average over the units and get one number per example. There is one bias per unit: average over the "
            "examples, axis 0.",
        ),
        Mistake(
            "db is one number for all units",
            _with_db(lambda d: d.mean()),
            "Without an axis, the mean runs over examples and units alike. Each unit has a bias of its own: axis=0.",
        ),
        Mistake(
            "db keeps an axis of length one",
            _with_db(lambda d: d.mean(axis=0, keepdims=True)),
            "Your db has shape (1, n_out), b has (n_out,). The update b − η db would turn b into a matrix. Leave out "
            "keepdims.",
        ),
        Mistake(
            "entry by entry in place of the matrix product",
            lambda d, A: (d * A / len(d), d.mean(axis=0)),
            "δ * A multiplies entries. dW adds the outer products δ aᵀ of all examples, which is the matrix product δᵀ "
            "A.",
        ),
        Mistake(
            "the sign is wrong",
            _times(lambda d: -1, lambda d: -1),
            "These are the gradients with a minus. The minus belongs to the update, W − η dW.",
        ),
        Mistake(
            "divided by the number of units",
            _times(lambda d: len(d) / d.shape[1], lambda d: len(d) / d.shape[1]),
            "You divide by n_out, which is delta.shape[1]. The mean runs over the examples: m is delta.shape[0].",
        ),
    ),
    {
        "more than one example": lambda d, A: several(d),
        "more than one unit": lambda d, A: d.shape[1] > 1,
        "more than one input": lambda d, A: A.shape[1] > 1,
    },
)
