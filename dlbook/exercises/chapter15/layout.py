"""Exercise 15.6: Weights behind a Flatten of TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.draw import in_float32, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, h: int, w: int, c: int, n: int) -> Case:
        return Case(label, (normal(rng, h * w * c, n), h, w, c))

    cases = [
        case("one pixel, one channel", 1, 1, 1, 2),
        case("one pixel, one channel, one unit", 1, 1, 1, 1),
        *(case("one pixel", 1, 1, c, n) for c, n in ((2, 3), (3, 3))),
        *(case("one channel", h, w, 1, n) for h, w, n in ((2, 2, 3), (2, 3, 2), (2, 2, 4))),
        case("one row of pixels", 1, 3, 2, 2),
        case("one column of pixels", 3, 1, 2, 2),
        case("one unit", 2, 3, 2, 1),
        *(case("height, width and channels of one size", k, k, k, n) for k, n in ((2, 3), (2, 8), (3, 2))),
        *(case("a random image", *(int(k) for k in rng.integers(2, 5, size=4))) for _ in range(5)),
    ]
    return [*cases, in_float32(cases[-1])]


def _turn(
    read: tuple[int, int, int], perm: tuple[int, ...], rows: bool = True
) -> Callable[[Array, int, int, int], Array]:
    """Return the conversion that takes the rows for axes of ``read`` (0 height, 1 width, 2 channels)."""

    def convert(W: Array, h: int, w: int, c: int) -> Array:
        n, sides = W.shape[1], (h, w, c)
        turned = W.reshape(*(sides[k] for k in read), n).transpose(perm)
        return np.asarray(turned.reshape(n, -1) if rows else turned.reshape(-1, n))

    return convert


CONVERTED_LAYOUT = Exercise(
    "15.6",
    "Weights behind TensorFlow's images",
    ("W", "h", "w", "c"),
    ("W",),
    "W of shape (n_out, c·h·w)",
    _turn((0, 1, 2), (3, 2, 0, 1)),
    _cases,
    (
        Mistake(
            "only transposed",
            lambda W, h, w, c: W.T,
            "The shape is right, the order of the inputs is not: there the channels of a pixel stand side by side, "
            "here all pixels of a channel do. No error would be raised, and the network would see a scrambled image.",
        ),
        Mistake(
            "the axes are named in the wrong order",
            lambda W, h, w, c: W.reshape(c, h, w, -1).transpose(3, 1, 2, 0).reshape(W.shape[1], -1),
            "The rows come in the order height, width, channel, the channel changing fastest. reshape must name the "
            "axes in the order in which they stand; transpose brings them into another.",
        ),
        Mistake(
            "height and width are exchanged",
            _turn((0, 1, 2), (3, 2, 1, 0)),
            "The channel is in front now, but the image lies on its side: columns come before rows. (3, 2, 0, 1) keeps "
            "height before width.",
        ),
        Mistake(
            "the units are still the columns",
            _turn((0, 1, 2), (2, 0, 1, 3), rows=False),
            "The inputs have the right order. In this book W is (n_out, n_in): the units are the rows.",
        ),
        Mistake(
            "the units get mixed with the pixels",
            lambda W, h, w, c: W.reshape(W.shape[1], -1),
            "reshape does not transpose: it reads the numbers row by row into a new shape. Give the axes their names "
            "first, reshape(h, w, c, n), then transpose.",
        ),
        Mistake(
            "the pixels are turned round",
            lambda W, h, w, c: W.reshape(h, w, c, -1)[::-1, ::-1].transpose(3, 2, 0, 1).reshape(W.shape[1], -1),
            "Kernels are not turned on the way from TensorFlow: both sides compute cross-correlations, and a dense "
            "layer has no kernels at all.",
        ),
    ),
    {
        "more than one channel": lambda W, h, w, c: c > 1,
        "more than one pixel": lambda W, h, w, c: h * w > 1,
    },
)
