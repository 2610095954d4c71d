"""The restricted Boltzmann machine with binary units."""

from __future__ import annotations

import numpy as np

from dlbook.binary_units import bernoulli, logistic_in_place, softplus_sum
from dlbook.restricted import RestrictedMachine
from dlbook.shapes import Array, generator


class BernoulliRBM(RestrictedMachine):
    """P(v, h) = e^{−E(v, h)} / Z with E(v, h) = −aᵀv − bᵀh − hᵀ W v (eq-rbm-energy; Smolensky 1986, Hinton 2002).

    All units are 0 or 1. Numbers between, such as grey pixels, are taken for probabilities that a unit is on.

    Args:
        n_visible: visible units.
        n_hidden: hidden units.
        rng: source of the initial weights.
        init: how W starts, N(0, 0.01²) as Hinton (2010) advises; the biases a and b start at zero.

    Shapes:
        W (n_hidden, n_visible), a (n_visible,), b (n_hidden,); v (m, n_visible); h (m, n_hidden).
    """

    def checked(self, v: Array) -> Array:
        """Return v if it is a batch of numbers from 0 to 1, else raise a sentence."""
        v = super().checked(v)
        low, high = v.min(), v.max()
        if low < 0 or high > 1:
            raise ValueError(
                f"BernoulliRBM expects v from 0 to 1, got numbers from {low:g} to {high:g}: scale them, "
                f"or use a GaussianBernoulliRBM for continuous data"
            )
        return v

    def visible_energy(self, v: Array) -> Array:
        """Return −aᵀv of each example, (m,)."""
        return np.asarray(-(v @ self.params["a"]))

    def _visible_sum(self, h: Array) -> Array:
        z: Array = self._checked_hidden(h) @ self.params["W"]
        z += self.params["a"]
        return z

    def visible_mean(self, h: Array) -> Array:
        """Return P(v_i = 1 | h) = σ(a_i + Σ_j h_j W_ji), (m, n_visible) (eq-rbm-visible)."""
        return logistic_in_place(self._visible_sum(h))

    def sample_visible(self, h: Array, *, rng: np.random.Generator) -> Array:
        """Draw v given h, (m, n_visible), zeros and ones."""
        return bernoulli(self.visible_mean(h), generator("BernoulliRBM", rng))

    def hidden_free_energy(self, h: Array) -> Array:
        """Return −ln Σ_v e^{−E(v, h)} = −bᵀh − Σ_i ln(1 + e^{a_i + Σ_j h_j W_ji}), (m,)."""
        return np.asarray(-(h @ self.params["b"]) - softplus_sum(self._visible_sum(h)))
