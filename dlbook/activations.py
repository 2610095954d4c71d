"""Activation functions, and the layers that apply them.

Each function is written so that it neither overflows nor loses digits at either end. Each layer's ``backward`` uses
what ``forward`` computed: σ' is a function of σ, so no exponential is taken twice. It is as exact as 1 − σ then: σ'
has all its digits where σ goes to 0, an error of the order of 1e-16 where σ goes to 1, and is 0 from z = 37 on.
"""

from __future__ import annotations

import numpy as np

from dlbook.init import Initializer, glorot_uniform
from dlbook.layer import Cache, Layer, Params
from dlbook.shapes import Array, as_array, as_batch, as_numbers, generator, positive, positive_int, upstream

Rng = np.random.Generator | None


def _real(z: Array) -> Array:
    """Return z as floating-point numbers: e^z of small integer types would overflow, and be rounded to 16 bits."""
    z = as_array(z)
    return z if z.dtype.kind == "f" else z.astype(float)


def sigmoid(z: Array) -> Array:
    """σ(z) = 1 / (1 + e^−z) (eq-sigmoid), in (0, 1). Only e^−|z| is taken, which cannot overflow."""
    z = _real(z)
    e = np.exp(np.minimum(z, -z))
    return as_array(np.where(z >= 0, 1, e) / (1 + e))


def relu(z: Array) -> Array:
    """max(0, z) (eq-relu)."""
    return np.maximum(_real(z), 0)


def softplus(z: Array) -> Array:
    """ln(1 + e^z) (eq-softplus), the smooth ReLU, whose derivative is σ."""
    return np.logaddexp(_real(z), 0)


def softmax(z: Array, axis: int = -1) -> Array:
    """e^{z_i} / Σ_j e^{z_j} along ``axis`` (eq-softmax). The largest z is subtracted first: it cancels."""
    z = _real(z)
    with np.errstate(over="ignore"):  # values so far apart that their difference overflows: e^−∞ is the right 0
        e = np.exp(z - z.max(axis=axis, keepdims=True))
    return as_array(e / e.sum(axis=axis, keepdims=True))


class Sigmoid(Layer):
    """σ(α z) with slope α (eq-sigmoid); backward: δ α y (1 − y)."""

    def __init__(self, slope: float = 1.0) -> None:
        super().__init__()
        self.slope = positive("Sigmoid", slope, "slope")

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X, in (0, 1)."""
        Y = sigmoid(self.slope * as_numbers("Sigmoid", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """σ' = α σ (1 − σ)."""
        dY = upstream("Sigmoid", dY, cache.shape)
        return self.slope * dY * cache * (1 - cache), {}


class Tanh(Layer):
    """tanh z = 2 σ(2z) − 1 (eq-tanh), in (−1, 1)."""

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X."""
        Y = np.tanh(as_numbers("Tanh", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Tanh' = 1 − tanh²."""
        dY = upstream("Tanh", dY, cache.shape)
        return dY * (1 - cache**2), {}


class ReLU(Layer):
    """max(0, z) (eq-relu); the derivative at 0 is taken as 0."""

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X."""
        Y = relu(as_numbers("ReLU", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """δ passes where the output was positive."""
        dY = upstream("ReLU", dY, cache.shape)
        return dY * (cache > 0), {}


class LeakyReLU(Layer):
    """z where z > 0, else α z with a small fixed slope α (eq-leaky-relu)."""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = positive("LeakyReLU", slope, "slope")

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X; the cache tells where X was positive."""
        X = as_numbers("LeakyReLU", X)
        above = X > 0
        return np.where(above, X, self.slope * X), above

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """δ passes unchanged or scaled by α."""
        dY = upstream("LeakyReLU", dY, cache.shape)
        return np.where(cache, dY, self.slope * dY), {}


class PReLU(Layer):
    """Leaky ReLU whose slope a_c is learned, one for each channel (eq-prelu; He et al. 2015).

    Shapes: a (n_channels,); X (m, n_channels) or (m, n_channels, …): the channel axis is the second.
    """

    def __init__(self, n_channels: int, start: float = 0.25) -> None:
        self.n_channels = positive_int("PReLU", n_channels, "n_channels")
        self.params = {"a": np.full(n_channels, float(start))}

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X; the cache is X."""
        X = as_numbers("PReLU", X)
        if X.ndim < 2 or X.shape[1] != self.n_channels:
            raise ValueError(f"PReLU expects X of shape (m, {self.n_channels}, …), got {X.shape}")
        return np.where(X > 0, X, self._slopes(X) * X), X

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """∂J/∂a_c sums δ z over all places of channel c where z was not positive."""
        dY = upstream("PReLU", dY, cache.shape)
        negative = np.where(cache > 0, 0, cache)
        others = tuple(axis for axis in range(cache.ndim) if axis != 1)
        return np.where(cache > 0, dY, self._slopes(cache) * dY), {"a": (dY * negative).sum(axis=others)}

    def _slopes(self, X: Array) -> Array:
        return self.params["a"].reshape(-1, *[1] * (X.ndim - 2))


class Maxout(Layer):
    """The largest of k affine functions, max_i (W_i x + b_i) (eq-maxout; Goodfellow et al. 2013).

    Shapes: W (pieces, n_out, n_in), b (pieces, n_out); X (…, n_in), Y (…, n_out).
    """

    def __init__(
        self, n_in: int, n_out: int, pieces: int = 2, *, rng: np.random.Generator, init: Initializer = glorot_uniform
    ) -> None:
        self.n_in = positive_int("Maxout", n_in, "n_in")
        shape = (positive_int("Maxout", pieces, "pieces"), positive_int("Maxout", n_out, "n_out"), n_in)
        self.params = {"W": init(shape, n_in, n_out, rng=generator("Maxout", rng)), "b": np.zeros(shape[:2])}

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is X and which piece won for every unit."""
        X = as_batch("Maxout", X, self.n_in)
        Z = np.einsum("...i,koi->...ko", X, self.params["W"]) + self.params["b"]  # (…, pieces, n_out)
        winner = Z.argmax(axis=-2, keepdims=True)
        return np.take_along_axis(Z, winner, axis=-2).squeeze(-2), (X, winner)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Only the winning piece receives δ."""
        X, winner = cache
        dY = upstream("Maxout", dY, (*X.shape[:-1], self.params["b"].shape[1]))
        dZ = np.zeros((*dY.shape[:-1], *self.params["b"].shape), dY.dtype)
        np.put_along_axis(dZ, winner, dY[..., None, :], axis=-2)
        flat = dZ.reshape(-1, *self.params["b"].shape)  # (m, pieces, n_out)
        dW = np.einsum("mko,mi->koi", flat, X.reshape(-1, self.n_in))
        return np.einsum("...ko,koi->...i", dZ, self.params["W"]), {"W": dW, "b": flat.sum(axis=0)}


class Softplus(Layer):
    """ln(1 + e^z) (eq-softplus; Dugas et al. 2001)."""

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X."""
        Y = softplus(as_numbers("Softplus", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Use σ(z) = 1 − e^−y, the derivative."""
        dY = upstream("Softplus", dY, cache.shape)
        return -dY * np.expm1(-cache), {}


class Softmax(Layer):
    """Probabilities over the last axis (eq-softmax)."""

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X; each row sums to one."""
        Y = softmax(as_numbers("Softmax", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """∂y_i/∂z_j = y_i (1[i = j] − y_j): every output depends on every input."""
        dY = upstream("Softmax", dY, cache.shape)
        return cache * (dY - (dY * cache).sum(axis=-1, keepdims=True)), {}
