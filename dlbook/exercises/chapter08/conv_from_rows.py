"""Exercise 8.5: A convolution layer from a matrix product."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _conv_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, c_in: int, c_out: int, k: int, rows: int, columns: int) -> Case:
        C = normal(rng, m * rows * columns, c_in * k * k)
        return Case(label, (C, normal(rng, c_out, c_in, k, k), nonzero(rng, c_out), m, rows, columns))

    cases = [
        case("one place, one kernel of one weight", 1, 1, 1, 1, 1, 1),
        case("one image, one kernel", 1, 1, 1, 2, 2, 3),
        case("one image, one channel", 1, 1, 2, 2, 2, 2),
        case("one place", 2, 2, 3, 2, 1, 1),
        case("one kernel", 2, 2, 1, 2, 3, 2),
        case("one kernel, one channel", 2, 1, 1, 2, 2, 3),
        case("kernels of one pixel", 2, 3, 2, 1, 2, 2),
        case("one image", 1, 2, 3, 2, 2, 3),
        case("one row of places", 2, 1, 2, 3, 1, 4),
        case("as many images as kernels and places", 2, 2, 2, 2, 2, 2),
        case("as many channels as kernels", 2, 3, 3, 2, 2, 3),
        case("three images", 3, 2, 2, 2, 2, 3),
        *(
            case("a random batch", *(int(n) for n in numbers))
            for numbers in rng.integers([2, 1, 2, 1, 2, 2], [4, 4, 5, 4, 4, 5], size=(7, 6))
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _product(C: Array, W: Array, b: Array) -> Array:
    """One row per place, one column per kernel."""
    return dense(W.reshape(len(W), -1), b)(C)


def _unfolded(Z: Array, m: int, rows: int, columns: int) -> Array:
    return Z.reshape(m, rows, columns, -1).transpose(0, 3, 1, 2)


def _conv(C: Array, W: Array, b: Array, m: int, rows: int, columns: int) -> Array:
    return _unfolded(_product(C, W, b), m, rows, columns)


CONV_FROM_ROWS = Exercise(
    "8.5",
    "A convolution layer from a matrix product",
    ("C", "W", "b", "m", "rows", "columns"),
    ("Z",),
    "shape (m, c_out, rows, columns)",
    _conv,
    _conv_cases,
    (
        Mistake(
            "the bias is forgotten",
            lambda C, W, b, *sizes: _conv(C, W, 0 * b, *sizes),
            "The products are right. Each kernel adds its bias at every place.",
        ),
        Mistake(
            "the bias is subtracted",
            lambda C, W, b, *sizes: _conv(C, W, -b, *sizes),
            "The bias enters with a plus: z = Σ w a + b. With a minus it would be a threshold.",
        ),
        Mistake(
            "the bias is added for every channel",
            lambda C, W, b, *sizes: _conv(C, W, W.shape[1] * b, *sizes),
            "You add the bias once per channel that comes in. It belongs to the sum over the channels, once.",
        ),
        Mistake(
            "the product is cut into maps without moving an axis",
            lambda C, W, b, m, rows, columns: _product(C, W, b).reshape(m, len(W), rows, columns),
            "The shape is right and the numbers are mixed up. In the product the kernels are the last axis; reshape "
            "does not move them. Unfold to (m, rows, columns, c_out) first, then transpose.",
        ),
        Mistake(
            "the product is transposed and cut without regard to the images",
            lambda C, W, b, m, rows, columns: _product(C, W, b).T.reshape(m, len(W), rows, columns),
            "The transposed product goes kernel by kernel, and through all images for each. Its axes are (c_out, m, "
            "rows, columns): unfold it so, and then exchange the first two.",
        ),
        Mistake(
            "the channels are last",
            lambda C, W, b, m, rows, columns: _product(C, W, b).reshape(m, rows, columns, -1),
            "All numbers are right, and the maps are the last axis, as TensorFlow has them. Here they come second: "
            "transpose.",
        ),
        Mistake(
            "the rows are not folded back",
            lambda C, W, b, *sizes: _product(C, W, b),
            "This is the matrix product, one row per place. The layer's output has four axes: image, map, row, column.",
        ),
        Mistake(
            "rows and columns are swapped",
            lambda C, W, b, m, rows, columns: _conv(C, W, b, m, rows, columns).transpose(0, 1, 3, 2),
            "Every map is transposed. After the image, the rows of places are the slower axis: (m, rows, columns, "
            "c_out).",
        ),
        Mistake(
            "the images are taken for the fastest axis",
            lambda C, W, b, m, rows, columns: _product(C, W, b).reshape(rows, columns, m, len(W)).transpose(2, 3, 0, 1),
            "Row r of C is (n H' + y) W' + x: all places of image 0 come first. You unfold as if the images changed "
            "fastest.",
        ),
        Mistake(
            "the kernels are reshaped the other way round",
            lambda C, W, b, *sizes: _unfolded(C @ W.reshape(-1, len(W)) + b, *sizes),
            "W.reshape(-1, c_out) has the right shape and mixes the kernels. Lay each kernel out as a row, "
            "W.reshape(c_out, -1), and transpose that.",
        ),
        Mistake(
            "the kernels are turned by 180°",
            lambda C, W, b, *sizes: _conv(C, W[:, :, ::-1, ::-1].copy(), b, *sizes),
            "This is a true convolution. A layer takes the cross-correlation: the kernel as it is.",
        ),
        Mistake(
            "the weights are read with the channels last",
            lambda C, W, b, *sizes: _conv(C, W.transpose(0, 2, 3, 1).copy().reshape(W.shape), b, *sizes),
            "The columns of C go channel by channel. Lay the kernels out in the same order: no transpose before the "
            "reshape.",
        ),
        Mistake(
            "ReLU is applied",
            lambda C, W, b, *sizes: np.maximum(_conv(C, W, b, *sizes), 0),
            "Negative numbers are cut off. The layer returns z; the activation is a layer of its own.",
        ),
    ),
    {
        "more than one image": lambda C, W, b, m, rows, columns: m > 1,
        "more than one kernel": lambda C, W, b, m, rows, columns: len(W) > 1,
        "more than one channel": lambda C, W, b, m, rows, columns: W.shape[1] > 1,
    },
)
