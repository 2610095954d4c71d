"""Exercise 9.7: With stride and padding."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from dlbook.conv import Conv2D
from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, height: int, width: int, k: int, stride: int, padding: int) -> Case:
        rows, columns = ((n + 2 * padding - k) // stride + 1 for n in (height, width))
        return Case(label, (nonzero(rng, rows, columns), nonzero(rng, k, k), stride, padding, height, width))

    cases = [
        case("one δ, one weight", 1, 1, 1, 1, 0),
        case("one window", 2, 2, 2, 1, 0),
        case("stride 1, no padding", 3, 4, 2, 1, 0),
        case("stride 1, no padding, kernel of 3", 5, 4, 3, 1, 0),
        case("stride 1, one ring", 3, 4, 3, 1, 1),
        case("stride 1, two rings", 3, 3, 3, 1, 2),
        case("stride 2, no padding", 5, 7, 3, 2, 0),
        case("stride 2, kernels side by side", 4, 6, 2, 2, 0),
        case("stride 3, gaps between the windows", 5, 8, 2, 3, 0),
        case("stride 2, one ring", 5, 7, 3, 2, 1),
        case("stride 2, two rings", 5, 4, 4, 2, 2),
        case("stride 2, something is left over", 6, 8, 3, 2, 0),
        case("stride 3, something is left over", 7, 6, 3, 3, 0),
        case("stride 2, one ring, something is left over", 6, 4, 3, 2, 1),
        case("stride 2, a square map", 5, 5, 3, 2, 1),
        *(
            case("random sizes", int(rng.integers(4, 8)), int(rng.integers(4, 8)), 3, 2, int(rng.integers(2)))
            for _ in range(5)
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _strided_delta(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    layer = Conv2D(1, 1, len(w), rng=np.random.default_rng(0), stride=stride, padding=padding)
    layer.params = {"W": w[None, None], "b": np.zeros(1, w.dtype)}
    return np.asarray(layer.backward(delta[None, None], np.zeros((1, 1, height, width), w.dtype))[0][0, 0])


def _hand_out(delta: Array, w: Array, step: int, cut: int, height: int, width: int) -> Array:
    """Hand δ·w out to windows ``step`` apart on a sheet that is large enough, and cut the map out at (cut, cut)."""
    k, room = len(w), max(delta.shape) * step + len(w) + cut + max(height, width)
    sheet = np.zeros((room, room))
    for y, x in np.ndindex(delta.shape):
        sheet[y * step : y * step + k, x * step : x * step + k] += delta[y, x] * w
    return sheet[cut : cut + height, cut : cut + width]


def _as(step: Callable[[int, int], int], cut: Callable[[int], int] = lambda p: p) -> Any:
    """Return the function whose windows are step(s, k) apart and whose map begins at cut(p)."""
    return lambda d, w, s, p, height, width: _hand_out(d, w, step(s, len(w)), cut(p), height, width)


def _repeated(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    wide = delta.repeat(stride, axis=0).repeat(stride, axis=1)
    return _hand_out(wide, w, 1, padding, height, width)


def _overwritten(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    k, da = len(w), np.zeros((height + 2 * padding, width + 2 * padding))
    for y, x in np.ndindex(delta.shape):
        da[y * stride : y * stride + k, x * stride : x * stride + k] = delta[y, x] * w
    return da[padding : padding + height, padding : padding + width]


def _negative_indices(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    da = np.zeros((height, width))
    for (y, x), (i, j) in product(np.ndindex(delta.shape), np.ndindex(w.shape)):
        u, v = y * stride + i - padding, x * stride + j - padding
        if u < height and v < width:
            da[u, v] += delta[y, x] * w[i, j]
    return da


def _empty_cut(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    return _with_padding(delta, w, stride, padding, height, width)[padding:-padding, padding:-padding]


def _with_padding(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    return _hand_out(delta, w, stride, 0, height + 2 * padding, width + 2 * padding)


def _covered(delta: Array, w: Array, stride: int, padding: int, height: int, width: int) -> Array:
    rows, columns = ((n - 1) * stride + len(w) - 2 * padding for n in delta.shape)
    return _hand_out(delta, w, stride, padding, min(rows, height), min(columns, width))


STRIDED_DELTA = Exercise(
    "9.7",
    "With stride and padding",
    ("delta", "w", "stride", "padding", "height", "width"),
    ("da",),
    "shape (height, width)",
    _strided_delta,
    _cases,
    (
        Mistake(
            "the stride is ignored",
            _as(lambda s, k: 1),
            "Your windows lie one pixel apart. The window of output (y, x) begins at (s·y, s·x) of the padded map.",
        ),
        Mistake(
            "δ is repeated in place of dilated",
            _repeated,
            "Between the δ there are copies of them. The outputs that a stride leaves out have no influence on the "
            "loss: zeros belong there.",
        ),
        Mistake(
            "one zero too many between the δ",
            _as(lambda s, k: s + 1),
            "Your windows lie s + 1 pixels apart. s − 1 zeros between two δ make a distance of s.",
        ),
        Mistake(
            "the windows move by their own size",
            _as(lambda s, k: k),
            "Your windows lie side by side, k apart. They move by the stride, and may overlap or leave gaps.",
        ),
        Mistake(
            "the kernel is turned",
            lambda d, w, *rest: _strided_delta(d, w[::-1, ::-1].copy(), *rest),
            "Sliding over δ needs the turned kernel, handing δ out needs it as it is. You have turned it once too "
            "often, or not at all.",
        ),
        Mistake(
            "shares overwrite each other",
            _overwritten,
            "Where windows overlap, only the last share is left. A pixel reaches the loss through every output that "
            "looks at it: add.",
        ),
        Mistake(
            "the padding is not cut off",
            _with_padding,
            "Your result still has the rings of zeros. They were no part of the map, and their derivatives are thrown "
            "away.",
        ),
        Mistake(
            "the padding is cut off with [p:-p]",
            _empty_cut,
            "With padding all is right, and without it nothing is left: for p = 0 the slice [0:-0] is [0:0]. Cut with "
            "[p : p + height].",
        ),
        Mistake(
            "negative indices count from the end",
            _negative_indices,
            "Above and left of the map your indices are negative, and NumPy writes to the other end of it. What falls "
            "into the padding is thrown away.",
        ),
        Mistake(
            "the padding is cut off at one side",
            _as(lambda s, k: s, lambda p: 0),
            "The shape is right, and everything is moved by p pixels. The map begins at row p and column p of the "
            "padded one: cut p on each side.",
        ),
        Mistake(
            "the padding is cut off twice",
            _as(lambda s, k: s, lambda p: 2 * p),
            "Your map begins 2p pixels from the edge of the padded one. There are p rings on each side.",
        ),
        Mistake(
            "the rows and columns that are left over are missing",
            _covered,
            "You return what the windows cover. The map was height × width; pixels that no window reached get 0.",
        ),
        Mistake(
            "divided by the square of the stride",
            lambda d, w, s, *rest: _strided_delta(d, w, s, *rest) / s**2,
            "The stride thins the outputs out, but those that are left count in full. Nothing is divided.",
        ),
        Mistake(
            "rows and columns are swapped",
            lambda *args: _strided_delta(*args).T,
            "Your result is transposed. The first index of δ goes down, and so does the first one of the map.",
        ),
        Mistake(
            "the sign is wrong",
            lambda *args: -_strided_delta(*args),
            "That is the derivative with a minus. The minus belongs to the update, where one goes downhill.",
        ),
    ),
    {
        "a stride above 1": lambda d, w, s, p, height, width: s > 1,
        "padding": lambda d, w, s, p, height, width: p > 0,
    },
)
