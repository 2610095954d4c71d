"""Bugs for the equations of chapter 5: what initializers, optimizers, schedules and the tape get wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook import FTRL, Adagrad, Adam, Momentum, Nesterov, RMSProp

ftrl = FTRL._update


def damped(self: Momentum, params: Any, grads: Any) -> None:
    """A running mean in place of the sum."""
    for name, g in grads.items():
        v = self._memory("v", name, params[name])
        v[...] = self.momentum * v + (1 - self.momentum) * g
        params[name] -= self.learning_rate * v


def behind(self: Nesterov, params: Any, grads: Any) -> None:
    """Plain momentum."""
    for name, g in grads.items():
        v = self._memory("v", name, params[name])
        v[...] = self.momentum * v + g
        params[name] -= self.learning_rate * v


def epsilon_inside(symbol: str, new: Callable[[Any, Any, Any], Any]) -> Callable[..., None]:
    """Return a rule with ε under the root."""

    def update(self: Any, params: Any, grads: Any) -> None:
        for name, g in grads.items():
            v = self._memory(symbol, name, params[name])
            v[...] = new(self, v, g)
            params[name] -= self.learning_rate * g / np.sqrt(v + self.eps)

    return update


def without_hats(self: Adam, params: Any, grads: Any) -> None:
    """The bias correction is forgotten."""
    for name, g in grads.items():
        m, v = self._memory("m", name, params[name]), self._memory("v", name, params[name])
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        params[name] -= self.learning_rate * m / (np.sqrt(v) + self.eps)


def means_as_sums(self: Adam, params: Any, grads: Any) -> None:
    """Neither mean weighs the new number."""
    for name, g in grads.items():
        m, v = self._memory("m", name, params[name]), self._memory("v", name, params[name])
        m[...] = self.beta1 * m + g
        v[...] = self.beta2 * v + g**2


def without_memory_of_the_start(self: FTRL, params: Any, grads: Any) -> None:
    """As in the paper: z starts at 0, wherever θ does."""
    for name in grads:
        self.state.setdefault(f"z.{name}", np.zeros_like(params[name]))
    ftrl(self, params, grads)


def one_user(y: Any, xs: Any, dY: Any = None) -> list[Any]:
    """The last user of a value overwrites the others."""
    from dlbook.tape import topological_order

    bars = {y.node: np.ones_like(y.value)}
    for node in topological_order(y.node):
        for parent, back in node.parents:
            bars[parent] = back(bars[node])
    return [bars.get(x.node, np.zeros_like(x.value)) for x in xs]


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-he": ("dlbook.init.he_normal", None, lambda shape, i, o, rng: rng.normal(scale=np.sqrt(1 / i), size=shape)),
    "eq-glorot": (
        "dlbook.init.glorot_uniform",
        None,
        lambda shape, i, o, rng: rng.uniform(-1, 1, size=shape) * np.sqrt(2 / (i + o)),
    ),
    "eq-truncated-spread": (
        "dlbook.init.truncated_normal",
        None,
        lambda s: lambda shape, i, o, rng: np.clip(rng.normal(scale=s, size=shape), -2 * s, 2 * s),
    ),
    "eq-momentum": (Momentum, "_update", damped),
    "eq-nesterov": (Nesterov, "_update", behind),
    "eq-nesterov-lookahead": (Nesterov, "_update", behind),
    "eq-adagrad": (Adagrad, "_update", epsilon_inside("n", lambda self, n, g: n + g**2)),
    "eq-rmsprop": (RMSProp, "_update", epsilon_inside("v", lambda self, v, g: self.rho * v + (1 - self.rho) * g**2)),
    "eq-adam": (Adam, "_update", without_hats),
    "eq-adam-bias": (Adam, "_update", means_as_sums),
    "eq-ftrl": (FTRL, "_update", without_memory_of_the_start),
    "eq-ftrl-argmin": (FTRL, "_update", without_memory_of_the_start),
    "eq-step-decay": ("dlbook.schedules.step_decay", None, lambda t, s, gamma: gamma ** (t / s)),
    "eq-cosine-decay": ("dlbook.schedules.cosine_decay", None, lambda t, T: np.cos(np.pi * min(t / T, 1) / 2)),
    "eq-warm-up": ("dlbook.schedules.warm_up", None, lambda t, T: min(1, t / T)),
    "eq-path-sum": ("dlbook.tape.gradients", None, one_user),
    "eq-reverse-sweep": ("dlbook.tape.gradients", None, one_user),
    "eq-unbroadcast": ("dlbook.tape.gradients", None, lambda y, xs, dY: [np.mean(dY, axis=0).reshape(xs[0].shape)]),
}
