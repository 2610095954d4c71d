"""Exercise 5.7: Back through a broadcast sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array
from dlbook.tape_rules import unbroadcast

Reduce = Callable[[Array, tuple[int, ...]], Any]


def _sum_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, X: tuple[int, ...], B: tuple[int, ...]) -> Case:
        return Case(label, (nonzero(rng, *np.broadcast_shapes(X, B)), nonzero(rng, *X), nonzero(rng, *B)))

    cases = [
        case("equal shapes", (2, 3), (2, 3)),
        case("equal shapes, one row", (1, 3), (1, 3)),
        case("two vectors", (3,), (3,)),
        case("two single numbers", (1,), (1,)),
        case("a bias for every column", (2, 3), (3,)),
        case("a bias for every column of a square", (3, 3), (3,)),
        case("a bias for one row", (1, 3), (3,)),
        case("a row", (2, 3), (1, 3)),
        case("a column", (2, 3), (2, 1)),
        case("a column of a square", (2, 2), (2, 1)),
        case("one number in a matrix", (2, 2), (1, 1)),
        case("one number in a vector", (2, 3), (1,)),
        case("one number without an axis", (2, 3), ()),
        case("X is stretched, a bias first", (3,), (2, 3)),
        case("X is stretched, a row first", (1, 2), (3, 2)),
        case("both are stretched, a column and a row", (2, 1), (1, 3)),
        case("both are stretched, a column and a vector", (2, 1), (3,)),
        case("three axes, a bias for every channel", (2, 3, 2), (3, 1)),
        case("three axes, a vector", (2, 2, 3), (3,)),
        case("three axes, one in the middle", (2, 3, 2), (2, 1, 2)),
    ]
    return [*cases, in_float32(cases[4]), in_float32(cases[8])]


def _both(reduce: Reduce, of_X: Reduce | None = None) -> Callable[[Array, Array, Array], Any]:
    """Return dX and dB, each reduced to the shape of its own array."""
    return lambda dY, X, B: ((of_X or reduce)(dY, X.shape), reduce(dY, B.shape))


def _new_axes(dY: Array, shape: tuple[int, ...]) -> Array:
    return np.asarray(dY.sum(axis=tuple(range(dY.ndim - len(shape)))))


def _ones_axes(dY: Array, shape: tuple[int, ...], keep: bool = True) -> Array:
    padded = (dY.shape[: dY.ndim - len(shape)]) + shape
    stretched = tuple(i for i, n in enumerate(padded) if n == 1 and dY.shape[i] > 1)
    return np.asarray(dY.sum(axis=stretched, keepdims=keep))


def _mean(dY: Array, shape: tuple[int, ...]) -> Array:
    total = unbroadcast(dY, shape)
    return np.asarray(total * max(total.size, 1) / dY.size)


def _first(dY: Array, shape: tuple[int, ...]) -> Array:
    for _ in range(dY.ndim - len(shape)):
        dY = dY[0]
    return dY[tuple(slice(0, n) for n in shape)]


BROADCAST_ADD = Exercise(
    "5.7",
    "Back through a broadcast sum",
    ("dY", "X", "B"),
    ("dX", "dB"),
    "dX with the shape of X, dB with the shape of B",
    _both(unbroadcast),
    _sum_cases,
    (
        Mistake(
            "nothing is summed",
            lambda dY, X, B: (dY, dY),
            "Where nothing is stretched you are right: the local derivative is 1. A number that was used in many "
            "places has many users, and their shares add up until the gradient has its shape.",
        ),
        Mistake(
            "axes of length one are not summed",
            _both(_new_axes),
            "New axes in front are right. An axis of length one is stretched too, when the other array is longer "
            "there: sum over it and keep it (keepdims=True).",
        ),
        Mistake(
            "new axes in front are not summed",
            _both(_ones_axes),
            "Axes of length one are right. A vector that is added to a matrix has no first axis at all; NumPy puts one "
            "in front. Sum over these axes and drop them.",
        ),
        Mistake(
            "the axis of length one is lost",
            _both(lambda dY, shape: _ones_axes(_new_axes(dY, shape), shape, keep=False)),
            "The sums are right, the shape is not: an axis of length one that is summed over must stay "
            "(keepdims=True).",
        ),
        Mistake(
            "always the sum over the first axis",
            lambda dY, X, B: (dY, dY.sum(axis=0)),
            "That is the bias of a layer. Other shapes are stretched along other axes, or not at all: let the shapes "
            "decide.",
        ),
        Mistake(
            "X is taken to have the shape of Y",
            _both(unbroadcast, lambda dY, shape: dY),
            "dB is right. X may be stretched as well as B: both ways back are the same function.",
        ),
        Mistake(
            "B is taken to have the shape of Y",
            lambda dY, X, B: (unbroadcast(dY, X.shape), dY),
            "dX is right. dB needs the same treatment: sum until it has the shape of B.",
        ),
        Mistake(
            "the mean in place of the sum",
            _both(_mean),
            "Shares of many users add up; nobody divides. If J is a mean over examples, its 1/m is already in dY.",
        ),
        Mistake(
            "one of the places in place of their sum",
            _both(_first),
            "The shape is right, but you pick the first of the places where the number was used. All of them count.",
        ),
        Mistake(
            "everything is summed",
            _both(lambda dY, shape: np.full(shape, dY.sum())),
            "The shape is right, and every entry holds the sum of all of dY. Sum over the stretched axes alone.",
        ),
        Mistake(
            "the derivatives of a product",
            lambda dY, X, B: (unbroadcast(dY * B, X.shape), unbroadcast(dY * X, B.shape)),
            "You multiply by the other factor. That is for X * B. In a sum both local derivatives are 1.",
        ),
        Mistake(
            "the sign of a difference",
            lambda dY, X, B: (unbroadcast(dY, X.shape), -unbroadcast(dY, B.shape)),
            "dX is right. dB has a minus: that is for X − B.",
        ),
        Mistake(
            "dX and dB are swapped",
            lambda dY, X, B: (unbroadcast(dY, B.shape), unbroadcast(dY, X.shape)),
            "You return the gradient of B first. A gradient has the shape of what it is the gradient of.",
        ),
    ),
    {
        "an array that is stretched": lambda dY, X, B: X.shape != dY.shape or B.shape != dY.shape,
        "an X that is stretched": lambda dY, X, B: X.shape != dY.shape,
        "an axis of length one": lambda dY, X, B: 1 in X.shape or 1 in B.shape,
        "new axes in front": lambda dY, X, B: X.ndim != B.ndim,
    },
)
