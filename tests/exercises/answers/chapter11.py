"""Right answers of chapter 11: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


def s(z):
    return 1 / (1 + np.exp(-z))


# 11.3
def lstm_step(x, h, C, U, W, b):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    i, f, a, o = np.split(x @ U.T + h @ W.T + b, 4, axis=1)
    C = sigmoid(f) * C + sigmoid(i) * np.tanh(a)
    return sigmoid(o) * np.tanh(C), C


def step_in_loops(x, h, C, U, W, b):
    m, n = C.shape
    new_h, new_C = np.zeros((m, n)), np.zeros((m, n))
    for k in range(m):
        z = [float(np.dot(U[r], x[k]) + np.dot(W[r], h[k]) + b[r]) for r in range(4 * n)]
        for j in range(n):
            i, f, o = (1 / (1 + math.exp(-z[q * n + j])) for q in (0, 1, 3))
            new_C[k, j] = f * C[k, j] + i * math.tanh(z[2 * n + j])
            new_h[k, j] = o * math.tanh(new_C[k, j])
    return new_h, new_C


def step_by_blocks(x, h, C, U, W, b):
    both = np.concatenate([x, h], axis=1)
    z = np.einsum("mk,qnk->qmn", both, np.hstack([U, W]).reshape(4, C.shape[1], -1)) + b.reshape(4, 1, -1)
    C = s(z[1]) * C + s(z[0]) * np.tanh(z[2])
    return [(s(z[3]) * np.tanh(C)).tolist(), C.tolist()]


# 11.4
def cell_errors(dh, f, o, C):
    dC = dh * o * (1 - np.tanh(C) ** 2)
    for t in reversed(range(C.shape[1] - 1)):
        dC[:, t] += dC[:, t + 1] * f[:, t + 1]
    return dC


def errors_over_all_paths(dh, f, o, C):
    direct, dC, T = dh * o / np.cosh(C) ** 2, np.zeros(C.shape), C.shape[1]
    for t in range(T):
        for later in range(t, T):
            dC[:, t] += direct[:, later] * np.prod(f[:, t + 1 : later + 1], axis=1)
    return dC


def errors_as_a_list(dh, f, o, C):
    behind, errors = np.zeros(C[:, 0].shape), []
    for t in range(C.shape[1])[::-1]:
        now = behind + dh[:, t] * o[:, t] * (1 - np.tanh(C[:, t]) ** 2)
        behind = now * f[:, t]
        errors.insert(0, now)
    return np.stack(errors, axis=1)


# 11.5
def gate_errors(dh, dC, i, f, a, o, C_before, C):
    return np.concatenate(
        [
            dC * a * i * (1 - i),
            dC * C_before * f * (1 - f),
            dC * i * (1 - a**2),
            dh * np.tanh(C) * o * (1 - o),
        ],
        axis=1,
    )


def gates_in_place(dh, dC, i, f, a, o, C_before, C):
    m, n = i.shape
    dz = np.zeros((m, 4 * n))
    dz[:, :n] = dC * a * (i - i**2)
    dz[:, n : 2 * n] = dC * C_before * (f - f**2)
    dz[:, 2 * n : 3 * n] = dC * i * (1 + a) * (1 - a)
    dz[:, 3 * n :] = dh * np.tanh(C) * (o - o**2)
    return dz


def gates_in_loops(dh, dC, i, f, a, o, C_before, C):
    rows = []
    for k in range(len(i)):
        n = range(len(i[k]))
        row = [dC[k, j] * a[k, j] * i[k, j] * (1 - i[k, j]) for j in n]
        row += [dC[k, j] * C_before[k, j] * f[k, j] * (1 - f[k, j]) for j in n]
        row += [dC[k, j] * i[k, j] * (1 - a[k, j] ** 2) for j in n]
        row += [dh[k, j] * math.tanh(C[k, j]) * o[k, j] * (1 - o[k, j]) for j in n]
        rows.append(row)
    return rows


# 11.6
def gru_step(x, h, U, W, b):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    W_r, W_u, W_a = np.split(W, 3)
    from_x = np.split(x @ U.T + b, 3, axis=1)
    r = sigmoid(from_x[0] + h @ W_r.T)
    u = sigmoid(from_x[1] + h @ W_u.T)
    a = np.tanh(from_x[2] + (r * h) @ W_a.T)
    return u * h + (1 - u) * a


def gru_by_differences(x, h, U, W, b):
    n = h.shape[1]
    z = x @ U.T + b
    gates = s(z[:, : 2 * n] + h @ W[: 2 * n].T)
    a = np.tanh(z[:, 2 * n :] + np.einsum("jk,mk,mk->mj", W[2 * n :], gates[:, :n], h))
    return (a + gates[:, n:] * (h - a)).tolist()


def gru_one_by_one(x, h, U, W, b):
    n, new = h.shape[1], []
    for x_k, h_k in zip(x, h, strict=True):
        r = s(U[:n] @ x_k + W[:n] @ h_k + b[:n])
        u = s(U[n : 2 * n] @ x_k + W[n : 2 * n] @ h_k + b[n : 2 * n])
        a = np.tanh(U[2 * n :] @ x_k + W[2 * n :] @ (r * h_k) + b[2 * n :])
        new.append(u * h_k + (1 - u) * a)
    return np.array(new)


# 11.7
def peephole_step(Z, C, p):
    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    i, f, a, o = np.split(Z, 4, axis=1)
    i, f = sigmoid(i + p[0] * C), sigmoid(f + p[1] * C)
    C = f * C + i * np.tanh(a)
    return sigmoid(o + p[2] * C) * np.tanh(C), C


def peepholes_in_loops(Z, C, p):
    m, n = C.shape
    new_h, new_C = np.zeros((m, n)), np.zeros((m, n))
    for k in range(m):
        for j in range(n):
            i = 1 / (1 + math.exp(-Z[k, j] - p[0, j] * C[k, j]))
            f = 1 / (1 + math.exp(-Z[k, n + j] - p[1, j] * C[k, j]))
            new_C[k, j] = f * C[k, j] + i * math.tanh(Z[k, 2 * n + j])
            o = 1 / (1 + math.exp(-Z[k, 3 * n + j] - p[2, j] * new_C[k, j]))
            new_h[k, j] = o * math.tanh(new_C[k, j])
    return new_h, new_C


def peepholes_with_diagonals(Z, C, p):
    z = Z.reshape(len(Z), 4, -1)
    first = s(z[:, :2] + np.einsum("mn,qn->mqn", C, p[:2]))
    C = first[:, 1] * C + first[:, 0] * np.tanh(z[:, 2])
    return s(z[:, 3] + C @ np.diag(p[2])) * np.tanh(C), C


SOLUTIONS: dict[str, Function] = {
    "11.3": lstm_step,
    "11.4": cell_errors,
    "11.5": gate_errors,
    "11.6": gru_step,
    "11.7": peephole_step,
}

VARIANTS: dict[str, list[Function]] = {
    "11.3": [step_in_loops, step_by_blocks],
    "11.4": [errors_over_all_paths, errors_as_a_list],
    "11.5": [gates_in_place, gates_in_loops],
    "11.6": [gru_by_differences, gru_one_by_one],
    "11.7": [peepholes_in_loops, peepholes_with_diagonals],
}
