"""Losses: how far off the network is, as one number.

``forward(Z, y)`` gives the number and a cache, ``backward(cache)`` gives δ = ∂J/∂Z. The mean over the m examples is
taken here and nowhere else: every gradient further back inherits its 1/m from δ.

The two cross-entropies take the values *before* the activation. Fused with it, they need no logarithm of a number
that has been rounded to zero, and δ is simply a − y.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Cache
from dlbook.shapes import Array, as_numbers, same_shape


class Loss(ABC):
    """A number J to be made small; it has no parameters."""

    @abstractmethod
    def forward(self, Z: Array, y: ArrayLike) -> tuple[float, Cache]:
        """Return J, averaged over the examples, and the cache that :meth:`backward` needs."""

    @abstractmethod
    def backward(self, cache: Cache) -> Array:
        """Return δ = ∂J/∂Z, of the shape of Z."""


def _with_targets(who: str, Z: Array, y: ArrayLike) -> tuple[Array, Array, int]:
    """Return Z, y of the same shape and dtype, and the number of examples m."""
    Z = as_numbers(who, Z, "Z")
    if Z.ndim < 2:
        raise ValueError(f"{who} expects Z of shape (m, n), got {Z.shape}: add the missing axis, Z[:, None]")
    y = np.asarray(y)
    same_shape(who, y, Z.shape, "y")
    if y.dtype.kind not in "fiub":
        raise TypeError(f"{who} expects y as real numbers, got {y.dtype}")
    y = as_numbers(who, y.astype(Z.dtype), "y")
    return Z, y, Z[..., 0].size


class MeanSquaredError(Loss):
    """J = 1/(2m) Σ ‖a − y‖² (eq-mse). Shapes: a and y (m, n), or (…, n): all leading axes count as examples."""

    def forward(self, Z: Array, y: ArrayLike) -> tuple[float, Cache]:
        """Return J; Z is the network's output a, after its activation."""
        Z, y, m = _with_targets("MeanSquaredError", Z, y)
        error = Z - y
        return (error**2).sum().item() / (2 * m), (error, m)

    def backward(self, cache: Cache) -> Array:
        """Return (a − y) / m (eq-delta-mse, without the factor of the activation)."""
        error, m = cache
        return np.asarray(error / m)


class BinaryCrossEntropy(Loss):
    """J = −1/m Σ y ln σ(z) + (1 − y) ln(1 − σ(z)) (eq-bce), for independent yes-or-no outputs.

    Computed as max(z, 0) − y z + ln(1 + e^−|z|), which neither overflows nor takes the logarithm of zero. The first
    two are taken together, (1[z > 0] − y) z: their difference may be small, but is exact.

    Shapes: z and y (m, n), or (…, n); y between 0 and 1.
    """

    def forward(self, Z: Array, y: ArrayLike) -> tuple[float, Cache]:
        """Return J; Z holds the values before the sigmoid."""
        Z, y, m = _with_targets("BinaryCrossEntropy", Z, y)
        if y.min() < 0 or y.max() > 1:
            raise ValueError(
                f"BinaryCrossEntropy expects targets between 0 and 1, got {float(y.min())} to {float(y.max())}: "
                f"labels −1 and 1 become (y + 1) / 2"
            )
        e = np.exp(np.minimum(-Z, Z))
        J = ((Z > 0) - y) * Z + np.log1p(e)
        a = np.where(Z >= 0, 1, e) / (1 + e)  # σ(z), from the exponential that is already there
        return J.sum().item() / m, (a, y, m)

    def backward(self, cache: Cache) -> Array:
        """Return (a − y) / m with a = σ(z) (eq-delta-bce): σ' has cancelled."""
        a, y, m = cache
        return np.asarray((a - y) / m)


class SoftmaxCrossEntropy(Loss):
    """J = −1/m Σ_k y_k ln softmax(z)_k (eq-softmax-cross-entropy), for one class out of K.

    Shapes: z (m, K) or (…, K); y either class numbers (m,) or (…), or probabilities of the shape of z.
    """

    def forward(self, Z: Array, y: ArrayLike) -> tuple[float, Cache]:
        """Return J; Z holds the values before the softmax."""
        Z = as_numbers("SoftmaxCrossEntropy", Z, "Z")
        if Z.ndim < 2:
            raise ValueError(f"SoftmaxCrossEntropy expects Z of shape (m, K), got {Z.shape}: one row per example")
        y = np.asarray(y)
        m = Z[..., 0].size
        Y = self._probabilities(y, Z) if y.shape == Z.shape else self._one_hot(y, Z)
        with np.errstate(over="ignore"):  # values so far apart that their difference overflows: e^−∞ is the right 0
            shifted = Z - Z.max(axis=-1, keepdims=True)
        e = np.exp(shifted)
        largest = Z.argmax(axis=-1, keepdims=True) == np.arange(Z.shape[-1])  # its e is 1; the rest may be far smaller
        rest = np.where(largest, 0, e).sum(axis=-1, keepdims=True)
        log_p = shifted - np.log1p(rest)  # ln softmax(z), without taking the logarithm of a rounded zero or one
        J = -np.multiply(Y, log_p, where=Y > 0, out=np.zeros_like(Z)).sum()  # 0 · ln 0 counts as 0
        return J.item() / m, (e / (1 + rest), Y, m)

    def backward(self, cache: Cache) -> Array:
        """Return (a − y) / m with a = softmax(z) (eq-delta-softmax), for every class, the wrong ones included."""
        a, Y, m = cache
        return np.asarray((a - Y) / m)

    @staticmethod
    def _one_hot(y: Array, Z: Array) -> Array:
        who, K = "SoftmaxCrossEntropy", Z.shape[-1]
        if y.shape != Z.shape[:-1]:
            raise ValueError(
                f"{who} expects y as class numbers of shape {Z.shape[:-1]} or probabilities of shape {Z.shape}, "
                f"got {y.shape}" + ("; use y[:, 0]" if y.shape == (*Z.shape[:-1], 1) else "")
            )
        if y.dtype.kind not in "iu":
            raise TypeError(f"{who} expects class numbers as integers, got {y.dtype}: use y.astype(int)")
        if y.min() < 0 or y.max() >= K:
            raise ValueError(f"{who} expects class numbers from 0 to {K - 1}, got {y.min()} to {y.max()}")
        return np.asarray(y[..., None] == np.arange(K), dtype=Z.dtype)

    @staticmethod
    def _probabilities(y: Array, Z: Array) -> Array:
        Y = as_numbers("SoftmaxCrossEntropy", y.astype(Z.dtype), "y")
        if Y.min() < 0 or np.abs(Y.sum(axis=-1) - 1).max() > 1e-4:
            raise ValueError(
                "SoftmaxCrossEntropy expects each row of y to hold probabilities that sum to 1; "
                "several independent labels need BinaryCrossEntropy"
            )
        return Y
