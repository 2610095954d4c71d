"""Optimizers: from gradients to better parameters.

``step(params, grads)`` changes the parameters in place. What an optimizer remembers between steps lives in its
``state``, keyed like the parameters, so that a run can be saved and resumed. Here are the rules with one learning
rate for all parameters; :mod:`dlbook.adaptive` has those that give every parameter its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from dlbook.layer import Params
from dlbook.shapes import Array, fraction, not_negative, positive, same_shape


class Optimizer(ABC):
    """A rule that turns gradients into steps.

    Attributes:
        state: arrays that the rule remembers under keys such as ``"v.0.W"``, ``{}`` for plain gradient descent.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = positive(type(self).__name__, learning_rate, "learning_rate")
        self.state: Params = {}

    @property
    def rule(self) -> str:
        """The kind of optimizer, as a snapshot names it."""
        return type(self).__name__

    @property
    def learning_rate(self) -> float:
        """α, a plain float whatever a schedule assigns: float32 parameters stay as fast, and a resumed run the same."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = not_negative(type(self).__name__, value, "learning_rate")

    def step(self, params: Params, grads: Params) -> None:
        """Change ``params`` in place, once.

        A parameter that several layers share has several gradients: the rule sees their sum.

        Raises:
            ValueError: a parameter has no gradient, a gradient no parameter, or their shapes differ.
            TypeError: a parameter is no array of floating-point numbers, which alone can be changed in place.
        """
        who = type(self).__name__
        if params.keys() != grads.keys():
            raise ValueError(
                f"{who} expects one gradient per parameter, "
                f"got parameters {sorted(params)} and gradients {sorted(grads)}"
            )
        first: dict[int, str] = {}  # where each array stands first
        total: Params = {}
        for name, g in grads.items():
            theta, g = params[name], np.asarray(g)
            if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
                kind = theta.dtype if isinstance(theta, np.ndarray) else type(theta).__name__
                raise TypeError(f"{who} changes arrays of floats in place, got {name!r} as {kind}: use np.array(…)")
            same_shape(who, g, theta.shape, f"gradient {name!r}")
            name = first.setdefault(id(theta), name)
            total[name] = total[name] + g if name in total else g
        self._update({name: params[name] for name in total}, total)

    @abstractmethod
    def _update(self, params: Params, grads: Params) -> None:
        """Apply the rule itself, in place; each array stands under one name."""

    def _memory(self, symbol: str, name: str, like: Array) -> Array:
        """Return what the rule remembers as ``symbol`` for a parameter; zeros at first."""
        key = f"{symbol}.{name}"
        if key not in self.state:
            self.state[key] = np.zeros_like(like)
        same_shape(f"{type(self).__name__}, which remembers another model,", like, self.state[key].shape, name)
        return self.state[key]


class SGD(Optimizer):
    """Gradient descent, θ ← θ − α ∂J/∂θ (eq-gradient-descent).

    Whether it is batch, mini-batch or stochastic gradient descent is decided by how many examples the gradient
    was averaged over, not here: see :func:`dlbook.train.fit`.
    """

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            params[name] -= self.learning_rate * g


class Momentum(Optimizer):
    """Gradient descent with momentum: v ← μ v + g, θ ← θ − α v (eq-momentum; Polyak 1964).

    A gradient that stays the same is followed with α / (1 − μ), one that flips its sign from step to step with
    α / (1 + μ).
    """

    def __init__(self, learning_rate: float, momentum: float = 0.9) -> None:
        super().__init__(learning_rate)
        self.momentum = fraction(type(self).__name__, momentum, "momentum")

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            v = self._memory("v", name, params[name])
            v *= self.momentum
            v += g
            params[name] -= self.learning_rate * v


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← μ v + g, θ ← θ − α (g + μ v) (eq-nesterov; Nesterov 1983, Sutskever et al. 2013).

    Nesterov takes the gradient where the momentum is about to carry the parameters. Here θ is that point already, so
    that the gradient is an ordinary one; this is PyTorch's form too.
    """

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            v = self._memory("v", name, params[name])
            v *= self.momentum
            v += g
            params[name] -= self.learning_rate * (g + self.momentum * v)
