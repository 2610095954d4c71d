"""Known mistakes of chapter 15 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function


def all_reduce_mean(G, sizes):
    total = np.zeros(G.shape[1])
    for g in G:
        total += g
    return total / len(G)


def forgot_m(G, sizes):
    return np.einsum("k,kj->j", sizes, G)


def own_chunk(held, r):
    p = len(held)
    new = np.array(held)
    for k in range(p):
        new[(k + 1) % p, k] += held[k][k]
    return new


def to_the_left(held, r):
    p = len(held)
    new = [a.copy() for a in held]
    for k in range(p):
        new[k - 1][(k - r) % p] += held[k][(k - r) % p]
    return new


def whole_layers(Xs, Ws, b):
    Z = 0
    for X, W in zip(Xs, Ws, strict=True):
        Z = Z + np.dot(X, W.T) + b
    return Z


def lying_image(W, h, w, c):
    return np.einsum("hwcn->ncwh", W.reshape(h, w, c, W.shape[1])).reshape(W.shape[1], -1)


def just_transposed(W, h, w, c):
    return np.array([W[:, k] for k in range(W.shape[1])])


def as_saved(K, R, bias):
    return K.T, R.T, bias


def without_the_constant(K, R, bias):
    n = len(bias) // 4
    order = np.r_[:n, 2 * n : 3 * n, n : 2 * n, 3 * n : 4 * n]
    return K[:, order].T, R[:, order].T, bias[order]


def from_the_start(held, r):
    p, now = len(held), np.array(held)
    for earlier in range(r + 1):
        before = now.copy()
        for k in range(p):
            now[(k + 1) % p, (k - earlier) % p] += before[k, (k - earlier) % p]
    return now


def one_chunk_for_all(held, r):
    new = [a.copy() for a in held]
    for k in range(len(held)):
        new[(k + 1) % len(held)][r] += held[k][r]
    return new


def forgot_the_state(K, R, bias):
    n = len(bias) // 4
    order = np.r_[:n, 2 * n : 3 * n, n : 2 * n, 3 * n : 4 * n]
    b = bias[order]
    b[n : 2 * n] += 1
    return K[:, order].T, R.T, b


def four_numbers_per_unit(K, R, bias):
    def ordered(a):
        return a.reshape(*a.shape[:-1], -1, 4)[..., [0, 2, 1, 3]].swapaxes(-1, -2).reshape(a.shape)

    b = ordered(bias)
    b[len(b) // 4 : len(b) // 2] += 1
    return ordered(K).T, ordered(R).T, b


SLIPS: list[tuple[str, Function, str]] = [
    ("15.3", all_reduce_mean, "every shard counts the same"),
    ("15.3", forgot_m, "the division by m is missing"),
    ("15.4", own_chunk, "always the chunk of one's own number"),
    ("15.4", to_the_left, "sent to the left"),
    ("15.4", from_the_start, "all rounds up to this one"),
    ("15.4", one_chunk_for_all, "all workers send the same chunk"),
    ("15.5", whole_layers, "every worker adds the bias"),
    ("15.6", lying_image, "height and width are exchanged"),
    ("15.6", just_transposed, "only transposed"),
    ("15.7", as_saved, "neither order nor constant"),
    ("15.7", without_the_constant, "the order is changed and the constant forgotten"),
    ("15.7", forgot_the_state, "W keeps the old order"),
    ("15.7", four_numbers_per_unit, "cut unit by unit"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("15.3", lambda G, sizes: all_reduce_mean(G, sizes) / 2),
    ("15.7", lambda K, R, bias: as_saved(2 * K, R, bias)),
]
