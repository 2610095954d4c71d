"""Ways to go wrong in one step of an LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid
from dlbook.shapes import Array

States: TypeAlias = tuple[Array, Array]
Step: TypeAlias = Callable[[Array, Array, Array, Array, Array, Array], States]
Function: TypeAlias = Callable[[Array], Array]


def weighted_sums(x: Array, h: Array, U: Array, W: Array, b: Array) -> Array:
    """Z of all blocks, (m, 4n)."""
    return np.asarray(x @ U.T + h @ W.T + b)


def blocks_not_transposed(x: Array, h: Array, U: Array, W: Array, b: Array) -> Array:
    """Each square block of W for itself, from the wrong side."""
    return np.asarray(x @ U.T + np.hstack([h @ block for block in np.split(W, 4)]) + b)


def slip(
    *,
    sums: Callable[[Array, Array, Array, Array, Array], Array] = weighted_sums,
    order: str = "ifao",
    gate: Function = sigmoid,
    candidate: Function = np.tanh,
    shown: Function = np.tanh,
    cell: Callable[[Array, Array, Array, Array], Array] = lambda i, f, a, C: f * C + i * a,
    hidden: Callable[[Array, Array, Array], Array] | None = None,
    answer: Callable[[Array, Array, Array], States] = lambda h, C, o: (h, C),
) -> Step:
    """Return the step with one thing done in another way; ``hidden`` takes o, the old and the new cell state."""

    def step(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> States:
        z = dict(zip(order, np.split(sums(x, h, U, W, b), 4, axis=1), strict=True))
        i, f, a, o = gate(z["i"]), gate(z["f"]), candidate(z["a"]), gate(z["o"])
        new = cell(i, f, a, C)
        return answer(o * shown(new) if hidden is None else hidden(o, C, new), new, o)

    return step
