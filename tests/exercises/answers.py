"""Right answers to every exercise: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

Function = Callable[..., Any]


def s(z: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(z)))


# The solutions, as in the pages ------------------------------------------------------------------------------------
def threshold_neuron(X, w, b):
    return (X @ w + b >= 0).astype(float)


def perceptron_loss(X, y, w, b):
    margin = y * (X @ w + b)
    wrong = margin <= 0
    return -margin[wrong].sum(), -y[wrong] @ X[wrong], -y[wrong].sum()


def perceptron_step(w, b, x, y, eta):
    if y * (w @ x + b) <= 0:
        w = w + eta * y * x
        b = b + eta * y
    return w, b


def xor_weights():
    return np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([-0.5, -1.5]), np.array([1.0, -1.0]), -0.5


def layer_forward(X, W, b):
    return X @ W.T + b


def forward(X, weights, biases):
    A = X
    for W, b in zip(weights, biases, strict=True):
        A = s(A @ W.T + b)
    return A


def count_parameters(sizes):
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


def bump(left, right, height):
    return np.array([1.0, 1.0]), np.array([-left, -right]), np.array([height, -height])


def output_delta(Z, Y):
    A = s(Z)
    return (A - Y) * A * (1 - A)


def hidden_delta(delta_next, W_next, Z):
    A = s(Z)
    return (delta_next @ W_next) * A * (1 - A)


def gradients(delta, A_prev):
    return delta.T @ A_prev / len(delta), delta.mean(axis=0)


def training_step(W1, b1, W2, b2, X, Y, eta):
    m = len(X)
    A1 = s(X @ W1.T + b1)
    A2 = s(A1 @ W2.T + b2)
    delta2 = (A2 - Y) * A2 * (1 - A2)
    delta1 = (delta2 @ W2) * A1 * (1 - A1)
    return (
        W1 - eta * delta1.T @ X / m,
        b1 - eta * delta1.mean(axis=0),
        W2 - eta * delta2.T @ A1 / m,
        b2 - eta * delta2.mean(axis=0),
    )


def central_differences(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


SOLUTIONS: dict[str, Function] = {
    "1.3": threshold_neuron,
    "1.4": perceptron_loss,
    "1.5": perceptron_step,
    "1.6": xor_weights,
    "2.3": layer_forward,
    "2.4": forward,
    "2.5": count_parameters,
    "2.6": bump,
    "3.3": output_delta,
    "3.4": hidden_delta,
    "3.5": gradients,
    "3.6": training_step,
    "3.7": central_differences,
}


# The same in other words -------------------------------------------------------------------------------------------
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


def step_by_prediction(w, b, x, y, eta):
    v = float(np.dot(x, w)) + b
    if v == 0 or np.sign(v) != y:
        return [float(a + eta * y * c) for a, c in zip(w, x, strict=True)], b + eta * y
    return list(w), b


def step_without_if(w, b, x, y, eta):
    move = eta * y * (y * (x.dot(w) + b) <= 0)
    return np.add(w, move * x), np.float64(b + move)


def xor_nand_or():
    return [[-2, -2], [2, 2]], [3, -1], [1, 1], -1.5


def xor_three_units():
    W1 = np.array([[1, -1], [-1, 1], [1, 1]], dtype=np.float32)
    return W1, np.array([-0.5, -0.5, 9]), np.array([[1, 1, 0]]), np.array([-0.5])


def layer_in_loops(X, W, b):
    return [
        [sum(w * x for w, x in zip(row, example, strict=True)) + c for row, c in zip(W, b, strict=True)]
        for example in X
    ]


def layer_columns(X, W, b):
    return (W @ X.T + b[:, None]).T


def layer_einsum(X, W, b):
    return np.einsum("mi,oi->mo", X, W) + b


def forward_recursive(X, weights, biases):
    if not weights:
        return X
    return forward_recursive((1 + np.tanh((X @ weights[0].T + biases[0]) / 2)) / 2, weights[1:], biases[1:])


def forward_by_example(X, weights, biases):
    outputs = []
    for a in X:
        for layer in range(len(weights)):
            a = [
                1 / (1 + math.exp(-(float(w @ np.array(a)) + c)))
                for w, c in zip(weights[layer], biases[layer], strict=True)
            ]
        outputs.append(a)
    return outputs


def count_with_numpy(sizes):
    n = np.array(sizes)
    return ((n[:-1] + 1) * n[1:]).sum()


def count_in_a_loop(sizes):
    total = 0.0
    for i in range(1, len(sizes)):
        total += sizes[i] * (sizes[i - 1] + 1)
    return np.array(total)


def bump_steep(left, right, height):
    return [100, 100], [-100 * left, -100 * right], [height, -height]


def bump_from_the_right(left, right, height):
    return [-1, -1, 0], [right, left, 0], [height, -height, 0.0]


def delta_in_loops(Z, Y):
    delta = np.zeros(Z.shape)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            a = 1 / (1 + math.exp(-Z[i, j]))
            delta[i, j] = (a - Y[i, j]) * math.exp(-Z[i, j]) / (1 + math.exp(-Z[i, j])) ** 2
    return delta


def delta_as_lists(Z, Y):
    return ((s(Z) - Y) * s(Z) * s(-Z)).tolist()


def hidden_in_columns(delta_next, W_next, Z):
    a = s(Z.T)
    return ((W_next.T @ delta_next.T) * a * (1 - a)).T


def hidden_einsum(delta_next, W_next, Z):
    return np.einsum("mk,kj,mj->mj", delta_next, W_next, s(Z) - s(Z) ** 2)


def gradients_by_outer_products(delta, A_prev):
    dW = sum(np.outer(d, a) for d, a in zip(delta, A_prev, strict=True)) / len(delta)
    return dW.tolist(), [sum(column) / len(column) for column in delta.T]


def gradients_einsum(delta, A_prev):
    m = delta.shape[0]
    return [np.einsum("mo,mi->oi", delta, A_prev) / m, np.einsum("mo->o", delta) / m]


def training_step_by_example(W1, b1, W2, b2, X, Y, eta):
    new = [np.array(p) for p in (W1, b1, W2, b2)]
    rate = eta / len(X)
    for x, y in zip(X, Y, strict=True):
        a1 = s(W1 @ x + b1)
        a2 = s(W2 @ a1 + b2)
        d2 = (a2 - y) * a2 * (1 - a2)
        d1 = (W2.T @ d2) * a1 * (1 - a1)
        for p, g in zip(new, (np.outer(d1, x), d1, np.outer(d2, a1), d2), strict=True):
            p -= rate * g
    return new


def training_step_einsum(W1, b1, W2, b2, X, Y, eta):
    A1 = s(np.einsum("mi,hi->mh", X, W1) + b1)
    A2 = s(np.einsum("mh,oh->mo", A1, W2) + b2)
    d2 = (A2 - Y) / len(X) * A2 * (1 - A2)
    d1 = np.einsum("mo,oh->mh", d2, W2) * A1 * (1 - A1)
    grads = (np.einsum("mh,mi->hi", d1, X), d1.sum(0), np.einsum("mo,mh->oh", d2, A1), d2.sum(0))
    return tuple((p - eta * g).tolist() for p, g in zip((W1, b1, W2, b2), grads, strict=True))


def differences_flat(f, x, h):
    entries = x.ravel()
    gradient = []
    for i in range(entries.size):
        up, down = entries.copy(), entries.copy()
        up[i] += h
        down[i] -= h
        gradient.append((f(up.reshape(x.shape)) - f(down.reshape(x.shape))) / h / 2)
    return np.reshape(gradient, x.shape).tolist()


def differences_put_back(f, x, h):
    x, gradient = x.copy(), np.empty_like(x)
    for index, value in np.ndenumerate(x.copy()):
        x[index] = value + h
        gradient[index] = f(x)
        x[index] = value - h
        gradient[index] -= f(x)
        x[index] = value
    return gradient / (2 * h)


VARIANTS: dict[str, list[Function]] = {
    "1.3": [neuron_in_loops, neuron_einsum_booleans],
    "1.4": [loss_in_loops, loss_relu],
    "1.5": [step_by_prediction, step_without_if],
    "1.6": [xor_nand_or, xor_three_units],
    "2.3": [layer_in_loops, layer_columns, layer_einsum],
    "2.4": [forward_recursive, forward_by_example],
    "2.5": [count_with_numpy, count_in_a_loop],
    "2.6": [bump_steep, bump_from_the_right],
    "3.3": [delta_in_loops, delta_as_lists],
    "3.4": [hidden_in_columns, hidden_einsum],
    "3.5": [gradients_by_outer_products, gradients_einsum],
    "3.6": [training_step_by_example, training_step_einsum],
    "3.7": [differences_flat, differences_put_back],
}
