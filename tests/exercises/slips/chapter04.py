"""Known mistakes of chapter 4 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

from typing import Any

import numpy as np
from exercises.answers.chapter04 import prelu_backward, softmax_backward, softmax_cross_entropy
from exercises.answers.model import Function


# 4.3
def textbook(z):
    denominator = 1.0 + np.power(np.e, -z)
    return 1.0 / denominator


def both_branches(z):
    right = 1 / (1 + np.exp(-z))
    left = np.exp(z) / (np.exp(z) + 1)
    return np.where(z < 0, left, right)


def one_minus(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), 1 - 1 / (1 + e))


def set_to_zero(z):
    e = np.exp(-np.abs(z))
    return np.where(z < -36, 0.0, np.where(z >= 0, 1, e) / (1 + e))


def clipped_exponent(z):
    return 1 / (1 + np.exp(np.minimum(-z, 700)))


def clipped_both(z):
    return 1 / (1 + np.exp(-np.maximum(np.minimum(z, 500), -500)))


def branches_exchanged(z):
    e = np.exp(-abs(z))
    return np.where(z < 0, 1 / (1 + e), e / (1 + e))


# 4.4
def naive(Z):
    total = np.zeros(len(Z))
    for k in range(Z.shape[1]):
        total += np.exp(Z[:, k])
    return np.log(total)


def batch_maximum(Z):
    Z_safe = Z - np.max(Z)
    return np.log(np.sum(np.exp(Z_safe), axis=1)) + np.max(Z)


def not_added_back(Z):
    Z = Z - np.max(Z, axis=1, keepdims=True)
    return np.log(np.sum(np.exp(Z), axis=1))


def kept_axis(Z):
    M = np.max(Z, axis=1, keepdims=True)
    return M + np.log(np.sum(np.exp(Z - M), axis=1, keepdims=True))


def mean_for_sum(Z):
    M = Z.max(axis=1)[:, None]
    return M.ravel() + np.log(np.mean(np.exp(Z - M), axis=1))


def without_keepdims(Z):
    M = np.max(Z, axis=1)
    return np.log(np.sum(np.exp(Z - M), axis=1)) + M


# 4.5
def _softmax(Z):
    e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def protected(epsilon: float) -> Any:
    def loss(Z, y):
        m = Z.shape[0]
        A = _softmax(Z)
        Y = np.zeros_like(A)
        Y[np.arange(m), y] = 1
        return -np.sum(Y * np.log(A + epsilon)) / m, (A - Y) / m

    return loss


def maximum_of_epsilon(Z, y):
    return -np.log(np.clip(_softmax(Z), 1e-12, 1 - 1e-12))[range(len(y)), y].mean(), softmax_cross_entropy(Z, y)[1]


def naive_softmax(Z, y):
    A = np.exp(Z) / np.exp(Z).sum(1, keepdims=True)
    rows = np.arange(len(y))
    J = -np.log(A[rows, y]).sum() / len(y)
    A[rows, y] -= 1
    return J, A / len(y)


def logarithm_of_softmax(Z, y):
    A = _softmax(Z)
    J = 0
    for i, true in enumerate(y):
        J -= np.log(A[i, true])
    return J / len(y), (A - np.eye(Z.shape[1])[y]) / len(y)


def true_class_alone(Z, y):
    J, full = softmax_cross_entropy(Z, y)
    dZ = np.zeros(Z.shape)
    dZ[np.arange(len(y)), y] = full[np.arange(len(y)), y]
    return J, dZ


def columns(Z, y):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    return -np.mean(log_A[:, y]), softmax_cross_entropy(Z, y)[1]


def times_slope(Z, y):
    A = _softmax(Z)
    J, dZ = softmax_cross_entropy(Z, y)
    return J, dZ * (A - A**2)


# 4.6
def diagonal(dA, A):
    return np.einsum("mk,mk,mk->mk", dA, A, 1 - A)


def by_mean(dA, A):
    return A * (dA - np.mean(dA, axis=-1, keepdims=True))


def matrix_products(dA, A):
    return A * dA - np.matmul(np.matmul(dA, A.T), A)


def same_for_all(dA, A):
    jacobian = np.diag(A[0]) - A[0][:, None] * A[0]
    return np.array([jacobian @ row for row in dA])


# 4.7
def all_inputs(dY, X, a):
    return np.where(X > 0, 1, a) * dY, np.einsum("mc,mc->c", dY, X)


def from_output(dY, X, a):
    Y = np.where(X > 0, X, a * X)
    return prelu_backward(dY, X, a)[0], np.sum(dY * Y * (X <= 0), axis=0)


def like_relu(dY, X, a):
    dX = np.array(dY)
    dX[X <= 0] = 0
    return dX, prelu_backward(dY, X, a)[1]


def right_at_zero(dY, X, a):
    return dY * ((X >= 0) + (X < 0) * a), np.sum(dY * X * (X < 0), 0)


def without_warnings(z):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


SLIPS: list[tuple[str, Function, str]] = [
    ("4.3", without_warnings, "the warning is switched off, not its cause"),
    (
        "4.4",
        lambda Z: Z.max(axis=1) - np.log(np.exp(Z.T - Z.max(axis=1)).sum(axis=0)),
        "the logarithm is subtracted from M",
    ),
    ("4.3", textbook, "e^−z overflows where z is very negative"),
    ("4.3", lambda z: np.exp(z) / (np.exp(z) + 1), "e^z overflows where z is large"),
    ("4.3", both_branches, "np.where computes both branches"),
    ("4.3", one_minus, "0 in place of the small numbers on the left"),
    ("4.3", set_to_zero, "0 in place of the small numbers on the left"),
    ("4.3", clipped_exponent, "z is clipped at ±700"),
    ("4.3", clipped_both, "z is clipped at ±500"),
    ("4.3", branches_exchanged, "the two halves are exchanged"),
    ("4.3", lambda z: np.exp(-np.abs(z)) / (np.exp(-np.abs(z)) + 1), "σ(−|z|): the right half is turned round, too"),
    ("4.4", naive, "e^z overflows"),
    ("4.4", batch_maximum, "the largest score of the whole batch"),
    ("4.4", not_added_back, "M is not added back"),
    ("4.4", kept_axis, "the result keeps an axis of length one"),
    ("4.4", mean_for_sum, "the mean in place of the sum"),
    ("4.4", without_keepdims, "M lost its axis"),
    ("4.5", protected(1e-9), "1e-09 is added under the logarithm"),
    ("4.5", protected(1e-12), "1e-12 is added under the logarithm"),
    ("4.5", maximum_of_epsilon, "the probabilities are clipped at 1e-12"),
    ("4.5", naive_softmax, "e^z is taken of the scores as they are"),
    ("4.5", logarithm_of_softmax, "the logarithm of a rounded probability"),
    ("4.5", true_class_alone, "the gradient of the wrong classes is 0"),
    ("4.5", columns, "whole columns in J"),
    ("4.5", times_slope, "a slope a (1 − a) is multiplied in"),
    ("4.6", diagonal, "the diagonal of the Jacobian alone"),
    ("4.6", by_mean, "the plain mean of dA is subtracted"),
    ("4.6", matrix_products, "a matrix product mixes the examples"),
    ("4.6", same_for_all, "the Jacobian of the first example for all"),
    ("4.7", all_inputs, "da counts the positive inputs as well"),
    ("4.7", from_output, "the output in place of the input in da"),
    ("4.7", like_relu, "dX is that of a ReLU"),
    ("4.7", right_at_zero, "the slope is 1 at x = 0"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("4.3", lambda z: 1 / (1 + np.exp(-np.clip(z, -35, 35)))),
    ("4.5", protected(3e-5)),
    ("4.6", lambda dA, A: softmax_backward(dA, A) * A),
    ("4.7", lambda dY, X, a: (np.where(X > 1, dY, a * dY), prelu_backward(dY, X, a)[1])),
]
