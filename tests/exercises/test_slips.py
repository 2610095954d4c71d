"""Known mistakes as a student writes them, in other words than the catalogue's: the name must be found all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from exercises.answers import gradients, output_delta, perceptron_loss, s, training_step

from dlbook.exercises import check


def hinge_gradient(X, y, w, b):
    margin = y * (X @ w + b)
    near = margin < 1
    return -margin[margin <= 0].sum(), -(y[near, None] * X[near]).sum(axis=0), -y[near].sum()


def label_missing_in_db(X, y, w, b):
    L, dw, _ = perceptron_loss(X, y, w, b)
    return L, dw, -np.sum(y * (X @ w + b) <= 0)


def counted(X, y, w, b):
    _, dw, db = perceptron_loss(X, y, w, b)
    return np.count_nonzero(y * (X @ w + b) <= 0), dw, db


def rosenblatt(w, b, x, y, eta):
    prediction = 1 if x @ w + b >= 0 else -1
    return w + eta * (y - prediction) * x, b + eta * (y - prediction)


def whole_bias(w, b, x, y, eta):
    if y * (w @ x + b) <= 0:
        w, b = w + eta * y * x, b + y
    return w, b


def return_in_the_loop(X, weights, biases):
    for W, b in zip(weights, biases, strict=True):
        return s(X @ W.T + b)
    return X


def all_layers(X, weights, biases):
    layers = []
    for W, b in zip(weights, biases, strict=True):
        X = s(X @ W.T + b)
        layers.append(X)
    return layers


def all_layers_and_the_input(X, weights, biases):
    return [X, *all_layers(X, weights, biases)]


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


SLIPS: list[tuple[str, Callable[..., Any], str]] = [
    ("1.3", lambda X, w, b: s(X @ w + b), "the sigmoid in place of the step"),
    ("1.4", hinge_gradient, "margin < 1 in the gradient: that is the hinge loss of the SVM"),
    ("1.4", label_missing_in_db, "the labels are missing in db"),
    ("1.4", counted, "L is the number of errors"),
    ("1.5", rosenblatt, "twice the step: y − prediction in place of y"),
    ("1.5", whole_bias, "the learning rate is missing in b"),
    ("2.3", lambda X, W, b: np.clip(X @ W.T + b, 0, None), "ReLU is applied already"),
    ("2.4", return_in_the_loop, "it returns after the first layer"),
    ("2.4", all_layers, "all layers are returned"),
    ("2.4", all_layers_and_the_input, "all layers are returned, with the input"),
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


@pytest.mark.parametrize(("exercise_id", "function", "name"), SLIPS, ids=[f"{i} {n}" for i, _, n in SLIPS])
def test_slip_is_called_by_its_name(exercise_id: str, function: Callable[..., Any], name: str) -> None:
    answer = check(exercise_id, function)
    assert answer.mistake == name, f"{answer}"


def test_what_only_resembles_a_slip_keeps_no_name() -> None:
    assert check("3.3", lambda Z, Y: (s(Z) - Y) * (1 - Z) * (1 + Z)).mistake == ""
    assert check("3.7", own_step(3e-3)).mistake == ""
    assert check("2.4", lambda X, weights, biases: [*all_layers(X, weights, biases), X]).mistake == ""
    assert check("3.3", output_delta).mistake == ""
