"""Right answers of chapter 14: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


# 14.3
def centre(image):
    rows, columns = np.indices(image.shape, dtype=image.dtype)
    ink = image.sum()
    return (rows * image).sum() / ink, (columns * image).sum() / ink


def centre_by_sums(image):
    down, across = image.sum(axis=1), image.sum(axis=0)
    return np.arange(len(down)) @ down / down.sum(), np.arange(len(across)) @ across / across.sum()


def centre_in_loops(image):
    ink = row = column = 0.0
    for i, line in enumerate(image):
        for j, x in enumerate(line):
            ink, row, column = ink + x, row + i * x, column + j * x
    return [row / ink, column / ink]


# 14.4
def confusion_matrix(Z, y):
    K = Z.shape[1]
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (y, Z.argmax(axis=1)), 1)
    return C


def confusion_in_a_loop(Z, y):
    C = [[0] * Z.shape[1] for _ in range(Z.shape[1])]
    for z, k in zip(Z, y, strict=True):
        C[k][int(np.argmax(z))] += 1
    return C


def confusion_of_one_hot(Z, y):
    classes = np.arange(Z.shape[1])
    return (y[:, None] == classes).astype(float).T @ (Z.argmax(axis=1)[:, None] == classes)


# 14.5
def wilson_interval(right, n, z):
    p = right / n
    middle = p + z**2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def wilson_of_counts(right, n, z):
    root = z * np.sqrt(right * (n - right) / n + z * z / 4)
    return [(right + z * z / 2 + sign * root) / (n + z * z) for sign in (-1, 1)]


def wilson_as_roots(right, n, z):
    p = right / n
    return tuple(sorted(np.roots([1 + z**2 / n, -(2 * p + z**2 / n), p**2]).real))


# 14.6
def coin(Z1, Z2, y):
    first, second = Z1.argmax(axis=1) != y, Z2.argmax(axis=1) != y
    b, c = (first & ~second).sum(), (second & ~first).sum()
    n = int(b + c)
    tail = sum(math.comb(n, k) for k in range(min(b, c) + 1)) / 2**n
    return min(1.0, 2 * tail)


def coin_by_probabilities(Z1, Z2, y):
    right1, right2 = np.argmax(Z1, 1) == y, np.argmax(Z2, 1) == y
    b, n = int(np.sum(right2 > right1)), int(np.sum(right1 != right2))
    chance = [math.comb(n, k) * 0.5**n for k in range(n + 1)]
    return sum(c for k, c in enumerate(chance) if abs(2 * k - n) >= abs(2 * b - n))


def coin_in_a_loop(Z1, Z2, y):
    b = c = 0
    for z1, z2, k in zip(Z1, Z2, y, strict=True):
        one, two = z1.argmax() == k, z2.argmax() == k
        b, c = b + (two and not one), c + (one and not two)
    if b == c:
        return 1.0
    return 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)


# 14.7
def reject(P, y, limit):
    answered = 1 - P.max(axis=1) <= limit
    wrong = P.argmax(axis=1)[answered] != y[answered]
    return 1 - answered.mean(), wrong.mean() if answered.any() else 0.0


def reject_in_a_loop(P, y, limit):
    out = wrong = 0
    for p, k in zip(P, y, strict=True):
        if 1 - max(p) > limit:
            out += 1
        elif p[k] != max(p):
            wrong += 1
    return out / len(P), wrong / max(len(P) - out, 1)


def reject_by_indices(P, y, limit):
    kept = np.flatnonzero(1 - P.max(axis=1) <= limit)
    errors = np.count_nonzero(P[kept].argmax(axis=1) - y[kept])
    return [(len(P) - len(kept)) / len(P), errors / len(kept) if len(kept) else 0]


SOLUTIONS: dict[str, Function] = {
    "14.3": centre,
    "14.4": confusion_matrix,
    "14.5": wilson_interval,
    "14.6": coin,
    "14.7": reject,
}

VARIANTS: dict[str, list[Function]] = {
    "14.3": [centre_by_sums, centre_in_loops],
    "14.4": [confusion_in_a_loop, confusion_of_one_hot],
    "14.5": [wilson_of_counts, wilson_as_roots],
    "14.6": [coin_by_probabilities, coin_in_a_loop],
    "14.7": [reject_in_a_loop, reject_by_indices],
}
