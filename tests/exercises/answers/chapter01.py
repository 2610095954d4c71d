"""Right answers of chapter 1: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function


# 1.3
def threshold_neuron(X, w, b):
    return (X @ w + b >= 0).astype(float)


def neuron_in_loops(X, w, b):
    outputs = []
    for row in X:
        v = b
        for x_i, w_i in zip(row, w, strict=True):
            v += x_i * w_i
        outputs.append(1 if v >= 0 else 0)
    return outputs


def neuron_einsum_booleans(X, w, b):
    return ~(np.einsum("mi,i->m", X, w) < -b)


# 1.4
def perceptron_loss(X, y, w, b):
    margin = y * (X @ w + b)
    wrong = margin <= 0
    return -margin[wrong].sum(), -y[wrong] @ X[wrong], -y[wrong].sum()


def loss_in_loops(X, y, w, b):
    L, dw, db = 0, [0.0] * len(w), 0
    for x_i, y_i in zip(X, y, strict=True):
        margin = y_i * (sum(a * c for a, c in zip(w, x_i, strict=True)) + b)
        if margin <= 0:
            L -= margin
            dw = [d - y_i * a for d, a in zip(dw, x_i, strict=True)]
            db -= y_i
    return L, dw, db


def loss_relu(X, y, w, b):
    v = -y * (X @ w + b)
    active = (v >= 0) * 1.0
    return [np.maximum(v, 0).sum(), -(active * y) @ X, -np.dot(active, y)]


# 1.5
def perceptron_step(w, b, x, y, eta):
    if y * (w @ x + b) <= 0:
        w = w + eta * y * x
        b = b + eta * y
    return w, b


def step_by_prediction(w, b, x, y, eta):
    v = float(np.dot(x, w)) + b
    if v == 0 or np.sign(v) != y:
        return [float(a + eta * y * c) for a, c in zip(w, x, strict=True)], b + eta * y
    return list(w), b


def step_without_if(w, b, x, y, eta):
    move = eta * y * (y * (x.dot(w) + b) <= 0)
    return np.add(w, move * x), np.float64(b + move)


# 1.6
def xor_weights():
    return np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([-0.5, -1.5]), np.array([1.0, -1.0]), -0.5


def xor_nand_or():
    return [[-2, -2], [2, 2]], [3, -1], [1, 1], -1.5


def xor_three_units():
    W1 = np.array([[1, -1], [-1, 1], [1, 1]], dtype=np.float32)
    return W1, np.array([-0.5, -0.5, 9]), np.array([[1, 1, 0]]), np.array([-0.5])


SOLUTIONS: dict[str, Function] = {
    "1.3": threshold_neuron,
    "1.4": perceptron_loss,
    "1.5": perceptron_step,
    "1.6": xor_weights,
}

VARIANTS: dict[str, list[Function]] = {
    "1.3": [neuron_in_loops, neuron_einsum_booleans],
    "1.4": [loss_in_loops, loss_relu],
    "1.5": [step_by_prediction, step_without_if],
    "1.6": [xor_nand_or, xor_three_units],
}
