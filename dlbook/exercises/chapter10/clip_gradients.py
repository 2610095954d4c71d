"""Exercise 10.6: Clip by the global norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.clipping import clip_norm, clip_value
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Three: TypeAlias = tuple[Array, Array, Array]
Clip: TypeAlias = Callable[[Array, Array, Array, float], Three]


def _clip_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n_in: int, n: int, share: float, small: bool = False) -> Case:
        g = nonzero(rng, n, n_in), nonzero(rng, n, n), nonzero(rng, n)
        if small:  # one array is long, and the others are short enough for themselves
            g = g[0] * 0.1, g[1] * 4, g[2] * 0.1
        return Case(label, (*g, round(share * _norm(*g), 2)))

    def zeros(n_in: int, n: int) -> Case:
        return Case("zero gradients", (np.zeros((n, n_in)), np.zeros((n, n)), np.zeros(n), 1.0))

    cases = [
        case("too long, one unit", 1, 1, 0.5),
        case("short enough, one unit", 1, 1, 1.5),
        case("too long, one unit, several inputs", 3, 1, 0.6),
        case("too long", 2, 3, 0.2),
        *(case("too long, one input", 1, n, 0.4) for n in (2, 3)),
        *(case("a little too long", 3, n, 0.9) for n in (2, 3)),
        *(case("short enough", 3, n, 1.1) for n in (2, 3)),
        *(case("much shorter than the limit", 2, n, 5.0) for n in (1, 2)),
        *(case("one array is long", 2, n, 0.5, small=True) for n in (2, 3)),
        zeros(2, 2),
        *(case("a random case, too long", int(rng.integers(2, 4)), int(rng.integers(2, 4)), 0.3) for _ in range(3)),
    ]
    return [*cases, in_float32(cases[-1])]


def _norm(*g: Array) -> float:
    return float(np.sqrt(sum(float((a**2).sum()) for a in g)))


def _clip(dU: Array, dW: Array, db: Array, limit: float) -> Three:
    clipped = clip_norm({"U": dU, "W": dW, "b": db}, limit)
    return clipped["U"], clipped["W"], clipped["b"]


def _shorter(norm: float, limit: float) -> float:
    return limit / norm if norm > limit else 1.0


def _scaled(length: Callable[..., float], scale: Callable[[float, float], float] = _shorter) -> Clip:
    """Return clipping with another length, or with another scale made of the length and the limit."""

    def clip(dU: Array, dW: Array, db: Array, limit: float) -> Three:
        norm = length(dU, dW, db)
        by = scale(norm, limit)
        return dU * by, dW * by, db * by

    return clip


def _each_alone(dU: Array, dW: Array, db: Array, limit: float) -> Three:
    first, second, third = (clip_norm({"g": g}, limit)["g"] for g in (dU, dW, db))
    return first, second, third


def _by_value(dU: Array, dW: Array, db: Array, limit: float) -> Three:
    clipped = clip_value({"U": dU, "W": dW, "b": db}, limit)
    return clipped["U"], clipped["W"], clipped["b"]


def _without_bias(dU: Array, dW: Array, db: Array, limit: float) -> Three:
    new_U, new_W, _ = _clip(dU, dW, db, limit)
    return new_U, new_W, db


def _all(*g: Array) -> Array:
    return np.concatenate([a.ravel() for a in g])


CLIP_GRADIENTS = Exercise(
    "10.6",
    "Clip by the global norm",
    ("dU", "dW", "db", "limit"),
    ("dU", "dW", "db"),
    "dU (n, n_in), dW (n, n) and db (n,), together not longer than limit",
    _clip,
    _clip_cases,
    (
        Mistake(
            "each array is clipped for itself",
            _each_alone,
            "You take three norms. One norm over all entries of all arrays, and one scale for all: only then the "
            "direction of the step stays.",
        ),
        Mistake(
            "clipped by value",
            _by_value,
            "You cut every entry for itself at ±limit. That bends the direction. Clipping by norm scales all entries "
            "alike.",
        ),
        Mistake(
            "short gradients are stretched",
            _scaled(_norm, lambda norm, limit: limit / norm if norm else 1.0),
            "You give every gradient the length limit. Those that are short enough stay as they are: the scale is "
            "never above 1.",
        ),
        Mistake(
            "the root is missing",
            _scaled(lambda *g: _norm(*g) ** 2),
            "You compare and divide by the sum of the squares. The length is its root.",
        ),
        Mistake(
            "the scale is upside down",
            _scaled(_norm, lambda norm, limit: norm / limit if norm > limit else 1.0),
            "Long gradients become longer still: you multiply by norm / limit. Turn the fraction round.",
        ),
        Mistake(
            "the bias is left out of the norm",
            _scaled(lambda dU, dW, db: _norm(dU, dW)),
            "The norm counts dU and dW alone. db belongs to the same step, so its squares count too.",
        ),
        Mistake(
            "the bias is not clipped",
            _without_bias,
            "dU and dW are right. db comes back unchanged: the same scale belongs to it.",
        ),
        Mistake(
            "the largest entry in place of the length",
            _scaled(lambda *g: float(np.abs(_all(*g)).max())),
            "You compare the largest entry with the limit. Many small entries are long together: take the root of the "
            "sum of the squares.",
        ),
        Mistake(
            "the sum of absolute values in place of the length",
            _scaled(lambda *g: float(np.abs(_all(*g)).sum())),
            "Σ |g| is another norm, and a larger one. The length is √(Σ g²).",
        ),
        Mistake(
            "the sum of three norms",
            _scaled(lambda *g: sum(_norm(a) for a in g)),
            "Lengths of parts do not add up, their squares do: ‖g‖² = ‖dU‖² + ‖dW‖² + ‖db‖².",
        ),
        Mistake(
            "the root of the mean square",
            _scaled(lambda *g: float(np.sqrt((_all(*g) ** 2).mean()))),
            "You divide by the number of entries under the root. The length adds the squares and takes no mean.",
        ),
        Mistake(
            "long gradients are thrown away",
            _scaled(_norm, lambda norm, limit: 0.0 if norm > limit else 1.0),
            "Where the gradient is too long you return zero, so that nothing is learned. Shorten it to the limit.",
        ),
        Mistake(
            "nothing is clipped",
            lambda dU, dW, db, limit: (dU, dW, db),
            "You return the gradients as they came, also those that are longer than the limit.",
        ),
        Mistake(
            "divided by the length, without the limit",
            _scaled(_norm, lambda norm, limit: 1 / norm if norm > limit else 1.0),
            "Long gradients come back with length 1. They should have the length limit.",
        ),
    ),
    {
        "gradients that are too long": lambda dU, dW, db, limit: _norm(dU, dW, db) > limit,
        "more than one unit": lambda dU, dW, db, limit: several(db),
    },
)
