"""Exercise 4.4: The logarithm of a sum of exponentials."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter04.wrong_sums import MISTAKES
from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise
from dlbook.shapes import Array


def _score_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, K: int, shift: float = 0.0) -> Case:
        return Case(label, (normal(rng, m, K) + shift,))

    def given(label: str, *rows: list[float]) -> Case:
        return Case(label, (np.array(rows),))

    return [
        case("one example, one class", 1, 1),
        case("one example", 1, 3),
        case("one class", 3, 1),
        case("two examples, one class", 2, 1),
        case("one example, two classes", 1, 2),
        given("equal scores", [0.5] * 4, [-1.0] * 4),
        *(case("as many examples as classes", n, n) for n in (2, 3, 4)),
        *(case("a random batch", m, K) for m, K in ((4, 2), (5, 10), (2, 3), (3, 5))),
        case("one example, one class, a large score", 1, 1, 1000.0),
        case("scores near 1000", 2, 3, 1000.0),
        case("scores near −1000", 2, 3, -1000.0),
        given("scores near −740, where e^z has few digits left", [-738.5, -739.75], [-740.25, -739.5]),
        given("negative scores, the largest in size −370", [-369.25, -370.5], [-369.0, -370.0]),
        given("rows 740 apart", [0.5, -0.25], [-738.5, -739.75]),
        given("rows 2000 apart", [1000.5, 999.75], [-1000.25, -999.5]),
        given("scores 800 apart in one row", [0.5, 800.25]),
        given("scores 2000 apart in one row", [0.5, 2000.0, -0.25], [-1000.0, 0.0, 1000.0]),
        in_float32(case("", 3, 4)),
    ]


def _log_sum_exp(Z: Array) -> Array:
    return np.asarray(np.logaddexp.reduce(Z, axis=1))


LOG_SUM_EXP = Exercise(
    "4.4",
    "The logarithm of a sum of exponentials",
    ("Z",),
    ("log_sum",),
    "one number per example, shape (m,)",
    _log_sum_exp,
    _score_cases,
    MISTAKES,
    {
        "more than one example": lambda Z: several(Z),
        "more than one class": lambda Z: Z.shape[1] > 1,
        "scores beyond ±700": lambda Z: bool((np.abs(Z) > 700).any()),
        "scores above 709, where e^z overflows": lambda Z: bool((Z > 709).any()),
        "scores below −700": lambda Z: bool((Z < -700).any()),
        "scores more than 700 apart in one row": lambda Z: bool((np.ptp(Z, axis=1) > 700).any()),
        "scores more than 700 apart": lambda Z: bool(np.ptp(Z) > 700),
    },
)
