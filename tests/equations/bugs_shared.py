"""Bugs for the equations of chapter 15: work that is shared out wrongly."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import LSTM, Adam, Dense, parallel

correct = parallel.sharded_gradient


def first_shard_only(model: Any, loss: Any, X: Any, y: Any, parts: Any, rng: Any = None) -> Any:
    """Only the first shard counts."""
    return correct(model, loss, X, y, parts[:1])


def sum_of_means(model: Any, loss: Any, X: Any, y: Any, parts: Any, rng: Any = None) -> Any:
    """The workers' means are added up."""
    J, grads = correct(model, loss, X, y, parts)
    return J, {name: (1 + len(parts)) * g for name, g in grads.items()}


def second_moment_only(self: Adam, params: Any, grads: Any) -> None:
    """The first moment is not kept."""
    for name, g in grads.items():
        self._memory("v", name, params[name])[...] = g**2


def no_bias(self: Dense, X: Any, rng: Any = None) -> Any:
    """The bias is left out."""
    return X @ self.params["W"].T, X


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-shard-mean": (parallel, "sharded_gradient", first_shard_only),
    "eq-data-parallel": (parallel, "sharded_gradient", sum_of_means),
    "eq-ring-traffic": (parallel, "ring_traffic", lambda n, p: n * (p - 1) / p),
    "eq-amdahl": (parallel, "amdahl", lambda p, serial: np.asarray(1 / (serial + (1 - serial) * p))),
    "eq-step-time": (parallel, "step_time", lambda p, t, n, B, delay=0.0: t / p + 8 * n / B + 2 * p * delay),
    "eq-best-workers": (parallel, "step_time", lambda p, t, n, B, delay=0.0: t / p + p * delay / 2),
    "eq-roofline": (parallel, "roofline", lambda F, Q, R, B: F / R + Q / B),
    "eq-pipeline-bubble": (parallel, "pipeline_bubble", lambda p, q: (p - 1) / q),
    "eq-training-memory": (Adam, "_update", second_moment_only),
    "eq-split-outputs": (Dense, "forward", no_bias),
    "eq-split-inputs": (Dense, "forward", no_bias),
    "eq-two-biases": (LSTM, "param_grads", lambda self, dY, cache: {"b": np.ones(4 * self.n_hidden)}),
}
