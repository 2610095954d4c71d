"""Exercise 9.5: δ through a kernel."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from dlbook.convolution import convolve, cross_correlate
from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, rows: int, columns: int, k_h: int, k_w: int) -> Case:
        return Case(label, (nonzero(rng, rows, columns), nonzero(rng, k_h, k_w)))

    cases = [
        case("one δ, one weight", 1, 1, 1, 1),
        case("one δ", 1, 1, 2, 2),
        case("one weight", 2, 3, 1, 1),
        case("the example of the text: 2 × 2 and 2 × 2", 2, 2, 2, 2),
        case("a row", 1, 4, 1, 3),
        case("a column", 4, 1, 3, 1),
        case("a flat kernel", 3, 3, 1, 2),
        case("a tall kernel", 2, 3, 3, 1),
        case("a kernel larger than δ", 2, 2, 3, 3),
        case("a square kernel", 4, 3, 3, 3),
        case("a kernel of 2 × 3", 3, 3, 2, 3),
        case("a kernel of 3 × 2", 3, 4, 3, 2),
        *(case("random sizes", *(int(n) for n in rng.integers(2, 5, size=4))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _input_delta(delta: Array, w: Array) -> Array:
    return convolve(delta, w)


def _slid(kernel: Callable[[Array], Array]) -> Any:
    """Return the function that slides this kernel over δ in its zeros."""
    return lambda delta, w: cross_correlate(delta, kernel(w).copy(), "full")


def _overwritten(delta: Array, w: Array) -> Array:
    da = np.zeros(_input_delta(delta, w).shape)
    for y, x in np.ndindex(delta.shape):
        da[y : y + len(w), x : x + w.shape[1]] = delta[y, x] * w
    return da


def _negative_indices(delta: Array, w: Array) -> Array:
    da = np.zeros(_input_delta(delta, w).shape)
    for (u, v), (y, x) in product(np.ndindex(da.shape), np.ndindex(delta.shape)):
        if u - y < len(w) and v - x < w.shape[1]:
            da[u, v] += delta[y, x] * w[u - y, v - x]
    return da


def _more_rings(delta: Array, w: Array) -> Array:
    return np.pad(_input_delta(delta, w), 1)


def _in_the_corner(delta: Array, w: Array) -> Array:
    da = np.zeros(_input_delta(delta, w).shape)
    da[: len(delta), : delta.shape[1]] = delta * w.sum()
    return da


INPUT_DELTA = Exercise(
    "9.5",
    "δ through a kernel",
    ("delta", "w"),
    ("da",),
    "shape (H' + k_h − 1, W' + k_w − 1)",
    _input_delta,
    _cases,
    (
        Mistake(
            "the kernel is not turned",
            _slid(lambda w: w),
            "You slide the kernel as it is over δ. With its last weight the first output looked at a pixel "
            "that the next one sees with an earlier one: seen from the input, the kernel is turned by 180°.",
        ),
        Mistake(
            "the kernel is turned upside down only",
            _slid(np.flipud),
            "You reverse the rows of the kernel. Half a turn reverses the columns as well.",
        ),
        Mistake(
            "the kernel is mirrored left and right only",
            _slid(np.fliplr),
            "You reverse the columns of the kernel. Half a turn reverses the rows as well.",
        ),
        Mistake(
            "the kernel is transposed",
            _slid(lambda w: w.T),
            "In a dense layer the matrix is transposed. The matrix of a convolution holds the kernel in every row, and "
            "its transpose holds it backwards: turn the kernel by 180°.",
        ),
        Mistake(
            "the turned kernel is transposed, too",
            _slid(lambda w: w.T[::-1, ::-1]),
            "The half turn is there, and a transpose on top of it. Rows of the kernel stay rows: w[::-1, ::-1].",
        ),
        Mistake(
            "the kernel is turned by 90°",
            _slid(np.rot90),
            "np.rot90 turns by a quarter. You need it twice: w[::-1, ::-1].",
        ),
        Mistake(
            "the result is turned by 180°",
            lambda d, w: cross_correlate(d[::-1, ::-1].copy(), w, "full"),
            "You turn δ in place of the kernel, and everything comes out upside down. δ stays; the kernel turns.",
        ),
        Mistake(
            "negative indices count from the end",
            _negative_indices,
            "Where y is larger than u, w[u − y, …] has a negative index, and NumPy reads the end of the kernel. There "
            "is no such weight: both indices have to be 0 or more.",
        ),
        Mistake(
            "shares overwrite each other",
            _overwritten,
            "Where windows overlap, only the last share is left. A pixel reaches the loss through every output that "
            "looks at it: add.",
        ),
        Mistake(
            "as large as δ",
            lambda d, w: cross_correlate(d, w[::-1, ::-1].copy(), "same"),
            "With zeros for 'same' the result has the size of δ. The input was larger: k − 1 rings are needed, so that "
            "every δ meets every weight.",
        ),
        Mistake(
            "cut to the shape of δ",
            lambda d, w: _input_delta(d, w)[: len(d), : d.shape[1]],
            "You keep the upper left part. The input had k_h − 1 more rows and k_w − 1 more columns than δ.",
        ),
        Mistake(
            "one ring of zeros too many",
            _more_rings,
            "Your result has a border of zeros that the input never had. k − 1 rings around δ are enough, not k.",
        ),
        Mistake(
            "divided by the number of weights",
            lambda d, w: _input_delta(d, w) / w.size,
            "You take a mean over the kernel. The forward pass adds its products up, and so does the way back.",
        ),
        Mistake(
            "δ times the sum of the kernel",
            _in_the_corner,
            "You give the pixel at (y, x) all that belongs to its window. Each pixel of the window gets its own weight "
            "times δ.",
        ),
        Mistake(
            "the sign is wrong",
            lambda d, w: -_input_delta(d, w),
            "That is the derivative with a minus. The minus belongs to the update, where one goes downhill.",
        ),
    ),
    {
        "kernels of more than one row": lambda d, w: len(w) > 1,
        "kernels of more than one column": lambda d, w: w.shape[1] > 1,
    },
)
