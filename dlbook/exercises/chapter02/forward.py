"""Exercise 2.4: Forward through all layers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import network
from dlbook.shapes import Array


def _forward_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, *sizes: int) -> Case:
        weights = [normal(rng, n_out, n_in) for n_in, n_out in pairwise(sizes)]
        return Case(label, (normal(rng, m, sizes[0]), weights, [nonzero(rng, n) for n in sizes[1:]]))

    cases = [
        case("a single layer, one example", 1, 1, 1),
        case("a single layer", 3, 2, 3),
        case("two layers of one unit", 1, 1, 1, 1),
        case("one example", 1, 2, 3, 1),
        case("one example", 1, 3, 2, 2),
        *(case("a single layer", 2, 3, n) for n in (1, 2)),
        *(case("all layers equally wide", 3, n, n, n) for n in (2, 3)),
        case("four layers, equally wide", 2, 2, 2, 2, 2, 2),
        *(case("a random network", int(rng.integers(2, 5)), *map(int, rng.integers(1, 5, size=4))) for _ in range(5)),
    ]
    return [*cases, in_float32(cases[-1])]


def _through(A: Array, weights: list[Array], biases: list[Array]) -> Array:
    for W, b in zip(weights, biases, strict=True):
        A = sigmoid(A @ W.T + b)
    return A


def _all_layers(X: Array, weights: list[Array], biases: list[Array]) -> list[Array]:
    return [_through(X, weights[:n], biases[:n]) for n in range(len(weights) + 1)]


def _linear_output(X: Array, weights: list[Array], biases: list[Array]) -> Array:
    return _through(X, weights[:-1], biases[:-1]) @ weights[-1].T + biases[-1]


def _linear_hidden(X: Array, weights: list[Array], biases: list[Array]) -> Array:
    for W, b in zip(weights, biases, strict=True):
        X = X @ W.T + b
    return sigmoid(X)


def _always_x(X: Array, weights: list[Array], biases: list[Array]) -> Array:
    return [sigmoid(X @ W.T + b) for W, b in zip(weights, biases, strict=True)][-1]


def _untransposed(A: Array, weights: list[Array], biases: list[Array]) -> Array:
    for W, b in zip(weights, biases, strict=True):
        A = sigmoid(A @ W + b)
    return A


def _tanh(A: Array, weights: list[Array], biases: list[Array]) -> Array:
    for W, b in zip(weights, biases, strict=True):
        A = np.tanh(A @ W.T + b)
    return A


FORWARD = Exercise(
    "2.4",
    "Forward through all layers",
    ("X", "weights", "biases"),
    ("A",),
    "the last layer's activations, shape (m, n_L)",
    lambda X, weights, biases: network(weights, biases).forward(X)[0],
    _forward_cases,
    (
        Mistake(
            "the output layer has no activation",
            _linear_output,
            "The last layer returns z, not σ(z). In this network every layer is a sigmoid layer, the last one, too.",
        ),
        Mistake(
            "only the output layer has an activation",
            _linear_hidden,
            "Without σ in between, the layers multiply out to one single layer, W³ W² x: depth would bring nothing. "
            "Apply σ inside the loop.",
        ),
        Mistake(
            "the last layer is missing",
            lambda X, weights, biases: _through(X, weights[:-1], biases[:-1]),
            "You stop one layer early: with L − 1 weight matrices there are L − 1 steps. Is it range(L − 2), or [:-1]?",
        ),
        Mistake(
            "the first layer is missing",
            lambda X, weights, biases: _through(X, weights[1:], biases[1:]),
            "Your loop begins with the second weight matrix. weights[0] is W², which leads from the input to layer 2.",
        ),
        Mistake(
            "the biases are forgotten",
            lambda X, weights, biases: _through(X, weights, [0 * b for b in biases]),
            "Every layer adds its b before the activation.",
        ),
        Mistake(
            "every layer sees the input X",
            _always_x,
            "Inside the loop you multiply with X. A layer's input is the output of the one before: A = σ(A Wᵀ + b).",
        ),
        Mistake(
            "the weights are not transposed",
            _untransposed,
            "W has shape (n_l, n_{l−1}); for examples in rows each step is A Wᵀ. With equally wide layers A W runs "
            "without an error, and is another network.",
        ),
        Mistake(
            "the input goes through the sigmoid",
            lambda X, weights, biases: _through(sigmoid(X), weights, biases),
            "The input layer only hands X on: a¹ = X. The first sigmoid comes after the first weight matrix.",
        ),
        Mistake(
            "tanh in place of the sigmoid",
            _tanh,
            "Your outputs lie between −1 and 1. The sigmoid, 1 / (1 + e^−z), gives values between 0 and 1.",
        ),
        Mistake(
            "it returns after the first layer",
            lambda X, weights, biases: _through(X, weights[:1], biases[:1]),
            "Networks of one layer are right, deeper ones stop after it. Is the `return` indented into the loop?",
        ),
        Mistake(
            "all layers are returned",
            lambda X, weights, biases: _all_layers(X, weights, biases)[1:],
            "You return the activations of every layer. The exercise asks for those of the last one.",
        ),
        Mistake(
            "all layers are returned, with the input",
            lambda X, weights, biases: _all_layers(X, weights, biases),
            "You return X and the activations of every layer. The exercise asks for those of the last one.",
        ),
    ),
    {
        "more than one layer": lambda X, weights, biases: several(weights),
        "more than one example": lambda X, weights, biases: several(X),
    },
)
