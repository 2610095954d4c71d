"""Exercise 3.7: Gradient checking by central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.check import numerical_gradient
from dlbook.exercises.draw import nonzero
from dlbook.exercises.functions import Cubic
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _difference_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, h: float, *shape: int) -> Case:
        return Case(label, (Cubic(), nonzero(rng, *shape), h))

    return [
        case("one number", 0.1, 1),
        case("two numbers, a large h", 0.5, 2),
        case("a vector", 0.1, 4),
        case("a vector, a small h", 1e-4, 3),
        case("a matrix of one entry", 0.1, 1, 1),
        case("a matrix of one entry, a small h", 1e-3, 1, 1),
        case("one number, a small h", 1e-3, 1),
        *(case("a random matrix", h, *(int(k) for k in rng.integers(2, 4, size=2))) for h in (0.5, 0.1, 0.01, 1e-3)),
        *(case("a random vector", h, int(rng.integers(2, 6))) for h in (0.2, 0.05)),
    ]


def _one_by_one(quotient: Callable[[float, float, float, float], float]) -> Callable[..., Array]:
    """Return the numerical gradient whose entries are ``quotient(f(x + h), f(x), f(x − h), h)``."""

    def gradient(f: Callable[[Array], float], x: Array, h: float) -> Array:
        result = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            e = np.zeros(x.shape)
            e[index] = h
            result[index] = quotient(f(x + e), f(x), f(x - e), h)
        return result

    return gradient


def _not_put_back(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result, x = np.zeros(x.shape), x.copy()
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        result[index] = (above - f(x)) / (2 * h)
    return result


def _step_not_reset(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result, e = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e[index] = h
        result[index] = (f(x + e) - f(x - e)) / (2 * h)
    return result


def _row_by_row(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result = np.zeros(x.shape)
    for i in range(len(x)):
        e = np.zeros(x.shape)
        e[i] = h
        result[i] = (f(x + e) - f(x - e)) / (2 * h)
    return result


CENTRAL_DIFFERENCES = Exercise(
    "3.7",
    "Gradient checking by central differences",
    ("f", "x", "h"),
    ("gradient",),
    "an array with the shape of x",
    numerical_gradient,
    _difference_cases,
    (
        Mistake(
            "forward differences",
            _one_by_one(lambda above, here, below, h: (above - here) / h),
            "(f(x + h) − f(x)) / h has an error of order h. The central difference, from x − h to x + h, has one of "
            "order h²: "
            "with h = 10⁻⁵ five more digits.",
        ),
        Mistake(
            "backward differences",
            _one_by_one(lambda above, here, below, h: (here - below) / h),
            "(f(x) − f(x − h)) / h looks to one side only, and has an error of order h. Use both sides.",
        ),
        Mistake(
            "divided by h in place of 2h",
            _one_by_one(lambda above, here, below, h: (above - below) / h),
            "Your gradient is twice too large: from x − h to x + h the distance is 2h.",
        ),
        Mistake(
            "the difference is not divided by h",
            _one_by_one(lambda above, here, below, h: (above - below) / 2),
            "You halve the difference of the values. A slope is a difference of values by a difference of places: "
            "divide by 2h. "
            "(a / 2 * h is (a / 2) · h: brackets help.)",
        ),
        Mistake(
            "multiplied by h: brackets are missing",
            _one_by_one(lambda above, here, below, h: (above - below) / 2 * h),
            "Python reads d / 2 * h as (d / 2) · h. Write d / (2 * h).",
        ),
        Mistake(
            "the sign is wrong",
            _one_by_one(lambda above, here, below, h: (below - above) / (2 * h)),
            "You subtract f(x + h) from f(x − h). The slope is later minus earlier.",
        ),
        Mistake(
            "all entries are moved at once",
            lambda f, x, h: np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h)),
            "x + h adds h to every entry: this is the sum of all partial derivatives, in every place. Move one entry "
            "at a time.",
        ),
        Mistake(
            "a whole row is moved at once",
            _row_by_row,
            "x[i] is a row where x is a matrix, and all of it moves. Visit single entries: np.ndindex(x.shape).",
        ),
        Mistake(
            "the entry is not put back",
            _not_put_back,
            "After the first entry, x is no longer where you started: each further derivative is taken at another "
            "place. "
            "Put the entry back before the next.",
        ),
        Mistake(
            "the step vector is not reset",
            _step_not_reset,
            "The first entry is right. After it e still holds the earlier h, and several entries move at once: start "
            "every entry with a new e of zeros.",
        ),
        Mistake(
            "a small h of your own in place of the argument",
            lambda f, x, h: numerical_gradient(f, x, 1e-5),
            "Your numbers are those of a much smaller step, such as 10⁻⁵. Whoever calls the function chooses h.",
        ),
    ),
    {
        "x of two axes": lambda f, x, h: x.ndim == 2,
        "more than one number in x": lambda f, x, h: x.size > 1,
        "h of 0.01 and more": lambda f, x, h: h >= 0.01,
    },
)
