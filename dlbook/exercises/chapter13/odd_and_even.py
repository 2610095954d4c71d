"""Exercise 13.7: A deep machine as a restricted one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.dbm import DBM
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Assemble: TypeAlias = Callable[[Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n0: int, n1: int, n2: int, n3: int) -> Case:
        return Case(label, (nonzero(rng, n1, n0), nonzero(rng, n2, n1), nonzero(rng, n3, n2)))

    cases = [
        *(case("one unit in every layer", 1, 1, 1, 1) for _ in range(2)),
        case("a wide visible layer", 4, 1, 1, 1),
        case("a wide first hidden layer", 1, 3, 1, 1),
        case("a wide second hidden layer", 1, 1, 3, 1),
        case("a wide third hidden layer", 1, 1, 1, 3),
        *(case("layers of one size", n, n, n, n) for n in (2, 2, 3)),
        *(case("ever smaller layers", 4, 3, 2, 1) for _ in range(2)),
        *(case("random sizes", *(int(k) for k in rng.integers(2, 5, size=4))) for _ in range(7)),
    ]
    return [*cases, in_float32(cases[-1])]


def _as_rbm(W1: Array, W2: Array, W3: Array, *, corner: float = 0.0, sign: float = 1.0, twice: float = 1.0) -> Array:
    """Rows h1, h3 and columns v, h2; ``corner`` fills the block of h3 and v, which do not touch."""
    empty = np.full((len(W3), W1.shape[1]), corner, W1.dtype)
    return np.asarray(W1.dtype.type(sign) * np.block([[W1, W1.dtype.type(twice) * W2.T], [empty, W3]]))


def _reference(W1: Array, W2: Array, W3: Array) -> Array:
    dbm = DBM(W1.shape[1], len(W1), len(W2), len(W3), rng=np.random.default_rng(0)).astype(W1.dtype.type)
    dbm.params |= {"W1": W1, "W2": W2, "W3": W3}
    return dbm.as_rbm().params["W"]


def _without(*, second: bool) -> Assemble:
    def assemble(W1: Array, W2: Array, W3: Array) -> Array:
        return _as_rbm(W1, 0 * W2, W3) if second else _as_rbm(W1, W2, 0 * W3)

    return assemble


def _chain(W1: Array, W2: Array, W3: Array) -> Array:
    """All three along the diagonal, as if the signal ran from layer to layer."""
    (n1, n0), n2, n3 = W1.shape, len(W2), len(W3)
    W = np.zeros((n1 + n2 + n3, n0 + n1 + n2), W1.dtype)
    W[:n1, :n0], W[n1 : n1 + n2, n0 : n0 + n1], W[n1 + n2 :, n0 + n1 :] = W1, W2, W3
    return W


def _symmetric(W1: Array, W2: Array, W3: Array) -> Array:
    """Return the matrix of the general machine, all units against all."""
    n0, n1, n2, n3 = W1.shape[1], len(W1), len(W2), len(W3)
    W = np.zeros((n0 + n1 + n2 + n3,) * 2, W1.dtype)
    W[n0 : n0 + n1, :n0] = W1
    W[n0 + n1 : n0 + n1 + n2, n0 : n0 + n1] = W2
    W[n0 + n1 + n2 :, n0 + n1 : n0 + n1 + n2] = W3
    return np.asarray(W + W.T)


ODD_AND_EVEN = Exercise(
    "13.7",
    "A deep machine as a restricted one",
    ("W1", "W2", "W3"),
    ("W",),
    "W of shape (n1 + n3, n0 + n2)",
    _reference,
    _cases,
    (
        Mistake(
            "the transpose",
            lambda W1, W2, W3: _as_rbm(W1, W2, W3).T,
            "Rows are the hidden side, the odd layers h1 and h3; columns are the visible side, v and h2. Yours is the "
            "same matrix, turned.",
        ),
        Mistake(
            "the middle weights are missing",
            _without(second=True),
            "h1 on the hidden side and h2 on the visible side are neighbours: their weights, W2, stand in the block of "
            "rows h1 and columns h2.",
        ),
        Mistake(
            "the last weights are missing",
            _without(second=False),
            "h3 on the hidden side and h2 on the visible side are neighbours: W3 stands in the block of rows h3 and "
            "columns h2.",
        ),
        Mistake(
            "the blocks in a chain",
            _chain,
            "You stack the three matrices as steps of a network. The restricted machine has two sides only: h1 and h3 "
            "on the one, v and h2 on the other.",
        ),
        Mistake(
            "all units against all units",
            _symmetric,
            "That is the symmetric matrix of a general Boltzmann machine. A restricted one needs only the block "
            "between its two sides.",
        ),
        Mistake(
            "ones where two layers do not touch",
            lambda W1, W2, W3: _as_rbm(W1, W2, W3, corner=1.0),
            "v and h3 are not neighbours. No connection is a weight of 0.",
        ),
        Mistake(
            "h3 above h1",
            lambda W1, W2, W3: np.roll(_as_rbm(W1, W2, W3), len(W3), axis=0),
            "The rows come in the order h1, h3. You have h3 first.",
        ),
        Mistake(
            "h2 before v",
            lambda W1, W2, W3: np.roll(_as_rbm(W1, W2, W3), len(W2), axis=1),
            "The columns come in the order v, h2. You have h2 first.",
        ),
        Mistake(
            "h3 above h1 and h2 before v",
            lambda W1, W2, W3: np.roll(_as_rbm(W1, W2, W3), (len(W3), len(W2)), axis=(0, 1)),
            "It is the right machine with its units numbered otherwise. Asked for are rows h1, h3 and columns v, h2.",
        ),
        Mistake(
            "the sign of the energy",
            lambda W1, W2, W3: _as_rbm(W1, W2, W3, sign=-1.0),
            "The minus sign stands in the energy, −h·W v, of both machines. The weights keep their signs.",
        ),
        Mistake(
            "the middle weights twice",
            lambda W1, W2, W3: _as_rbm(W1, W2, W3, twice=2.0),
            "W2 stands once in the energy of the deep machine, and once in that of the restricted one.",
        ),
    ),
    {
        "more than one visible unit": lambda W1, W2, W3: W1.shape[1] > 1,
        "more than one unit in the first hidden layer": lambda W1, W2, W3: several(W1),
        "more than one unit in the second hidden layer": lambda W1, W2, W3: several(W2),
        "more than one unit in the third hidden layer": lambda W1, W2, W3: several(W3),
    },
)
