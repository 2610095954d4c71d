"""Machines of a few units for the cases, and a machine of the package with given parameters."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import nonzero
from dlbook.rbm import BernoulliRBM
from dlbook.shapes import Array


def parameters(rng: np.random.Generator, n_visible: int, n_hidden: int) -> tuple[Array, Array, Array]:
    """Draw W, a and b; no bias is 0, so that each makes a difference."""
    return nonzero(rng, n_hidden, n_visible), nonzero(rng, n_visible), nonzero(rng, n_hidden)


def bits(rng: np.random.Generator, m: int, n: int) -> Array:
    """Draw zeros and ones; the first example has a one."""
    v = rng.integers(2, size=(m, n)).astype(float)
    v[0, 0] = 1
    return v


def machine(W: Array, a: Array, b: Array) -> BernoulliRBM:
    """Return the package's machine with these parameters."""
    made = BernoulliRBM(len(a), len(b), rng=np.random.default_rng(0)).astype(W.dtype.type)
    for name, value in {"W": W, "a": a, "b": b}.items():
        made.params[name][...] = value
    return made


def sigmoid(z: Array) -> Array:
    """σ(z), for the wrong answers."""
    return np.asarray((1 + np.tanh(z / 2)) / 2)
