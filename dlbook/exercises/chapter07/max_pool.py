"""Exercise 7.6: Max pooling."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, c: int, H: int, W: int, size: int, stride: int) -> Case:
        return Case(label, (normal(rng, c, H, W), size, stride))

    drawn = [case("random maps", 2, int(rng.integers(4, 8)), int(rng.integers(4, 8)), 2, 2) for _ in range(3)]
    drawn += [case("random maps, overlapping windows", 3, 6, int(rng.integers(5, 8)), 3, 2) for _ in range(3)]
    cases = [
        case("windows of one pixel", 1, 2, 3, 1, 1),
        case("one window", 1, 2, 2, 2, 2),
        case("windows side by side", 1, 4, 4, 2, 2),
        case("two channels", 2, 4, 2, 2, 2),
        Case("negative numbers alone", (-1 - np.abs(normal(rng, 1, 4, 4)), 2, 2)),
        case("stride 1, windows overlap", 1, 3, 4, 2, 1),
        case("something is left over", 2, 5, 7, 2, 2),
        case("windows with gaps", 1, 5, 6, 2, 3),
        case("windows of 3", 2, 7, 7, 3, 3),
        *drawn,
    ]
    return [*cases, in_float32(drawn[-1])]


def _max_pool(X: Array, size: int, stride: int) -> Array:
    return np.asarray(MaxPool2D(size, stride)(X[None])[0])


def _mean_pool(X: Array, size: int, stride: int) -> Array:
    return np.asarray(AvgPool2D(size, stride)(X[None])[0])


def _windows(summary: Callable[[Array], Any]) -> Any:
    """Return the pooling that makes one number of each window (k, k) in this way."""

    def pool(X: Array, size: int, stride: int) -> Array:
        Y = np.zeros(_max_pool(X, size, stride).shape)
        for c, i, j in np.ndindex(Y.shape):
            Y[c, i, j] = summary(X[c, i * stride : i * stride + size, j * stride : j * stride + size])
        return Y

    return pool


def _hanging_over(X: Array, size: int, stride: int) -> Array:
    c, H, W = X.shape
    rows, columns = (min(ceil((n - size) / stride), (n - 1) // stride) + 1 for n in (H, W))
    Y = np.zeros((c, rows, columns))
    for i, j in np.ndindex(rows, columns):
        Y[:, i, j] = X[:, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(1, 2))
    return Y


def _first_places(X: Array, size: int, stride: int) -> Array:
    _, rows, columns = _max_pool(X, size, stride).shape
    return _max_pool(X, size, 1)[:, :rows, :columns]


MAX_POOL = Exercise(
    "7.6",
    "Max pooling",
    ("X", "size", "stride"),
    ("Y",),
    "Y of shape (c, H', W')",
    _max_pool,
    _cases,
    (
        Mistake(
            "the mean is taken", _mean_pool, "That is average pooling. Asked is the largest number of each window."
        ),
        Mistake(
            "the sum is taken",
            lambda X, size, s: size**2 * _mean_pool(X, size, s),
            "A convolution adds up what it sees. Max pooling keeps one number of the window, the largest.",
        ),
        Mistake(
            "the length is taken",
            lambda X, size, s: L2Pool2D(size, s)(X[None])[0],
            "That is L2 pooling, the root of the sum of squares. Asked is the largest number.",
        ),
        Mistake(
            "the smallest number is taken",
            lambda X, size, s: -_max_pool(-X, size, s),
            "You took the minimum. Large numbers say that a feature was found, and these shall survive.",
        ),
        Mistake(
            "0 where all numbers are negative",
            lambda X, size, s: np.maximum(_max_pool(X, size, s), 0),
            "Your maximum starts from 0, or zeros were added. In a window of negative numbers the largest is negative; "
            "start from the first one, or from −∞.",
        ),
        Mistake(
            "the largest absolute value",
            lambda X, size, s: _max_pool(np.abs(X), size, s),
            "−3 is smaller than 2. The sign counts: a negative number says that the feature is not there.",
        ),
        Mistake(
            "the number that is farthest from 0",
            _windows(lambda window: window.flat[np.abs(window).argmax()]),
            "You compare absolute values and keep the sign. −3 is smaller than 2, so 2 is the largest.",
        ),
        Mistake(
            "the place of the largest number",
            _windows(np.argmax),
            "This is where the largest number stands in its window. Asked is the number. (The place is needed on the "
            "way back.)",
        ),
        Mistake(
            "windows side by side, whatever the stride",
            lambda X, size, s: _max_pool(X, size, size),
            "Your windows move by their own size. That is only the default: with another stride they overlap or leave "
            "gaps.",
        ),
        Mistake(
            "the stride is ignored",
            lambda X, size, s: _max_pool(X, size, 1),
            "These are the places of stride 1. The window moves by `stride` pixels, in both directions.",
        ),
        Mistake(
            "the places are counted with the stride, the window moves by one",
            _first_places,
            "Your map has the right shape, but its windows begin at i and j. They begin at i · stride and j · stride.",
        ),
        Mistake(
            "windows as large as the stride",
            lambda X, size, s: (
                _max_pool(X[:, : X.shape[1] - size + s, : X.shape[2] - size + s], s, s)
                if s <= size
                else _max_pool(X, size, s)
            ),
            "Your windows reach from one step to the next. They are `size` pixels wide, and may overlap.",
        ),
        Mistake(
            "windows that hang over the border",
            _hanging_over,
            "You also take a last window that is not complete. Windows that hang over do not count: round down.",
        ),
        Mistake(
            "all channels in one",
            lambda X, size, s: np.broadcast_to(_max_pool(X, size, s).max(axis=0), _max_pool(X, size, s).shape),
            "Your maximum runs over the channels too, so that all maps are equal. Each channel is pooled for itself.",
        ),
        Mistake(
            "the channel axis is lost",
            lambda X, size, s: _max_pool(X, size, s).max(axis=0),
            "One map came back for all channels. Pooling works map by map: as many come out as go in.",
        ),
    ),
    {
        "more than one channel": lambda X, size, stride: len(X) > 1,
        "a stride that is not the size": lambda X, size, stride: stride != size,
        "negative numbers alone": lambda X, size, stride: bool((X < 0).all()),
    },
)
