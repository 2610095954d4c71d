"""Known mistakes of chapter 14 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

from math import comb

import numpy as np
from exercises.answers.model import Function


def x_before_y(image):
    x, y = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
    return np.average(x, weights=image), np.average(y, weights=image)


def inked_places(image):
    rows, columns = np.where(image > 0)
    return rows.mean(), columns.mean()


def mean_of_products(image):
    rows, columns = np.indices(image.shape)
    return (rows * image).mean(), (columns * image).mean()


def fancy_index(Z, y):
    C = np.zeros((Z.shape[1], Z.shape[1]))
    C[y, np.argmax(Z, axis=1)] += 1
    return C


def columns_are_true(Z, y):
    C = np.zeros((Z.shape[1], Z.shape[1]))
    for z, k in zip(Z, y, strict=True):
        C[np.argmax(z), k] += 1
    return C


def errors_only(Z, y):
    C = np.zeros((Z.shape[1], Z.shape[1]), dtype=int)
    for z, k in zip(Z, y, strict=True):
        if np.argmax(z) != k:
            C[k, np.argmax(z)] += 1
    return C


def wald(right, n, z):
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def no_denominator(right, n, z):
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    return p + z * z / 2 / n - half, p + z * z / 2 / n + half


def one_tail(Z1, Z2, y):
    one, two = Z1.argmax(1) == y, Z2.argmax(1) == y
    b, c = np.sum(one & ~two), np.sum(~one & two)
    return sum(comb(int(b + c), k) * 0.5 ** int(b + c) for k in range(int(min(b, c)) + 1))


def totals(Z1, Z2, y):
    e1, e2 = int((Z1.argmax(1) != y).sum()), int((Z2.argmax(1) != y).sum())
    return min(1, 2 * sum(comb(e1 + e2, k) for k in range(min(e1, e2) + 1)) / 2 ** (e1 + e2))


def share_of_everything(P, y, limit):
    kept = 1 - P.max(1) <= limit
    return np.mean(~kept), np.sum(P.argmax(1)[kept] != y[kept]) / len(P)


def sure_from_the_limit(P, y, limit):
    kept = P.max(1) >= limit
    return 1 - kept.mean(), (P[kept].argmax(1) != y[kept]).sum() / max(kept.sum(), 1)


def counted_from_one(image):
    rows, columns = np.indices(image.shape)
    return ((rows + 1) * image).sum() / image.sum(), ((columns + 1) * image).sum() / image.sum()


def pixels_as_squares(image):
    rows, columns = np.indices(image.shape)
    return (rows * image).sum() / image.sum() + 0.5, (columns * image).sum() / image.sum() + 0.5


def busiest(image):
    return np.argmax(image.sum(1)), np.argmax(image.sum(0))


def ways_not_chances(Z1, Z2, y):
    one, two = Z1.argmax(1) != y, Z2.argmax(1) != y
    b, c = int((one & ~two).sum()), int((~one & two).sum())
    return min(1, 2 * sum(comb(b + c, k) for k in range(min(b, c) + 1)))


def both_right_too(Z1, Z2, y):
    right = sorted(int((Z.argmax(1) == y).sum()) for Z in (Z1, Z2))
    return min(1, sum(comb(sum(right), k) for k in range(right[0] + 1)) / 2 ** (sum(right) - 1))


def lead(P, y, limit):
    ordered = np.sort(P, axis=1)
    kept = 1 - ordered[:, -1] + ordered[:, -2] <= limit
    return np.mean(~kept), np.mean(P.argmax(1)[kept] != y[kept]) if kept.any() else 0


def next_best(P, y, limit):
    kept = np.array([sorted(p)[-2] <= limit for p in P])
    return np.mean(~kept), np.mean(P.argmax(1)[kept] != y[kept]) if kept.any() else 0


SLIPS: list[tuple[str, Function, str]] = [
    ("14.3", x_before_y, "row and column are exchanged"),
    ("14.3", inked_places, "all ink counts the same"),
    ("14.3", mean_of_products, "divided by the number of pixels"),
    ("14.3", counted_from_one, "pixels are counted from 1"),
    ("14.3", pixels_as_squares, "half a pixel is added"),
    ("14.3", busiest, "the row and the column with the most ink"),
    ("14.4", fancy_index, "pairs that come several times count once"),
    ("14.4", columns_are_true, "rows and columns are exchanged"),
    ("14.4", errors_only, "the right answers are left out"),
    ("14.5", wald, "the plain interval"),
    ("14.5", no_denominator, "the division by 1 + z²/n is missing"),
    ("14.6", one_tail, "only one side of the coin"),
    ("14.6", totals, "images that both misread count, too"),
    ("14.6", ways_not_chances, "always 1"),
    ("14.6", both_right_too, "the right answers are compared"),
    ("14.7", lead, "the doubt is the distance to the runner-up"),
    ("14.7", next_best, "the doubt is the second largest probability"),
    ("14.7", share_of_everything, "wrong answers are divided by all images"),
    ("14.7", sure_from_the_limit, "the limit is compared with the largest probability"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("14.3", lambda image: tuple(np.sqrt(c) for c in np.subtract(np.shape(image), 1))),
    ("14.5", lambda right, n, z: wald(right + 1, n + 2, z)),
]
