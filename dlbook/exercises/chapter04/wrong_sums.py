"""Logarithms of sums of exponentials that overflow, or are something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.activations import softmax
from dlbook.exercises.model import Mistake
from dlbook.shapes import Array


def _largest(Z: Array) -> Array:
    return np.asarray(Z.max(axis=1, keepdims=True))


def _shifted(by: Callable[[Array], Any]) -> Callable[[Array], Any]:
    """Return log-sum-exp with another number M(Z), subtracted and added back."""

    def log_sum(Z: Array) -> Any:
        M = by(Z)
        return (M + np.log(np.exp(Z - M).sum(axis=1, keepdims=True)))[:, 0]

    return log_sum


def _rest(Z: Array) -> Array:
    """Return ln Σ e^{z − M}, without M."""
    return np.asarray(np.log(np.exp(Z - _largest(Z)).sum(axis=1)))


def _without_axis(Z: Array) -> Any:
    M = Z.max(axis=1)
    return M + np.log(np.exp(Z - M).sum(axis=1))


def _in_base(base: float, name: str) -> Mistake:
    return Mistake(
        f"{name} in place of the natural logarithm",
        lambda Z: _largest(Z)[:, 0] + _rest(Z) / np.log(base),
        f"M is added to a logarithm to the base {base:g}. It undoes e^z only in base e: np.log.",
    )


def _clipped(end: int) -> Mistake:
    return Mistake(
        f"the scores are clipped at ±{end}",
        lambda Z: np.log(np.exp(np.clip(Z, -end, end)).sum(axis=1)),
        f"Clipping avoids the overflow and changes the scores: near 1000 you return about {end}. Subtracting the row's "
        "largest score changes nothing, because it is added again.",
    )


def _protected(epsilon: float) -> Mistake:
    return Mistake(
        f"{epsilon:g} is added to the sum",
        lambda Z: _largest(Z)[:, 0] + np.log(np.exp(Z - _largest(Z)).sum(axis=1) + epsilon),
        f"One term of the sum is e^0 = 1, so its logarithm is never that of 0: the {epsilon:g} only costs digits.",
    )


MISTAKES = (
    Mistake(
        "the logarithm is subtracted from M",
        lambda Z: _largest(Z)[:, 0] - _rest(Z),
        "M − ln Σ e^{z − M} lies below the largest score, and the sum of all exponentials cannot: the two are added.",
    ),
    Mistake(
        "e^z overflows",
        lambda Z: np.log(np.exp(Z).sum(axis=1)),
        "The formula is right and the floats are too small for it: e^1000 is ∞, and e^−1000 is 0, whose logarithm is "
        "−∞. Near −740 some digits are left, not enough. Subtract the row's largest score before you exponentiate, and "
        "add it to the logarithm.",
    ),
    Mistake(
        "the largest score of the whole batch",
        _shifted(np.max),
        "Z.max() without an axis is one number for all examples. In a row that lies 740 below it all exponentials "
        "lose their digits, and further down they are 0. Each row needs its own M: axis 1.",
    ),
    Mistake(
        "the mean of the row is subtracted",
        _shifted(lambda Z: Z.mean(axis=1, keepdims=True)),
        "In a row with 0, 0 and 2000 the mean is near 667, and e^1333 is still ∞. The largest score leaves no exponent "
        "above 0.",
    ),
    Mistake(
        "the smallest score is subtracted",
        _shifted(lambda Z: Z.min(axis=1, keepdims=True)),
        "Then no exponent is below 0, and the largest may be 2000: e^2000 is ∞. Subtract the largest, so that none is "
        "above 0.",
    ),
    Mistake(
        "the largest absolute value is subtracted",
        _shifted(lambda Z: np.abs(Z).max(axis=1, keepdims=True)),
        "For scores near −1000 the largest |z| is +1000, and z − M is near −2000: all exponentials are 0. M is the "
        "largest score itself, with its sign.",
    ),
    *(_clipped(end) for end in (500, 700, 709)),
    *(_protected(epsilon) for epsilon in (1e-6, 1e-7, 1e-8)),
    Mistake(
        "overflows are replaced by the largest score",
        lambda Z: np.where(np.abs(naive := np.log(np.exp(Z).sum(axis=1))) < np.inf, naive, Z.max(axis=1)),
        "The largest score is a good guess, not the answer: near 1000 the others count as they do near 0. With the "
        "row's largest score subtracted first, nothing is left to repair.",
    ),
    Mistake(
        "ln K is added to the largest score",
        lambda Z: Z.max(axis=1) + np.log(Z.shape[1]),
        "M + ln K is right for equal scores, and else too large: scores below M count less, e^{z − M} each.",
    ),
    Mistake(
        "the largest score of each class",
        lambda Z: Z.max() + np.log(np.exp(Z - Z.max(axis=0)).sum(axis=1)),
        "You subtract the largest of each column, another number from each class, and one number cannot make that good "
        "again. Each row needs one M for all of its classes: axis 1.",
    ),
    Mistake(
        "M is not added back",
        _rest,
        "ln Σ e^{z − M} lies between 0 and ln K whatever the scores. e^{−M} was divided out: add M again.",
    ),
    Mistake(
        "M is subtracted once more",
        lambda Z: _rest(Z) - _largest(Z)[:, 0],
        "Σ e^z = e^M Σ e^{z − M}, and the logarithm of e^M is +M: it is added at the end.",
    ),
    Mistake(
        "M lost its axis",
        _without_axis,
        "Z.max(axis=1) has shape (m,). In Z − M NumPy sets it beside the columns: with m = K it runs and subtracts "
        "another row's number, with K = 1 it becomes (m, m), else it fails. With keepdims=True M is (m, 1).",
    ),
    Mistake(
        "the sum runs over the examples",
        lambda Z: np.logaddexp.reduce(Z, axis=0),
        "You have one number per class. Each row is an example and gets a number of its own: axis 1.",
    ),
    Mistake(
        "one number for the whole batch",
        lambda Z: np.logaddexp.reduce(Z.reshape(-1)),
        "Without an axis the sum runs over all examples as well. Each row gets a number of its own: axis 1.",
    ),
    Mistake(
        "the result keeps an axis of length one",
        lambda Z: np.logaddexp.reduce(Z, axis=1)[:, None],
        "Your numbers are right, in a column (m, 1). Against z_y of shape (m,) NumPy would make an (m, m) table of "
        "it: take M[:, 0], and no keepdims in the last sum.",
    ),
    Mistake(
        "the largest score alone",
        lambda Z: Z.max(axis=1),
        "The largest score is what is left when all others lie far below. Equal scores give ln K more.",
    ),
    _in_base(10, "log10"),
    _in_base(2, "log2"),
    Mistake(
        "the mean in place of the sum",
        lambda Z: np.logaddexp.reduce(Z, axis=1) - np.log(Z.shape[1]),
        "Your result is ln K too small: np.mean divides the sum by the number of classes.",
    ),
    Mistake(
        "log1p counts a 1 that is not there",
        lambda Z: _largest(Z)[:, 0] + np.log1p(np.exp(Z - _largest(Z)).sum(axis=1)),
        "log1p(u) is ln(1 + u). The sum already contains the 1 of the largest score: np.log, or log1p of the others.",
    ),
    Mistake(
        "the logarithm is missing",
        lambda Z: np.exp(Z).sum(axis=1),
        "This is Σ e^z, the denominator of the softmax, and it overflows. Its logarithm does not, taken with M.",
    ),
    Mistake(
        "the logarithm is missing behind M",
        lambda Z: _largest(Z)[:, 0] + np.exp(Z - _largest(Z)).sum(axis=1),
        "M + Σ e^{z − M} adds a sum of exponentials to a score. M is added to the logarithm of that sum.",
    ),
    Mistake(
        "the sum of the scores",
        lambda Z: Z.sum(axis=1),
        "The logarithm of each e^z is z, but the logarithm of a sum is not the sum of the logarithms: add the "
        "exponentials first.",
    ),
    Mistake(
        "the logarithm of the softmax",
        lambda Z: Z - np.logaddexp.reduce(Z, axis=1)[:, None],
        "z_k − ln Σ e^z is the logarithm of a probability, one for each class. Here only the second term is asked for.",
    ),
    Mistake(
        "softmax in place of the logarithm of its denominator",
        softmax,
        "These are probabilities, K of them per row. The exercise asks for ln Σ e^z, one number per row.",
    ),
)
