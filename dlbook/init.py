"""Where learning starts: initial weights.

An initializer is a function ``init(shape, n_in, n_out, *, rng)`` that returns an array: ``n_in`` is how many numbers
one output sums over, ``n_out`` how many outputs one input reaches. Some need no more, such as ``he_normal``; some are
made with a number, such as ``normal(0.1)``. Biases start at zero; ``layer.params["b"][:] = 0.1`` starts them elsewhere.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from dlbook.shapes import Array, positive


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


def normal(scale: float) -> Initializer:
    """Make an initializer that draws from N(0, scale²), whatever the width."""
    scale = positive("normal", scale, "scale")

    def init(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
        return rng.normal(scale=scale, size=shape)

    return init


def truncated_normal(scale: float) -> Initializer:
    """Make an initializer that draws from N(0, scale²) and draws again what lies beyond ±2 scale, as TensorFlow does.

    The tails are missing, so the standard deviation that remains is smaller (eq-truncated-spread):
    √(1 − 4 φ(2) / (2 Φ(2) − 1)) scale ≈ 0.8796 scale, with φ and Φ the density and the distribution of N(0, 1).
    """
    scale = positive("truncated_normal", scale, "scale")

    def init(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
        W = rng.normal(size=shape)
        while (outside := np.abs(W) > 2).any():
            W[outside] = rng.normal(size=np.count_nonzero(outside))
        return scale * W

    return init


def glorot_uniform(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Uniform on ±√(6 / (n_in + n_out)): keeps the spread through layers with tanh (Glorot and Bengio 2010)."""
    bound = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-bound, bound, size=shape)


def glorot_normal(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Draw from N(0, 2 / (n_in + n_out)), the same spread as :func:`glorot_uniform`."""
    return rng.normal(scale=np.sqrt(2 / (n_in + n_out)), size=shape)


def he_normal(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Draw from N(0, 2 / n_in): keeps the spread through layers with ReLU (He et al. 2015)."""
    return rng.normal(scale=np.sqrt(2 / n_in), size=shape)
