"""Sigmoids with limits, small numbers put in, or rounding."""

from __future__ import annotations

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.model import Mistake


def _clipped(end: int) -> Mistake:
    return Mistake(
        f"z is clipped at ±{end}",
        lambda z: 1 / (1 + np.exp(-np.clip(z, -end, end))),
        f"Clipping avoids the overflow and loses the numbers: for every z below −{end} you return σ(−{end}) = "
        f"{np.exp(-end):.1e}, and −ln σ stops at {end}. No limit is needed where only e^−|z| is taken.",
    )


def _zero_below(end: int) -> Mistake:
    return Mistake(
        f"0 is put in for z below −{end}",
        lambda z: np.where(z < -end, 0.0, sigmoid(z)),
        f"Below −{end} you return 0 to avoid the overflow. σ(−{end + 5}) is not 0: e^z is a number down to z = −745, "
        "and no limit is needed where only e^−|z| is taken.",
    )


def _with_summand(epsilon: float) -> Mistake:
    return Mistake(
        f"{epsilon:g} is added to the result",
        lambda z: sigmoid(z) + epsilon,
        f"σ(−40) is 4e-18, and you return {epsilon:g} for it and for everything further left. σ is never 0 there, so "
        "there is nothing to protect.",
    )


def _rounded(digits: int) -> Mistake:
    return Mistake(
        f"rounded to {digits} places",
        lambda z: np.round(sigmoid(z), digits),
        f"Rounding to {digits} places after the point keeps no digit of σ(−40), which is 4e-18: it becomes 0.",
    )


def _with_epsilon(epsilon: float) -> Mistake:
    return Mistake(
        f"{epsilon:g} is added to the denominator",
        lambda z: 1 / (1 + np.exp(-z) + epsilon),
        f"1 + e^−z is never 0, so there is nothing to protect. Your {epsilon:g} costs digits everywhere, and does not "
        "help where e^−z overflows.",
    )


LIMITED = (
    *(_clipped(end) for end in (20, 30, 50, 88, 100, 500, 700, 709)),
    *(_zero_below(end) for end in (500, 700)),
    *(_with_epsilon(epsilon) for epsilon in (1e-6, 1e-7, 1e-8)),
    *(_with_summand(epsilon) for epsilon in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
    *(_rounded(digits) for digits in (3, 4, 6, 8)),
)
