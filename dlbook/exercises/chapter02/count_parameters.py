"""Exercise 2.5: Count the parameters."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from dlbook.dense import Dense
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.sequential import Sequential


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
