"""What all recurrent layers share: one set of weights, used at every step of a sequence.

Only the recurrence itself has to go step by step. The rest is one large matrix product over all steps: U x_t for every
t before the recurrence, and the gradients of U, W, b and X after it. Inside, arrays are time-major, (T, m, …), so that
one step is one contiguous block.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from dlbook.init import Initializer
from dlbook.layer import Cache, Layer, Params
from dlbook.shapes import Array, as_array, as_numbers, generator, positive_int, same_shape, upstream

Parts: TypeAlias = tuple[Array, ...]
State: TypeAlias = Array | Parts  # RNN: h of shape (m, n); LSTM: the pair (h, C)


class Recurrent(Layer):
    """A layer that reads a sequence step by step and carries a state; z_t = U x_t + W h_{t−1} + b (eq-rnn-forward).

    Sequences of different lengths share a batch: fill the short ones up behind their end with any finite numbers, and
    give ``lengths``. Behind the end the state stays, h_t = h_{t−1}, and the output repeats it, so ``H[:, -1]`` is the
    last state of every sequence. A loss that looks at real steps only, or at the last one, then has the gradients of
    running each sequence alone.

    Attributes:
        parts: what the state consists of, ``("h",)`` or ``("h", "C")``.

    Shapes:
        U (k n, n_in), W (k n, n), b (k n,), where k blocks are stacked; X (m, T, n_in); H (m, T, n).
    """

    parts: tuple[str, ...] = ("h",)

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        blocks: int,
        *,
        rng: np.random.Generator,
        init: Initializer,
        recurrent_init: Initializer,
    ) -> None:
        who = type(self).__name__
        self.n_in = positive_int(who, n_in, "n_in")
        self.n_hidden = n = positive_int(who, n_hidden, "n_hidden")
        generator(who, rng)
        U = [init((n, n_in), n_in, n, rng=rng) for _ in range(blocks)]  # each block starts like a layer of its own
        W = [recurrent_init((n, n), n, n, rng=rng) for _ in range(blocks)]
        same_shape(who, U[0], (n, n_in), "the array that init returns")
        same_shape(who, W[0], (n, n), "the array that recurrent_init returns")
        self.params = {"U": np.concatenate(U), "W": np.concatenate(W), "b": np.zeros(blocks * n)}

    def forward(
        self,
        X: Array,
        rng: np.random.Generator | None = None,
        state: State | None = None,
        lengths: ArrayLike | None = None,
    ) -> tuple[Array, Cache]:
        """Return the hidden states of all steps, H (m, T, n); :meth:`final_state` finds the last state in the cache.

        Args:
            X: m sequences of T steps, (m, T, n_in).
            rng: recurrent layers draw nothing.
            state: the state before the first step, zeros if not given.
            lengths: how many steps of each sequence count, (m,), from 0 to T; all if not given.

        Raises:
            TypeError, ValueError: X, the state or the lengths do not fit.
        """
        X = self._sequences(X)
        m, T, _ = X.shape
        padded = self._padded(lengths, m, T)
        X = np.ascontiguousarray(X.transpose(1, 0, 2), like=X)
        Z = X.reshape(T * m, self.n_in) @ self.params["U"].T
        Z += self.params["b"]
        Z = Z.reshape(T, m, -1)
        states, trace = self._recur(Z, self._unpack("state", state, m, Z.dtype), padded)
        return states[0][1:].transpose(1, 0, 2), (X, states, padded, trace)

    def final_state(self, cache: Cache) -> State:
        """Return a copy of the state after the last step: the next piece of the sequence starts there."""
        return self._pack(tuple(S[-1].copy() for S in cache[1]))

    def states(self, cache: Cache) -> State:
        """Return the state at all times, (m, T + 1, n), the first state at index 0. Views: do not write into them."""
        return self._pack(tuple(S.transpose(1, 0, 2) for S in cache[1]))

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Return ∂J/∂X and the gradients of U, W and b: back-propagation through time (eq-bptt-recursion)."""
        dX, _, grads = self.backward_states(dY, cache)
        return dX, grads

    def backward_states(self, dY: Array, cache: Cache, dstate: State | None = None) -> tuple[Array, State, Params]:
        """Return ∂J/∂X, ∂J/∂(first state) and the gradients; ``dstate`` is ∂J/∂(final state), zeros if not given.

        For sequences that are processed in pieces, and for states that are computed by another layer. The final state
        is an output besides ``H``: its gradient is added to the one that reaches its last step through ``dY``.
        """
        dZ, dstates = self._errors(dY, cache, dstate)
        T, m, _ = dZ.shape
        dX = (dZ.reshape(T * m, -1) @ self.params["U"]).reshape(T, m, self.n_in)
        return dX.transpose(1, 0, 2), self._pack(dstates), self._sums(dZ, cache)

    def param_grads(self, dY: Array, cache: Cache) -> Params:
        """Return the gradients of U, W and b alone."""
        return self._sums(self._errors(dY, cache, None)[0], cache)

    @abstractmethod
    def _recur(self, Z: Array, start: Parts, padded: Array | None) -> tuple[Parts, Cache]:
        """Run through the steps; Z (T, m, k n) holds U x_t + b and may be written to.

        Return each part of the state at all times, (T + 1, m, n) with ``start`` at index 0, and what else
        :meth:`_recur_back` needs.
        """

    @abstractmethod
    def _recur_back(self, dH: Array, dstates: Parts, cache: Cache) -> tuple[Array, Parts]:
        """Run back through the steps; ``dH`` is time-major, ``dstates`` arrives at the final state.

        Return ∂J/∂Z (T, m, k n), zero where padded, and the gradients of the first state.
        """

    def _errors(self, dY: Array, cache: Cache, dstate: State | None) -> tuple[Array, Parts]:
        """Check the upstream gradients and return ∂J/∂Z and the gradients of the first state."""
        X, (H, *_), _, _ = cache
        T, m, _ = X.shape
        dH = upstream(type(self).__name__, dY, (m, T, self.n_hidden)).transpose(1, 0, 2)
        return self._recur_back(dH, self._unpack("dstate", dstate, m, H.dtype), cache)

    def _sums(self, dZ: Array, cache: Cache) -> Params:
        """Sum over all steps: ∂J/∂U = Σ δ_t x_tᵀ, ∂J/∂W = Σ δ_t h_{t−1}ᵀ, ∂J/∂b = Σ δ_t (eq-bptt-gradients)."""
        X, (H, *_), _, _ = cache
        delta = dZ.reshape(-1, dZ.shape[-1])  # (T m, k n)
        before = H[:-1].reshape(-1, self.n_hidden)
        return {"U": delta.T @ X.reshape(-1, self.n_in), "W": delta.T @ before, "b": delta.sum(axis=0)}

    def _sequences(self, X: Array) -> Array:
        who, X = type(self).__name__, as_array(X)
        if X.ndim != 3 or X.shape[-1] != self.n_in:
            hint = ": sequences are rows, their steps the second axis"
            if X.ndim == 2 and X.shape[-1] == self.n_in:
                hint = "; one sequence is a batch of one, use X[None]"
            elif X.ndim == 2 and self.n_in == 1:
                hint = "; one number per step is an axis of length 1, use X[..., None]"
            raise ValueError(f"{who} expects X of shape (m, T, {self.n_in}), got {X.shape}{hint}")
        return as_numbers(who, X)

    def _padded(self, lengths: ArrayLike | None, m: int, T: int) -> Array | None:
        """Return where a sequence has ended, (T, m), or None if all have T steps."""
        if lengths is None:
            return None
        who, steps = type(self).__name__, np.asarray(lengths)
        if steps.dtype.kind not in "iu":
            raise TypeError(f"{who} expects lengths as whole numbers, got {steps.dtype}")
        same_shape(who, steps, (m,), "lengths")
        if steps.min() < 0 or steps.max() > T:
            raise ValueError(
                f"{who} expects lengths from 0 to {T}, the number of steps in X, got {steps.min()} to {steps.max()}"
            )
        padded: Array = np.arange(T)[:, None] >= steps
        return padded if padded.any() else None

    def _unpack(self, name: str, state: State | None, m: int, dtype: np.dtype[np.floating]) -> Parts:
        """Return a new array for each part of the state."""
        who, shape = type(self).__name__, (m, self.n_hidden)
        if state is None:
            return tuple(np.zeros(shape, dtype) for _ in self.parts)
        given = state if isinstance(state, tuple | list) else (state,)
        if len(given) != len(self.parts):
            wanted = f"the pair ({', '.join(self.parts)})" if len(self.parts) > 1 else "one array h"
            raise TypeError(f"{who} expects {name} as {wanted} of shape {shape}, got {len(given)} array(s)")
        for part, value in zip(self.parts, given, strict=True):
            same_shape(who, as_numbers(who, value, f"{part} of {name}"), shape, f"{part} of {name}")
        return tuple(as_array(value).astype(dtype) for value in given)

    def _pack(self, states: Parts) -> State:
        return states if len(self.parts) > 1 else states[0]
