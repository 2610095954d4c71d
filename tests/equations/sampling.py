"""Random shapes and networks for the tests of the equations, and how a test writes an inequality."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbook import Dense, Layer, Sequential, Sigmoid

Array = NDArray[np.float64]
Rng = np.random.Generator


def sizes(rng: Rng, n: int) -> list[int]:
    """Draw n sizes from 1 to 5: batches of one example and layers of one unit must work too."""
    return [int(size) for size in rng.integers(1, 6, size=n)]


def network(
    rng: Rng, units: Sequence[int], activation: type[Layer] = Sigmoid
) -> tuple[Sequential, dict[int, Array], dict[int, Array]]:
    """Return a network of the package, and its W^l and b^l under the text's numbers l = 2, …, L; all are random."""
    layers: list[Layer] = []
    W, b = {}, {}
    for l in range(2, len(units) + 1):
        dense = Dense(units[l - 2], units[l - 1], rng=rng)
        W[l], b[l] = dense.params["W"], dense.params["b"]
        # neither saturating a unit nor near 0: rounding would drown the differences of a loss that stands still
        W[l][...] = rng.choice([-1, 1], size=W[l].shape) * rng.uniform(0.3, 1.3, size=W[l].shape) / sqrt(units[l - 2])
        b[l][...] = rng.normal(scale=0.5, size=b[l].shape)
        layers += [dense, activation()]
    return Sequential(*layers), W, b


def assign(net: Sequential, values: dict[str, ArrayLike]) -> None:
    """Write values into the named parameters of a network; those that are not named become zero."""
    for name, p in net.params.items():
        p[...] = values.get(name, 0.0)


def at_most(left: ArrayLike, right: ArrayLike) -> tuple[Array, Array]:
    """Return the pair that agrees exactly when left ≤ right: the larger of the two, and the right one."""
    return np.maximum(left, right), np.asarray(right, dtype=float)
