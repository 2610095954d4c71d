"""Judging a classifier: what it confuses, how sure its accuracy is, whether it beats another one, what doubt tells."""

from __future__ import annotations

from math import comb, sqrt

import numpy as np
from numpy.typing import ArrayLike

from dlbook.shapes import Array, as_numbers, not_negative, positive_int


def confusion(y: ArrayLike, guess: ArrayLike, K: int = 10) -> Array:
    """Return the confusion matrix C (eq-confusion): how many examples of class i were taken for class j.

    Shapes: y and guess (m,), class numbers; C (K, K), a row for each true class.
    """
    K = positive_int("confusion", K, "K")
    y, guess = (_classes(name, labels, K) for name, labels in (("y", y), ("guess", guess)))
    if len(y) != len(guess):
        raise ValueError(f"confusion expects one guess per example, got {len(guess)} for {len(y)} examples")
    return np.bincount(K * y + guess, minlength=K * K).reshape(K, K)


def wilson(right: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval for a share of which ``right`` of ``n`` cases were seen (eq-wilson).

    Args:
        right: cases in which it held.
        n: independent cases.
        z: how many standard deviations to either side; 1.96 for 95 %.
    """
    n, right, z = positive_int("wilson", n, "n"), not_negative("wilson", right, "right"), not_negative("wilson", z, "z")
    if right > n:
        raise ValueError(f"wilson expects at most n = {n} cases to be right, got {right:g}")
    p, z2 = right / n, z * z
    middle, half = p + z2 / (2 * n), z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def mcnemar(first_wrong: ArrayLike, second_wrong: ArrayLike) -> tuple[int, int, float]:
    """Compare two classifiers on the same examples: McNemar's exact test (eq-mcnemar).

    Examples that both read, or both misread, say nothing about which one is better. If the two were equally good, each
    of the others would be a toss of a coin.

    Returns:
        how many only the first got wrong, how many only the second, and the probability of a split at least as uneven.

    Shapes: first_wrong and second_wrong (m,), Booleans.
    """
    first, second = np.asarray(first_wrong), np.asarray(second_wrong)
    if first.dtype != bool or second.dtype != bool or first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"mcnemar expects two lists of Booleans for the same examples, got {first.dtype} of shape {first.shape} "
            f"and {second.dtype} of shape {second.shape}: write guess != y"
        )
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    tail = sum(comb(b + c, k) for k in range(min(b, c) + 1))
    return b, c, min(1.0, 2 * tail / 2 ** (b + c))


def doubt(P: Array) -> Array:
    """Return how much probability is left for all other classes than the largest (eq-doubt), (m,) for P (m, K)."""
    return np.asarray(1 - as_numbers("doubt", P).max(axis=-1))


def error_by_rejection(doubts: ArrayLike, wrong: ArrayLike) -> tuple[Array, Array]:
    """Leave out the examples with the largest doubt, one after the other (eq-error-rejection).

    Returns:
        the share left out, 0, 1/m, …, (m − 1)/m, and the share of wrong answers among the others.

    Shapes: doubts and wrong (m,); both results (m,).
    """
    doubts, wrong = as_numbers("error_by_rejection", np.asarray(doubts), "doubts"), np.asarray(wrong, dtype=float)
    if doubts.shape != wrong.shape or doubts.ndim != 1 or not doubts.size:
        raise ValueError(
            f"error_by_rejection expects a doubt and whether it is wrong for each example, got shapes {doubts.shape} "
            f"and {wrong.shape}"
        )
    m = len(doubts)
    answered = np.arange(1, m + 1)
    errors = wrong[np.argsort(doubts, kind="stable")].cumsum() / answered  # the surest first
    return (m - answered[::-1]) / m, errors[::-1]


def _classes(name: str, labels: ArrayLike, K: int) -> Array:
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not labels.size or labels.min() < 0 or labels.max() >= K:
        raise ValueError(
            f"confusion expects {name} as class numbers from 0 to {K - 1}, one per example, got {labels!r}"
        )
    return labels.astype(np.int64)
