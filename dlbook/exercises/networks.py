"""The package's own layers with given parameters: what the references of several chapters are made of."""

from __future__ import annotations

import numpy as np

from dlbook.activations import Sigmoid
from dlbook.dense import Dense
from dlbook.layer import Layer
from dlbook.sequential import Sequential
from dlbook.shapes import Array


def dense(W: Array, b: Array) -> Dense:
    """Return the package's layer with these parameters."""
    layer = Dense(W.shape[1], W.shape[0], rng=np.random.default_rng(0))
    layer.params = {"W": W, "b": b}
    return layer


def network(weights: list[Array], biases: list[Array]) -> Sequential:
    """Return the package's network of sigmoid layers with these parameters."""
    layers: list[Layer] = []
    for W, b in zip(weights, biases, strict=True):
        layers += [dense(W, b), Sigmoid()]
    return Sequential(*layers)
