"""Right answers of chapter 4: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function


# 4.3
def stable_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_with_masks(z):
    out = np.empty_like(z)
    right = z >= 0
    out[right] = 1 / (1 + np.exp(-z[right]))
    e = np.exp(z[~right])
    out[~right] = e / (1 + e)
    return out


def sigmoid_from_its_logarithm(z):
    return np.exp(-np.logaddexp(0, -z))


def sigmoid_with_minimum(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def sigmoid_in_loops(z):
    def one(x):
        return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))

    return np.reshape([one(float(x)) for x in np.ravel(z)], z.shape).tolist()


# 4.4
def log_sum_exp(Z):
    M = Z.max(axis=1, keepdims=True)
    return M[:, 0] + np.log(np.exp(Z - M).sum(axis=1))


def log_sum_reduced(Z):
    return np.logaddexp.reduce(Z, axis=1)


def log_sum_in_loops(Z):
    result = []
    for row in Z:
        largest = max(row)
        result.append(largest + math.log(sum(math.exp(z - largest) for z in row)))
    return result


def log_sum_in_columns(Z):
    M = np.max(Z.T, axis=0)
    return np.log(np.einsum("km->m", np.exp(Z.T - M))) + M


def log_sum_with_log1p(Z):
    ordered = np.sort(Z, axis=-1)
    return ordered[:, -1] + np.log1p(np.exp(ordered[:, :-1] - ordered[:, -1:]).sum(axis=-1))


# 4.5
def softmax_cross_entropy(Z, y):
    m = len(Z)
    rows = np.arange(m)
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_A = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    J = -log_A[rows, y].mean()
    dZ = np.exp(log_A)
    dZ[rows, y] -= 1
    return J, dZ / m


def entropy_with_one_hot(Z, y):
    m, K = Z.shape
    Y = np.eye(K)[y]
    log_sum = np.logaddexp.reduce(Z, axis=1)
    J = (log_sum - (Z * Y).sum(axis=1)).sum() / m
    return J, (np.exp(Z - log_sum[:, None]) - Y) / m


def entropy_in_loops(Z, y):
    m, K = Z.shape
    J, dZ = 0.0, []
    for z, true in zip(Z.tolist(), y.tolist(), strict=True):
        e = [math.exp(score - max(z)) for score in z]
        J += (math.log(sum(e)) + max(z) - z[true]) / m
        dZ.append([(e[k] / sum(e) - (k == true)) / m for k in range(K)])
    return J, dZ


def entropy_with_two_softmaxes(Z, y):
    Z = Z.astype(np.float64)
    Z -= np.max(Z, axis=1).reshape(-1, 1)
    A = np.exp(Z) / np.einsum("mk->m", np.exp(Z))[:, None]
    J = np.average(np.log(np.sum(np.exp(Z), 1)) - np.take_along_axis(Z, y[:, None], 1).squeeze(1))
    np.put_along_axis(A, y[:, None], np.take_along_axis(A, y[:, None], 1) - 1, 1)
    return [np.array(J), A / A.shape[0]]


# 4.6
def softmax_backward(dA, A):
    inner = (dA * A).sum(axis=1, keepdims=True)
    return A * (dA - inner)


def backward_with_jacobians(dA, A):
    return [((np.diag(a) - np.outer(a, a)) @ d).tolist() for d, a in zip(dA, A, strict=True)]


def backward_einsum(dA, A):
    jacobians = np.einsum("mj,jk->mjk", A, np.eye(A.shape[1])) - np.einsum("mj,mk->mjk", A, A)
    return np.einsum("mjk,mk->mj", jacobians, dA)


def backward_in_loops(dA, A):
    m, K = A.shape
    dZ = np.zeros((m, K))
    for i in range(m):
        for j in range(K):
            for k in range(K):
                dZ[i, j] += dA[i, k] * A[i, k] * ((j == k) - A[i, j])
    return dZ


def backward_with_diagonal(dA, A):
    return A * dA - np.diag(dA @ A.T)[:, None] * A


# 4.7
def prelu_backward(dY, X, a):
    dX = np.where(X > 0, dY, a * dY)
    da = (dY * np.where(X > 0, 0, X)).sum(axis=0)
    return dX, da


def prelu_in_loops(dY, X, a):
    m, n = X.shape
    dX, da = np.zeros((m, n)), [0.0] * n
    for i in range(m):
        for c in range(n):
            if X[i, c] > 0:
                dX[i, c] = dY[i, c]
            else:
                dX[i, c] = a[c] * dY[i, c]
                da[c] += X[i, c] * dY[i, c]
    return dX, da


def prelu_einsum(dY, X, a):
    left = (X <= 0).astype(X.dtype)
    return dY * (1 - left) + np.einsum("mc,c,mc->mc", dY, a, left), np.einsum("mc,mc,mc->c", dY, X, left)


def prelu_with_mask(dY, X, a):
    dX = dY.copy()
    left = ~(X > 0)
    dX[left] *= np.broadcast_to(a, X.shape)[left]
    return [dX, np.sum(np.minimum(X, 0) * dY, 0)]


SOLUTIONS: dict[str, Function] = {
    "4.3": stable_sigmoid,
    "4.4": log_sum_exp,
    "4.5": softmax_cross_entropy,
    "4.6": softmax_backward,
    "4.7": prelu_backward,
}

VARIANTS: dict[str, list[Function]] = {
    "4.3": [sigmoid_with_masks, sigmoid_from_its_logarithm, sigmoid_with_minimum, sigmoid_in_loops],
    "4.4": [log_sum_reduced, log_sum_in_loops, log_sum_in_columns, log_sum_with_log1p],
    "4.5": [entropy_with_one_hot, entropy_in_loops, entropy_with_two_softmaxes],
    "4.6": [backward_with_jacobians, backward_einsum, backward_in_loops, backward_with_diagonal],
    "4.7": [prelu_in_loops, prelu_einsum, prelu_with_mask],
}
