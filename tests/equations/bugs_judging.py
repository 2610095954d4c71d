"""Bugs for the equations of chapter 14: what goes wrong when classifiers are judged."""

from __future__ import annotations

from math import comb, sqrt
from typing import Any

import numpy as np

from dlbook import confusion, error_by_rejection, fit, squared_distances


def all_ink_alike(image: Any) -> Any:
    """The mean place of inked pixels, pale or dark."""
    return tuple(np.argwhere(image > 0).mean(axis=0))


def sums_of_classes(X: Any, y: Any) -> Any:
    """Sums in place of means."""
    return np.array([X[y == k].sum(axis=0) for k in range(y.max() + 1)])


def plain_interval(right: int, n: int, z: float = 1.96) -> Any:
    """The deviation at the observed share, for both ends."""
    p, half = right / n, z * sqrt(right / n * (1 - right / n) / n)
    return p - half, p + half


def one_tail(first: Any, second: Any) -> Any:
    """Splits as uneven in one direction only."""
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return b, c, sum(comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)


def with_replacement(model: Any, loss: Any, optimizer: Any, X: Any, y: Any, **options: Any) -> Any:
    """Train on examples that are drawn with replacement: some come twice, some never."""
    drawn = np.append(options["rng"].integers(len(X), size=len(X) - 1), 0)
    drawn[0] = 0  # so that the first one comes twice at least
    return fit(model, loss, optimizer, X[drawn], y[drawn], **options)


def added_up(members: Any, X: Any) -> Any:
    """The sum of the members' outputs."""
    return np.sum([member(X) for member in members], axis=0)


def surest_left_out(doubts: Any, wrong: Any) -> Any:
    """The images without doubt go first, and every answer counts as its opposite."""
    shares, errors = error_by_rejection(-doubts, ~wrong)
    return shares, errors


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-centre-of-mass": ("dlbook.centre_of_mass", None, all_ink_alike),
    "eq-class-mean": ("dlbook.class_means", None, sums_of_classes),
    "eq-squared-distance": (
        "dlbook.squared_distances",
        None,
        lambda A, B: squared_distances(A, B) - (B**2).sum(axis=1),
    ),
    "eq-nearest-mean": ("dlbook.nearest", None, lambda X, known: (X @ known.T).argmax(axis=1)),
    "eq-nearest": ("dlbook.nearest", None, lambda X, known: squared_distances(X, known).argmax(axis=1)),
    "eq-binomial-errors": ("dlbook.mcnemar", None, one_tail),
    "eq-accuracy-deviation": ("dlbook.wilson", None, plain_interval),
    "eq-wilson": ("dlbook.wilson", None, plain_interval),
    "eq-mcnemar": ("dlbook.mcnemar", None, one_tail),
    "eq-error-of-mean": ("dlbook.average", None, added_up),
    "eq-passes": ("dlbook.fit", None, with_replacement),
    "eq-confusion": ("dlbook.confusion", None, lambda y, guess, K=10: confusion(guess, y, K)),
    "eq-recall": ("dlbook.confusion", None, lambda y, guess, K=10: confusion(guess, y, K)),
    "eq-doubt": ("dlbook.doubt", None, lambda P: P.max(axis=-1)),
    "eq-error-rejection": ("dlbook.error_by_rejection", None, surest_left_out),
    "eq-ensemble-loss": ("dlbook.average", None, added_up),
}
