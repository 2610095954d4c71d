"""Exercise 9.4: Spreading for the average, with overlap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.pool import AvgPool2D
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, height: int, width: int, k: int, stride: int) -> Case:
        rows, columns = ((n - k) // stride + 1 for n in (height, width))
        return Case(label, (nonzero(rng, rows, columns), height, width, k, stride))

    drawn = [case("overlap, random sizes", int(rng.integers(5, 8)), int(rng.integers(5, 8)), 3, 2) for _ in range(4)]
    cases = [
        case("windows of one number", 2, 3, 1, 1),
        case("one window", 2, 2, 2, 2),
        case("one window of 3", 3, 3, 3, 1),
        case("windows side by side", 4, 6, 2, 2),
        case("windows of 3 side by side", 3, 6, 3, 3),
        case("something is left over", 5, 5, 2, 2),
        case("gaps between the windows", 5, 5, 2, 3),
        case("gaps, and something left over", 6, 9, 2, 3),
        case("overlap, stride 1", 3, 4, 2, 1),
        case("overlap, stride 2", 5, 7, 3, 2),
        case("overlap, a square map", 5, 5, 3, 1),
        case("overlap of large windows", 6, 8, 4, 2),
        case("overlap, and something left over", 6, 8, 3, 2),
        *drawn,
    ]
    return [*cases, in_float32(drawn[-1])]


def _spread(delta: Array, height: int, width: int, k: int, stride: int) -> Array:
    pool = AvgPool2D(k, stride)
    _, cache = pool.forward(np.zeros((1, 1, height, width), delta.dtype))
    return np.asarray(pool.backward(delta[None, None], cache)[0][0, 0])


def _times(factor: Callable[[int, int], float]) -> Any:
    return lambda d, height, width, k, s: factor(k, s) * _spread(d, height, width, k, s)


def _overwritten(delta: Array, height: int, width: int, k: int, stride: int) -> Array:
    dx = np.zeros((height, width))
    for i, j in np.ndindex(delta.shape):
        dx[i * stride : i * stride + k, j * stride : j * stride + k] = delta[i, j] / k**2
    return dx


def _moving_by(step: Callable[[int, int], int]) -> Any:
    """Return the function whose windows move by ``step`` of k and the stride; what leaves the map is lost."""

    def spread(delta: Array, height: int, width: int, k: int, stride: int) -> Array:
        dx, by = np.zeros((height, width)), step(k, stride)
        for i, j in np.ndindex(delta.shape):
            dx[i * by : i * by + k, j * by : j * by + k] += delta[i, j] / k**2
        return dx

    return spread


def _mean_of_shares(delta: Array, height: int, width: int, k: int, stride: int) -> Array:
    windows = k**2 * _spread(np.ones_like(delta), height, width, k, stride)
    return np.asarray(_spread(delta, height, width, k, stride) / np.maximum(windows.round(), 1))


def _corners(delta: Array, height: int, width: int, k: int, stride: int) -> Array:
    dx = np.zeros((height, width))
    rows, columns = delta.shape
    dx[: rows * stride : stride, : columns * stride : stride] = delta
    return dx


SPREAD_AVERAGE = Exercise(
    "9.4",
    "Spreading for the average, with overlap",
    ("delta", "height", "width", "k", "stride"),
    ("dx",),
    "shape (height, width)",
    _spread,
    _cases,
    (
        Mistake(
            "overlapping windows overwrite each other",
            _overwritten,
            "Where windows overlap, only the last share is left. A place in two windows reaches the loss along two "
            "paths, and the chain rule adds them.",
        ),
        Mistake(
            "every place gets the whole δ",
            _times(lambda k, s: k * k),
            "You hand out k² times δ. Each number entered the mean with the weight 1/k², and goes back with it.",
        ),
        Mistake(
            "divided by k, not by k²",
            _times(lambda k, s: k),
            "A window of k × k holds k² numbers. Each of them has that share of the mean.",
        ),
        Mistake(
            "divided by the square of the stride",
            _times(lambda k, s: k * k / s**2),
            "The mean runs over the numbers in a window, and the window has k × k. The stride only says where the next "
            "window begins.",
        ),
        Mistake(
            "divided by k² twice",
            _times(lambda k, s: 1 / k**2),
            "Your shares are k² times too small. The weight 1/k² of the mean enters once.",
        ),
        Mistake(
            "the mean over the windows in place of the sum",
            _mean_of_shares,
            "Where windows overlap you average the shares. The chain rule adds the paths: a place in four windows gets "
            "four shares.",
        ),
        Mistake(
            "windows side by side, whatever the stride",
            _moving_by(lambda k, s: k),
            "Your windows begin at i·k. They begin at i·stride; only by default both are the same.",
        ),
        Mistake(
            "the stride is ignored",
            _moving_by(lambda k, s: 1),
            "Your windows begin at row i and column j, as with stride 1. They begin at i·stride and j·stride.",
        ),
        Mistake(
            "δ goes to the corner of each window",
            _corners,
            "You put δ back at the place where its window begins. All k² numbers of the window took part in the mean.",
        ),
        Mistake(
            "the rows and columns that are left over are missing",
            lambda d, height, width, k, s: _spread(d, (len(d) - 1) * s + k, (d.shape[1] - 1) * s + k, k, s),
            "You return as much as the windows cover. The map was height × width; where no window lies, the derivative "
            "is 0.",
        ),
        Mistake(
            "rows and columns are swapped",
            lambda d, height, width, k, s: _spread(d, height, width, k, s).T,
            "Your result is transposed. The first index of δ goes down, and so does the first one of the map.",
        ),
        Mistake(
            "the sign is wrong",
            _times(lambda k, s: -1),
            "That is the derivative with a minus. The minus belongs to the update, where one goes downhill.",
        ),
    ),
    {
        "overlapping windows": lambda d, height, width, k, s: s < k and d.size > 1,
        "something left over": lambda d, height, width, k, s: (
            (height, width) != ((len(d) - 1) * s + k, (d.shape[1] - 1) * s + k)
        ),
    },
)
