"""Exercises of chapter 2: one layer, all layers, the count of the parameters, a bump."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.dense import Dense
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.layer import Layer, Sequential
from dlbook.perceptron import step
from dlbook.shapes import Array


def dense(W: Array, b: Array) -> Dense:
    """Return the package's layer with these parameters."""
    layer = Dense(W.shape[1], W.shape[0], rng=np.random.default_rng(0))
    layer.params = {"W": W, "b": b}
    return layer


# 2.3 --------------------------------------------------------------------------------------------------------------
def _layer_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_in: int, n_out: int) -> Case:
        return Case(label, (normal(rng, m, n_in), normal(rng, n_out, n_in), nonzero(rng, n_out)))

    cases = [
        case("one example, one unit, one input", 1, 1, 1),
        case("one example", 1, 3, 2),
        case("one unit", 4, 3, 1),
        case("one input", 4, 1, 3),
        *(Case("a bias of zero", (X, W, 0 * b)) for X, W, b in (case("", m, 2, 2).args for m in (2, 3, 3, 4))),
        case("one unit, one input", 3, 1, 1),
        case("one example, one input", 1, 1, 3),
        case("one example, one unit", 1, 3, 1),
        *(case("as many examples, inputs and units", n, n, n) for n in (2, 3, 4)),
        *(case("as many examples as units", n, 5, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


LAYER_FORWARD = Exercise(
    "2.3",
    "One layer for a batch",
    ("X", "W", "b"),
    ("Z",),
    "Z of shape (m, n_out)",
    lambda X, W, b: dense(W, b).forward(X)[0],
    _layer_cases,
    (
        Mistake(
            "W is not transposed",
            lambda X, W, b: X @ W + b,
            "W has shape (n_out, n_in): one row per unit. For rows of examples the product is X Wᵀ, (m, n_in) times "
            "(n_in, n_out). With as many units as inputs X W runs as well, and mixes up who is connected with whom.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, W, b: X @ W.T,
            "The product is right; each unit adds its own b.",
        ),
        Mistake(
            "the bias is subtracted",
            lambda X, W, b: X @ W.T - b,
            "The bias is added: z = W a + b. Subtracting would make it a threshold.",
        ),
        Mistake(
            "the result is transposed",
            lambda X, W, b: W @ X.T + b[:, None],
            "This is the text's form, one example per column. Code keeps examples in rows: return its transpose.",
        ),
        Mistake(
            "the bias is added along the wrong axis",
            lambda X, W, b: X @ W.T + b[:, None],
            "b[:, None] gives every example a bias of its own. It is one number per unit, per column of Z: X @ W.T + "
            "b.",
        ),
        Mistake(
            "entry by entry in place of a matrix product",
            lambda X, W, b: X * W + b,
            "X * W multiplies entry with entry and adds nothing up. Each unit sums over all inputs: a matrix product.",
        ),
        Mistake(
            "the bias is added to the input",
            lambda X, W, b: (X + b) @ W.T,
            "The bias comes after the weighted sum: X Wᵀ first, then + b. Before it, b would be weighted, too.",
        ),
        Mistake(
            "the activation is applied already",
            lambda X, W, b: sigmoid(X @ W.T + b),
            "These are the activations a = σ(z). The exercise asks for z, the values before the sigmoid.",
        ),
        Mistake(
            "ReLU is applied already",
            lambda X, W, b: np.maximum(0, X @ W.T + b),
            "Every negative number became 0. The exercise asks for z, the values before any activation.",
        ),
    ),
    {
        "a bias that is not zero": lambda X, W, b: bool(b.any()),
        "more than one example": lambda X, W, b: several(X),
        "more than one unit": lambda X, W, b: several(W),
        "more than one input": lambda X, W, b: X.shape[1] > 1,
    },
)


# 2.4 --------------------------------------------------------------------------------------------------------------
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


def network(weights: list[Array], biases: list[Array]) -> Sequential:
    """Return the package's network of sigmoid layers with these parameters."""
    layers: list[Layer] = []
    for W, b in zip(weights, biases, strict=True):
        layers += [dense(W, b), Sigmoid()]
    return Sequential(*layers)


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


# 2.5 --------------------------------------------------------------------------------------------------------------
def _count_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [[1, 1], [3, 1], [1, 4], [4, 3, 1], [5, 2, 1], [784, 30, 10], [2, 2, 2]]
    sizes += [[int(n) for n in rng.integers(2, 20, size=k)] for k in (2, 3, 3, 4, 5)]
    labels = ["one weight", "one unit", "one input", *["one output"] * 2, "digits", "equally wide layers"] + [
        "random sizes"
    ] * 5
    return [Case(label, (s,)) for label, s in zip(labels, sizes, strict=True)]


def _pairs(sizes: list[int]) -> list[tuple[int, int]]:
    return list(pairwise(sizes))


def _count(sizes: list[int]) -> int:
    rng = np.random.default_rng(0)
    return Sequential(*(Dense(n_in, n_out, rng=rng) for n_in, n_out in _pairs(sizes))).n_params


def _weights(sizes: list[int]) -> int:
    return sum(n_in * n_out for n_in, n_out in _pairs(sizes))


COUNT_PARAMETERS = Exercise(
    "2.5",
    "Count the parameters",
    ("sizes",),
    ("count",),
    "a whole number",
    _count,
    _count_cases,
    (
        Mistake(
            "the biases are forgotten", _weights, "These are the weights. Every unit behind the input adds one bias."
        ),
        Mistake(
            "the input layer gets biases",
            lambda sizes: _weights(sizes) + sum(sizes),
            "You count one bias for every number in sizes. The input layer computes nothing: it has no biases.",
        ),
        Mistake(
            "one bias per layer",
            lambda sizes: _weights(sizes) + len(sizes) - 1,
            "b is a vector: every unit has a bias of its own, so a layer with n units has n of them.",
        ),
        Mistake(
            "one bias per input of a layer",
            lambda sizes: _weights(sizes) + sum(sizes[:-1]),
            "Biases belong to the units that receive, not to those that send: b^l has n_l entries, not n_{l−1}.",
        ),
        Mistake(
            "the last layer is missing",
            lambda sizes: sum(a * b + b for a, b in _pairs(sizes)[:-1]),
            "You stop one pair too early: the last two sizes belong to the output layer.",
        ),
        Mistake(
            "the first layer is missing",
            lambda sizes: sum(a * b + b for a, b in _pairs(sizes)[1:]),
            "You begin one pair too late: the first two sizes belong to the first weight matrix, often the largest "
            "one.",
        ),
        Mistake(
            "the units are counted", sum, "This counts units. Parameters sit on connections: n_in times n_out weights."
        ),
        Mistake(
            "all sizes are multiplied",
            lambda sizes: math.prod(sizes),
            "Only neighbouring layers are connected: multiply each pair of neighbours, then add the layers.",
        ),
    ),
    {
        "more than one layer of weights": lambda sizes: len(sizes) > 2,
        "more than one unit in the last layer": lambda sizes: sizes[-1] > 1,
    },
)


# 2.6 --------------------------------------------------------------------------------------------------------------
POINTS = np.arange(-5.75, 6, 0.5)  # never exactly at an edge, which is a multiple of one half


def _bump_cases(rng: np.random.Generator) -> list[Case]:
    def case(height: float | None = None) -> Case:
        left = int(rng.integers(-7, 6)) / 2 + 0.5
        return Case(
            "a random bump",
            (left, left + int(rng.integers(1, 5)) / 2, float(nonzero(rng)) if height is None else height),
        )

    fixed = [Case("a bump of height 1", (1.0, 3.0, 1.0)), Case("a bump around 0", (-1.0, 1.5, 2.0))]
    return [*fixed, Case("a dent", (-3.0, -1.0, -0.5)), *(case(h) for h in [*[1.0] * 3, 2.0, *[None] * 6])]


def _bump(left: float, right: float, height: float) -> tuple[Array, Array, Array]:
    return np.ones(2), np.array([-left, -right]), np.array([height, -height])


def _with_output(v: Any) -> Any:
    return lambda left, right, height: (*_bump(left, right, height)[:2], np.array(v(height)))


def _g(args: tuple[Any, ...], weights: tuple[Any, ...]) -> Array:
    w, b, v = (array.reshape(-1) for array in weights)
    for name, array in zip(("w", "b", "v"), weights, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or an infinity")
    if not w.size == b.size == v.size:
        raise ValueError(f"w, b and v should hold one number per unit, and hold {w.size}, {b.size} and {v.size}")
    return np.asarray(step(POINTS[:, None] * w + b) @ v)


BUMP = Exercise(
    "2.6",
    "A bump, the brick of universal approximation",
    ("left", "right", "height"),
    ("w", "b", "v"),
    "w, b and v, each with one number per unit; left < right, and height may be negative",
    _bump,
    _bump_cases,
    (
        Mistake(
            "the biases have the wrong sign",
            lambda left, right, height: (np.ones(2), np.array([left, right]), np.array([height, -height])),
            "step(x + left) switches on at x = −left: your bump is on the other side of 0. With w = 1 the bias is "
            "−left.",
        ),
        Mistake(
            "the second step is added",
            _with_output(lambda h: [h, h]),
            "Beyond right g climbs to 2 · height: a staircase. The unit that switches on at right must take the height "
            "away.",
        ),
        Mistake(
            "there is no second step",
            _with_output(lambda h: [h, 0.0]),
            "g is right up to the right edge and never comes down again. A second unit, with weight −height, ends the "
            "bump.",
        ),
        Mistake(
            "the bump is upside down",
            _with_output(lambda h: [-h, h]),
            "The first unit should add the height, the second one take it away: the two signs in v are exchanged.",
        ),
        Mistake(
            "the height is missing",
            _with_output(lambda h: [1.0, -1.0]),
            "The edges are right, but every bump is 1 high. The output weights v carry the height.",
        ),
        Mistake(
            "it is on outside and off inside",
            lambda left, right, height: (np.array([-1.0, 1.0]), np.array([left, -right]), np.array([height, height])),
            "Your units switch on left of left and right of right. Exchange the signs of w and b in both.",
        ),
    ),
    {
        "a height other than 1": lambda left, right, height: height != 1,
        "a negative height": lambda left, right, height: height < 0,
        "an edge left of 0": lambda left, right, height: left < 0,
    },
    observe=_g,
    observed="g(x) for x = −5.75, −5.25, …, 5.75",
)

EXERCISES = (LAYER_FORWARD, FORWARD, COUNT_PARAMETERS, BUMP)
