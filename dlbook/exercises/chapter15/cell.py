"""Exercise 15.7: An LSTM out of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Converted = tuple[Array, Array, Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n_in: int, n: int) -> Case:
        return Case(label, (normal(rng, n_in, 4 * n), normal(rng, n, 4 * n), nonzero(rng, 4 * n)))

    cases = [
        *(case("one input, one unit", 1, 1) for _ in range(2)),
        *(case("one input", 1, n) for n in (2, 3)),
        *(case("one unit", n_in, 1) for n_in in (2, 3)),
        *(case("as many inputs as units", n, n) for n in (2, 3)),
        *(case("a random cell", *(int(k) for k in rng.integers(2, 5, size=2))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _ordered(a: Array, order: tuple[int, ...]) -> list[Array]:
    blocks = np.split(a, 4)
    return [blocks[k] for k in order]


def _convert(
    *,
    order: tuple[int, ...] = (0, 2, 1, 3),
    forget: float = 1.0,
    where: int = 1,
    only_bias: bool = False,
    only_weights: bool = False,
) -> Callable[[Array, Array, Array], Converted]:
    """Return the conversion with one thing done in another way; ``order`` says which block goes where."""

    def convert(K: Array, R: Array, bias: Array) -> Converted:
        U, W = (np.concatenate(_ordered(a.T, (0, 1, 2, 3) if only_bias else order)) for a in (K, R))
        b = [part.copy() for part in _ordered(bias, (0, 1, 2, 3) if only_weights else order)]
        b[where] += np.float32(forget)
        return U, W, np.concatenate(b)

    return convert


def _unit_by_unit(K: Array, R: Array, bias: Array) -> Converted:
    """As if the four numbers of a unit stood side by side."""
    n = len(bias) // 4
    rows = np.arange(4 * n).reshape(n, 4)[:, [0, 2, 1, 3]].T.ravel()
    b = bias[rows]
    b[n : 2 * n] += np.float32(1)
    return K.T[rows], R.T[rows], b


def _one_matrix(which: int) -> Callable[[Array, Array, Array], Converted]:
    def convert(K: Array, R: Array, bias: Array) -> Converted:
        U, W, b = _convert()(K, R, bias)
        return (U, np.asarray(R.T), b) if which == 0 else (np.asarray(K.T), W, b)

    return convert


def _reshaped(K: Array, R: Array, bias: Array) -> Converted:
    turned = (a.reshape(a.shape[::-1]).T for a in (K, R))
    U, W = turned
    return _convert()(U, W, bias)


CONVERTED_CELL = Exercise(
    "15.7",
    "An LSTM out of TensorFlow 1",
    ("K", "R", "bias"),
    ("U", "W", "b"),
    "U (4n, n_in), W (4n, n), b (4n,)",
    _convert(),
    _cases,
    (
        Mistake(
            "the blocks stay in TensorFlow's order",
            _convert(order=(0, 1, 2, 3), where=2),
            "There the candidate is the second block and the forget gate the third; here it is i, f, a, o. With the "
            "blocks as they are, the gate that should keep the memory is a candidate squeezed into a sigmoid.",
        ),
        Mistake(
            "the order is changed and the constant forgotten",
            _convert(forget=0.0),
            "BasicLSTMCell adds forget_bias = 1.0 while it runs: it is in no saved array. Without it every forget gate "
            "is more closed than it was in training.",
        ),
        Mistake(
            "neither order nor constant",
            _convert(order=(0, 1, 2, 3), forget=0.0),
            "Cutting and transposing is right. Two things are left: the order of the four blocks, and the constant 1 "
            "that the cell adds to its forget gate.",
        ),
        Mistake(
            "the constant is added to the candidate",
            _convert(where=2),
            "After reordering the forget gate is the second block, i, f, a, o. You raised the third.",
        ),
        Mistake(
            "the constant is added to every block",
            lambda K, R, bias: (
                *_convert(forget=0.0)(K, R, bias)[:2],
                _convert(forget=0.0)(K, R, bias)[2] + np.float32(1),
            ),
            "Only the forget gate is opened by the constant. The other three have their biases as saved.",
        ),
        Mistake(
            "the constant is subtracted",
            _convert(forget=-1.0),
            "The cell computes σ(z_f + 1). To get the same gate from a stored bias, that bias must be larger by 1.",
        ),
        Mistake(
            "the bias keeps the old order",
            _convert(only_weights=True),
            "U and W are in the order i, f, a, o, the bias is still in TensorFlow's. All three have the same blocks.",
        ),
        Mistake(
            "only the bias is reordered",
            _convert(only_bias=True),
            "The bias is in the order i, f, a, o, the weights still in TensorFlow's: all three have the same blocks.",
        ),
        Mistake(
            "W keeps the old order",
            _one_matrix(0),
            "U and b are in the order i, f, a, o, W is still in TensorFlow's: all three have the same blocks.",
        ),
        Mistake(
            "U keeps the old order",
            _one_matrix(1),
            "W and b are in the order i, f, a, o, U is still in TensorFlow's: all three have the same blocks.",
        ),
        Mistake(
            "the blocks i, f, o, a",
            _convert(order=(0, 2, 3, 1)),
            "The candidate is the third block of this book's LSTM and the output gate the last: i, f, a, o. You have "
            "them exchanged.",
        ),
        Mistake(
            "cut unit by unit",
            _unit_by_unit,
            "The first n columns are the input gates of all units, the next n their candidates, and so on. You cut as "
            "if the four numbers of one unit stood side by side.",
        ),
        Mistake(
            "reshaped in place of transposed",
            _reshaped,
            "The shapes are right, the numbers are not where they belong: reshape reads them row by row into a new "
            "shape. Columns become rows by K.T.",
        ),
        Mistake(
            "the blocks f, i, a, o",
            _convert(order=(2, 0, 1, 3), where=0),
            "That is the order in which many texts draw the gates. This book's arrays have the input gate first: "
            "i, f, a, o.",
        ),
    ),
    {
        "more than one unit": lambda K, R, bias: len(R) > 1,
        "more than one input": lambda K, R, bias: len(K) > 1,
    },
)
