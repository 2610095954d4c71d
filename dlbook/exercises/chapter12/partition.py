"""Exercise 12.5: The logarithm of Z."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TypeAlias

import numpy as np

from dlbook.enumeration import log_partition
from dlbook.exercises.chapter12.machines import machine, parameters
from dlbook.exercises.draw import in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Function: TypeAlias = Callable[[Array, Array, Array], float]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n_visible: int, n_hidden: int, scale: float = 1.0) -> Case:
        return Case(label, tuple(scale * p for p in parameters(rng, n_visible, n_hidden)))

    cases = [
        *(case("one visible and one hidden unit", 1, 1) for _ in range(2)),
        *(case("one visible unit", 1, n) for n in (2, 3)),
        *(case("one hidden unit", n, 1) for n in (2, 3)),
        *(case("as many hidden as visible units", n, n) for n in (2, 3)),
        *(case("a random machine", *(int(k) for k in rng.integers(2, 5, size=2))) for _ in range(5)),
        case("energies of a thousand and more", 3, 2, 2000.0),
        case("a random machine", 4, 2),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(W: Array, a: Array, b: Array) -> float:
    return log_partition(machine(W, a, b))


def _states(n: int, values: tuple[float, float] = (0.0, 1.0)) -> Array:
    return np.array(list(product(values, repeat=n)))


def _energies(W: Array, a: Array, b: Array, values: tuple[float, float] = (0.0, 1.0)) -> Array:
    V, H = _states(len(a), values), _states(len(b), values)
    return np.asarray(-(V @ a) - (H @ b)[:, None] - H @ W @ V.T)


def _lse(x: Array) -> float:
    return float(np.logaddexp.reduce(x, axis=None))


def _textbook(W: Array, a: Array, b: Array) -> float:
    with np.errstate(over="ignore", divide="ignore"):
        return float(np.log(np.exp(-_energies(W, a, b)).sum()))


def _Z_itself(W: Array, a: Array, b: Array) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(_reference(W, a, b)))


def _of_hidden(W: Array, a: Array, b: Array) -> Array:
    """Return the exponents that remain, one per hidden state, after the sum over the visible ones."""
    H = _states(len(b))
    return np.asarray(H @ b + np.logaddexp(0, a + H @ W).sum(axis=1))


def _on_factors(W: Array, a: Array, b: Array) -> float:
    H = _states(len(b))
    return _lse(H @ b + (a + H @ W).sum(axis=1))


PARTITION = Exercise(
    "12.5",
    "The logarithm of Z",
    ("W", "a", "b"),
    ("log_Z",),
    "one number",
    _reference,
    _cases,
    (
        Mistake(
            "the exponentials overflow",
            _textbook,
            "Right for small energies. e^{−E} is infinite for E below −709, and 0 for all states if all energies are "
            "large. Subtract the largest −E first and add it again after the logarithm, as in log-sum-exp.",
        ),
        Mistake(
            "Z in place of ln Z",
            _Z_itself,
            "This is Z. Its logarithm is asked for, which does not overflow.",
        ),
        Mistake(
            "the sign of the energy",
            lambda W, a, b: _lse(_energies(W, a, b)),
            "e^{−E}: states of low energy have the large terms.",
        ),
        Mistake(
            "minus ln Z",
            lambda W, a, b: -_reference(W, a, b),
            "The sign is turned round: ln Z itself is asked for.",
        ),
        Mistake(
            "the mean over all states",
            lambda W, a, b: _reference(W, a, b) - (len(a) + len(b)) * np.log(2),
            "You take the mean of e^{−E}; Z is the sum over all 2^(n_v + n_h) states.",
        ),
        Mistake(
            "the lowest energy alone",
            lambda W, a, b: float(-_energies(W, a, b).min()),
            "That is the largest term. The others add to it.",
        ),
        Mistake(
            "the largest term is not added again",
            lambda W, a, b: _reference(W, a, b) - float((-_energies(W, a, b)).max()),
            "To take the largest exponent out is right. Outside the logarithm it has to come back: ln Σ e^x is max x + "
            "ln Σ e^(x − max x).",
        ),
        Mistake(
            "the largest hidden term is not added again",
            lambda W, a, b: _reference(W, a, b) - float(_of_hidden(W, a, b).max()),
            "To take the largest of the terms of the hidden states out is right. Outside the logarithm it has to come "
            "back: ln Σ e^x is max x + ln Σ e^(x − max x).",
        ),
        Mistake(
            "the sum of the logarithms",
            lambda W, a, b: float(-_energies(W, a, b).sum()),
            "ln Σ e^{−E} is not Σ ln e^{−E}: first add the terms up, then take the logarithm.",
        ),
        Mistake(
            "the visible bias is missing",
            lambda W, a, b: _lse(-_energies(W, 0 * a, b)),
            "The energy has three terms, and the visible bias is in one of them: −aᵀv.",
        ),
        Mistake(
            "the hidden bias is missing",
            lambda W, a, b: _lse(-_energies(W, a, 0 * b)),
            "The energy has three terms, and the hidden bias is in one of them: −bᵀh.",
        ),
        Mistake(
            "the connections are missing",
            lambda W, a, b: _lse(-_energies(0 * W, a, b)),
            "Without hᵀWv all units are independent, and Z is a product. The connections make it hard.",
        ),
        Mistake(
            "the sign of the connections",
            lambda W, a, b: _lse(-_energies(-W, a, b)),
            "All three terms of the energy have a minus: −aᵀv − bᵀh − hᵀWv.",
        ),
        Mistake(
            "the visible units are all on",
            _on_factors,
            "For each visible unit there are two values: the factor is 1 + e^{…}, not e^{…}.",
        ),
        Mistake(
            "the visible units are all off",
            lambda W, a, b: _lse(_states(len(b)) @ b),
            "You sum over the hidden states with v = 0 only. Sum over both layers.",
        ),
        Mistake(
            "units of −1 and 1",
            lambda W, a, b: _lse(-_energies(W, a, b, (-1.0, 1.0))),
            "The units of this machine are 0 or 1. With −1 and 1 the same weights mean another machine.",
        ),
        Mistake(
            "the state with all units off is left out",
            lambda W, a, b: _lse(-_energies(W, a, b).ravel()[1:]),
            "The state of zeros has energy 0 and the term e^0 = 1. It counts like any other.",
        ),
        Mistake(
            "the state with all units on is left out",
            lambda W, a, b: _lse(-_energies(W, a, b).ravel()[:-1]),
            "One state is missing: counting from 0, the last of 2^n states has the number 2^n − 1.",
        ),
    ),
    {
        "more than one visible unit": lambda W, a, b: several(a),
        "more than one hidden unit": lambda W, a, b: several(b),
        "large energies": lambda W, a, b: bool(np.abs(W).max() > 100),
    },
)
