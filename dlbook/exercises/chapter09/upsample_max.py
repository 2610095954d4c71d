"""Exercise 9.3: Up-sampling for the maximum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.pool import AvgPool2D, MaxPool2D
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, H: int, W: int, k: int) -> Case:
        return Case(label, (nonzero(rng, H // k, W // k), normal(rng, H, W), k))

    def equal(label: str, H: int, W: int, k: int) -> Case:
        x = rng.integers(1, 4, size=(H, W)).astype(float)
        for i, j in np.ndindex(H // k, W // k):  # in every window the maximum stands twice at least
            window = x[i * k : (i + 1) * k, j * k : (j + 1) * k]
            window.flat[rng.choice(k * k, size=2, replace=False)] = 4
        return Case(label, (nonzero(rng, H // k, W // k), x, k))

    drawn = [case("a random map", int(2 * rng.integers(2, 4)), int(2 * rng.integers(2, 4)), 2) for _ in range(5)]
    cases = [
        case("windows of one number", 1, 3, 1),
        case("one window", 2, 2, 2),
        case("one row of windows", 2, 6, 2),
        case("windows of 2", 4, 4, 2),
        case("windows of 3", 6, 3, 3),
        case("something is left over", 5, 5, 2),
        case("columns are left over", 4, 5, 2),
        case("more is left over", 5, 8, 3),
        Case("negative numbers alone", (nonzero(rng, 2, 2), -1 - np.abs(normal(rng, 4, 4)), 2)),
        equal("equal maxima", 4, 4, 2),
        equal("equal maxima in larger windows", 3, 6, 3),
        equal("equal maxima, wide", 2, 6, 2),
        *drawn,
    ]
    return [*cases, in_float32(drawn[-1])]


def _through(pool: MaxPool2D | AvgPool2D, delta: Array, x: Array) -> Array:
    dx, _ = pool.backward(delta[None, None], pool.forward(x[None, None])[1])
    return np.asarray(dx[0, 0])


def _upsample_max(delta: Array, x: Array, k: int) -> Array:
    return _through(MaxPool2D(k), delta, x)


def _windows(share: Callable[[Any, Array], Any]) -> Any:
    """Return the function that puts share(δ, window) into the place of each window."""

    def spread(delta: Array, x: Array, k: int) -> Array:
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(delta.shape):
            at = slice(i * k, (i + 1) * k), slice(j * k, (j + 1) * k)
            dx[at] = share(delta[i, j], x[at])
        return dx

    return spread


def _at(place: Callable[[Array], int]) -> Any:
    """Return the function that gives δ to the place that ``place`` names, counted row by row."""

    def one(delta: float, window: Array) -> Array:
        share = np.zeros(window.shape)
        share.flat[place(window)] = delta
        return share

    return _windows(one)


def _start_forgotten(delta: Array, x: Array, k: int) -> Array:
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        r, t = divmod(int(x[i * k : (i + 1) * k, j * k : (j + 1) * k].argmax()), k)
        dx[r, t] = delta[i, j]
    return dx


def _anywhere(delta: Array, x: Array, k: int) -> Array:
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        dx[x == x[i * k : (i + 1) * k, j * k : (j + 1) * k].max()] = delta[i, j]
    return dx


def _last(window: Array) -> int:
    return int(window.size - 1 - window.ravel()[::-1].argmax())


UPSAMPLE_MAX = Exercise(
    "9.3",
    "Up-sampling for the maximum",
    ("delta", "x", "k"),
    ("dx",),
    "shape (H, W), as x",
    _upsample_max,
    _cases,
    (
        Mistake(
            "every number of the window gets δ",
            _windows(lambda d, window: d),
            "You enlarge δ. But only the maximum reached the output: the other numbers of the window could change a "
            "little without any effect, so their derivative is 0.",
        ),
        Mistake(
            "δ is spread evenly",
            lambda d, x, k: _through(AvgPool2D(k), d, x),
            "That is the way back through average pooling. The maximum passed one number on, and that one gets all.",
        ),
        Mistake(
            "all equal maxima get δ",
            _windows(lambda d, window: d * (window == window.max())),
            "Where the maximum stands twice, you hand δ out twice. The output is one number; one of the equal ones has "
            "to be chosen, here the first.",
        ),
        Mistake(
            "equal numbers anywhere in the map get δ",
            _anywhere,
            "You look for the maximum in the whole map, where other windows may hold the same number. Look in its own "
            "window, and take the first one there.",
        ),
        Mistake(
            "equal maxima share δ",
            _windows(lambda d, window: d * (window == window.max()) / (window == window.max()).sum()),
            "You divide δ among equal maxima. That is one way to break a tie; asked is another: the first one, row by "
            "row, gets all.",
        ),
        Mistake(
            "the last of equal maxima gets δ",
            _at(_last),
            "Among equal numbers you choose the last one, as a loop with >= does. Asked is the first one.",
        ),
        Mistake(
            "the smallest number gets δ",
            _at(lambda window: int(window.argmin())),
            "You look for the minimum. The forward pass took the largest number of each window.",
        ),
        Mistake(
            "the largest absolute value gets δ",
            _at(lambda window: int(np.abs(window).argmax())),
            "You compare absolute values. −3 is smaller than 2, so the forward pass took the 2.",
        ),
        Mistake(
            "the corner of the window gets δ",
            _at(lambda window: 0),
            "You always use the upper left place. Where the maximum stood differs from window to window: look into x.",
        ),
        Mistake(
            "row and column in the window are swapped",
            _at(lambda window: int(window.T.argmax())),
            "Within the window you take the row for the column. argmax counts row by row: its quotient by k is the "
            "row, its remainder the column.",
        ),
        Mistake(
            "the start of the window is forgotten",
            _start_forgotten,
            "argmax counts within the window. In x the window begins at row i·k and column j·k: add them.",
        ),
        Mistake(
            "δ is multiplied by the maximum",
            lambda d, x, k: _upsample_max(d, x, k) * x,
            "The place is right. The maximum is passed on with the factor 1, so its derivative is δ itself, whatever "
            "its size.",
        ),
        Mistake(
            "the rows and columns that are left over are missing",
            lambda d, x, k: _upsample_max(d, x, k)[: len(d) * k, : d.shape[1] * k],
            "A derivative has the shape of the thing by which one differentiates, here of x. No window lies on the "
            "pixels left over, so they get 0.",
        ),
        Mistake(
            "1 in place of δ",
            lambda d, x, k: _upsample_max(np.ones_like(d), x, k),
            "You mark where the maxima stood. That is the derivative of y; the chain rule multiplies it by δ.",
        ),
    ),
    {"something left over": lambda d, x, k: x.shape != (len(d) * k, d.shape[1] * k)},
)
