"""Exercise 8.3: What a convolution layer costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.accounting import describe
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.parts import Conv

Cost = tuple[int, int]


def _cost_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, *args: int) -> Case:
        return Case(label, args)

    return [
        case("one kernel of 1 × 1 on one pixel", 1, 1, 1, 1, 1, 1, 0),
        case("one map in, one kernel", 1, 1, 3, 4, 5, 1, 0),
        case("a kernel as large as the map", 3, 2, 4, 4, 4, 1, 0),
        case("one map in, stride 2", 1, 3, 2, 6, 5, 2, 1),
        case("LeNet-5's first layer", 1, 6, 5, 28, 28, 1, 2),
        case("LeNet-5's second layer", 6, 16, 5, 14, 14, 1, 0),
        case("kernels of 1 × 1", 8, 4, 1, 6, 7, 1, 0),
        case("stride 2, no rest", 3, 4, 3, 7, 9, 2, 0),
        case("stride 2, with a rest", 2, 5, 3, 8, 6, 2, 0),
        case("stride 3 and padding", 2, 3, 4, 9, 7, 3, 1),
        case("colour, padding 2", 3, 8, 5, 10, 12, 1, 2),
        case("AlexNet's first layer", 3, 96, 11, 224, 224, 4, 2),
        *(
            case("random numbers", *(int(n) for n in rng.integers([2, 2, 2, 5, 5, 1], [9, 9, 5, 12, 12, 4])), int(p))
            for p in rng.integers(0, 3, size=6)
        ),
    ]


def _conv_cost(c_in: int, c_out: int, k: int, height: int, width: int, stride: int, padding: int) -> Cost:
    d = describe([Conv(c_out, k, stride, padding)], (c_in, height, width))
    return d.parameters, d.multiplications


def _with(
    weights: Callable[[int, int, int], int] = lambda c_in, c_out, k: c_out * c_in * k * k,
    biases: Callable[[int, int], int] = lambda c_in, c_out: c_out,
    places: Callable[[int, int, int, int], int] = lambda n, k, stride, padding: (n + 2 * padding - k) // stride + 1,
    columns: Callable[[int, int], int] = lambda height, width: width,
    multiplied: Callable[[int, int], int] = lambda weights, biases: weights,
) -> Callable[..., Any]:
    """Return the answer with one of its parts replaced."""

    def cost(c_in: int, c_out: int, k: int, height: int, width: int, stride: int, padding: int) -> Cost:
        w, b = weights(c_in, c_out, k), biases(c_in, c_out)
        rows = places(height, k, stride, padding)
        return w + b, multiplied(w, b) * rows * places(columns(height, width), k, stride, padding)

    return cost


CONV_COST = Exercise(
    "8.3",
    "What a convolution layer costs",
    ("c_in", "c_out", "k", "height", "width", "stride", "padding"),
    ("parameters", "multiplications"),
    "two whole numbers",
    _conv_cost,
    _cost_cases,
    (
        Mistake(
            "the biases are forgotten",
            _with(biases=lambda c_in, c_out: 0),
            "The multiplications are right. Among the parameters each kernel also has one bias, which is added.",
        ),
        Mistake(
            "one bias for the whole layer",
            _with(biases=lambda c_in, c_out: 1),
            "Every kernel has a bias of its own, so there are as many biases as maps that come out.",
        ),
        Mistake(
            "a bias for every pair of maps",
            _with(biases=lambda c_in, c_out: c_in * c_out),
            "The products of all channels are added up first, and then one bias. It belongs to the sum, once per "
            "kernel.",
        ),
        Mistake(
            "the biases multiply too",
            _with(multiplied=lambda weights, biases: weights + biases),
            "Your multiplications are the parameters times the places. A bias is added, it multiplies nothing.",
        ),
        Mistake(
            "the maps that come in are forgotten",
            _with(weights=lambda c_in, c_out, k: c_out * k * k),
            "A kernel has k · k weights for every map that comes in: it looks at all of them at once.",
        ),
        Mistake(
            "the kernels are not counted",
            _with(weights=lambda c_in, c_out, k: c_in * k * k),
            "These are the weights of one kernel. There are c_out of them, and none is shared between kernels.",
        ),
        Mistake(
            "k in place of k²",
            _with(weights=lambda c_in, c_out, k: c_out * c_in * k),
            "A window has two sides: k rows of k pixels, k² weights for each pair of maps.",
        ),
        Mistake(
            "the stride is ignored",
            _with(places=lambda n, k, stride, padding: n + 2 * padding - k + 1),
            "The parameters are right. With a stride the kernel skips places, and each place that is left out saves "
            "its multiplications.",
        ),
        Mistake(
            "the padding is ignored",
            _with(places=lambda n, k, stride, padding: (n - k) // stride + 1),
            "The parameters are right. The zeros around the map make room for more places, and the kernel is "
            "multiplied there like anywhere else.",
        ),
        Mistake(
            "the padding is added once",
            _with(places=lambda n, k, stride, padding: (n + padding - k) // stride + 1),
            "A ring of zeros lengthens every axis at both ends: the padded axis has n + 2p numbers.",
        ),
        Mistake(
            "the first place is missing",
            _with(places=lambda n, k, stride, padding: (n + 2 * padding - k) // stride),
            "You count the steps. The window stands at one place before its first step: one more than there are steps.",
        ),
        Mistake(
            "the places are rounded up",
            _with(places=lambda n, k, stride, padding: -((k - n - 2 * padding) // stride) + 1),
            "A last window that would hang over the edge is not taken: the number of places is rounded down.",
        ),
        Mistake(
            "the places are the pixels of the input",
            _with(places=lambda n, k, stride, padding: n),
            "A weight works once at each place of the output. The input has other many pixels, unless the padding is "
            "just right.",
        ),
        Mistake(
            "the height is taken for both axes",
            _with(columns=lambda height, width: height),
            "Your numbers fit square maps. Count the places along each axis with its own length.",
        ),
        Mistake(
            "each weight multiplies once",
            _with(places=lambda n, k, stride, padding: 1),
            "That would be a layer that looks at one place. The same weights work again at each place of the output.",
        ),
    ),
    {
        "a stride above 1": lambda c_in, c_out, k, height, width, stride, padding: stride > 1,
        "padding": lambda c_in, c_out, k, height, width, stride, padding: padding > 0,
        "more than one map that comes in": lambda c_in, *_: c_in > 1,
        "maps that are not square": lambda c_in, c_out, k, height, width, stride, padding: height != width,
    },
)
