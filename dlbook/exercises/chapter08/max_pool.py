"""Exercise 8.6: Max-pooling that remembers where."""

from __future__ import annotations

import numpy as np

from dlbook.convolution import im2col
from dlbook.exercises.chapter08.wrong_pools import Pooled, pooled
from dlbook.exercises.draw import in_float32
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.pool import MaxPool2D
from dlbook.shapes import Array


def _pool_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, H: int, W: int, k: int, stride: int) -> Case:
        return Case(label, (rng.permutation(H * W).reshape(H, W) / 4 - 1.5, k, stride))

    def equal(H: int, W: int, k: int, stride: int) -> Case:
        return Case("equal numbers in a window", (rng.integers(0, 2, size=(H, W)) / 2, k, stride))

    negative = case("only negative numbers", 4, 6, 2, 2)
    cases = [
        case("one row, windows of one pixel", 1, 4, 1, 1),
        case("one window", 2, 2, 2, 2),
        case("one window of 3 × 3", 3, 3, 3, 1),
        case("windows side by side", 4, 6, 2, 2),
        case("windows side by side, a square map", 4, 4, 2, 2),
        case("windows of 3 side by side", 6, 9, 3, 3),
        case("windows of one pixel, stride 2", 3, 5, 1, 2),
        case("overlapping windows", 4, 5, 2, 1),
        case("overlapping windows, a square map", 5, 5, 3, 2),
        case("overlapping windows of 3, stride 1", 4, 6, 3, 1),
        case("a rest at the edge", 5, 7, 2, 2),
        case("gaps between the windows", 7, 8, 2, 3),
        Case(negative.label, (negative.args[0] - 10, 2, 2)),
        *(equal(H, W, k, stride) for H, W, k, stride in ((2, 2, 2, 2), (4, 6, 2, 2), (5, 7, 3, 2))),
        *(
            case("a random map", int(H), int(W), int(k), int(s))
            for H, W, k, s in rng.integers([4, 4, 2, 1], [8, 8, 4, 4], size=(5, 4))
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _max_pool(x: Array, k: int, stride: int) -> Pooled:
    y = MaxPool2D(k, stride)(x[None, None])[0, 0]
    winner = im2col(x, k, stride).argmax(axis=1)
    places = im2col(np.arange(x.size).reshape(x.shape), k, stride)
    return y, places[np.arange(len(places)), winner].reshape(y.shape)


MAX_POOL = Exercise(
    "8.6",
    "Max-pooling that remembers where",
    ("x", "k", "stride"),
    ("y", "place"),
    "y and place, both (H', W')",
    _max_pool,
    _pool_cases,
    (
        Mistake(
            "the place is counted within the window",
            pooled(place=lambda w: w.i * w.k + w.j),
            "y is right. Your places run from 0 to k² − 1: they say where in its window the maximum stood, not where "
            "in the map. Add where the window starts.",
        ),
        Mistake(
            "argmax is added to the corner's place",
            pooled(place=lambda w: w.top * w.W + w.left + w.i * w.k + w.j),
            "argmax counts in rows of k numbers, the map in rows of W. Turn it into row and column of the window "
            "first, with divmod(…, k).",
        ),
        Mistake(
            "the place is the window's corner",
            pooled(place=lambda w: w.top * w.W + w.left),
            "y is right. You give the place where the window starts. Asked is where its largest number stands.",
        ),
        Mistake(
            "the place is counted down the columns",
            pooled(place=lambda w: (w.left + w.j) * w.H + w.top + w.i),
            "y is right. Your places go down the columns. Row by row a place is row · W + column.",
        ),
        Mistake(
            "the height in place of the width",
            pooled(place=lambda w: (w.top + w.i) * w.H + w.left + w.j),
            "y is right. From one row to the next there are W numbers, the width of the map, not H.",
        ),
        Mistake(
            "the window's number in place of its corner",
            pooled(place=lambda w: (w.r + w.i) * w.W + w.c + w.j),
            "y is right. Window r starts at row r · stride of the map, not at row r: multiply before you add.",
        ),
        Mistake(
            "the place is that of the window in the output",
            pooled(place=lambda w: w.r * ((w.W - w.k) // w.stride + 1) + w.c),
            "y is right. Your places number the windows. Asked is for each the place in x from which its maximum came.",
        ),
        Mistake(
            "the last among equals",
            pooled(last=True),
            "Where a window holds its maximum twice you take the later one. The first one, row by row, is asked for: "
            "so does the package, so does PyTorch.",
        ),
        Mistake(
            "the minimum",
            pooled(pick=lambda window: -window),
            "You keep the smallest number of each window, and its place. Pooling keeps the largest one.",
        ),
        Mistake(
            "the largest in size",
            pooled(pick=abs),
            "You compare sizes without the sign: −3 wins over 2. The maximum is the larger number, 2.",
        ),
        Mistake(
            "the mean in y",
            pooled(y=lambda window: window.mean()),
            "The places are right. y holds the mean of each window, which is average pooling.",
        ),
        Mistake(
            "nothing below zero",
            pooled(y=lambda window: max(window.max(), 0.0)),
            "Where all numbers of a window are negative you return 0. Start with the first number of the window or "
            "with −∞, not with 0.",
        ),
        Mistake(
            "the stride is ignored",
            lambda x, k, stride: _max_pool(x, k, k),
            "You step by k. The windows start every `stride` pixels; with a smaller stride they overlap.",
        ),
        Mistake(
            "the window moves by one pixel",
            lambda x, k, stride: _max_pool(x, k, 1),
            "You visit every place. The windows start every `stride` pixels, so the map becomes smaller.",
        ),
    ),
    {
        "equal numbers": lambda x, k, stride: len(np.unique(x)) < x.size,
        "a stride other than k": lambda x, k, stride: stride != k,
        "maps that are not square": lambda x, k, stride: x.shape[0] != x.shape[1],
    },
)
