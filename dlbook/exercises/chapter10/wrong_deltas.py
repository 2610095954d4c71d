"""Ways to go wrong on the way back through time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np

from dlbook.shapes import Array

Deltas: TypeAlias = Callable[[Array, Array, Array], Array]


def slope_of_tanh(H: Array) -> Array:
    """1 − h²."""
    return np.asarray(1 - H**2)


def by_hand(
    *,
    slope: Callable[[Array], Array] = slope_of_tanh,
    direct: Callable[[Array], Array] = lambda G: G,
    carry: Callable[[Array, Array, Array, Array], Array] = lambda delta, dh, slope, W: delta @ W,
    answer: Callable[[Array, Array], Array] = lambda delta, dh: delta,
    order: Callable[[range], Iterable[int]] = reversed,
    kept: float = 0,
) -> Deltas:
    """Return the recursion with one thing done in another way.

    ``carry`` makes what step t − 1 gets, of δ_t, ∂J/∂h_t and the slope at t; ``answer`` is what is returned of δ_t and
    ∂J/∂h_t; ``kept`` is the share of what came from behind that is not replaced.
    """

    def deltas(G: Array, H: Array, W: Array) -> Array:
        D, S, U = np.zeros_like(H), slope(H), direct(G)
        behind = np.zeros_like(H[:, 0])
        for t in order(range(H.shape[1])):
            dh = U[:, t] + behind
            delta = S[:, t] * dh
            D[:, t] = answer(delta, dh)
            behind = kept * behind + carry(delta, dh, S[:, t], W)
        return D

    return deltas


def last_step_alone(G: Array) -> Array:
    """Keep what comes from above at the last step only."""
    return np.where(np.arange(G.shape[1])[:, None] == G.shape[1] - 1, G, 0).astype(G.dtype)


def one_step_back(G: Array, H: Array, W: Array) -> Array:
    """Each error goes back by one step and no further."""
    own = G * slope_of_tanh(H)
    behind = np.zeros_like(G)
    behind[:, :-1] = own[:, 1:] @ W
    return (G + behind) * slope_of_tanh(H)


def slope_of_the_step_before(G: Array, H: Array, W: Array) -> Array:
    """1 − h_{t−1}² at every step but the first."""
    before = np.concatenate([H[:, :1], H[:, :-1]], axis=1)
    return by_hand(slope=lambda _: slope_of_tanh(before))(G, H, W)
