"""Exercise 8.7: Weights of another program."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.draw import in_float32, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.layer import Flatten
from dlbook.shapes import Array


def _weight_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n: int, c: int, height: int, width: int) -> Case:
        return Case(label, (normal(rng, n, height * width * c), c, height, width))

    cases = [
        case("one unit, one number", 1, 1, 1, 1),
        case("one unit, one channel", 1, 1, 2, 3),
        case("one unit", 1, 2, 2, 2),
        case("one channel", 3, 1, 2, 3),
        case("one channel, a square map", 2, 1, 3, 3),
        case("maps of one pixel", 2, 3, 1, 1),
        case("one row", 2, 2, 1, 3),
        case("one row, three channels", 2, 3, 1, 2),
        case("one column", 2, 2, 3, 1),
        case("one unit, two channels", 1, 2, 2, 3),
        case("as many of everything", 2, 2, 2, 2),
        case("as many channels as rows", 3, 2, 2, 3),
        case("a square map", 2, 2, 3, 3),
        *(case("random weights", *(int(k) for k in rng.integers(2, 5, size=4))) for _ in range(7)),
    ]
    return [*cases, in_float32(cases[-1])]


def _channels_first(V: Array, c: int, height: int, width: int) -> Array:
    maps = np.moveaxis(V.reshape(len(V), height, width, c), -1, 1)
    return Flatten()(maps)


def _order(*axes: int) -> Callable[..., Array]:
    """Put unit, row, column and channel in another order."""
    return lambda V, c, height, width: V.reshape(len(V), height, width, c).transpose(axes).reshape(len(V), -1)


def _back(V: Array, c: int, height: int, width: int) -> Array:
    return V.reshape(len(V), c, height, width).transpose(0, 2, 3, 1).reshape(len(V), -1)


def _units_last(V: Array, c: int, height: int, width: int) -> Array:
    return V.reshape(height, width, c, len(V)).transpose(3, 2, 0, 1).reshape(len(V), -1)


def _turned(V: Array, c: int, height: int, width: int) -> Array:
    maps = _channels_first(V, c, height, width).reshape(len(V), c, height, width)
    return maps[:, :, ::-1, ::-1].reshape(len(V), -1)


CHANNELS_FIRST = Exercise(
    "8.7",
    "Weights of another program",
    ("V", "c", "height", "width"),
    ("W",),
    "one row per unit, shape (n, c·H·W)",
    _channels_first,
    _weight_cases,
    (
        Mistake(
            "nothing is moved",
            lambda V, c, height, width: V.reshape(len(V), c, height, width).reshape(len(V), -1),
            "These are the old weights in the old order: reshape alone moves no number. An axis has to be transposed.",
        ),
        Mistake(
            "the way back",
            _back,
            "You unfold V as if its channels came first already, and move them last. V comes with the channels last: "
            "its four axes are unit, row, column, channel.",
        ),
        Mistake(
            "rows and columns are swapped",
            _order(0, 3, 2, 1),
            "The channels are in front, and every map is transposed behind them. Behind the channel comes the row, "
            "then the column.",
        ),
        Mistake(
            "the channel stands between row and column",
            _order(0, 1, 3, 2),
            "The channel has moved one place too few: you have row, channel, column. It belongs in front of the row.",
        ),
        Mistake(
            "rows and columns are swapped and the channels are still last",
            _order(0, 2, 1, 3),
            "You exchanged rows and columns and left the channels where they were: axis 3 is the one to move.",
        ),
        Mistake(
            "the rows have moved behind the channels",
            _order(0, 2, 3, 1),
            "Your order is column, channel, row. transpose lists the old axes in their new order: the old axis 3 comes "
            "right behind the units.",
        ),
        Mistake(
            "the units are taken for the last axis",
            _units_last,
            "V has one row per unit. Unfold its columns only: the first axis stays len(V). (A program that stores "
            "(inputs, units) gives you the transpose first.)",
        ),
        Mistake(
            "the weights are not folded again",
            lambda V, c, height, width: _channels_first(V, c, height, width).reshape(len(V), c, height, width),
            "All numbers are in their places, with four axes. A dense layer takes a matrix: fold all but the first.",
        ),
        Mistake(
            "the result is transposed",
            lambda V, c, height, width: _channels_first(V, c, height, width).T,
            "Your matrix has one column per unit. This book stores (outputs, inputs), one row per unit, as V does.",
        ),
        Mistake(
            "the maps are turned by 180°",
            _turned,
            "The channels are right, and every map runs backwards. Only the order of the axes changes, not their "
            "direction.",
        ),
    ),
    {
        "more than one channel": lambda V, c, height, width: c > 1,
        "more than one unit": lambda V, c, height, width: len(V) > 1,
        "maps of more than one row": lambda V, c, height, width: height > 1,
    },
)
