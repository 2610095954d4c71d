"""Exercise 5.3: The start of a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.init import Initializer, glorot_normal, he_normal
from dlbook.shapes import Array


def _start_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, rule: str, n_out: int, n_in: int) -> Case:
        return Case(f"{label}, {rule}", (nonzero(rng, n_out, n_in), rule))

    def both(label: str, n_out: int, n_in: int) -> list[Case]:
        return [case(label, rule, n_out, n_in) for rule in ("he", "glorot")]

    cases = [
        *both("one unit, one input", 1, 1),
        *both("one unit", 1, 3),
        *both("one input", 3, 1),
        *both("as many units as inputs", 2, 2),
        *both("as many units as inputs", 3, 3),
        *(c for _ in range(4) for c in both("a random layer", *(int(n) for n in rng.integers(2, 6, size=2)))),
        *both("more inputs than units", 2, 5),
    ]
    return [*cases, in_float32(cases[-2]), in_float32(cases[-1])]


class _Given(np.random.Generator):
    """A generator whose standard normal numbers are given."""

    def __init__(self, N: Array) -> None:
        super().__init__(np.random.PCG64(0))
        self.N = N

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Return the given numbers, scaled."""
        return loc + float(scale) * self.N


def _start(N: Array, rule: str) -> Array:
    inits: dict[str, Initializer] = {"he": he_normal, "glorot": glorot_normal}
    return inits[rule](N.shape, N.shape[1], N.shape[0], rng=_Given(N))


def _scaled(he: Callable[[int, int], float], glorot: Callable[[int, int], float]) -> Callable[[Array, str], Array]:
    """Return N times a factor of n_in and n_out, one for each rule."""

    def start(N: Array, rule: str) -> Array:
        n_out, n_in = N.shape
        return np.asarray(N * float({"he": he, "glorot": glorot}[rule](n_in, n_out)))

    return start


def _he(n_in: int, n_out: int) -> float:
    return float(np.sqrt(2 / n_in))


def _glorot(n_in: int, n_out: int) -> float:
    return float(np.sqrt(2 / (n_in + n_out)))


INITIAL_WEIGHTS = Exercise(
    "5.3",
    "The start of a layer",
    ("N", "rule"),
    ("W",),
    "W with the shape of N, (n_out, n_in)",
    _start,
    _start_cases,
    (
        Mistake(
            "multiplied by the variance, not by its root",
            _scaled(lambda i, o: 2 / i, lambda i, o: 2 / (i + o)),
            "Var(s N) = s² Var(N): the factor is the standard deviation, the root of the variance that the rule names.",
        ),
        Mistake(
            "fan-in and fan-out are confused",
            _scaled(lambda i, o: np.sqrt(2 / o), _glorot),
            "Glorot's rule is symmetric and right; He's counts the terms of one sum, n_in. W has shape (n_out, n_in), "
            "so n_in is its second axis.",
        ),
        Mistake(
            "the 2 is missing in He's rule",
            _scaled(lambda i, o: np.sqrt(1 / i), _glorot),
            "1/n_in keeps the variance where the activation keeps it. ReLU throws half of the mean square away: twice "
            "the variance makes up for it.",
        ),
        Mistake(
            "the 2 is missing in Glorot's rule",
            _scaled(_he, lambda i, o: np.sqrt(1 / (i + o))),
            "Glorot's variance is one over the *mean* of n_in and n_out: the mean has a 2 in its denominator.",
        ),
        Mistake(
            "Glorot's bound in place of his standard deviation",
            _scaled(_he, lambda i, o: np.sqrt(6 / (i + o))),
            "√(6 / (n_in + n_out)) is how far the uniform distribution reaches. Its standard deviation is smaller by "
            "√3, and that is what normal numbers need.",
        ),
        Mistake(
            "He's rule for both",
            _scaled(_he, _he),
            "He's cases are right. For rule 'glorot' both sides count: n_in for the way there, n_out for the way back.",
        ),
        Mistake(
            "Glorot's rule for both",
            _scaled(_glorot, _glorot),
            "Glorot's cases are right. He's rule looks at the way there alone: the variance is 2 / n_in.",
        ),
        Mistake(
            "the two rules are swapped",
            _scaled(_glorot, _he),
            "You give He's variance for 'glorot' and the other way round. He's rule knows one of the two widths, "
            "Glorot's both.",
        ),
        Mistake(
            "divided in place of multiplied",
            _scaled(lambda i, o: 1 / _he(i, o), lambda i, o: 1 / _glorot(i, o)),
            "Your weights grow with the width. More terms in a sum need smaller weights, not larger ones.",
        ),
        Mistake(
            "the root of the 2 alone",
            _scaled(lambda i, o: np.sqrt(2) / i, lambda i, o: np.sqrt(2) / (i + o)),
            "np.sqrt(2) / n is not np.sqrt(2 / n): the width belongs under the root, because variances add up and "
            "standard deviations do not.",
        ),
        Mistake(
            "divided by the number of weights",
            _scaled(lambda i, o: np.sqrt(2 / (i * o)), lambda i, o: np.sqrt(2 / (i * o))),
            "N.size is n_in · n_out, all weights of the layer. What counts is how many of them one sum adds up.",
        ),
        Mistake(
            "W is transposed",
            lambda N, rule: _start(N, rule).T,
            "The numbers are right, the shape is (n_in, n_out). In this book W is (n_out, n_in), as N is.",
        ),
    ),
    {
        "Glorot's rule": lambda N, rule: rule == "glorot",
        "He's rule": lambda N, rule: rule == "he",
        "more than one unit": lambda N, rule: len(N) > 1,
        "more than one input": lambda N, rule: N.shape[1] > 1,
    },
)
