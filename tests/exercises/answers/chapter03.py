"""Right answers of chapter 3: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import math

import numpy as np
from exercises.answers.model import Function, s


# 3.3
def output_delta(Z, Y):
    A = s(Z)
    return (A - Y) * A * (1 - A)


def delta_in_loops(Z, Y):
    delta = np.zeros(Z.shape)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            a = 1 / (1 + math.exp(-Z[i, j]))
            delta[i, j] = (a - Y[i, j]) * math.exp(-Z[i, j]) / (1 + math.exp(-Z[i, j])) ** 2
    return delta


def delta_as_lists(Z, Y):
    return ((s(Z) - Y) * s(Z) * s(-Z)).tolist()


# 3.4
def hidden_delta(delta_next, W_next, Z):
    A = s(Z)
    return (delta_next @ W_next) * A * (1 - A)


def hidden_in_columns(delta_next, W_next, Z):
    a = s(Z.T)
    return ((W_next.T @ delta_next.T) * a * (1 - a)).T


def hidden_einsum(delta_next, W_next, Z):
    return np.einsum("mk,kj,mj->mj", delta_next, W_next, s(Z) - s(Z) ** 2)


# 3.5
def gradients(delta, A_prev):
    return delta.T @ A_prev / len(delta), delta.mean(axis=0)


def gradients_by_outer_products(delta, A_prev):
    dW = sum(np.outer(d, a) for d, a in zip(delta, A_prev, strict=True)) / len(delta)
    return dW.tolist(), [sum(column) / len(column) for column in delta.T]


def gradients_einsum(delta, A_prev):
    m = delta.shape[0]
    return [np.einsum("mo,mi->oi", delta, A_prev) / m, np.einsum("mo->o", delta) / m]


# 3.6
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


# 3.7
def central_differences(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


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


SOLUTIONS: dict[str, Function] = {
    "3.3": output_delta,
    "3.4": hidden_delta,
    "3.5": gradients,
    "3.6": training_step,
    "3.7": central_differences,
}

VARIANTS: dict[str, list[Function]] = {
    "3.3": [delta_in_loops, delta_as_lists],
    "3.4": [hidden_in_columns, hidden_einsum],
    "3.5": [gradients_by_outer_products, gradients_einsum],
    "3.6": [training_step_by_example, training_step_einsum],
    "3.7": [differences_flat, differences_put_back],
}
