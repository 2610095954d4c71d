"""Known mistakes of chapter 6 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

from collections import Counter

import numpy as np
from exercises.answers.model import Function


def penalty_for_everything(X, y, w, b, lam):
    e = X @ w + b - y
    theta = np.append(w, b)
    J = np.mean(e**2) / 2 + lam / 2 * theta @ theta
    return J, X.T @ e / len(e) + lam * w, e.mean() + lam * b


def source_convention(X, y, w, b, lam):
    m = len(y)
    e = X @ w + b - y
    J = (np.sum(e**2) + lam * np.sum(w**2)) / (2 * m)
    return J, (X.T @ e + lam * w) / m, np.sum(e) / m


def length_not_squared(X, y, w, b, lam):
    e = X @ w + b - y
    return np.mean(e**2) / 2 + lam / 2 * np.linalg.norm(w), e @ X / len(e) + lam * w, e.mean()


def derivative_of_the_square(X, y, w, b, lam):
    e = X @ w + b - y
    return np.mean(e**2) / 2 + lam * (w @ w) / 2, e @ X / len(e) + 2 * lam * w, e.mean()


def by_numpy_norm(W, c):
    norm = np.linalg.norm(W)  # no axis
    return W * c / norm if norm > c else W


def normalised(W, c):
    return c * W / np.linalg.norm(W, axis=1, keepdims=True)


def wrong_condition(W, c):
    new = W.copy()
    for row in new:
        if (row**2).sum() > c:
            row *= c / np.sqrt((row**2).sum())
    return new


def off_by_hand(W, c):
    return np.array([row if np.sqrt(row @ row) <= c else np.zeros_like(row) for row in W])


def unscaled(A, R, p, dY):
    kept = R.astype(bool)
    return np.where(kept, A, 0), np.where(kept, dY, 0)


def forgotten_mask(A, R, p, dY):
    return A * R / (1 - p), dY / (1 - p)


def by_this_mask(A, R, p, dY):
    share = R.sum() / R.size
    return A * R / share, dY * R / share


def unit_step(X, dX, epsilon):
    step = dX / (np.linalg.norm(dX, axis=1, keepdims=True) + 1e-300)
    return np.clip(X + epsilon * step, 0, 1)


def two_signs(X, dX, epsilon):
    direction = 2 * (dX > 0) - 1
    return np.clip(X + epsilon * direction, 0, 1)


def black_only(X, dX, epsilon):
    foe = X + epsilon * np.sign(dX)
    foe[foe > 1] = 1
    return foe


def rounded_mean(outputs):
    return np.rint(np.mean(np.argmax(outputs, axis=-1), axis=0))


def one_hot_sum(outputs):
    return np.eye(outputs.shape[2])[outputs.argmax(2)].sum(0)


def largest_or_equal(outputs):
    votes = one_hot_sum(outputs)
    best, winners = votes[:, 0].copy(), np.zeros(len(votes), dtype=int)
    for k in range(1, votes.shape[1]):
        wins = votes[:, k] >= best
        best[wins], winners[wins] = votes[wins, k], k
    return winners


def by_counter(outputs):
    return [Counter(column).most_common(1)[0][0] for column in np.argmax(outputs, axis=2).T]


def sum_in_dw(X, y, w, b, lam):
    e = X @ w + b - y
    return (e**2).mean() / 2 + lam / 2 * w @ w, X.T @ e + lam * w, e.mean()


def sum_in_db(X, y, w, b, lam):
    e = X @ w + b - y
    return (e**2).mean() / 2 + lam / 2 * w @ w, X.T @ e / len(y) + lam * w, e.sum()


SLIPS: list[tuple[str, Function, str]] = [
    ("6.3", penalty_for_everything, "the bias pays, too"),
    ("6.3", source_convention, "the penalty is divided by m"),
    ("6.3", length_not_squared, "the length of w in place of its square"),
    ("6.3", derivative_of_the_square, "2 λ w in place of λ w in the gradient"),
    ("6.3", sum_in_dw, "the mean over the examples is missing in dw"),
    ("6.3", sum_in_db, "the mean over the examples is missing in db"),
    ("6.4", lambda W, c: W * np.minimum(1, c / np.sqrt((W**2).sum(axis=1))), "the lengths lost their axis"),
    ("6.4", by_numpy_norm, "the length of the whole matrix"),
    ("6.4", normalised, "short rows are stretched"),
    ("6.4", wrong_condition, "the squared length is compared with c"),
    ("6.4", off_by_hand, "long rows are set to zero"),
    ("6.5", unscaled, "nothing is scaled"),
    ("6.5", forgotten_mask, "the gradient passes all units"),
    ("6.5", by_this_mask, "divided by the share that happened to stay"),
    ("6.5", lambda A, R, p, dY: (A * R / p, dY * R / p), "divided by p in place of 1 − p"),
    ("6.6", unit_step, "the gradient is divided by its length"),
    ("6.6", two_signs, "a slope of 0 counts as negative"),
    ("6.6", black_only, "only the upper limit is kept"),
    ("6.7", by_counter, "among equals the first voter's class wins"),
    ("6.7", lambda outputs: np.argmax(outputs, axis=2).max(axis=0), "the largest class number"),
    ("6.7", rounded_mean, "the mean of the class numbers"),
    ("6.7", one_hot_sum, "all counts are returned"),
    ("6.7", largest_or_equal, "the last of equals wins"),
    ("6.7", lambda outputs: np.sum(outputs, axis=0).argmax(axis=-1), "the mean in place of the vote"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("6.4", lambda W, c: W * np.minimum(1, (c / np.linalg.norm(W, axis=1, keepdims=True)) ** 2)),
    ("6.6", lambda X, dX, epsilon: np.clip(X + epsilon / 2 * np.sign(dX), 0, 1)),
]
