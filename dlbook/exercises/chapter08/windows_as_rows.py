"""Exercise 8.4: im2col of one image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.convolution import im2col
from dlbook.exercises.draw import in_float32, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _window_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, c: int, H: int, W: int, k: int, stride: int) -> Case:
        return Case(label, (normal(rng, c, H, W), k, stride))

    cases = [
        case("one pixel", 1, 1, 1, 1, 1),
        case("one window", 1, 2, 2, 2, 1),
        case("one channel", 1, 3, 4, 2, 1),
        case("one channel, stride 2", 1, 4, 6, 2, 2),
        case("windows of one pixel", 2, 2, 3, 1, 1),
        case("windows of one pixel, stride 2", 2, 3, 5, 1, 2),
        case("windows of one pixel, one channel", 1, 2, 3, 1, 1),
        case("one window, three channels", 3, 2, 2, 2, 1),
        case("two channels, a square image", 2, 3, 3, 2, 1),
        case("as many channels as rows and columns", 3, 3, 3, 2, 1),
        case("a rest at the edge", 2, 6, 5, 2, 3),
        case("stride 2 and windows of 3", 2, 7, 5, 3, 2),
        case("one row of windows", 2, 3, 6, 3, 1),
        case("one column of windows", 2, 6, 3, 3, 1),
        *(
            case("a random image", int(c), int(H), int(W), int(k), int(s))
            for c, H, W, k, s in rng.integers([1, 4, 4, 2, 1], [4, 7, 7, 4, 4], size=(6, 5))
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _windows(x: Array, k: int, stride: int) -> Array:
    return im2col(x[None], k, stride)


def _places(n: int, k: int, stride: int) -> int:
    return (n - k) // stride + 1


def _moved(*order: int) -> Callable[[Array, int, int], Array]:
    """Return the rows with the axes place, channel, row and column of the window in another order."""

    def moved(x: Array, k: int, stride: int) -> Array:
        C = _windows(x, k, stride).reshape(-1, len(x), k, k)
        return C.transpose(order).reshape(len(C), -1)

    return moved


def _down_the_columns(x: Array, k: int, stride: int) -> Array:
    rows, columns = (_places(n, k, stride) for n in x.shape[1:])
    C = _windows(x, k, stride)
    return C.reshape(rows, columns, -1).transpose(1, 0, 2).reshape(C.shape)


def _channel_after_channel(x: Array, k: int, stride: int) -> Array:
    return np.concatenate([_windows(channel[None], k, stride) for channel in x])


def _without_the_last(x: Array, k: int, stride: int) -> Array:
    tops, lefts = (range(0, n - k, stride) for n in x.shape[1:])
    return np.array([x[:, i : i + k, j : j + k].ravel() for i in tops for j in lefts])


def _steps_of_one(x: Array, k: int, stride: int) -> Array:
    tops, lefts = (range(_places(n, k, stride)) for n in x.shape[1:])
    return np.array([x[:, i : i + k, j : j + k].ravel() for i in tops for j in lefts])


def _turned(x: Array, k: int, stride: int) -> Array:
    C = _windows(x, k, stride)
    return C.reshape(-1, len(x), k, k)[:, :, ::-1, ::-1].reshape(C.shape)


WINDOWS_AS_ROWS = Exercise(
    "8.4",
    "im2col of one image",
    ("x", "k", "stride"),
    ("C",),
    "one row per window, shape (H'W', c·k·k)",
    _windows,
    _window_cases,
    (
        Mistake(
            "the windows are columns",
            lambda x, k, stride: _windows(x, k, stride).T,
            "The matrix is transposed: the windows stand in its columns, as the name im2col says. Here each window is "
            "a row, so that the product is C @ W.T as in a dense layer.",
        ),
        Mistake(
            "the stride is ignored",
            lambda x, k, stride: _windows(x, k, 1),
            "Your windows move by one pixel. They start every `stride` pixels, in both directions.",
        ),
        Mistake(
            "the places are counted with the stride, the window moves by one",
            _steps_of_one,
            "You have as many rows as there should be, but window (y, x) begins at y and x. It begins at y · stride "
            "and x · stride.",
        ),
        Mistake(
            "the windows do not overlap",
            lambda x, k, stride: _windows(x, k, k),
            "You step by k, the side of the window. The step is `stride`: with a smaller one the windows overlap.",
        ),
        Mistake(
            "the channels are last in a row",
            _moved(0, 2, 3, 1),
            "Your rows go pixel by pixel and list the channels of each. W.reshape(c_out, -1) goes channel by channel: "
            "the whole window of channel 0 first.",
        ),
        Mistake(
            "the windows are read down their columns",
            _moved(0, 1, 3, 2),
            "Within a window, rows come first: the number beside the first one is its right neighbour, not the one "
            "below.",
        ),
        Mistake(
            "the places are counted down the columns",
            _down_the_columns,
            "The windows are right and stand in another order. Go along the first row of places first, then the next.",
        ),
        Mistake(
            "every channel has rows of its own",
            _channel_after_channel,
            "One row holds the window of all channels, so that one dot product adds over them. You have c times as "
            "many rows, each c times as short.",
        ),
        Mistake(
            "only the first channel",
            lambda x, k, stride: _windows(x[:1], k, stride),
            "The other channels are missing. A kernel sees all channels: its row has c · k · k numbers.",
        ),
        Mistake(
            "the channels are added up",
            lambda x, k, stride: _windows(x.sum(axis=0, keepdims=True), k, stride),
            "You add the channels before anybody has weighted them. Each has a k × k kernel of its own, so keep them "
            "apart.",
        ),
        Mistake(
            "the last places are missing",
            _without_the_last,
            "range(0, H - k) stops one too early: a window that starts at H − k just fits. Use H - k + 1.",
        ),
        Mistake(
            "the windows are turned by 180°",
            _turned,
            "You read the windows backwards, as a true convolution would. Networks slide the kernel as it is.",
        ),
        Mistake(
            "the windows are not laid out",
            lambda x, k, stride: _windows(x, k, stride).reshape(-1, len(x), k, k),
            "The windows are right and still have their shape. A row of the matrix is one long line: ravel them.",
        ),
    ),
    {
        "more than one channel": lambda x, k, stride: len(x) > 1,
        "windows larger than one pixel": lambda x, k, stride: k > 1,
        "a stride above 1": lambda x, k, stride: stride > 1,
    },
)
