"""Exercise 13.8: One sweep through a general Boltzmann machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Sweep: TypeAlias = Callable[[Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        W = np.triu(nonzero(rng, n, n) * 2, 1)
        states = rng.integers(2, size=(m, n)) * 1.0
        return Case(label, (states, W + W.T, nonzero(rng, n), np.round(rng.uniform(0.01, 0.99, size=(m, n)), 2)))

    cases = [
        *(case("one state, one unit", 1, 1) for _ in range(2)),
        *(case("one state, two units", 1, 2) for _ in range(3)),
        *(case("one unit", m, 1) for m in (3, 6)),
        *(case("two units", 8, 2) for _ in range(2)),
        *(case("as many states as units", n, n) for n in (3, 4)),
        *(case("a random batch", int(rng.integers(6, 12)), int(rng.integers(3, 6))) for _ in range(8)),
    ]
    return [*cases, in_float32(cases[-1])]


def _slip(
    *,
    order: Callable[[int], list[int]] = lambda n: list(range(n)),
    seen: Callable[[Array, Array], Array] = lambda new, old: new,
    weights: Callable[[Array], Array] = lambda W: W,
    bias: float = 1.0,
    draw: Callable[[Array, Array], Array] = lambda p, u: u < p,
) -> Sweep:
    """Return the sweep with one thing done in another way; ``seen`` are the states that a unit looks at."""

    def sweep(s: Array, W: Array, b: Array, u: Array) -> Array:
        new = s.copy()
        for i in order(len(b)):
            z = seen(new, s) @ weights(W)[i] + b[i] * b.dtype.type(bias)
            new[:, i] = draw(sigmoid(z), u[:, i])
        return new

    return sweep


def _by_halves(s: Array, W: Array, b: Array, u: Array) -> Array:
    """As in a restricted machine: the first half at once, then the second half at once."""
    new, half = s.copy(), len(b) // 2
    for part in (slice(None, half), slice(half, None)):
        new[:, part] = u[:, part] < sigmoid(new @ W[part].T + b[part])
    return new


def _only_on(s: Array, W: Array, b: Array, u: Array) -> Array:
    """Units go on, and none goes off."""
    new = s.copy()
    for i in range(len(b)):
        new[u[:, i] < sigmoid(new @ W[i] + b[i]), i] = 1
    return new


def _flipped(s: Array, W: Array, b: Array, u: Array) -> Array:
    new = s.copy()
    for i in range(len(b)):
        new[:, i] = np.where(u[:, i] < sigmoid(new @ W[i] + b[i]), 1 - new[:, i], new[:, i])
    return new


def _last_alone(s: Array, W: Array, b: Array, u: Array) -> Array:
    new = s.copy()
    new[:, -1] = u[:, -1] < sigmoid(s @ W[-1] + b[-1])
    return new


ONE_AFTER_ANOTHER = Exercise(
    "13.8",
    "One sweep of Gibbs sampling",
    ("s", "W", "b", "u"),
    ("s_new",),
    "the new states, 0 or 1, shape (m, n)",
    _slip(),
    _cases,
    (
        Mistake(
            "all units at once",
            _slip(seen=lambda new, old: old),
            "Every unit looks at the *old* states of the others here. Two neighbours that change at the same time do "
            "not know of each other, and the chain has another distribution as its limit. Update one unit, then let "
            "the next one see it.",
        ),
        Mistake(
            "from the last unit to the first",
            _slip(order=lambda n: list(range(n))[::-1]),
            "Every order leaves the distribution as it is. Asked for is the order 0, 1, …, n − 1.",
        ),
        Mistake(
            "the first half at once, then the second",
            _by_halves,
            "That is allowed where units of one half have no connections among themselves, as in a restricted machine. "
            "Here they have.",
        ),
        Mistake(
            "a 1 where u is above the probability",
            _slip(draw=lambda p, u: u > p),
            "u falls below p with probability p. Yours is 1 with probability 1 − p.",
        ),
        Mistake(
            "the more probable state",
            _slip(draw=lambda p, u: p > 0.5),
            "Nothing is left to chance: each unit takes its more probable state, and the machine runs downhill into "
            "the next valley and stays there. Compare p with u.",
        ),
        Mistake(
            "probabilities in place of states",
            _slip(draw=lambda p, u: p),
            "The new state is 0 or 1. A unit that sees probabilities of its neighbours does mean field, not sampling.",
        ),
        Mistake(
            "the biases are missing",
            _slip(bias=0.0),
            "The field of a unit is what its neighbours send plus its own bias.",
        ),
        Mistake(
            "the 1/2 of the energy",
            _slip(weights=lambda W: W / 2),
            "The 1/2 in −½ s·W s is there because the double sum counts every pair twice. A single unit sees the whole "
            "weight.",
        ),
        Mistake(
            "only one triangle of W",
            _slip(weights=np.tril),
            "W is symmetric, and a unit sees *all* others, those before it and those behind it. A triangle leaves out "
            "one side.",
        ),
        Mistake(
            "only the units behind it",
            _slip(weights=np.triu),
            "W is symmetric, and a unit sees *all* others, those before it too. You sum over the upper triangle.",
        ),
        Mistake(
            "units go on and never off",
            _only_on,
            "Where u is not below p the unit becomes 0, whatever it was. You leave those as they are.",
        ),
        Mistake(
            "units are turned over",
            _flipped,
            "p is the probability to *be* 1 after the draw, not the probability to change. The old state of the unit "
            "itself does not matter.",
        ),
        Mistake(
            "only the last unit is drawn",
            _last_alone,
            "All units but the last are as before. Is the copy made inside the loop? Make it once, before the loop, so "
            "that each unit sees those that were drawn before it.",
        ),
        Mistake(
            "one column of random numbers for all units",
            lambda s, W, b, u: _slip()(s, W, b, np.repeat(u[:, :1], len(b), axis=1)),
            "Unit i is drawn with `u[:, i]`. With the same number for all, the units are not drawn independently of "
            "each other.",
        ),
        Mistake(
            "the sigmoid is missing",
            _slip(draw=lambda p, u: u < np.log(p / (1 - p))),
            "You compare u with the weighted sum. u lies between 0 and 1, and so must what it is compared with: the "
            "sigmoid of the sum.",
        ),
        Mistake(
            "the field is doubled",
            _slip(weights=lambda W: 2 * W, bias=2.0),
            "The factor 2 belongs to units that are −1 or 1, whose two states differ by twice the field. Between 0 and "
            "1 the energy differs by the field itself.",
        ),
        Mistake(
            "the sign of the energy",
            _slip(weights=lambda W: -W, bias=-1.0),
            "A state with *low* energy is probable: the sigmoid takes + (W s + b), the energy has the minus.",
        ),
    ),
    {
        "more than one state": lambda s, W, b, u: several(s),
        "more than one unit": lambda s, W, b, u: several(b),
        "more than two units": lambda s, W, b, u: len(b) > 2,
    },
)
