"""The long short-term memory."""

from __future__ import annotations

import numpy as np

from dlbook.init import Initializer, glorot_uniform
from dlbook.layer import Cache
from dlbook.shapes import Array
from dlbook.unrolled import Parts, Recurrent


class LSTM(Recurrent):
    """A recurrent layer whose memory, the cell state C, is changed by gates (Hochreiter and Schmidhuber 1997).

    With z_t = U x_t + W h_{t−1} + b cut into the blocks i, f, a, o (PyTorch's order):

    - input, forget and output gate i, f, o = σ(z_i), σ(z_f), σ(z_o), candidate a = tanh(z_a) (eq-lstm-gates);
    - C_t = f ⊙ C_{t−1} + i ⊙ a (eq-lstm-cell);
    - h_t = o ⊙ tanh(C_t) (eq-lstm-hidden).

    Args:
        n_in: numbers per step that come in.
        n_hidden: n, numbers in the hidden state, and in the cell state.
        rng: source of the initial weights.
        forget_bias: where the bias of the forget gate starts; the other biases start at zero. At 1 a fresh cell keeps
            σ(1) = 73 % of its state per step, at 0 (PyTorch's start, on average) half (Gers et al. 2000, Jozefowicz et
            al. 2015).
        init: how the four blocks of U start.
        recurrent_init: how the four blocks of W start.

    Shapes:
        U (4n, n_in), W (4n, n), b (4n,); X (m, T, n_in); H (m, T, n); the state is the pair (h, C), each (m, n).
    """

    parts = ("h", "C")

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        rng: np.random.Generator,
        forget_bias: float = 1.0,
        init: Initializer = glorot_uniform,
        recurrent_init: Initializer = glorot_uniform,
    ) -> None:
        super().__init__(n_in, n_hidden, 4, rng=rng, init=init, recurrent_init=recurrent_init)
        self.params["b"][n_hidden : 2 * n_hidden] = forget_bias

    def gates(self, cache: Cache) -> tuple[Array, ...]:
        """Return i, f, a and o of all steps, each (m, T, n); behind the end of a sequence they mean nothing."""
        return tuple(cache[3][0].transpose(2, 1, 0, 3))

    def _recur(self, Z: Array, start: Parts, padded: Array | None) -> tuple[Parts, Cache]:
        """Compute the gates in place of Z. As σ(z) = ½ + ½ tanh(½ z), one tanh serves all four blocks."""
        T, m, n = len(Z), *start[0].shape
        half = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], Z.dtype), n)  # the candidate is a tanh already
        rest = 1 - half
        W = self.params["W"] * half[:, None]
        W_T = np.ascontiguousarray(W.T, like=W)
        Z *= half
        H, C = np.empty((2, T + 1, m, n), Z.dtype, like=Z)
        H[0], C[0] = start
        tanh_C = np.empty((T, m, n), Z.dtype, like=Z)
        gates = Z.reshape(T, m, 4, n)
        for t in range(T):  # the state after step t is H[t + 1], C[t + 1]
            z = Z[t]
            z += H[t] @ W_T
            np.tanh(z, out=z)
            z *= half
            z += rest
            i, f, a, o = gates[t].transpose(1, 0, 2)
            np.multiply(f, C[t], out=C[t + 1])
            C[t + 1] += i * a
            np.tanh(C[t + 1], out=tanh_C[t])
            np.multiply(o, tanh_C[t], out=H[t + 1])
            if padded is not None:
                for S in (H, C):
                    np.copyto(S[t + 1], S[t], where=padded[t, :, None])
        return (H, C), (gates, tanh_C)

    def _recur_back(self, dH: Array, dstates: Parts, cache: Cache) -> tuple[Array, Parts]:
        """Carry δ_h and δ_C back through the four gates (eq-lstm-delta-c, eq-lstm-delta-gates, eq-lstm-delta-h).

        δ_C = δ_C from the next step + δ_h ⊙ o ⊙ (1 − tanh² C); the blocks of δ_z are δ_C (three times) and δ_h (output
        gate) times factors that no later step influences, so these are computed for all steps at once.
        """
        _, (_, C), padded, (gates, tanh_C) = cache
        W, (dh, dC) = self.params["W"], dstates
        i, f, a, o = gates.transpose(2, 0, 1, 3)  # each (T, m, n)
        factors = gates * (1 - gates)  # σ' = σ (1 − σ)
        factors[:, :, 0] *= a
        factors[:, :, 1] *= C[:-1]
        factors[:, :, 2] = i * (1 - a**2)
        factors[:, :, 3] *= tanh_C
        into_C = o * (1 - tanh_C**2)  # ∂h_t/∂C_t
        keep = f
        if padded is not None:
            factors[padded] = 0
            into_C[padded] = 0
            keep = np.where(padded[:, :, None], 1, f)
        dZ = factors.reshape(len(gates), len(dh), -1)
        for t in reversed(range(len(gates))):
            dh += dH[t]
            dC += dh * into_C[t]
            factors[t, :, :3] *= dC[:, None]
            factors[t, :, 3] *= dh
            dC *= keep[t]
            dh_before = dZ[t] @ W
            if padded is not None:
                dh_before += np.where(padded[t, :, None], dh, 0)
            dh = dh_before
        return dZ, (dh, dC)
