"""Exercise 2.6: A bump, the brick of universal approximation."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.draw import nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import step
from dlbook.shapes import Array

POINTS = np.arange(-5.75, 6, 0.5)  # never exactly at an edge, which is a multiple of one half


def _bump_cases(rng: np.random.Generator) -> list[Case]:
    def case(height: float | None = None) -> Case:
        left = int(rng.integers(-7, 6)) / 2 + 0.5
        return Case(
            "a random bump",
            (left, left + int(rng.integers(1, 5)) / 2, float(nonzero(rng)) if height is None else height),
        )

    fixed = [Case("a bump of height 1", (1.0, 3.0, 1.0)), Case("a bump around 0", (-1.0, 1.5, 2.0))]
    return [*fixed, Case("a dent", (-3.0, -1.0, -0.5)), *(case(h) for h in [*[1.0] * 3, 2.0, *[None] * 6])]


def _bump(left: float, right: float, height: float) -> tuple[Array, Array, Array]:
    return np.ones(2), np.array([-left, -right]), np.array([height, -height])


def _with_output(v: Any) -> Any:
    return lambda left, right, height: (*_bump(left, right, height)[:2], np.array(v(height)))


def _g(args: tuple[Any, ...], weights: tuple[Any, ...]) -> Array:
    w, b, v = (array.reshape(-1) for array in weights)
    for name, array in zip(("w", "b", "v"), weights, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or an infinity")
    if not w.size == b.size == v.size:
        raise ValueError(f"w, b and v should hold one number per unit, and hold {w.size}, {b.size} and {v.size}")
    return np.asarray(step(POINTS[:, None] * w + b) @ v)


BUMP = Exercise(
    "2.6",
    "A bump, the brick of universal approximation",
    ("left", "right", "height"),
    ("w", "b", "v"),
    "w, b and v, each with one number per unit; left < right, and height may be negative",
    _bump,
    _bump_cases,
    (
        Mistake(
            "the biases have the wrong sign",
            lambda left, right, height: (np.ones(2), np.array([left, right]), np.array([height, -height])),
            "step(x + left) switches on at x = −left: your bump is on the other side of 0. With w = 1 the bias is "
            "−left.",
        ),
        Mistake(
            "the second step is added",
            _with_output(lambda h: [h, h]),
            "Beyond right g climbs to 2 · height: a staircase. The unit that switches on at right must take the height "
            "away.",
        ),
        Mistake(
            "there is no second step",
            _with_output(lambda h: [h, 0.0]),
            "g is right up to the right edge and never comes down again. A second unit, with weight −height, ends the "
            "bump.",
        ),
        Mistake(
            "the bump is upside down",
            _with_output(lambda h: [-h, h]),
            "The first unit should add the height, the second one take it away: the two signs in v are exchanged.",
        ),
        Mistake(
            "the height is missing",
            _with_output(lambda h: [1.0, -1.0]),
            "The edges are right, but every bump is 1 high. The output weights v carry the height.",
        ),
        Mistake(
            "it is on outside and off inside",
            lambda left, right, height: (np.array([-1.0, 1.0]), np.array([left, -right]), np.array([height, height])),
            "Your units switch on left of left and right of right. Exchange the signs of w and b in both.",
        ),
    ),
    {
        "a height other than 1": lambda left, right, height: height != 1,
        "a negative height": lambda left, right, height: height < 0,
        "an edge left of 0": lambda left, right, height: left < 0,
    },
    observe=_g,
    observed="g(x) for x = −5.75, −5.25, …, 5.75",
)
