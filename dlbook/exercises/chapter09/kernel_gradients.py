"""Exercise 9.6: The gradients of kernels and biases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.conv import Conv2D
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, c_in: int, c_out: int, k_h: int, k_w: int, rows: int, columns: int) -> Case:
        a = nonzero(rng, m, c_in, rows + k_h - 1, columns + k_w - 1)
        return Case(label, (a, nonzero(rng, m, c_out, rows, columns)))

    cases = [
        case("one number of everything", 1, 1, 1, 1, 1, 1, 1),
        case("one image, one channel, one kernel", 1, 1, 1, 2, 2, 2, 2),
        case("one image, one channel, a wide kernel", 1, 1, 1, 2, 3, 3, 2),
        case("one place", 1, 2, 2, 2, 2, 1, 1),
        case("one image", 1, 2, 3, 2, 2, 2, 3),
        case("one image, one kernel", 1, 3, 1, 2, 2, 3, 2),
        case("one channel", 2, 1, 2, 2, 2, 2, 3),
        case("one channel, one kernel", 3, 1, 1, 2, 2, 3, 2),
        case("one kernel", 2, 2, 1, 2, 3, 2, 2),
        case("kernels of one pixel", 2, 2, 3, 1, 1, 2, 3),
        case("as many kernels as channels", 2, 2, 2, 2, 2, 3, 3),
        case("three of everything", 3, 3, 3, 3, 3, 3, 3),
        case("one row", 2, 2, 3, 1, 3, 1, 4),
        *(
            case("random sizes", *(int(n) for n in sizes))
            for sizes in rng.integers(2, [4, 4, 5, 4, 4, 4, 5], size=(6, 7))
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _gradients(a: Array, delta: Array) -> tuple[Array, Array]:
    (_, c_in, H, W), (_, c_out, rows, columns) = a.shape, delta.shape
    layer = Conv2D(c_in, c_out, (H - rows + 1, W - columns + 1), rng=np.random.default_rng(0))
    grads = layer.astype(a.dtype.type).param_grads(delta, a)
    return grads["W"], grads["b"]


def _with_dW(change: Callable[[Array, Array, Array], Any]) -> Any:
    return lambda a, d: (change(_gradients(a, d)[0], a, d), _gradients(a, d)[1])


def _with_db(db: Callable[[Array], Any]) -> Any:
    return lambda a, d: (_gradients(a, d)[0], db(d))


def _over(n: Callable[[Array], float]) -> Any:
    """Return the function that divides both gradients by a number of δ."""
    return lambda a, d: tuple(g / n(d) for g in _gradients(a, d))


def _same_for_all(total: Array, axis: int, like: Array) -> Array:
    return np.repeat(total, like.shape[axis], axis=axis)


KERNEL_GRADIENTS = Exercise(
    "9.6",
    "The gradients of kernels and biases",
    ("a", "delta"),
    ("dW", "db"),
    "dW (c_out, c_in, k_h, k_w) and db (c_out,)",
    _gradients,
    _cases,
    (
        Mistake(
            "the mean over the batch is taken again",
            _over(len),
            "Your gradients are m times too small. This delta has 1/m inside already: add up over the images.",
        ),
        Mistake(
            "the mean over images and places is taken",
            _over(lambda d: d[:, 0].size),
            "You divide by the number of images times places. The 1/m is in delta, and a weight that works at many "
            "places has as many paths: add up.",
        ),
        Mistake(
            "db is a mean",
            _with_db(lambda d: d.mean(axis=(0, 2, 3))),
            "dW is right. The bias is added at every place of its map with the factor 1, so its gradient is the sum of "
            "δ, not the mean.",
        ),
        Mistake(
            "db is the mean over the places",
            _with_db(lambda d: d.mean(axis=(2, 3)).sum(axis=0)),
            "dW is right. You add up over the images and average over the places. The bias has a path through every "
            "place: add up there too.",
        ),
        Mistake(
            "db is not added up over the images",
            _with_db(lambda d: d.sum(axis=(2, 3))),
            "Your db has one row per image. The images share the bias, so their shares are added up: axis 0 too.",
        ),
        Mistake(
            "db is one number for all kernels",
            _with_db(lambda d: d.sum()),
            "Without an axis the sum runs over the kernels as well. Each kernel has a bias of its own: keep axis 1.",
        ),
        Mistake(
            "db keeps axes of length one",
            _with_db(lambda d: d.sum(axis=(0, 2, 3), keepdims=True)),
            "Your db has shape (1, c_out, 1, 1), b has (c_out,). A gradient has the shape of its parameter.",
        ),
        Mistake(
            "the input is turned by 180°",
            _with_dW(lambda dW, a, d: _gradients(a[:, :, ::-1, ::-1], d)[0]),
            "You slide δ over an input that was turned first, and the wrong numbers meet. On the way to the input the "
            "kernel turns, because of a minus. Here both indices run the same way: nothing is turned.",
        ),
        Mistake(
            "the gradient is turned by 180°",
            _with_dW(lambda dW, a, d: dW[:, :, ::-1, ::-1]),
            "Every number of dW stands at the opposite place of its kernel. Weight (i, j) met the inputs that lie i "
            "rows and j columns further: nothing is turned here.",
        ),
        Mistake(
            "the channels stand first",
            _with_dW(lambda dW, a, d: dW.transpose(1, 0, 2, 3)),
            "A gradient has the shape of its parameter: W is (c_out, c_in, k_h, k_w), kernels first.",
        ),
        Mistake(
            "the mean over the places in dW",
            _with_dW(lambda dW, a, d: dW / d[0, 0].size),
            "db is right. A weight works at H' · W' places, and each is a path to the loss: add up, do not average.",
        ),
        Mistake(
            "only the last image counts in dW",
            _with_dW(lambda dW, a, d: _gradients(a[-1:], d[-1:])[0]),
            "Your loop over the images overwrites dW. The images share the kernels, so their contributions are added "
            "up.",
        ),
        Mistake(
            "the channels are added up",
            _with_dW(lambda dW, a, d: _same_for_all(dW.sum(axis=1, keepdims=True), 1, dW)),
            "Every channel gets the same gradient, the one of their sum. W has a kernel for each channel, and that one "
            "met this channel only.",
        ),
        Mistake(
            "the kernels are added up",
            _with_dW(lambda dW, a, d: _same_for_all(dW.sum(axis=0, keepdims=True), 0, dW)),
            "Every kernel gets the same gradient. Kernel o only made map o, so only δ of this map belongs to it.",
        ),
        Mistake(
            "the sign is wrong",
            _over(lambda d: -1),
            "These are the gradients with a minus. The minus belongs to the update, W − α dW.",
        ),
    ),
    {
        "more than one image": lambda a, d: several(a),
        "more than one channel": lambda a, d: a.shape[1] > 1,
        "more than one kernel": lambda a, d: d.shape[1] > 1,
    },
)
