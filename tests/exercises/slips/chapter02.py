"""Known mistakes of chapter 2 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function, s


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


SLIPS: list[tuple[str, Function, str]] = [
    ("2.3", lambda X, W, b: np.clip(X @ W.T + b, 0, None), "ReLU is applied already"),
    ("2.4", return_in_the_loop, "it returns after the first layer"),
    ("2.4", all_layers, "all layers are returned"),
    ("2.4", all_layers_and_the_input, "all layers are returned, with the input"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("2.4", lambda X, weights, biases: [*all_layers(X, weights, biases), X]),
]
