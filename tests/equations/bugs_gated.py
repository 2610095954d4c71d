"""Bugs for the equations of chapter 11: what goes wrong behind gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook import LSTM, Dense
from dlbook.unrolled import Recurrent

recur, recur_back, errors = LSTM._recur, LSTM._recur_back, Recurrent._errors


def cell(
    *,
    order: tuple[int, ...] = (0, 1, 2, 3),
    new: Callable[[Any, Any, Any, Any], Any] = lambda i, f, a, C: f * C + i * a,
    shown: Callable[[Any], Any] = np.tanh,
) -> Callable[..., Any]:
    """Return the forward recurrence with one thing done in another way."""

    def _recur(self: LSTM, Z: Any, start: Any, padded: Any) -> Any:
        T, m, _ = Z.shape
        H, C = [start[0]], [start[1]]
        gates, tanh_C = np.empty((T, m, 4, self.n_hidden)), np.empty((T, m, self.n_hidden))
        for t in range(T):
            z = (Z[t] + H[t] @ self.params["W"].T).reshape(m, 4, -1)[:, order]
            gates[t] = 1 / (1 + np.exp(-z))
            gates[t, :, 2] = np.tanh(z[:, 2])
            i, f, a, o = gates[t].transpose(1, 0, 2)
            C.append(new(i, f, a, C[t]))
            tanh_C[t] = shown(C[-1])
            H.append(o * tanh_C[t])
        return (np.array(H), np.array(C)), (gates, tanh_C)

    return _recur


def way_back(
    *,
    carry: Callable[[Any, Any, Any], Any] = lambda dC, f, dz: dC * f,
    through: Callable[[Any, Any, int], Any] = lambda dz, W, n: dz @ W,
    made: Callable[[list[Any]], list[Any]] = lambda blocks: blocks,
) -> Callable[..., Any]:
    """Return the backward recurrence with one thing done in another way."""

    def _recur_back(self: LSTM, dH: Any, dstates: Any, cache: Any) -> Any:
        _, (_, C), _, (gates, tanh_C) = cache
        (dh, dC), n = dstates, self.n_hidden
        dZ = np.empty((len(dH), dH.shape[1], 4 * n))
        for t in reversed(range(len(dH))):
            i, f, a, o = gates[t].transpose(1, 0, 2)
            dh = dh + dH[t]
            dC = dC + dh * o * (1 - tanh_C[t] ** 2)
            blocks = [dC * a * i * (1 - i), dC * C[t] * f * (1 - f), dC * i * (1 - a**2), dh * tanh_C[t] * o * (1 - o)]
            dZ[t] = np.hstack(made(blocks))
            dC = carry(dC, f, dZ[t])
            dh = through(dZ[t], self.params["W"], n)
        return dZ, (dh, dC)

    return _recur_back


def without_first_cell(self: LSTM, Z: Any, start: Any, padded: Any) -> Any:
    """The first cell state that is given is not used."""
    return recur(self, Z, (start[0], np.zeros_like(start[1])), padded)


def one_step_too_many(self: LSTM, dH: Any, dstates: Any, cache: Any) -> Any:
    """The error of the first cell state without the forget gate of step 1."""
    dZ, (dh, dC) = recur_back(self, dH, dstates, cache)
    return dZ, (dh, dC / cache[3][0][0, :, 1])


def last_step_only(self: Recurrent, dZ: Any, cache: Any) -> Any:
    """The sum over time is lost, as source 000 prints it."""
    X, (H, *_), _, _ = cache
    return {"U": dZ[-1].T @ X[-1], "W": dZ[-1].T @ H[-2], "b": dZ[-1].sum(axis=0)}


def inputs_of_one_gate(self: Recurrent, dY: Any, cache: Any, dstate: Any = None) -> Any:
    """Only the input gate's block reaches the inputs."""
    dZ, dstates = errors(self, dY, cache, dstate)
    n = self.n_hidden
    dX = dZ[..., :n] @ self.params["U"][:n]
    return dX.transpose(1, 0, 2), self._pack(dstates), self._sums(dZ, cache)


def twice_the_candidate(blocks: list[Any]) -> list[Any]:
    """Twice the candidate's error."""
    return [*blocks[:2], 2 * blocks[2], blocks[3]]


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-lstm-gates": (LSTM, "_recur", cell(order=(1, 0, 2, 3))),
    "eq-lstm-stacked": (LSTM, "_recur", cell(order=(0, 1, 3, 2))),
    "eq-lstm-cell": (LSTM, "_recur", cell(new=lambda i, f, a, C: (1 - f) * C + i * a)),
    "eq-lstm-hidden": (LSTM, "_recur", cell(shown=lambda C: C)),
    "eq-lstm-memory": (LSTM, "_recur", without_first_cell),
    "eq-lstm-parameters": (LSTM, "n_params", property(lambda self: self.params["U"].size + self.params["W"].size)),
    "eq-lstm-deltas": (LSTM, "_recur_back", way_back(carry=lambda dC, f, dz: dC)),
    "eq-lstm-delta-c": (LSTM, "_recur_back", way_back(carry=lambda dC, f, dz: dC * (1 - f))),
    "eq-lstm-delta-gates": (LSTM, "_recur_back", way_back(made=twice_the_candidate)),
    "eq-lstm-delta-h": (
        LSTM,
        "_recur_back",
        way_back(through=lambda dz, W, n: dz[:, 2 * n : 3 * n] @ W[2 * n : 3 * n]),
    ),
    "eq-lstm-gradients": (Recurrent, "_sums", last_step_only),
    "eq-lstm-delta-x": (Recurrent, "backward_states", inputs_of_one_gate),
    "eq-lstm-first-states": (LSTM, "_recur_back", one_step_too_many),
    "eq-lstm-cell-jacobian": (LSTM, "_recur", cell(new=lambda i, f, a, C: f * np.tanh(C) + i * a)),
    "eq-lstm-half-life": (LSTM, "_recur", cell(new=lambda i, f, a, C: (1 - f) * C + i * a)),
    "eq-lstm-bias-for-memory": (LSTM, "_recur", cell(new=lambda i, f, a, C: i * C + f * a)),
    "eq-temperature": ("dlbook.softmax", None, lambda z: np.exp(z) / np.exp(z).max()),
    "eq-lstm-peephole": (LSTM, "_recur", cell(shown=lambda C: C)),
    "eq-gru-gates": (Dense, "forward", lambda self, X, rng=None: (X @ self.params["W"].T, X)),
    "eq-gru-hidden": (Dense, "forward", lambda self, X, rng=None: (X @ self.params["W"].T, X)),
}
