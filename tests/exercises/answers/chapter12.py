"""Right answers of chapter 12: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import itertools
import math

import numpy as np
from exercises.answers.model import Function


# 12.3
def encode_decode(v, W, a, b):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    code = sigmoid(v @ W.T + b)
    return code, sigmoid(code @ W + a)


def encode_in_loops(v, W, a, b):
    m, (n_h, n_v) = len(v), W.shape
    code, back = np.zeros((m, n_h)), np.zeros((m, n_v))
    for k in range(m):
        for j in range(n_h):
            code[k, j] = 1 / (1 + math.exp(-b[j] - sum(W[j, i] * v[k, i] for i in range(n_v))))
        for i in range(n_v):
            back[k, i] = 1 / (1 + math.exp(-a[i] - sum(W[j, i] * code[k, j] for j in range(n_h))))
    return code, back


def encode_by_ratios(v, W, a, b):
    on = np.exp(np.einsum("ji,mi->mj", W, v) + b)
    code = on / (1 + on)
    on = np.exp(np.einsum("ji,mj->mi", W, code) + a)
    return (code.tolist(), (on / (1 + on)).tolist())


# 12.4
def free_energy(v, W, a, b):
    return -v @ a - np.logaddexp(0, v @ W.T + b).sum(axis=1)


def free_energy_by_halves(v, W, a, b):
    z = v @ W.T + b
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return [-float(np.dot(a, x)) - float(s.sum()) for x, s in zip(v, softplus, strict=True)]


def free_energy_over_states(v, W, a, b):
    H = np.array(list(itertools.product([0, 1], repeat=len(b))))
    minus_E = (v @ a)[:, None] + H @ b + v @ W.T @ H.T
    return -np.logaddexp.reduce(minus_E, axis=1)


# 12.5
def log_partition(W, a, b):
    n_h = len(b)
    states = (np.arange(2**n_h)[:, None] >> np.arange(n_h) & 1).astype(W.dtype)
    terms = states @ b + np.logaddexp(0, a + states @ W).sum(axis=1)
    return terms.max() + np.log(np.exp(terms - terms.max()).sum())


def log_partition_over_pairs(W, a, b):
    log_Z = -math.inf
    for v in itertools.product([0, 1], repeat=len(a)):
        for h in itertools.product([0, 1], repeat=len(b)):
            log_Z = np.logaddexp(log_Z, np.dot(a, v) + np.dot(b, h) + np.array(h) @ W @ np.array(v))
    return log_Z


def log_partition_over_pictures(W, a, b):
    V = np.array(list(itertools.product([0.0, 1.0], repeat=len(a))))
    minus_F = V @ a + np.logaddexp(0, V @ W.T + b).sum(axis=1)
    return float(np.logaddexp.reduce(minus_F))


# 12.6
def cd_gradients(v, W, a, b, u_h, u_v):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    p = sigmoid(v @ W.T + b)
    h = (u_h < p).astype(v.dtype)
    v_1 = (u_v < sigmoid(h @ W + a)).astype(v.dtype)
    p_1 = sigmoid(v_1 @ W.T + b)
    m = len(v)
    return (p_1.T @ v_1 - p.T @ v) / m, (v_1 - v).mean(axis=0), (p_1 - p).mean(axis=0)


def cd_one_by_one(v, W, a, b, u_h, u_v):
    dW, da, db = np.zeros(W.shape), np.zeros(a.shape), np.zeros(b.shape)
    for x, u, w in zip(v, u_h, u_v, strict=True):
        p = 1 / (1 + np.exp(-W @ x - b))
        h = np.where(u < p, 1, 0)
        y = np.where(w < 1 / (1 + np.exp(-W.T @ h - a)), 1, 0)
        q = 1 / (1 + np.exp(-W @ y - b))
        dW += (np.outer(q, y) - np.outer(p, x)) / len(v)
        da += (y - x) / len(v)
        db += (q - p) / len(v)
    return dW, da, db


def cd_with_einsum(v, W, a, b, u_h, u_v):
    p = 1 / (1 + np.exp(-(np.einsum("ji,mi->mj", W, v) + b)))
    y = 1.0 * (u_v < 1 / (1 + np.exp(-(np.einsum("ji,mj->mi", W, 1.0 * (u_h < p)) + a))))
    q = 1 / (1 + np.exp(-(np.einsum("ji,mi->mj", W, y) + b)))
    both = np.concatenate([q, -p]), np.concatenate([y, v])
    return [
        (np.einsum("mj,mi->ji", *both) / len(v)).tolist(),
        (y.mean(axis=0) - v.mean(axis=0)).tolist(),
        (q.mean(axis=0) - p.mean(axis=0)).tolist(),
    ]


# 12.7
def gibbs_step(V, H, W, a, b):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    def chances(p, states):
        on_or_off = np.where(states == 1, p[:, None], 1 - p[:, None])
        return on_or_off.prod(axis=2)

    return chances(sigmoid(V @ W.T + b), H) @ chances(sigmoid(H @ W + a), V)


def gibbs_from_the_joint(V, H, W, a, b):
    joint = np.exp((V @ a)[:, None] + H @ b + V @ W.T @ H.T)
    return joint / joint.sum(axis=1, keepdims=True) @ (joint / joint.sum(axis=0)).T


def gibbs_in_loops(V, H, W, a, b):
    T = np.zeros((len(V), len(V)))
    for r, v in enumerate(V):
        for h in H:
            up = 1.0
            for j in range(len(b)):
                p = 1 / (1 + math.exp(-b[j] - W[j] @ v))
                up *= p if h[j] else 1 - p
            for s, after in enumerate(V):
                down = 1.0
                for i in range(len(a)):
                    p = 1 / (1 + math.exp(-a[i] - W[:, i] @ h))
                    down *= p if after[i] else 1 - p
                T[r, s] += up * down
    return T


SOLUTIONS: dict[str, Function] = {
    "12.3": encode_decode,
    "12.4": free_energy,
    "12.5": log_partition,
    "12.6": cd_gradients,
    "12.7": gibbs_step,
}

VARIANTS: dict[str, list[Function]] = {
    "12.3": [encode_in_loops, encode_by_ratios],
    "12.4": [free_energy_by_halves, free_energy_over_states],
    "12.5": [log_partition_over_pairs, log_partition_over_pictures],
    "12.6": [cd_one_by_one, cd_with_einsum],
    "12.7": [gibbs_from_the_joint, gibbs_in_loops],
}
