"""Ways to go wrong on the way through a sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import softmax
from dlbook.shapes import Array

Forward: TypeAlias = Callable[[Array, Array, Array, Array, Array, Array, Array], tuple[Array, Array]]


def by_hand(
    *,
    first: Callable[[Array], Array] = lambda h0: h0,
    carried: str = "h",
    bias: bool = True,
    slope: Callable[[Array], Array] = np.tanh,
    transpose: bool = True,
    output_bias: bool = True,
    reads: str = "after",
    output: Callable[[Array], Array] = lambda out: out,
    backwards: bool = False,
) -> Forward:
    """Return the forward pass with one thing done in another way.

    ``carried`` to the next step: the state "h", the sum "z" before the activation, or "nothing" (always the first
    state). ``reads``: the output layer reads the state "after" the step, or the one "before" it.
    """

    def forward(X: Array, h0: Array, U: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
        h = start = first(h0)
        states, read = [], []
        for t in reversed(range(X.shape[1])) if backwards else range(X.shape[1]):
            z = X[:, t] @ U.T + h @ (W.T if transpose else W) + (b if bias else 0)
            new = slope(z)
            read.append(new if reads == "after" else h)
            states.append(new)
            h = {"h": new, "z": z, "nothing": start}[carried]
        out = np.stack(read, axis=1) @ V.T + (c if output_bias else 0)
        return np.stack(states, axis=1), output(out)

    return forward


def softmax_of(out: Array) -> Array:
    """Return the predictions in place of the values before the softmax."""
    return softmax(out)


def first_state_counted(X: Array, h0: Array, U: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
    """H starts with h0, so that it ends one step too early."""
    H, _ = by_hand()(X, h0, U, W, b, V, c)
    H = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    return H, H @ V.T + c


def time_first(X: Array, h0: Array, U: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
    """H and O with the time as the first axis."""
    H, out = by_hand()(X, h0, U, W, b, V, c)
    return H.transpose(1, 0, 2), out.transpose(1, 0, 2)


def last_step_alone(X: Array, h0: Array, U: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
    """Only what is known at the end."""
    H, out = by_hand()(X, h0, U, W, b, V, c)
    return H[:, -1], out[:, -1]
