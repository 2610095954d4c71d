"""Adaptive optimizers: every parameter has a learning rate of its own, from the gradients it has seen.

All of them divide by the root of summed or averaged squares, so that a gradient ten times larger does not make a step
ten times larger. The ε in the denominator stands outside the root, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from dlbook.layer import Params
from dlbook.optim import Optimizer
from dlbook.shapes import fraction, not_negative, positive


class Adagrad(Optimizer):
    """n ← n + g², θ ← θ − α g / (√n + ε) (eq-adagrad; Duchi et al. 2011).

    The sum only grows, so the steps shrink like 1/√t.
    """

    def __init__(self, learning_rate: float, eps: float = 1e-10) -> None:
        super().__init__(learning_rate)
        self.eps = positive("Adagrad", eps, "eps")

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            n = self._memory("n", name, params[name])
            n += g**2
            params[name] -= self.learning_rate * g / (np.sqrt(n) + self.eps)


class RMSProp(Optimizer):
    """v ← ρ v + (1 − ρ) g², θ ← θ − α g / (√v + ε) (eq-rmsprop; Tieleman and Hinton 2012).

    Adagrad that forgets: the mean reaches back over about 1 / (1 − ρ) steps.
    """

    def __init__(self, learning_rate: float, rho: float = 0.99, eps: float = 1e-8) -> None:
        super().__init__(learning_rate)
        self.rho = fraction("RMSProp", rho, "rho")
        self.eps = positive("RMSProp", eps, "eps")

    def _update(self, params: Params, grads: Params) -> None:
        for name, g in grads.items():
            v = self._memory("v", name, params[name])
            v *= self.rho
            v += (1 - self.rho) * g**2
            params[name] -= self.learning_rate * g / (np.sqrt(v) + self.eps)


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − α m̂ / (√v̂ + ε) (eq-adam; Kingma and Ba 2015).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo that both means start at zero; t counts the steps.
    """

    def __init__(self, learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        super().__init__(learning_rate)
        self.beta1 = fraction("Adam", beta1, "beta1")
        self.beta2 = fraction("Adam", beta2, "beta2")
        self.eps = positive("Adam", eps, "eps")

    def _update(self, params: Params, grads: Params) -> None:
        t = int(self.state.get("t", 0)) + 1
        self.state["t"] = np.array(t)
        for name, g in grads.items():
            m, v = self._memory("m", name, params[name]), self._memory("v", name, params[name])
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g**2
            params[name] -= (
                self.learning_rate * (m / (1 - self.beta1**t)) / (np.sqrt(v / (1 - self.beta2**t)) + self.eps)
            )


class FTRL(Optimizer):
    """Follow the regularized leader, proximal, per coordinate (eq-ftrl; McMahan et al. 2013, algorithm 1).

    z ← z + α g − (√(n + g²) − √n) θ, n ← n + g², and then θ is where all gradients so far, the distance to all
    earlier θ, and both penalties together are smallest: 0 where |z| ≤ α λ₁, else
    −(z − sign(z) α λ₁) / (β + √n + α λ₂).

    λ₁ gives exact zeros. Without penalties it is Adagrad with ε = β. The paper starts at θ = 0; here z starts at
    −β θ, so that β holds θ at its start, and z is α times the paper's, so that a schedule may change α. Both
    penalties reach all parameters, biases too. Each step finds θ anew from z and n: what a constraint such as
    ``MaxNorm`` has done to θ is lost.
    """

    def __init__(self, learning_rate: float, *, beta: float = 1.0, l1: float = 0.0, l2: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.beta = positive("FTRL", beta, "beta")
        self.l1 = not_negative("FTRL", l1, "l1")
        self.l2 = not_negative("FTRL", l2, "l2")

    def _update(self, params: Params, grads: Params) -> None:
        force = self.learning_rate * self.l1
        for name, g in grads.items():
            theta = params[name]
            if f"z.{name}" not in self.state:
                self.state[f"z.{name}"] = np.asarray(-self.beta * theta)  # an array even where θ is a single number
            z, n = self._memory("z", name, theta), self._memory("n", name, theta)
            z += self.learning_rate * g - (np.sqrt(n + g**2) - np.sqrt(n)) * theta
            n += g**2
            theta[...] = (np.clip(z, -force, force) - z) / (self.beta + np.sqrt(n) + self.learning_rate * self.l2)
