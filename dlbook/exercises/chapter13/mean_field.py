"""Exercise 13.6: Mean field in a deep Boltzmann machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid
from dlbook.dbm import DBM
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

MeanField: TypeAlias = Callable[[Array, Array, Array, Array, Array, int], tuple[Array, Array]]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n0: int, n1: int, n2: int, steps: int) -> Case:
        v = rng.integers(2, size=(m, n0)) * 1.0
        v[:, 0] = 1.0
        weights = normal(rng, n1, n0), normal(rng, n2, n1)
        return Case(label, (v, *weights, nonzero(rng, n1), nonzero(rng, n2), steps))

    def random_sizes() -> tuple[int, int, int, int]:
        m, n0, n1, n2 = (int(k) for k in rng.integers(2, 5, size=4))
        return m, n0, n1, n2

    cases = [
        *(case("one unit everywhere, one step", 1, 1, 1, 1, 1) for _ in range(2)),
        case("one unit everywhere, two steps", 1, 1, 1, 1, 2),
        case("one example, one step", 1, 3, 2, 2, 1),
        case("one step", 2, 2, 3, 2, 1),
        case("one example", 1, 2, 3, 2, 3),
        case("one unit in the first hidden layer", 2, 3, 1, 2, 2),
        case("one unit in the second hidden layer", 2, 3, 2, 1, 2),
        *(case("layers of one size", n, n, n, n, 2) for n in (2, 3)),
        *(case("a random batch", *random_sizes(), int(rng.integers(2, 5))) for _ in range(7)),
    ]
    return [*cases, in_float32(cases[-1])]


def _slip(
    *,
    from_above: float = 1.0,
    second_sees: str = "new",
    start: float = 0.5,
    extra: int = 0,
    first: str = "1",
    biases: tuple[float, float] = (1.0, 1.0),
    states: bool = False,
    pass_up: float = 1.0,
    sign: float = 1.0,
) -> MeanField:
    """Return the loop with one thing done in another way; ``pass_up`` doubles the weights of the first pass."""

    def mean_field(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
        dtype = W1.dtype
        mu1, mu2 = np.full((len(v), len(b1)), start, dtype), np.full((len(v), len(b2)), start, dtype)
        c1, c2 = b1 * dtype.type(biases[0]), b2 * dtype.type(biases[1])
        for step in range(steps + extra):
            old = mu1
            if first == "2":
                mu2 = sigmoid(mu1 @ W2.T + c2)
            factor = dtype.type(pass_up if step == 0 else 1.0)
            mu1 = sigmoid(dtype.type(sign) * (factor * (v @ W1.T) + dtype.type(from_above) * (mu2 @ W2) + c1))
            if states:
                mu1 = (mu1 > 0.5).astype(dtype)
            if first == "1":
                mu2 = sigmoid(dtype.type(sign) * ((mu1 if second_sees == "new" else old) @ W2.T + c2))
            if states:
                mu2 = (mu2 > 0.5).astype(dtype)
        return mu1, mu2

    return mean_field


def _reference(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    dbm = DBM(v.shape[1], len(b1), len(b2), rng=np.random.default_rng(0)).astype(W1.dtype.type)
    dbm.params |= {"W1": W1, "W2": W2, "b1": b1, "b2": b2}
    mu1, mu2 = dbm.mean_field(v, steps=steps)
    return mu1, mu2


def _one_way(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    mu1 = sigmoid(v @ W1.T + b1)
    return mu1, sigmoid(mu1 @ W2.T + b2)


def _from_a_pass(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    mu1, mu2 = _one_way(v, W1, W2, b1, b2, steps)
    for _ in range(steps):
        mu1 = sigmoid(v @ W1.T + mu2 @ W2 + b1)
        mu2 = sigmoid(mu1 @ W2.T + b2)
    return mu1, mu2


def _turned(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    mu2 = np.full((len(v), len(b2)), 0.5, W1.dtype)
    for _ in range(steps):
        mu1 = sigmoid(v @ W1.T + mu2 @ W2.T + b1)
        mu2 = sigmoid(mu1 @ W2 + b2)
    return mu1, mu2


def _two_sigmoids(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    mu2 = np.full((len(v), len(b2)), 0.5, W1.dtype)
    for _ in range(steps):
        mu1 = sigmoid(v @ W1.T + b1) + sigmoid(mu2 @ W2)
        mu2 = sigmoid(mu1 @ W2.T + b2)
    return mu1, mu2


def _linear(v: Array, W1: Array, W2: Array, b1: Array, b2: Array, steps: int) -> tuple[Array, Array]:
    mu2 = np.full((len(v), len(b2)), 0.5, W1.dtype)
    for _ in range(steps):
        mu1 = v @ W1.T + mu2 @ W2 + b1
        mu2 = mu1 @ W2.T + b2
    return mu1, mu2


MEAN_FIELD = Exercise(
    "13.6",
    "Mean field in a deep Boltzmann machine",
    ("v", "W1", "W2", "b1", "b2", "steps"),
    ("mu1", "mu2"),
    "mu1 of shape (m, n1) and mu2 of shape (m, n2)",
    _reference,
    _cases,
    (
        Mistake(
            "nothing comes from above",
            _one_way,
            "The first hidden layer lies between two neighbours: it sees v through W1 *and* the second hidden layer "
            "through W2. Yours is a pass through a feed-forward network.",
        ),
        Mistake(
            "both layers at the same time",
            _slip(second_sees="old"),
            "The second layer is updated with the *new* means of the first. Both at once from the old values is "
            "another iteration; it need not go down in free energy, and it can swing to and fro.",
        ),
        Mistake(
            "the second layer first",
            _slip(first="2"),
            "The order is: the first hidden layer, then the second with the means just computed.",
        ),
        Mistake(
            "the start is 0",
            _slip(start=0.0),
            "You begin with zeros. The start is 1/2 for every hidden unit, which says: not known.",
        ),
        Mistake(
            "the start is 1",
            _slip(start=1.0),
            "You begin with all hidden units on. The start is 1/2 for every hidden unit, which says: not known.",
        ),
        Mistake(
            "the start is a pass up",
            _from_a_pass,
            "You begin with what one pass up through both layers gives. That is a good start in practice. Here the "
            "start is 1/2 for every hidden unit.",
        ),
        Mistake(
            "one step, however many are asked for",
            lambda v, W1, W2, b1, b2, steps: _slip()(v, W1, W2, b1, b2, 1),
            "With more than one step nothing changes any more. Is `return` inside the loop, or does each round begin "
            "again at 1/2?",
        ),
        Mistake(
            "one step too few",
            _slip(extra=-1),
            "Each step updates both layers, and there are `steps` of them. The start does not count as one.",
        ),
        Mistake(
            "one step too many",
            _slip(extra=1),
            "Each step updates both layers, and there are `steps` of them. You do one more.",
        ),
        Mistake(
            "the biases are missing",
            _slip(biases=(0.0, 0.0)),
            "Each hidden unit adds its bias to what its neighbours send.",
        ),
        Mistake(
            "the bias of the first layer is missing",
            _slip(biases=(0.0, 1.0)),
            "The units of the first hidden layer add their bias b1 to what comes from below and from above.",
        ),
        Mistake(
            "the bias of the second layer is missing",
            _slip(biases=(1.0, 0.0)),
            "The units of the second hidden layer add their bias b2 to what the first one sends.",
        ),
        Mistake(
            "the probability of being off",
            _slip(sign=-1.0),
            "Your means are those of h = 0. In σ(z) = 1/(1 + e^(−z)) the exponent is negative, and z is minus what the "
            "unit adds to the energy.",
        ),
        Mistake(
            "W2 is used the wrong way round",
            _turned,
            "W2 has one row for each unit of the second layer, and fits either way only if both layers have the same "
            "size. From the first layer up it is W2 turned, from the second down W2 as it is.",
        ),
        Mistake(
            "a sigmoid for each neighbour",
            _two_sigmoids,
            "A unit adds up what both neighbours send, and *one* sigmoid is taken of the whole. Your mean can pass 1.",
        ),
        Mistake(
            "states in place of means",
            _slip(states=True),
            "You round the means to 0 and 1. The factorized distribution keeps the probabilities: that is what makes "
            "it an optimum of the bound.",
        ),
        Mistake(
            "the first pass with doubled weights",
            _slip(pass_up=2.0),
            "Doubled weights are a trick of layer-wise training, to make up for the layer above that is missing there. "
            "Here the layer above is present.",
        ),
        Mistake(
            "what comes from above is taken off",
            _slip(from_above=-1.0),
            "The energy has −h2·W2 h1: an active unit above raises the probability of those to which it has positive "
            "weights.",
        ),
        Mistake(
            "what comes from above counts half",
            _slip(from_above=0.5),
            "Each pair of neighbours stands once in the energy, and a unit sees all of it. There is no factor 1/2.",
        ),
        Mistake(
            "the sigmoids are missing",
            _linear,
            "A mean of a unit that is 0 or 1 lies between 0 and 1: the sigmoid of what its neighbours send.",
        ),
    ),
    {
        "more than one example": lambda v, W1, W2, b1, b2, steps: several(v),
        "more than one step": lambda v, W1, W2, b1, b2, steps: steps > 1,
        "more than one unit in the first hidden layer": lambda v, W1, W2, b1, b2, steps: several(b1),
        "more than one unit in the second hidden layer": lambda v, W1, W2, b1, b2, steps: several(b2),
    },
)
