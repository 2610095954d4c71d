"""Exercise 12.4: The free energy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.exercises.chapter12.machines import bits, machine, parameters, sigmoid
from dlbook.exercises.draw import in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Function: TypeAlias = Callable[[Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_visible: int, n_hidden: int, scale: float = 1.0) -> Case:
        W, a, b = parameters(rng, n_visible, n_hidden)
        return Case(label, (bits(rng, m, n_visible), scale * W, a, b))

    cases = [
        *(case("one example, one visible and one hidden unit", 1, 1, 1) for _ in range(2)),
        case("one example", 1, 3, 2),
        case("one example, one hidden unit", 1, 3, 1),
        case("one visible unit", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        *(case("as many hidden as visible units", 2, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(5)),
        case("weighted sums of a thousand and more", 4, 3, 3, 4000.0),
        case("a random batch", 4, 3, 5),
    ]
    return [*cases, in_float32(cases[-1])]


def _softplus(z: Array) -> Array:
    return np.asarray(np.logaddexp(0, z))


def _slip(of_hidden: Callable[[Array], Array], *, visible: float = -1, bias: float = 1) -> Function:
    """Return −aᵀv minus something of the weighted sums z (m, n_h), which ``of_hidden`` makes (m,)."""

    def free_energy(v: Array, W: Array, a: Array, b: Array) -> Array:
        return np.asarray(visible * (v @ a) - of_hidden(v @ W.T + bias * b))

    return free_energy


def _each(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda z: np.asarray(f(z).sum(axis=1))


def _reference(v: Array, W: Array, a: Array, b: Array) -> Array:
    return machine(W, a, b).free_energy(v)


def _textbook(z: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(np.log(1 + np.exp(z)))


def _unnormalized(v: Array, W: Array, a: Array, b: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(-_reference(v, W, a, b)))


FREE_ENERGY = Exercise(
    "12.4",
    "The free energy",
    ("v", "W", "a", "b"),
    ("F",),
    "one number per example, shape (m,)",
    _reference,
    _cases,
    (
        Mistake(
            "ln(1 + e^z) overflows",
            _slip(_each(_textbook)),
            "The formula is right, but e^z is infinite above 709. np.logaddexp(0, z) is ln(e^0 + e^z), for any z.",
        ),
        Mistake(
            "the sign of the whole",
            lambda v, W, a, b: -_reference(v, W, a, b),
            "You have ln Σ e^{−E}. The free energy is minus that, so that probable pictures lie low.",
        ),
        Mistake(
            "the sign of the visible bias",
            _slip(_each(_softplus), visible=1),
            "A positive bias likes its unit on: it lowers the energy, −aᵀv.",
        ),
        Mistake(
            "the sign of the hidden part",
            lambda v, W, a, b: -(v @ a) + _each(_softplus)(v @ W.T + b),
            "More ways to be low make a picture lower: the softplus terms are subtracted.",
        ),
        Mistake(
            "the visible bias is missing",
            _slip(_each(_softplus), visible=0),
            "Three terms of the energy, and aᵀv is one of them. It does not depend on h and comes through unchanged.",
        ),
        Mistake(
            "the hidden bias is missing",
            _slip(_each(_softplus), bias=0),
            "The weighted sum of hidden unit j includes its bias b_j.",
        ),
        Mistake(
            "the sum stands inside the logarithm",
            _slip(lambda z: np.logaddexp(0, np.logaddexp.reduce(z, axis=1))),
            "That is ln(1 + Σ e^{z_j}): a machine in which at most one hidden unit may be on. The sum over all h is a "
            "*product* of the factors 1 + e^{z_j}, its logarithm a sum of logarithms.",
        ),
        Mistake(
            "all hidden units are on",
            _slip(_each(lambda z: z)),
            "This is the energy with every hidden unit on. Both values of each unit count: 1 + e^z, not e^z.",
        ),
        Mistake(
            "the lowest energy",
            _slip(_each(lambda z: np.asarray(np.maximum(z, 0)))),
            "You take the best hidden state alone. The others count, too: softplus, not max(0, z).",
        ),
        Mistake(
            "the mean energy",
            _slip(_each(lambda z: sigmoid(z) * z)),
            "You put the probabilities of the hidden units into the energy. That is the *mean* energy; the free energy "
            "lies lower, by the entropy of the hidden units.",
        ),
        Mistake(
            "e^{−F}",
            _unnormalized,
            "That is what is proportional to P(v). The free energy is minus its logarithm.",
        ),
        Mistake(
            "the mean over the hidden units",
            _slip(lambda z: np.asarray(_softplus(z).mean(axis=1))),
            "One term for each hidden unit, and all of them add up. You take their mean.",
        ),
        Mistake(
            "e^{−z} in place of e^z",
            _slip(_each(lambda z: _softplus(-z))),
            "The factor of a hidden unit that is on is e^{−E}, and E contains −z: so 1 + e^{z}.",
        ),
        Mistake(
            "one number for the whole batch",
            lambda v, W, a, b: _reference(v, W, a, b).sum(),
            "Every picture has its own height. Sum over the units, not over the examples.",
        ),
        Mistake(
            "logarithm to base 2",
            _slip(_each(lambda z: _softplus(z) / np.log(2))),
            "The natural logarithm belongs to e^{−E}; base 2 would belong to 2^{−E}.",
        ),
    ),
    {
        "more than one example": lambda v, W, a, b: several(v),
        "more than one hidden unit": lambda v, W, a, b: several(b),
        "large weighted sums": lambda v, W, a, b: bool(np.abs(W).max() > 100),
    },
)
