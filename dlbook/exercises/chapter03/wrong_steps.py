"""A training step of a network with two layers, and the wrong ones that people write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlbook.activations import sigmoid
from dlbook.exercises.chapter03.slopes import slope
from dlbook.exercises.networks import network
from dlbook.losses import MeanSquaredError
from dlbook.optim import SGD
from dlbook.shapes import Array


def training_step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, eta: float) -> tuple[Array, ...]:
    """Return the parameters after the package's own step."""
    model, loss = network([W1.copy(), W2.copy()], [b1.copy(), b2.copy()]), MeanSquaredError()
    A, cache = model.forward(X)
    SGD(eta).step(model.params, model.param_grads(loss.backward(loss.forward(A, Y)[1]), cache))
    return tuple(model.params[name] for name in ("0.W", "0.b", "2.W", "2.b"))


def by_hand(
    *,
    mean: bool = True,
    out_slope: bool = True,
    hidden_slope: bool = True,
    early_update: bool = False,
    wrong_input: bool = False,
    scale: tuple[float, float, float, float] = (1, 1, 1, 1),
    with_eta: bool = True,
    linear_output: bool = False,
    slope_at_a: bool = False,
) -> Callable[..., tuple[Array, ...]]:
    """Return a training step with a mistake built in."""

    def step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, eta: float) -> tuple[Array, ...]:
        eta = (eta if with_eta else 1.0) / (len(X) if mean else 1)
        A1 = sigmoid(X @ W1.T + b1)
        Z2 = A1 @ W2.T + b2
        A2 = Z2 if linear_output else sigmoid(Z2)
        d2 = (A2 - Y) * (A2 * (1 - A2) if out_slope and not linear_output else 1)
        V2 = W2 - eta * scale[2] * d2.T @ A1
        d1 = d2 @ (V2 if early_update else W2) * (slope(A1) if slope_at_a else A1 * (1 - A1) if hidden_slope else 1)
        V1 = W1 - eta * scale[0] * d1.T @ (A1 if wrong_input else X)
        return V1, b1 - eta * scale[1] * d1.sum(axis=0), V2, b2 - eta * scale[3] * d2.sum(axis=0)

    return step


def steps_longer(
    weights: Callable[[Array], float], biases: Callable[[Array], float]
) -> Callable[..., tuple[Array, ...]]:
    """Return a training step whose moves are longer by a factor that depends on Y."""

    def step(*args: Any) -> tuple[Array, ...]:
        Y, factors = args[5], (weights, biases, weights, biases)
        pairs = zip(args[:4], training_step(*args), factors, strict=True)
        return tuple(old + factor(Y) * (new - old) for old, new, factor in pairs)

    return step


def four_gradients(*args: Any) -> tuple[Array, ...]:
    """Return the gradients in place of the new parameters."""
    W1, b1, W2, b2, X, Y, _ = args
    new = training_step(W1, b1, W2, b2, X, Y, 1.0)
    return W1 - new[0], b1 - new[1], W2 - new[2], b2 - new[3]


def one_by_one_example(*args: Any) -> tuple[Array, ...]:
    """Update after each example."""
    W1, b1, W2, b2, X, Y, eta = args
    for x, y in zip(X, Y, strict=True):
        W1, b1, W2, b2 = training_step(W1, b1, W2, b2, x[None], y[None], eta)
    return W1, b1, W2, b2
