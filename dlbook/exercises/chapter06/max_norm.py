"""Exercise 6.4: Max-norm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.penalties import MaxNorm
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n_out: int, n_in: int, c: float | None = None) -> Case:
        W = nonzero(rng, n_out, n_in)
        W[::2] *= 2  # some rows are long, others short
        lengths = np.sqrt((W**2).sum(axis=1))
        between = float(np.round(np.median(lengths) * rng.uniform(0.8, 1.1), 2))
        return Case(label, (W, between if c is None else c))

    cases = [
        case("all rows short", 2, 3, 10.0),
        case("all rows short, a square", 3, 3, 12.0),
        case("one unit, short", 1, 3, 9.0),
        case("one weight, short", 1, 1, 5.0),
        case("one weight, too long", 1, 1, 0.2),
        case("one unit, too long", 1, 3, 0.5),
        *(case("one input", n, 1) for n in (2, 4)),
        case("all rows too long", 3, 2, 0.3),
        Case("a row of just this length", (np.array([[3.0, 4.0], [6.0, 8.0], [0.5, 0.5]]), 5.0)),
        *(case("as many units as inputs", n, n) for n in (2, 3, 4)),
        *(case("a random matrix", int(n_out), int(n_in)) for n_out, n_in in rng.integers(2, 6, size=(6, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _project(W: Array, c: float) -> Array:
    params = {"W": W.copy()}
    MaxNorm(c).project(params)
    return params["W"]


def _by(length: Callable[[Array], Array]) -> Callable[[Array, float], Array]:
    """Return the projection with another idea of a length."""
    return lambda W, c: W * (c / np.maximum(length(W), c))


def _norm(W: Array) -> Array:
    return np.asarray(np.sqrt((W**2).sum(axis=1, keepdims=True)))


MAX_NORM = Exercise(
    "6.4",
    "Max-norm",
    ("W", "c"),
    ("W",),
    "a new array with the shape of W, (n_out, n_in)",
    _project,
    _cases,
    (
        Mistake(
            "columns in place of rows",
            _by(lambda W: np.asarray(np.sqrt((W**2).sum(axis=0, keepdims=True)))),
            "You measure the columns: the weights that leave an input. The incoming weights of a unit are a row of W.",
        ),
        Mistake(
            "the lengths lost their axis",
            _by(lambda W: np.asarray(np.sqrt((W**2).sum(axis=1)))),
            "The lengths have shape (n_out,), and NumPy sets them beside the columns: with n_out = n_in it runs and "
            "takes another row's length, else it fails. keepdims=True keeps (n_out, 1).",
        ),
        Mistake(
            "the length of the whole matrix",
            _by(lambda W: np.asarray(np.sqrt((W**2).sum()))),
            "All units share one length and one factor. Each row is measured, and shortened, on its own.",
        ),
        Mistake(
            "short rows are stretched",
            lambda W, c: W * (c / _norm(W)),
            "Every row comes back with length c. Those that are short enough must stay as they are.",
        ),
        Mistake(
            "short rows are stretched and long ones stay",
            lambda W, c: W * (c / np.minimum(_norm(W), c)),
            "The factor is the larger of 1 and c/‖w‖. It should be the smaller one.",
        ),
        Mistake(
            "each entry is cut off at c",
            lambda W, c: np.clip(W, -c, c),
            "Clipping entries bends the row in another direction, and can leave it longer than c. Scale all of its "
            "entries by one factor.",
        ),
        Mistake(
            "the square root is missing",
            _by(lambda W: (W**2).sum(axis=1, keepdims=True)),
            "You compare the squared length with c, and divide by it. The length is its square root.",
        ),
        Mistake(
            "the squared length is compared with c",
            lambda W, c: np.where(_norm(W) ** 2 > c, W * c / _norm(W), W),
            "The factor c/‖w‖ is right, the condition is not: ‖w‖² > c is not ‖w‖ > c.",
        ),
        Mistake(
            "the sum of absolute values as length",
            _by(lambda W: np.abs(W).sum(axis=1, keepdims=True)),
            "Σ |w| is another norm. Max-norm measures the Euclidean length, the square root of Σ w².",
        ),
        Mistake(
            "the largest entry as length",
            _by(lambda W: np.abs(W).max(axis=1, keepdims=True)),
            "In spite of its name max-norm does not look at the largest entry: it sets a maximum for ‖w‖.",
        ),
        Mistake(
            "long rows end with length 1",
            lambda W, c: np.where(_norm(W) > c, W / _norm(W), W),
            "The right rows are shortened, but to length 1. Multiply them by c.",
        ),
        Mistake(
            "the factor c is missing",
            lambda W, c: W / np.maximum(_norm(W), c),
            "max(‖w‖, c) is the right divisor, and c belongs above it: then short rows have the factor c/c = 1.",
        ),
        Mistake(
            "long rows are set to zero",
            lambda W, c: W * (_norm(W) <= c),
            "A row that is too long keeps its direction. It is shortened, not removed.",
        ),
    ),
    {
        "a row that is too long": lambda W, c: bool((_norm(W) > c * (1 + 1e-6)).any()),
        "more than one unit": lambda W, c: len(W) > 1,
        "more than one input": lambda W, c: W.shape[1] > 1,
    },
)
