"""Known mistakes of chapter 3 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from exercises.answers.chapter03 import gradients, training_step
from exercises.answers.model import Function, s


def without_brackets(Z, Y):
    A = 1 / 1 + np.exp(-Z)
    return (A - Y) * A * (1 - A)


def positive_exponent(Z, Y):
    A = 1 / (1 + np.exp(Z))
    return (A - Y) * A * (1 - A)


def by_units(delta, A_prev):
    n_out = delta.shape[1]
    return delta.T @ A_prev / n_out, delta.sum(axis=0) / n_out


def train(dW: Callable[..., Any], db: Callable[..., Any], slope: Any = None, linear: bool = False) -> Any:
    def step(W1, b1, W2, b2, X, Y, eta):
        m = len(X)
        A1 = s(X @ W1.T + b1)
        A2 = A1 @ W2.T + b2 if linear else s(A1 @ W2.T + b2)
        d2 = A2 - Y if linear else (A2 - Y) * A2 * (1 - A2)
        d1 = (d2 @ W2) * (slope(A1) if slope else A1 * (1 - A1))
        return (
            W1 - eta * dW(d1.T @ X, m, Y),
            b1 - eta * db(d1.sum(axis=0), m, Y),
            W2 - eta * dW(d2.T @ A1, m, Y),
            b2 - eta * db(d2.sum(axis=0), m, Y),
        )

    return step


def mean(g, m, Y):
    return g / m


def total(g, m, Y):
    return g


def four_gradients(W1, b1, W2, b2, X, Y, eta):
    A1 = s(X @ W1.T + b1)
    A2 = s(A1 @ W2.T + b2)
    d2 = (A2 - Y) * A2 * (1 - A2)
    d1 = (d2 @ W2) * A1 * (1 - A1)
    return *gradients(d1, X), *gradients(d2, A1)


def example_after_example(W1, b1, W2, b2, X, Y, eta):
    for i in range(len(X)):
        W1, b1, W2, b2 = training_step(W1, b1, W2, b2, X[i : i + 1], Y[i : i + 1], eta)
    return W1, b1, W2, b2


def not_reset(f, x, h):
    gradient, step = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step[i] += h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def own_step(h: float) -> Callable[..., Any]:
    def gradient(f, x, _):
        x, result = x.copy(), np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            x[i] += h
            above = f(x)
            x[i] -= 2 * h
            result[i] = (above - f(x)) / (2 * h)
            x[i] += h
        return result

    return gradient


def slope_of_z(Z):
    return Z * (1 - Z)


SLIPS: list[tuple[str, Function, str]] = [
    ("3.3", lambda Z, Y: (s(Z) - Y) * slope_of_z(Z), "z (1 − z) in place of a (1 − a)"),
    ("3.3", lambda Z, Y: (s(Z) - Y) * (1 - s(Z) ** 2), "the slope of tanh"),
    ("3.3", lambda Z, Y: (np.tanh(Z) - Y) / np.cosh(Z) ** 2, "tanh in place of the sigmoid"),
    ("3.3", without_brackets, "1 / 1 + e^−z: brackets are missing"),
    ("3.3", positive_exponent, "e^+z in the sigmoid"),
    ("3.4", lambda d, W, Z: d @ W * slope_of_z(Z), "z (1 − z) in place of a (1 − a)"),
    ("3.4", lambda d, W, Z: d @ W * (1 - s(Z) ** 2), "1 − a²: the slope of tanh, taken at the sigmoid"),
    ("3.4", lambda d, W, Z: d @ W / np.cosh(Z) ** 2, "the slope of tanh"),
    ("3.4", lambda d, W, Z: np.where(Z > 0, d @ W, 0), "the slope of ReLU"),
    ("3.5", by_units, "divided by the number of units"),
    ("3.6", train(mean, total), "the sum in the biases, the mean in the weights"),
    ("3.6", train(total, mean), "the mean in the biases, the sum in the weights"),
    ("3.6", train(*[lambda g, m, Y: g / Y.size] * 2), "divided by the entries of Y, not by the examples"),
    ("3.6", four_gradients, "the gradients are returned"),
    ("3.6", example_after_example, "an update after each example"),
    ("3.6", train(mean, mean, linear=True), "the output layer is linear"),
    ("3.6", train(mean, mean, lambda a: s(a) * (1 - s(a))), "σ'(a) in place of σ'(z) in the hidden layer"),
    ("3.7", not_reset, "the step vector is not reset"),
    ("3.7", own_step(1e-5), "a small h of your own in place of the argument"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("3.3", lambda Z, Y: (s(Z) - Y) * (1 - Z) * (1 + Z)),
    ("3.7", own_step(3e-3)),
]
