"""Bugs for the equations of chapter 10: what goes wrong in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dlbook import RNN, Dense, Sequential, SoftmaxCrossEntropy, bptt
from dlbook.clipping import clip_norm
from dlbook.train import Step
from dlbook.unrolled import Recurrent

recur = RNN._recur


def without_bias(self: RNN, Z: Any, start: Any, padded: Any) -> Any:
    """What comes in loses its bias."""
    return recur(self, Z - self.params["b"], start, padded)


def zero_first_state(self: RNN, Z: Any, start: Any, padded: Any) -> Any:
    """The first state that is given is not used."""
    return recur(self, Z, tuple(np.zeros_like(part) for part in start), padded)


def no_past(self: RNN, dH: Any, dstates: Any, cache: Any) -> Any:
    """Nothing comes from the step behind."""
    return (1 - cache[1][0][1:] ** 2) * dH, dstates


def slope_behind(self: RNN, dH: Any, dstates: Any, cache: Any) -> Any:
    """The slope behind W, as source 000 prints it."""
    slope, dh = 1 - cache[1][0][1:] ** 2, dstates[0]
    dZ = np.empty_like(slope)
    for t in reversed(range(len(dZ))):
        dh = dh + dH[t]
        dZ[t] = slope[t] * dh
        dh = (dh @ self.params["W"]) * slope[t]
    return dZ, (dh,)


def state_after(self: Recurrent, dZ: Any, cache: Any) -> Any:
    """The gradient of W pairs δ_t with h_t in place of h_{t−1}."""
    X, (H, *_), _, _ = cache
    delta = dZ.reshape(-1, dZ.shape[-1])
    after = H[1:].reshape(len(delta), -1)
    return {"U": delta.T @ X.reshape(len(delta), -1), "W": delta.T @ after, "b": delta.sum(axis=0)}


def no_transpose(self: Recurrent, dY: Any, cache: Any, dstate: Any = None) -> Any:
    """Nothing reaches the inputs as it should: twice the right gradient."""
    dZ, dstates = self._errors(dY, cache, dstate)
    dX = 2 * dZ @ self.params["U"]
    return dX.transpose(1, 0, 2), self._pack(dstates), self._sums(dZ, cache)


def mean_over_the_steps(self: Dense, dY: Any, X: Any) -> Any:
    """The gradient of V divided by the number of steps, a second time."""
    W = np.einsum("mto,mtn->on", dY, X) / X.shape[1]
    return dY @ self.params["W"], {"W": W, "b": dY.sum(axis=(0, 1))}


def each_alone(grads: Any, limit: float) -> Any:
    """Every array is clipped for itself."""
    return {name: clip_norm({name: g}, limit)[name] for name, g in grads.items()}


def forgets_the_state(*arguments: Any) -> Iterator[Step]:
    """Every chunk starts from zero."""
    model, loss, optimizer, X, y, chunk, _, _ = arguments
    for start in range(0, X.shape[1], chunk):
        now = slice(start, start + chunk)
        Y, cache, _ = bptt.forward_states(model, X[:, now])
        J, loss_cache = loss.forward(Y, y[:, now])
        optimizer.step(model.params, model.param_grads(loss.backward(loss_cache), cache))
        yield Step(1, start, J)


def over_sequences_alone(self: SoftmaxCrossEntropy, Z: Any, y: Any) -> Any:
    """The sum over the steps in place of the mean."""
    p = np.exp(Z) / np.exp(Z).sum(axis=-1, keepdims=True)
    return float(-np.log(np.take_along_axis(p, y[..., None], axis=-1)).sum()) / len(Z), None


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-rnn-forward": (RNN, "_recur", without_bias),
    "eq-rnn-batch": (RNN, "_recur", zero_first_state),
    "eq-rnn-output": (Dense, "forward", lambda self, X, rng=None: (X @ self.params["W"].T, X)),
    "eq-rnn-loss": (SoftmaxCrossEntropy, "forward", over_sequences_alone),
    "eq-rnn-parameters": (Sequential, "n_params", property(lambda self: 1 + sum(p.size for p in self.params.values()))),
    "eq-bptt-output": (SoftmaxCrossEntropy, "backward", lambda self, cache: cache[0] - cache[1]),
    "eq-bptt-output-gradients": (Dense, "backward", mean_over_the_steps),
    "eq-bptt-recursion": (RNN, "_recur_back", no_past),
    "eq-bptt-gradients": (Recurrent, "_sums", state_after),
    "eq-bptt-inputs": (Recurrent, "backward_states", no_transpose),
    "eq-bptt-paths": (RNN, "_recur_back", slope_behind),
    "eq-rnn-jacobian-product": (RNN, "_recur_back", slope_behind),
    "eq-clip-norm": ("dlbook.clip_norm", None, each_alone),
    "eq-clip-value": ("dlbook.clip_value", None, clip_norm),
    "eq-tbptt": (bptt, "_chunks", forgets_the_state),
    "eq-rnn-lengths": (Recurrent, "_padded", lambda self, lengths, m, T: None),
    "eq-autoregression": (Dense, "forward", lambda self, X, rng=None: (X @ self.params["W"].T, X)),
}
