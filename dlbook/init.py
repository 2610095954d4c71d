"""Where learning starts: initial weights.

An initializer is a function ``init(shape, n_in, n_out, *, rng)`` that returns an array: ``n_in`` is how many numbers
one output sums over, ``n_out`` how many outputs one input reaches. Biases start at zero.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from dlbook.shapes import Array


class Initializer(Protocol):
    """What every initializer looks like."""

    def __call__(self, shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
        """Return an array of ``shape``."""


def zeros(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """All zeros: every unit of a layer then computes, and learns, the same (shown failing in the text)."""
    return np.zeros(shape)


def standard_normal(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Draw from N(0, 1), whatever the width: sums of many inputs then grow like √n_in."""
    return rng.normal(size=shape)


def glorot_uniform(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Uniform on ±√(6 / (n_in + n_out)): keeps the spread through layers with tanh (Glorot and Bengio 2010)."""
    bound = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-bound, bound, size=shape)


def he_normal(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Draw from N(0, 2 / n_in): keeps the spread through layers with ReLU (He et al. 2015)."""
    return rng.normal(scale=np.sqrt(2 / n_in), size=shape)
