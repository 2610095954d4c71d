"""Sigmoids that overflow, lose digits or are something else."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.chapter04.limited_sigmoids import LIMITED
from dlbook.exercises.model import Mistake
from dlbook.shapes import Array


def textbook(z: Array) -> Any:
    """Return 1 / (1 + e^−z)."""
    return 1 / (1 + np.exp(-z))


def _silenced(z: Array) -> Any:
    with np.errstate(all="ignore"):
        return textbook(z)


def _e(z: Array) -> Array:
    return np.asarray(np.exp(-np.abs(z)))


MISTAKES = (
    Mistake(
        "e^−z overflows where z is very negative",
        textbook,
        "e^−z, as in the textbook form, is right down to z = −709. At z = −720, e^720 is larger than any float: NumPy "
        "warns, and 1/∞ is 0, where 2e-313 is right (its logarithm is −720). Let only exponents up to 0 occur: for "
        "z < 0 multiply above and below by e^z.",
    ),
    Mistake(
        "the warning is switched off, not its cause",
        _silenced,
        "This is 1 / (1 + e^−z) with NumPy's warnings silenced. e^720 overflows all the same, and 1/∞ is 0 where "
        "2e-313 is right (its logarithm is −720). Let only exponents up to 0 occur: for z < 0 multiply above and below "
        "by e^z.",
    ),
    Mistake(
        "e^z overflows where z is large",
        lambda z: np.exp(z) / (1 + np.exp(z)),
        "e^z / (1 + e^z) is right up to z = 709. At 720 e^z is ∞, and ∞/∞ is not a number. This form is the one for "
        "z < 0; for z ≥ 0 divide above and below by e^z.",
    ),
    Mistake(
        "np.where computes both branches",
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
        "Your numbers are right, and NumPy warns: np.where chooses between two arrays that are both computed for every "
        "z, so that e^720 is taken after all. Take e^−|z| first, which serves both, or fill the two halves by masks.",
    ),
    Mistake(
        "0 in place of the small numbers on the left",
        lambda z: (1 + np.tanh(z / 2)) / 2,
        "At z = −40 you have 0. σ(−40) is 4e-18, which a float holds with all its digits. They are lost in 1 minus "
        "something that rounds to 1, such as 1 + tanh(z/2) or 1 − 1/(1 + e^z), or where small numbers are set to 0. "
        "For z < 0 take a form without such a difference.",
    ),
    Mistake(
        "σ(|z|): the left half is not turned round",
        lambda z: 1 / (1 + _e(z)),
        "1 / (1 + e^−|z|) is right for z ≥ 0 and never overflows. For z < 0 it gives σ(−z), which is 1 − σ(z): there "
        "e^−|z| stands above the line, too.",
    ),
    Mistake(
        "σ(−|z|): the right half is turned round, too",
        lambda z: _e(z) / (1 + _e(z)),
        "e^−|z| / (1 + e^−|z|) is right for z < 0 and never above ½. For z ≥ 0 a 1 stands above the line.",
    ),
    Mistake(
        "e^+z in the sigmoid",
        lambda z: 1 / (1 + np.exp(z)),
        "1 / (1 + e^z) falls where the sigmoid climbs: it is σ(−z). (And it overflows at z = 710.)",
    ),
    Mistake(
        "the two halves are exchanged",
        lambda z: np.where(z >= 0, _e(z), 1) / (1 + _e(z)),
        "Nothing overflows, but your function falls: it is σ(−z). The 1 stands above the line where z ≥ 0, e^−|z| "
        "where z < 0.",
    ),
    Mistake(
        "the minus before |z| is missing",
        lambda z: np.where(z >= 0, 1, np.exp(np.abs(z))) / (1 + np.exp(np.abs(z))),
        "e^|z| is the exponential that overflows, at both ends. e^−|z| lies between 0 and 1 for every z.",
    ),
    Mistake(
        "1 + e^−z is not inverted",
        lambda z: 1 / 1 + np.exp(-z),
        "You return the denominator, 1 + e^−z, which is larger than 1; σ is one divided by it. (Python reads "
        "1 / 1 + np.exp(-z) as (1 / 1) + e^−z: the denominator needs brackets.)",
    ),
    Mistake(
        "the denominator is missing",
        lambda z: np.where(z >= 0, 1, _e(z)),
        "You have what stands above the line: 1 for z ≥ 0, e^z for z < 0. Both are divided by 1 + e^−|z|.",
    ),
    Mistake(
        "the denominator is missing for z < 0",
        lambda z: np.where(z >= 0, 1 / (1 + _e(z)), _e(z)),
        "The right half is right. For z < 0 you return e^z, which is near σ(z) only far out: divide by 1 + e^z.",
    ),
    Mistake(
        "the left half is missing",
        lambda z: np.where(z >= 0, 1 / (1 + _e(z)), 0),
        "For z < 0 you return 0. σ(−1) is 0.27: e^z / (1 + e^z) has no exponent above 0 there.",
    ),
    Mistake(
        "tanh in place of the sigmoid",
        np.tanh,
        "tanh runs from −1 to 1. It is a sigmoid on another scale, tanh(z) = 2 σ(2z) − 1, and 0 at 0 where σ is ½.",
    ),
    Mistake(
        "σ(2z): tanh(z) in place of tanh(z/2)",
        lambda z: (1 + np.tanh(z)) / 2,
        "(1 + tanh z) / 2 is σ(2z), twice as steep. With tanh(z/2) it would be σ(z), but 0 for all z below −38: the "
        "sum of 1 and nearly −1 has lost the digits.",
    ),
    Mistake(
        "the derivative in place of the function",
        lambda z: textbook(z) * (1 - textbook(z)),
        "σ (1 − σ) is the slope, at most ¼. The exercise asks for σ itself.",
    ),
    Mistake(
        "the derivative of a safe sigmoid",
        lambda z: sigmoid(z) * (1 - sigmoid(z)),
        "Your σ is safe, and then comes σ (1 − σ), which is its slope. The exercise asks for σ itself.",
    ),
    Mistake(
        "ln σ in place of σ",
        lambda z: -np.logaddexp(0, -z),
        "You return ln σ(z) = −ln(1 + e^−z), which never overflows. One exponential is still to be taken, and its "
        "exponent is never positive.",
    ),
    Mistake(
        "softmax over the array",
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        "You divide by a sum over the array, so that all numbers together give 1. σ looks at each z alone, as softmax "
        "does with the scores z and 0.",
    ),
    Mistake(
        "ln(1 + e^z), the softplus",
        lambda z: np.logaddexp(0, z),
        "ln(1 + e^z) grows without a bound. It is the integral of σ, not σ.",
    ),
    Mistake(
        "z = 0 belongs to neither half",
        lambda z: np.where(z == 0, 0, sigmoid(z)),
        "All is right but z = 0, which neither z > 0 nor z < 0 takes: σ(0) is ½. Let one of the two include it.",
    ),
    Mistake(
        "nan is replaced by 0",
        lambda z: np.nan_to_num(np.exp(z) / (1 + np.exp(z))),
        "np.nan_to_num hides the overflow: at z = 720, e^z is ∞ and ∞/∞ is nan, where σ is 1 and not 0. Let only "
        "exponents up to 0 occur, and no nan comes up.",
    ),
    Mistake(
        "computed in single precision",
        lambda z: sigmoid(z.astype(np.float32)),
        "Your numbers have the seven digits of float32, which ends at 1e-45: σ(−700) becomes 0. Keep the precision of "
        "z.",
    ),
    *LIMITED,
)
