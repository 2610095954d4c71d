"""Right answers of chapter 13: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function, s


# 13.3
def hidden_of_ratings(R, W, b):
    z = np.zeros((len(R), len(b))) + b
    for u, i in zip(*np.nonzero(R), strict=True):
        z[u] += W[:, i, R[u, i] - 1]
    return 1 / (1 + np.exp(-z))


def hidden_with_units(R, W, b):
    V = (R[:, :, None] == np.arange(1, W.shape[2] + 1)).astype(W.dtype)
    return s(V.reshape(len(R), -1) @ W.reshape(len(b), -1).T + b)


def hidden_in_loops(R, W, b):
    p = []
    for ratings in R.tolist():
        row = []
        for j in range(len(b)):
            z = float(b[j]) + sum(float(W[j, i, r - 1]) for i, r in enumerate(ratings) if r)
            row.append(math.exp(z) / (1 + math.exp(z)))
        p.append(row)
    return p


# 13.4
def predicted_ratings(p, W, a):
    z = np.einsum("mj,jik->mik", p, W) + a
    e = np.exp(z - z.max(axis=2, keepdims=True))
    return (e / e.sum(axis=2, keepdims=True)) @ np.arange(1, a.shape[1] + 1)


def predicted_flat(p, W, a):
    N, K = a.shape
    e = np.exp(p @ W.reshape(len(W), -1) + a.reshape(-1)).reshape(len(p), N, K)
    return sum((k + 1) * e[:, :, k] for k in range(K)) / e.sum(axis=2)


def predicted_by_item(p, W, a):
    columns = []
    for i in range(len(a)):
        odds = np.exp(p @ W[:, i] + a[i])
        columns.append([float(np.average(np.arange(1, len(row) + 1), weights=row)) for row in odds])
    return np.array(columns).T


# 13.5
def reconstruct(v, W, a, b, sigma):
    h = 1 / (1 + np.exp(-((v / sigma) @ W.T + b)))
    return a + sigma * (h @ W)


def reconstruct_with_scaled_weights(v, W, a, b, sigma):
    return s(np.einsum("mi,ji->mj", v, W / sigma) + b) @ (W * sigma) + a


def reconstruct_in_loops(v, W, a, b, sigma):
    means = []
    for x in v:
        z = [float(b[j]) + sum(W[j, i] * x[i] / sigma[i] for i in range(len(a))) for j in range(len(b))]
        h = [1 / (1 + math.exp(-value)) for value in z]
        means.append([a[i] + sigma[i] * sum(W[j, i] * h[j] for j in range(len(b))) for i in range(len(a))])
    return means


# 13.6
def mean_field(v, W1, W2, b1, b2, steps):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    mu2 = np.full((len(v), len(b2)), 0.5)
    for _ in range(steps):
        mu1 = sigmoid(v @ W1.T + mu2 @ W2 + b1)
        mu2 = sigmoid(mu1 @ W2.T + b2)
    return mu1, mu2


def mean_field_with_tanh(v, W1, W2, b1, b2, steps):
    mu = [np.ones((len(v), len(b1))) / 2, np.ones((len(v), len(b2))) / 2]
    below = np.einsum("mi,ji->mj", v, W1) + b1
    for _ in range(steps):
        mu[0] = (1 + np.tanh((below + np.einsum("mk,kj->mj", mu[1], W2)) / 2)) / 2
        mu[1] = (1 + np.tanh((np.einsum("mj,kj->mk", mu[0], W2) + b2) / 2)) / 2
    return mu


def mean_field_one_by_one(v, W1, W2, b1, b2, steps):
    all1, all2 = [], []
    for x in v:
        mu1, mu2 = np.zeros(len(b1)), np.full(len(b2), 0.5)
        for _ in range(steps):
            for j in range(len(b1)):
                mu1[j] = s(b1[j] + W1[j] @ x + W2[:, j] @ mu2)
            for k in range(len(b2)):
                mu2[k] = s(b2[k] + W2[k] @ mu1)
        all1.append(mu1.tolist())
        all2.append(mu2.tolist())
    return all1, all2


# 13.7
def dbm_as_rbm(W1, W2, W3):
    return np.block([[W1, W2.T], [np.zeros((len(W3), W1.shape[1])), W3]])


def dbm_by_slices(W1, W2, W3):
    (n1, n0), (n3, n2) = W1.shape, W3.shape
    W = np.zeros((n1 + n3, n0 + n2))
    W[:n1, :n0] = W1
    W[:n1, n0:] = W2.T
    W[n1:, n0:] = W3
    return W


def dbm_as_lists(W1, W2, W3):
    above = [list(W1[j]) + [W2[k][j] for k in range(len(W2))] for j in range(len(W1))]
    return above + [[0.0] * W1.shape[1] + list(row) for row in W3]


# 13.8
def sweep(s, W, b, u):
    s = s.copy()
    for i in range(len(b)):
        p = 1 / (1 + np.exp(-(s @ W[i] + b[i])))
        s[:, i] = u[:, i] < p
    return s


def sweep_by_log_odds(s, W, b, u):
    new = np.array(s, dtype=float)
    for i in range(W.shape[0]):
        new[:, i] = np.where(np.log(u[:, i] / (1 - u[:, i])) < W[:, i] @ new.T + b[i], 1.0, 0.0)
    return new


def sweep_state_by_state(s, W, b, u):
    rows = []
    for state, chance in zip(s.tolist(), u, strict=True):
        for i in range(len(state)):
            z = float(b[i]) + sum(float(W[i, j]) * state[j] for j in range(len(state)) if j != i)
            state[i] = 1.0 if chance[i] < 1 / (1 + math.exp(-z)) else 0.0
        rows.append(state)
    return rows


SOLUTIONS: dict[str, Function] = {
    "13.3": hidden_of_ratings,
    "13.4": predicted_ratings,
    "13.5": reconstruct,
    "13.6": mean_field,
    "13.7": dbm_as_rbm,
    "13.8": sweep,
}

VARIANTS: dict[str, list[Function]] = {
    "13.3": [hidden_with_units, hidden_in_loops],
    "13.4": [predicted_flat, predicted_by_item],
    "13.5": [reconstruct_with_scaled_weights, reconstruct_in_loops],
    "13.6": [mean_field_with_tanh, mean_field_one_by_one],
    "13.7": [dbm_by_slices, dbm_as_lists],
    "13.8": [sweep_by_log_odds, sweep_state_by_state],
}
