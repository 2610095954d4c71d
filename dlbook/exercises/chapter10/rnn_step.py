"""Exercise 10.3: One step of a recurrent layer."""

from __future__ import annotations

import numpy as np

from dlbook.activations import relu, sigmoid
from dlbook.exercises.chapter10.layers import rnn
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_in: int, n: int) -> Case:
        return Case(
            label, (normal(rng, m, n_in), normal(rng, m, n), normal(rng, n, n_in), normal(rng, n, n), nonzero(rng, n))
        )

    cases = [
        *(case("one sequence, one input, one unit", 1, 1, 1) for _ in range(2)),
        case("one sequence", 1, 2, 3),
        case("one sequence, one unit", 1, 3, 1),
        case("one input", 3, 1, 2),
        case("one unit", 3, 2, 1),
        case("one input, one unit", 2, 1, 1),
        *(case("as many inputs as units", n + 1, n, n) for n in (2, 3)),
        *(case("batch, inputs and units of one size", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 5, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _step(X: Array, H: Array, U: Array, W: Array, b: Array) -> Array:
    return rnn(U, W, b).forward(X[:, None], state=H)[0][:, 0]


def _sum(X: Array, H: Array, U: Array, W: Array, b: Array) -> Array:
    return np.asarray(X @ U.T + H @ W.T + b)


RNN_STEP = Exercise(
    "10.3",
    "One step",
    ("X", "H", "U", "W", "b"),
    ("H",),
    "the new states, shape (m, n)",
    _step,
    _step_cases,
    (
        Mistake(
            "the bias is missing",
            lambda X, H, U, W, b: np.tanh(X @ U.T + H @ W.T),
            "Both products are right. Each unit adds one number of its own before the activation.",
        ),
        Mistake(
            "the activation is missing",
            _sum,
            "This is z, the sum before the activation. The state is tanh(z); without it the layer stays linear.",
        ),
        Mistake(
            "the old state is forgotten",
            lambda X, H, U, W, b: np.tanh(X @ U.T + b),
            "You compute a Dense layer with tanh: the past has no part in it. W H comes in as well.",
        ),
        Mistake(
            "the input is forgotten",
            lambda X, H, U, W, b: np.tanh(H @ W.T + b),
            "The new state depends on the old one alone. What comes in at this step enters through U.",
        ),
        Mistake(
            "W is not transposed",
            lambda X, H, U, W, b: np.tanh(X @ U.T + H @ W + b),
            "The text's W h is for a column. For one sequence per row it is H Wᵀ. W is square, so H W runs too, and "
            "sends the numbers of the state to the wrong units.",
        ),
        Mistake(
            "U is not transposed",
            lambda X, H, U, W, b: np.tanh(X @ U + H @ W.T + b),
            "The text's U x is for a column. For one sequence per row it is X Uᵀ: (m, n_in) times (n_in, n).",
        ),
        Mistake(
            "U and W are exchanged",
            lambda X, H, U, W, b: np.tanh(X @ W.T + H @ U.T + b),
            "U leads from the input to the state, W from the old state to the new one. You have them the other way.",
        ),
        Mistake(
            "the sigmoid in place of tanh",
            lambda X, H, U, W, b: sigmoid(_sum(X, H, U, W, b)),
            "Your states lie between 0 and 1. This layer is a tanh layer, with states between −1 and 1.",
        ),
        Mistake(
            "ReLU in place of tanh",
            lambda X, H, U, W, b: relu(_sum(X, H, U, W, b)),
            "You cut off what is negative. This layer is a tanh layer, with states between −1 and 1.",
        ),
        Mistake(
            "tanh of each part, then the sum",
            lambda X, H, U, W, b: np.tanh(X @ U.T) + np.tanh(H @ W.T) + b,
            "The parts are added first, and the activation comes once, at the end. Your states leave the range of "
            "tanh.",
        ),
        Mistake(
            "the bias behind the activation",
            lambda X, H, U, W, b: np.tanh(X @ U.T + H @ W.T) + b,
            "The bias shifts where a unit switches, so it belongs into the sum, before tanh.",
        ),
        Mistake(
            "the bias twice",
            lambda X, H, U, W, b: np.tanh(_sum(X, H, U, W, b) + b),
            "You add b once with the input and once with the state. Some libraries keep two biases; here there is one.",
        ),
        Mistake(
            "the old state is added to the new one",
            lambda X, H, U, W, b: H + _step(X, H, U, W, b),
            "The new state replaces the old one. What should be kept of it comes through W.",
        ),
        Mistake(
            "the activation twice",
            lambda X, H, U, W, b: np.tanh(_step(X, H, U, W, b)),
            "tanh of tanh: the sum passes through the activation once.",
        ),
    ),
    {
        "more than one sequence": lambda X, H, U, W, b: several(X),
        "more than one unit": lambda X, H, U, W, b: several(b),
        "more than one input": lambda X, H, U, W, b: X.shape[1] > 1,
    },
)
