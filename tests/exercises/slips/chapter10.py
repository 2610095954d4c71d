"""Known mistakes of chapter 10 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function, s


def columns_for_rows(X, H, U, W, b):
    return np.tanh(np.einsum("mi,ni->mn", X, U) + np.einsum("mk,kn->mn", H, W) + b)


def outside(X, H, U, W, b):
    z = np.hstack([X, H]) @ np.hstack([U, W]).T
    return b + np.tanh(z)


def always_from_h0(X, h0, U, W, b, V, c):
    H = np.tanh(X @ U.T + (h0 @ W.T)[:, None] + b)
    return H, H @ V.T + c


def sums_carried(X, h0, U, W, b, V, c):
    z, sums = h0, []
    for t in range(X.shape[1]):
        z = X[:, t] @ U.T + z @ W.T + b
        sums.append(z)
    H = np.tanh(np.stack(sums, axis=1))
    return H, H @ V.T + c


def one_too_early(X, h0, U, W, b, V, c):
    H = [h0]
    for t in range(X.shape[1] - 1):
        H.append(np.tanh(X[:, t] @ U.T + H[-1] @ W.T + b))
    H = np.stack(H, axis=1)
    return H, H @ V.T + c


def no_past(G, H, W):
    return G * (1 - H) * (1 + H)


def printed_order(G, H, W):
    dh = np.zeros(H.shape)
    dh[:, -1] = G[:, -1]
    for t in range(H.shape[1] - 2, -1, -1):
        dh[:, t] = G[:, t] + np.einsum("mj,jk->mk", dh[:, t + 1], W) * (1 - H[:, t + 1] ** 2)
    return dh * (1 - H**2)


def transposed(G, H, W):
    D, later = np.zeros(H.shape), 0
    for t in range(H.shape[1])[::-1]:
        D[:, t] = (G[:, t] + later) * (1 - H[:, t] ** 2)
        later = np.einsum("mj,kj->mk", D[:, t], W)
    return D


def of_sigmoid(G, H, W):
    D, later = np.zeros(H.shape), 0
    for t in range(H.shape[1])[::-1]:
        D[:, t] = (G[:, t] + later) * (H[:, t] - H[:, t] ** 2)
        later = D[:, t] @ W
    return D


def three_norms(dU, dW, db, limit):
    return [g * min(1, limit / max(np.linalg.norm(g), 1e-300)) for g in (dU, dW, db)]


def no_root(dU, dW, db, limit):
    norm = np.sum(dU * dU) + np.sum(dW * dW) + np.sum(db * db)
    return [g / max(1, norm / limit) for g in (dU, dW, db)]


def maximum(dU, dW, db, limit):
    largest = max(np.abs(g).max() for g in (dU, dW, db))
    return [g / max(1, largest / limit) for g in (dU, dW, db)]


def half_limit(dU, dW, db, limit):
    norm = np.sqrt(np.sum(dU * dU) + np.sum(dW * dW) + np.sum(db * db))
    return [g * (limit / 2 / norm if norm > limit else 1) for g in (dU, dW, db)]


def all_steps(H, lengths):
    return np.array([h[k - 1] for h, k in zip(H, lengths, strict=True)]), H.sum(axis=1) / H.shape[1]


def end_of_the_array(H, lengths):
    return np.take(H, -1, axis=1), np.array([h[:k].mean(0) for h, k in zip(H, lengths, strict=True)])


def too_many(H, lengths):
    last = H[range(len(H)), lengths - 1]
    mask = np.arange(H.shape[1])[None, :, None] <= lengths[:, None, None]
    return last, (mask * H).sum(1) / lengths[:, None]


SLIPS: list[tuple[str, Function, str]] = [
    ("10.3", columns_for_rows, "W is not transposed"),
    ("10.3", outside, "the bias behind the activation"),
    ("10.3", lambda X, H, U, W, b: s(b + H @ W.T + X @ U.T), "the sigmoid in place of tanh"),
    ("10.4", always_from_h0, "the state is not carried on"),
    ("10.4", sums_carried, "z is carried on in place of h"),
    ("10.4", one_too_early, "H starts with h0"),
    ("10.5", no_past, "the recurrent term is missing"),
    ("10.5", printed_order, "the slope behind Wᵀ"),
    ("10.5", transposed, "W is transposed"),
    ("10.5", of_sigmoid, "h (1 − h): the slope of the sigmoid"),
    ("10.6", three_norms, "each array is clipped for itself"),
    ("10.6", no_root, "the root is missing"),
    ("10.6", maximum, "the largest entry in place of the length"),
    ("10.7", all_steps, "the filling counts in the mean"),
    ("10.7", end_of_the_array, "the last column in place of the last real step"),
    ("10.7", too_many, "the mask: one step too many"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("10.3", lambda X, H, U, W, b: np.tanh(X @ U.T + H @ W.T - b)),
    ("10.5", lambda G, H, W: no_past(G, H, W) / 2),
    ("10.6", half_limit),
]
