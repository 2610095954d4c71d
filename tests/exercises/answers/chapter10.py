"""Right answers of chapter 10: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


# 10.3
def rnn_step(X, H, U, W, b):
    return np.tanh(X @ U.T + H @ W.T + b)


def step_in_loops(X, H, U, W, b):
    new = np.zeros(H.shape)
    for i in range(len(H)):
        for j in range(len(b)):
            z = b[j]
            for k in range(X.shape[1]):
                z += U[j, k] * X[i, k]
            for k in range(len(b)):
                z += W[j, k] * H[i, k]
            new[i, j] = math.tanh(z)
    return new


def step_as_one_product(X, H, U, W, b):
    both = np.hstack([X, H]) @ np.hstack([U, W]).T
    return np.tanh(both + b).tolist()


# 10.4
def rnn_forward(X, h0, U, W, b, V, c):
    h, states = h0, []
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ U.T + h @ W.T + b)
        states.append(h)
    H = np.stack(states, axis=1)
    return H, H @ V.T + c


def forward_each_sequence(X, h0, U, W, b, V, c):
    states, outputs = [], []
    for x, h in zip(X, h0, strict=True):
        states.append([])
        outputs.append([])
        for x_t in x:
            h = np.tanh(U @ x_t + W @ h + b)
            states[-1].append(h)
            outputs[-1].append(V @ h + c)
    return np.array(states), np.array(outputs)


def forward_einsum(X, h0, U, W, b, V, c):
    Z = np.einsum("mti,ni->mtn", X, U) + b
    H = np.empty_like(Z)
    before = h0
    for t in range(Z.shape[1]):
        before = H[:, t] = np.tanh(Z[:, t] + np.einsum("mk,nk->mn", before, W))
    return [H, np.einsum("mtn,on->mto", H, V) + c]


# 10.5
def bptt_deltas(G, H, W):
    deltas = np.zeros(H.shape)
    behind = np.zeros(H[:, 0].shape)
    for t in reversed(range(H.shape[1])):
        deltas[:, t] = (G[:, t] + behind) * (1 - H[:, t] ** 2)
        behind = deltas[:, t] @ W
    return deltas


def deltas_over_all_paths(G, H, W):
    m, T, n = H.shape
    deltas = np.zeros(H.shape)
    for i in range(m):
        for t in range(T):
            dh = G[i, t].astype(float)
            way = np.eye(n)
            for s in range(t + 1, T):
                way = np.diag(1 - H[i, s] ** 2) @ W @ way
                dh = dh + way.T @ G[i, s]
            deltas[i, t] = (1 - H[i, t]) * (1 + H[i, t]) * dh
    return deltas


def deltas_recursive(G, H, W):
    def of(t):
        if t == H.shape[1]:
            return []
        later = of(t + 1)
        dh = G[:, t] + (later[0] @ W if later else 0)
        return [dh - dh * H[:, t] ** 2, *later]

    return np.stack(of(0), axis=1).tolist()


# 10.6
def clip_gradients(dU, dW, db, limit):
    norm = np.sqrt((dU**2).sum() + (dW**2).sum() + (db**2).sum())
    scale = limit / norm if norm > limit else 1.0
    return dU * scale, dW * scale, db * scale


def clip_by_division(dU, dW, db, limit):
    together = np.concatenate([dU.ravel(), dW.ravel(), db])
    too_long = max(1.0, np.linalg.norm(together) / limit)
    return [g / too_long for g in (dU, dW, db)]


def clip_in_loops(dU, dW, db, limit):
    squares = 0.0
    for g in (dU, dW, db):
        for v in g.ravel():
            squares += float(v) ** 2
    if squares <= limit**2:
        return dU, dW, db
    return tuple((limit * g / math.sqrt(squares)).tolist() for g in (dU, dW, db))


# 10.7
def last_and_mean(H, lengths):
    m, T, _ = H.shape
    last = H[np.arange(m), lengths - 1]
    real = (np.arange(T) < lengths[:, None])[:, :, None]
    mean = np.where(real, H, 0).sum(axis=1) / lengths[:, None]
    return last, mean


def ends_in_loops(H, lengths):
    last = [h[k - 1] for h, k in zip(H, lengths, strict=True)]
    mean = [h[:k].mean(axis=0) for h, k in zip(H, lengths, strict=True)]
    return np.array(last), np.array(mean)


def ends_by_cumulated_sums(H, lengths):
    ends = (lengths - 1)[:, None, None]
    last = np.take_along_axis(H, ends, axis=1)[:, 0]
    sums = np.take_along_axis(H.cumsum(axis=1), ends, axis=1)[:, 0]
    return last.tolist(), (sums / lengths[:, None]).tolist()


SOLUTIONS: dict[str, Function] = {
    "10.3": rnn_step,
    "10.4": rnn_forward,
    "10.5": bptt_deltas,
    "10.6": clip_gradients,
    "10.7": last_and_mean,
}

VARIANTS: dict[str, list[Function]] = {
    "10.3": [step_in_loops, step_as_one_product],
    "10.4": [forward_each_sequence, forward_einsum],
    "10.5": [deltas_over_all_paths, deltas_recursive],
    "10.6": [clip_by_division, clip_in_loops],
    "10.7": [ends_in_loops, ends_by_cumulated_sums],
}
