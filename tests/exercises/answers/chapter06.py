"""Right answers of chapter 6: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
from exercises.answers.model import Function


# 6.3
def penalized(X, y, w, b, lam):
    error = X @ w + b - y
    J = (error**2).mean() / 2 + lam / 2 * (w**2).sum()
    dw = X.T @ error / len(y) + lam * w
    db = error.mean()
    return J, dw, db


def penalized_in_loops(X, y, w, b, lam):
    m, n = X.shape
    J, dw, db = 0.0, [lam * w_k for w_k in w], 0.0
    for i in range(m):
        error = b - y[i]
        for k in range(n):
            error += w[k] * X[i, k]
        J += error**2 / (2 * m)
        db += error / m
        for k in range(n):
            dw[k] += error * X[i, k] / m
    for w_k in w:
        J += lam * w_k**2 / 2
    return J, dw, db


def penalized_einsum(X, y, w, b, lam):
    m = X.shape[0]
    e = np.einsum("mn,n->m", X, w) + b - y
    return [0.5 * (np.dot(e, e) / m + lam * np.dot(w, w)), np.einsum("m,mn->n", e, X) / m + lam * w, e.sum() / m]


# 6.4
def project(W, c):
    norm = np.sqrt((W**2).sum(axis=1, keepdims=True))
    return W * (c / np.maximum(norm, c))


def project_row_by_row(W, c):
    rows = []
    for w in W:
        length = sum(float(w_k) ** 2 for w_k in w) ** 0.5
        rows.append([w_k * c / length for w_k in w] if length > c else list(w))
    return rows


def project_where(W, c):
    norm = np.linalg.norm(W, axis=-1)[:, None]
    return np.where(norm > c, W / norm * c, W)


def project_min(W, c):
    return np.minimum(1, c / np.linalg.norm(W, axis=1))[:, np.newaxis] * W


# 6.5
def dropout(A, R, p, dY):
    factors = R / (1 - p)
    return A * factors, dY * factors


def dropout_where(A, R, p, dY):
    return [np.where(R == 1, X / (1 - p), 0) for X in (A, dY)]


def dropout_in_loops(A, R, p, dY):
    Y, dA = np.zeros(A.shape), np.zeros(A.shape)
    for place in np.ndindex(A.shape):
        if R[place]:
            Y[place] = A[place] / (1 - p)
            dA[place] = dY[place] / (1 - p)
    return Y.tolist(), dA.tolist()


# 6.6
def attack_images(X, dX, epsilon):
    return np.clip(X + epsilon * np.sign(dX), 0, 1)


def attack_by_cases(X, dX, epsilon):
    moved = np.where(dX > 0, X + epsilon, np.where(dX < 0, X - epsilon, X))
    return np.minimum(np.maximum(moved, 0), 1)


def attack_as_lists(X, dX, epsilon):
    return [
        [min(1.0, max(0.0, x + epsilon * ((d > 0) * 1 - (d < 0) * 1))) for x, d in zip(row, slopes, strict=True)]
        for row, slopes in zip(X.tolist(), dX.tolist(), strict=True)
    ]


# 6.7
def majority(outputs):
    K = outputs.shape[2]
    choices = outputs.argmax(axis=2)
    votes = (choices[:, :, None] == np.arange(K)).sum(axis=0)
    return votes.argmax(axis=1)


def majority_by_bincount(outputs):
    K = outputs.shape[-1]
    return np.array([np.bincount(column, minlength=K).argmax() for column in outputs.argmax(axis=-1).T])


def majority_by_counter(outputs):
    winners = []
    for i in range(outputs.shape[1]):
        counts = Counter(int(np.argmax(network[i])) for network in outputs)
        winners.append(min(counts, key=lambda k: (-counts[k], k)))
    return winners


SOLUTIONS: dict[str, Function] = {
    "6.3": penalized,
    "6.4": project,
    "6.5": dropout,
    "6.6": attack_images,
    "6.7": majority,
}

VARIANTS: dict[str, list[Function]] = {
    "6.3": [penalized_in_loops, penalized_einsum],
    "6.4": [project_row_by_row, project_where, project_min],
    "6.5": [dropout_where, dropout_in_loops],
    "6.6": [attack_by_cases, attack_as_lists],
    "6.7": [majority_by_bincount, majority_by_counter],
}
