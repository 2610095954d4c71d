"""Optimizers: from gradients to better parameters.

``step(params, grads)`` changes the parameters in place. What an optimizer remembers between steps lives in its
``state``, keyed like the parameters, so that a run can be saved and resumed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from dlbook.layer import Params
from dlbook.shapes import positive, same_shape


class Optimizer(ABC):
    """A rule that turns gradients into steps.

    Attributes:
        state: arrays that the rule remembers, ``{}`` for plain gradient descent.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = positive(type(self).__name__, learning_rate, "learning_rate")
        self.state: Params = {}

    def step(self, params: Params, grads: Params) -> None:
        """Change ``params`` in place, once.

        Raises:
            ValueError: a parameter has no gradient, a gradient no parameter, or their shapes differ.
        """
        who = type(self).__name__
        if params.keys() != grads.keys():
            raise ValueError(
                f"{who} expects one gradient per parameter, "
                f"got parameters {sorted(params)} and gradients {sorted(grads)}"
            )
        for name, g in grads.items():
            same_shape(who, g, params[name].shape, f"gradient {name!r}")
        self._update(params, grads)

    @abstractmethod
    def _update(self, params: Params, grads: Params) -> None:
        """Apply the rule itself."""


class SGD(Optimizer):
    """Gradient descent, θ ← θ − α ∂J/∂θ (eq-gradient-descent).

    Whether it is batch, mini-batch or stochastic gradient descent is decided by how many examples the gradient
    was averaged over, not here: see :func:`dlbook.train.fit`.
    """

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            params[name] -= self.learning_rate * g
