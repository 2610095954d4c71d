"""Exercise 7.5: A convolution layer, by loops."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.conv import Conv2D
from dlbook.convolution import rot180
from dlbook.exercises.draw import in_float32, nonzero, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array
from dlbook.windows import Padding, Size


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, c_in: int, H: int, W: int, c_out: int, k: int, stride: int) -> Case:
        X, kernels = normal(rng, c_in, H, W), normal(rng, c_out, c_in, k, k)
        return Case(label, (X, kernels, nonzero(rng, c_out), stride))

    drawn = [
        case(
            "a random layer",
            *(int(rng.integers(2, 4)), int(rng.integers(4, 7)), int(rng.integers(5, 8))),
            *(int(rng.integers(2, 4)), int(rng.integers(2, 4)), int(rng.integers(1, 4))),
        )
        for _ in range(6)
    ]
    cases = [
        case("one channel, one kernel of one number", 1, 2, 3, 1, 1, 1),
        case("one channel, one kernel", 1, 3, 4, 1, 2, 1),
        case("one place", 1, 3, 3, 1, 3, 1),
        case("two kernels", 1, 3, 4, 2, 2, 1),
        case("three channels", 3, 4, 3, 1, 2, 1),
        case("channels and kernels, equally many", 2, 4, 4, 2, 3, 1),
        case("stride 2, one channel", 1, 5, 6, 1, 2, 2),
        case("stride 2, windows that do not fit evenly", 2, 6, 5, 3, 3, 2),
        case("the 7 × 7 × 3 example", 3, 7, 7, 2, 3, 2),
        case("stride 3", 2, 7, 5, 2, 2, 3),
        *drawn,
    ]
    return [*cases, in_float32(drawn[-1])]


def _layer(X: Array, W: Array, b: Array, stride: Size, padding: Padding = "valid") -> Array:
    layer = Conv2D(W.shape[1], len(W), W.shape[2:], rng=np.random.default_rng(0), stride=stride, padding=padding)
    layer.params = {"W": W, "b": b}
    return np.asarray(layer(X[None])[0])


def _bias(factor: Any) -> Any:
    return lambda X, W, b, s: _layer(X, W, factor(X) * b, s)


def _first_places(X: Array, W: Array, b: Array, s: int) -> Array:
    _, rows, columns = _layer(X, W, b, s).shape
    return _layer(X, W, b, 1)[:, :rows, :columns]


def _mean_of_channels(X: Array, W: Array, b: Array, s: int) -> Array:
    return _layer(X, W / len(X), b, s)


def _channels_first(X: Array, W: Array, b: Array, s: int) -> Array:
    if len(W) != W.shape[1]:
        return _layer(X, W, b, s)
    return _layer(X, W.transpose(1, 0, 2, 3), b, s)


CONV_LAYER = Exercise(
    "7.5",
    "A convolution layer, by loops",
    ("X", "W", "b", "stride"),
    ("Z",),
    "Z of shape (c_out, H', W')",
    _layer,
    _cases,
    (
        Mistake(
            "the kernels are turned",
            lambda X, W, b, s: _layer(X, rot180(W), b, s),
            "This is the true convolution. A layer slides the kernel as it is: window times kernel, place by place.",
        ),
        Mistake(
            "rows and columns of the kernels are exchanged",
            lambda X, W, b, s: _layer(X, W.transpose(0, 1, 3, 2), b, s),
            "The kernels are transposed. The first index of the window and of the kernel both run downward.",
        ),
        Mistake(
            "the bias is missing",
            _bias(lambda X: 0),
            "The sums are right. Each kernel has a bias that is added to all numbers of its map.",
        ),
        Mistake(
            "a bias for each channel",
            _bias(len),
            "The bias comes c_in times. The channels' sums are added up first, then the bias once.",
        ),
        Mistake(
            "the bias is subtracted",
            _bias(lambda X: -1),
            "The bias has the wrong sign: it is added. Only a threshold would be subtracted.",
        ),
        Mistake(
            "the stride is ignored",
            lambda X, W, b, s: _layer(X, W, b, 1),
            "These are the places of stride 1, far too many. The window moves by `stride` pixels at a time.",
        ),
        Mistake(
            "the places are counted with the stride, the window moves by one",
            _first_places,
            "Your map has the right shape, but its windows begin at i and j. They begin at i · stride and j · stride.",
        ),
        Mistake(
            "the stride for the rows only",
            lambda X, W, b, s: _layer(X, W, b, (s, 1)),
            "Along the columns your window moves by one pixel. The stride holds in both directions.",
        ),
        Mistake(
            "the stride for the columns only",
            lambda X, W, b, s: _layer(X, W, b, (1, s)),
            "Along the rows your window moves by one pixel. The stride holds in both directions.",
        ),
        Mistake(
            "windows side by side",
            lambda X, W, b, s: _layer(X, W, b, W.shape[2:]),
            "Your window moves by its own size, as pooling windows mostly do. The stride is an argument.",
        ),
        Mistake(
            "zeros around the picture",
            lambda X, W, b, s: _layer(X, W, b, s, W.shape[2] // 2),
            "You padded the picture, so that more windows fit. Without padding the window stays inside.",
        ),
        Mistake(
            "only the first channel",
            lambda X, W, b, s: _layer(X[:1], W[:, :1], b, s),
            "A kernel has a part for each channel. What they give is added up; you took the first one alone.",
        ),
        Mistake(
            "the mean of the channels",
            _mean_of_channels,
            "You divide by the number of channels. Their sums are added, and nothing is divided.",
        ),
        Mistake(
            "ReLU is applied",
            lambda X, W, b, s: np.maximum(_layer(X, W, b, s), 0),
            "Negative numbers have become 0. That is the next layer's work: asked is Z, before the activation.",
        ),
        Mistake(
            "the first two axes of W are exchanged",
            _channels_first,
            "W is (c_out, c_in, k, k): the kernel comes first, then the channel. It shows where both are equally many.",
        ),
    ),
    {
        "more than one channel": lambda X, W, b, stride: len(X) > 1,
        "more than one kernel": lambda X, W, b, stride: len(W) > 1,
        "a stride above 1": lambda X, W, b, stride: stride > 1,
    },
)
