"""The recurrent network of Elman, and the layer that keeps only the last step. The LSTM is in :mod:`dlbook.lstm`."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dlbook.init import Initializer, glorot_uniform
from dlbook.layer import Cache, Layer, Params
from dlbook.lstm import LSTM as LSTM
from dlbook.shapes import Array, as_numbers, upstream
from dlbook.unrolled import Parts, Recurrent


class RNN(Recurrent):
    """h_t = φ(U x_t + W h_{t−1} + b) at every step, with φ = tanh or ReLU (eq-rnn-forward; Elman 1990).

    The output layer o_t = V h_t + c is a ``Dense`` behind it, which works on the last axis.

    Args:
        n_in: numbers per step that come in.
        n_hidden: n, numbers in the hidden state.
        rng: source of the initial weights.
        activation: φ.
        init: how U starts; b starts at zero.
        recurrent_init: how W starts.

    Shapes:
        U (n, n_in), W (n, n), b (n,); X (m, T, n_in); H (m, T, n); the state is h (m, n).
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        rng: np.random.Generator,
        activation: Literal["tanh", "relu"] = "tanh",
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = glorot_uniform,
    ) -> None:
        if activation not in ("tanh", "relu"):
            raise ValueError(f'RNN expects activation="tanh" or activation="relu", got {activation!r}')
        super().__init__(n_in, n_hidden, 1, rng=rng, init=init, recurrent_init=recurrent_init)
        self.activation = activation

    def _recur(self, Z: Array, start: Parts, padded: Array | None) -> tuple[Parts, Cache]:
        T, W = len(Z), self.params["W"]
        W_T = np.ascontiguousarray(W.T, like=W)
        H = np.empty((T + 1, *start[0].shape), Z.dtype, like=Z)
        H[0] = start[0]
        for t in range(T):  # the state after step t is H[t + 1]
            Z[t] += H[t] @ W_T
            if self.activation == "tanh":
                np.tanh(Z[t], out=H[t + 1])
            else:
                np.maximum(Z[t], 0, out=H[t + 1])
            if padded is not None:
                np.copyto(H[t + 1], H[t], where=padded[t, :, None])
        return (H,), None

    def _recur_back(self, dH: Array, dstates: Parts, cache: Cache) -> tuple[Array, Parts]:
        """δ_t = φ'(z_t) ⊙ ∂J/∂h_t, and ∂J/∂h_{t−1} = the upstream gradient + Wᵀ δ_t (eq-bptt-recursion)."""
        _, (H,), padded, _ = cache
        W, (dh,) = self.params["W"], dstates
        tanh = self.activation == "tanh"
        dZ = 1 - H[1:] ** 2 if tanh else (H[1:] > 0).astype(H.dtype)  # φ'
        if padded is not None:
            dZ[padded] = 0
        for t in reversed(range(len(dZ))):
            dh += dH[t]
            dZ[t] *= dh
            dh_before = dZ[t] @ W
            if padded is not None:
                dh_before += np.where(padded[t, :, None], dh, 0)
            dh = dh_before
        return dZ, (dh,)


class LastStep(Layer):
    """H[:, −1]: what a recurrent layer knows when it has read the whole sequence, (m, T, n) → (m, n).

    With ``lengths`` the last step of the output is the last state of every sequence, also of the short ones.
    """

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, tuple[int, ...]]:
        """Return the last step of X; the cache is the shape of X."""
        X = as_numbers("LastStep", X)
        if X.ndim != 3:
            raise ValueError(f"LastStep expects X of shape (m, T, n), got {X.shape}: put it behind a recurrent layer")
        return X[:, -1], X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Params]:
        """Only the last step has a gradient."""
        m, _, n = cache
        dY = upstream("LastStep", dY, (m, n))
        dX = np.zeros(cache, dY.dtype)
        dX[:, -1] = dY
        return dX, {}
