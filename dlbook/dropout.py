"""Layers that disturb what they are given while a network is trained, and pass it on untouched when it predicts."""

from __future__ import annotations

import numpy as np

from dlbook.layer import Layer, Params
from dlbook.shapes import Array, as_numbers, fraction, generator, not_negative, upstream


class Dropout(Layer):
    """Switch off each number with probability p: y = r ⊙ x with r_j ~ Bernoulli(1 − p) (eq-dropout), inverted.

    Inverted dropout scales what is left by 1 / (1 − p) (eq-inverted-dropout), so that the mean of y is x: prediction
    then uses all units as they are. Every number of the batch draws for itself, and every call of ``forward`` draws
    anew (Srivastava et al. 2014).

    Args:
        p: the probability of being switched off, 0 ≤ p < 1. Some texts give that of being kept, 1 − p.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = fraction("Dropout", p, "p")

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        """Return r ⊙ X / (1 − p), or X itself without ``rng``; the cache is the factor of every entry."""
        X = as_numbers("Dropout", X)
        if rng is None:
            return X, np.broadcast_to(X.dtype.type(1), X.shape)
        r = generator("Dropout", rng).random(X.shape) >= self.p
        scale = r.astype(X.dtype) / (1 - self.p)
        return X * scale, scale

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Params]:
        """Scale δ like x: what was switched off receives none."""
        return upstream("Dropout", dY, cache.shape) * cache, {}

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


class GaussianNoise(Layer):
    """Add noise, y = x + σ ε with ε ~ N(0, 1) (eq-gaussian-noise), which training has to become robust to.

    Args:
        sigma: the noise's standard deviation σ ≥ 0, in the units of x.
    """

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = not_negative("GaussianNoise", sigma, "sigma")

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, tuple[int, ...]]:
        """Return X + σ ε, or X itself without ``rng``."""
        X = as_numbers("GaussianNoise", X)
        if rng is None:
            return X, X.shape
        epsilon = generator("GaussianNoise", rng).standard_normal(X.shape).astype(X.dtype)
        return X + self.sigma * epsilon, X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Params]:
        """∂y/∂x = 1: δ passes unchanged."""
        return upstream("GaussianNoise", dY, cache), {}

    def __repr__(self) -> str:
        return f"GaussianNoise({self.sigma})"
