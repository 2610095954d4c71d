"""Keeping weights small: penalties that are added to the loss, and a constraint that is enforced after every step.

Both look at weights only, the parameters called W or U. A bias moves the threshold of one unit and multiplies no
input; pulling it towards zero would only shift the output.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from dlbook.layer import Params
from dlbook.shapes import not_negative, positive


def weights(params: Params) -> Params:
    """Return the weights among ``params``: those whose name, or its last part, is W or U.

    An array that several layers share is one weight matrix: it appears once, under its first name.
    """
    named = {name: p for name, p in params.items() if name.rsplit(".", 1)[-1] in ("W", "U")}
    first = {id(p): name for name, p in reversed(named.items())}
    return {name: p for name, p in named.items() if first[id(p)] == name}


class Penalty(ABC):
    """A price R(W) for the weights: training minimizes J + R. Two penalties add up: ``L1(0.001) + L2(0.01)``."""

    @abstractmethod
    def value(self, params: Params) -> float:
        """Return R, summed over all weights."""

    @abstractmethod
    def grads(self, params: Params) -> Params:
        """Return ∂R/∂θ for every parameter, of its shape: zeros where it is no weight."""

    def __add__(self, other: Penalty) -> Penalty:
        """Return the penalty R₁ + R₂."""
        return _Sum(self, other) if isinstance(other, Penalty) else NotImplemented


class L2(Penalty):
    """R = λ/2 Σ w² (eq-l2-penalty), which shrinks each weight in proportion to its size.

    With plain gradient descent this is weight decay, W ← (1 − αλ) W − α ∂J/∂W (eq-weight-decay). λ stands beside a
    loss that is a *mean* over examples. Texts that write λ/2m put the 1/m before both terms: their λ is m times this.
    """

    def __init__(self, strength: float) -> None:
        self.strength = not_negative("L2", strength, "strength")

    def value(self, params: Params) -> float:
        """Return λ/2 Σ w²."""
        R: float = sum((W**2).sum().item() for W in weights(params).values())
        return 0.5 * self.strength * R

    def grads(self, params: Params) -> Params:
        """Return λ w for every weight."""
        W = weights(params)
        return {name: self.strength * p if name in W else np.zeros_like(p) for name, p in params.items()}


class L1(Penalty):
    """R = λ Σ |w| (eq-l1-penalty), which pulls every weight towards zero with the same force, small ones too.

    The derivative at w = 0 is taken as 0. Gradient descent with step α does not stop at zero but jumps across it:
    weights that nothing else pulls at end within αλ of zero, not at it.
    """

    def __init__(self, strength: float) -> None:
        self.strength = not_negative("L1", strength, "strength")

    def value(self, params: Params) -> float:
        """Return λ Σ |w|."""
        R: float = sum(np.abs(W).sum().item() for W in weights(params).values())
        return self.strength * R

    def grads(self, params: Params) -> Params:
        """Return λ sign(w) for every weight."""
        W = weights(params)
        return {name: self.strength * np.sign(p) if name in W else np.zeros_like(p) for name, p in params.items()}


class _Sum(Penalty):
    """The sum of two penalties; L1 + L2 is the elastic net (Zou and Hastie 2005)."""

    def __init__(self, one: Penalty, other: Penalty) -> None:
        self.one, self.other = one, other

    def value(self, params: Params) -> float:
        return self.one.value(params) + self.other.value(params)

    def grads(self, params: Params) -> Params:
        one, other = self.one.grads(params), self.other.grads(params)
        return {name: one[name] + other[name] for name in params}


class Constraint(ABC):
    """A set that the parameters must not leave; training projects them back after every step."""

    @abstractmethod
    def project(self, params: Params) -> None:
        """Move the parameters to the nearest point of the set, in place."""


class MaxNorm(Constraint):
    """‖w‖ ≤ c for the incoming weights w of each unit: w ← w · min(1, c / ‖w‖) (eq-max-norm; Srivastava et al. 2014).

    The incoming weights of a unit are a row of W, over its last axis; those of a filter of a convolution, whose W has
    the shape (c_out, c_in, k, k), are the whole filter. A recurrent layer's U and W are bounded one by one.
    """

    def __init__(self, radius: float) -> None:
        self.radius = positive("MaxNorm", radius, "radius")

    def project(self, params: Params) -> None:
        """Scale every vector that is too long back to length c; the others keep their bits."""
        for W in weights(params).values():
            axes = (-3, -2, -1) if W.ndim == 4 else -1
            norm = np.sqrt((W**2).sum(axis=axes, keepdims=True))
            W *= self.radius / np.maximum(norm, self.radius)
