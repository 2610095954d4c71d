"""The fully connected layer."""

from __future__ import annotations

import numpy as np

from dlbook.init import Initializer, glorot_uniform
from dlbook.layer import Layer, Params
from dlbook.shapes import Array, as_batch, generator, positive_int, same_shape, upstream


class Dense(Layer):
    """z = W a + b for every example of a batch: Z = X Wᵀ + b (eq-dense-batch).

    Args:
        n_in: numbers per example that come in.
        n_out: units, numbers per example that go out.
        rng: source of the initial weights.
        init: how W starts; b starts at zero.

    Shapes:
        W (n_out, n_in), b (n_out,); X (m, n_in) or (…, n_in) with any leading axes; Y (…, n_out).
    """

    def __init__(self, n_in: int, n_out: int, *, rng: np.random.Generator, init: Initializer = glorot_uniform) -> None:
        self.n_in = positive_int("Dense", n_in, "n_in")
        self.n_out = positive_int("Dense", n_out, "n_out")
        W = init((n_out, n_in), n_in, n_out, rng=generator("Dense", rng))
        same_shape("Dense", W, (n_out, n_in), "the array that init returns")
        self.params = {"W": W, "b": np.zeros(n_out)}

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        """Return Z = X Wᵀ + b; the cache is X."""
        X = as_batch("Dense", X, self.n_in)
        Z = X @ self.params["W"].T  # (m, n_out)
        Z += self.params["b"]
        return Z, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Params]:
        """Return ∂J/∂X = δ W (eq-backprop-dense) and the gradients of W and b (eq-gradient-w, eq-gradient-b)."""
        grads = self.param_grads(dY, cache)
        return dY @ self.params["W"], grads

    def param_grads(self, dY: Array, cache: Array) -> Params:
        """Return ∂J/∂W = δᵀ X and ∂J/∂b = the sum of δ over the examples; 1/m is already in δ."""
        dY = upstream("Dense", dY, (*cache.shape[:-1], self.n_out))
        delta = dY.reshape(-1, self.n_out)  # (m, n_out)
        X = cache.reshape(-1, self.n_in)  # (m, n_in)
        return {"W": delta.T @ X, "b": delta.sum(axis=0)}
