"""Right answers of chapter 15: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function


# 15.3
def merged_gradient(G, sizes):
    return (sizes[:, None] * G).sum(axis=0) / sizes.sum()


def merged_with_average(G, sizes):
    return np.average(G, axis=0, weights=sizes)


def merged_in_loops(G, sizes):
    m = sum(int(k) for k in sizes)
    return [sum(float(G[k][j]) * int(sizes[k]) / m for k in range(len(G))) for j in range(len(G[0]))]


# 15.4
def ring_round(held, r):
    p = len(held)
    new = [a.copy() for a in held]
    for k in range(p):
        c = (k - r) % p
        new[(k + 1) % p][c] += held[k][c]
    return new


def ring_by_receivers(held, r):
    p = len(held)
    new = np.array(held)
    ranks = np.arange(p)
    chunks = (ranks - 1 - r) % p
    new[ranks, chunks] += np.array(held)[ranks - 1, chunks]
    return new


def ring_in_lists(held, r):
    p = len(held)
    new = [list(map(float, a)) for a in held]
    for k in range(p):
        new[k + 1 - p][k - r] += float(held[k][k - r])
    return new


# 15.5
def cut_layer(Xs, Ws, b):
    return sum(X @ W.T for X, W in zip(Xs, Ws, strict=True)) + b


def glued_layer(Xs, Ws, b):
    return np.concatenate(Xs, axis=1) @ np.concatenate(Ws, axis=1).T + b


def first_worker_adds_the_bias(Xs, Ws, b):
    Z = [np.einsum("mi,ni->mn", X, W) for X, W in zip(Xs, Ws, strict=True)]
    Z[0] = Z[0] + b
    return np.sum(Z, axis=0).tolist()


# 15.6
def converted_layout(W, h, w, c):
    n = W.shape[1]
    return W.reshape(h, w, c, n).transpose(3, 2, 0, 1).reshape(n, -1)


def layout_by_indices(W, h, w, c):
    rows = np.arange(h * w * c).reshape(h, w, c)
    return W[np.moveaxis(rows, 2, 0).ravel()].T


def layout_in_loops(W, h, w, c):
    new = np.zeros((W.shape[1], c * h * w))
    for i in range(h):
        for j in range(w):
            for k in range(c):
                new[:, (k * h + i) * w + j] = W[(i * w + j) * c + k]
    return new


# 15.7
def converted_cell(K, R, bias):
    i, a, f, o = np.split(np.arange(len(bias)), 4)
    rows = np.concatenate([i, f, a, o])
    b = bias.copy()
    b[f] += 1
    return K.T[rows], R.T[rows], b[rows]


def cell_by_axes(K, R, bias):
    n = len(bias) // 4
    U, W = (a.reshape(-1, 4, n)[:, [0, 2, 1, 3]].reshape(-1, 4 * n).T for a in (K, R))
    b = bias.reshape(4, n)[[0, 2, 1, 3]] + np.array([[0], [1], [0], [0]])
    return U, W, b.ravel()


def cell_by_rows(K, R, bias):
    n = len(bias) // 4
    order = [block * n + j for block in (0, 2, 1, 3) for j in range(n)]
    b = [float(bias[r]) + (2 * n <= r < 3 * n) for r in order]
    return [K[:, r].tolist() for r in order], [R[:, r].tolist() for r in order], b


SOLUTIONS: dict[str, Function] = {
    "15.3": merged_gradient,
    "15.4": ring_round,
    "15.5": cut_layer,
    "15.6": converted_layout,
    "15.7": converted_cell,
}

VARIANTS: dict[str, list[Function]] = {
    "15.3": [merged_with_average, merged_in_loops],
    "15.4": [ring_by_receivers, ring_in_lists],
    "15.5": [glued_layer, first_worker_adds_the_bias],
    "15.6": [layout_by_indices, layout_in_loops],
    "15.7": [cell_by_axes, cell_by_rows],
}
