"""The restricted Boltzmann machine for continuous data."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from dlbook.init import Initializer
from dlbook.restricted import SMALL, RestrictedMachine
from dlbook.shapes import Array, generator, same_shape
from dlbook.states import binary_states, log_sum_exp


class GaussianBernoulliRBM(RestrictedMachine):
    """Continuous visible, binary hidden units (Hinton and Salakhutdinov 2006).

    E(v, h) = Σ_i (v_i − a_i)² / 2σ_i² − bᵀh − hᵀ W (v / σ) (eq-gaussian-energy, the form of Hinton 2010). Given h, each
    v_i is normal with standard deviation σ_i; p(v) is a mixture of 2^n_hidden such clouds (eq-gaussian-mixture).

    Args:
        n_visible: visible units.
        n_hidden: hidden units.
        rng: source of the initial weights.
        sigma: σ, one number or one per visible unit. It is not learned: scale each column of the data to standard
            deviation 1, and leave it at 1 or below.
        init: how W starts; the biases a and b start at zero.

    Shapes:
        W (n_hidden, n_visible), a (n_visible,), b (n_hidden,); v (m, n_visible); h (m, n_hidden).
    """

    def __init__(
        self,
        n_visible: int,
        n_hidden: int,
        *,
        rng: np.random.Generator,
        sigma: ArrayLike = 1.0,
        init: Initializer = SMALL,
    ) -> None:
        super().__init__(n_visible, n_hidden, rng=rng, init=init)
        sigma = np.asarray(sigma, dtype=float)
        if not (np.isfinite(sigma).all() and (sigma > 0).all()):
            raise ValueError(f"GaussianBernoulliRBM expects sigma > 0, standard deviations, got {sigma}")
        if sigma.ndim:
            same_shape("GaussianBernoulliRBM", sigma, (n_visible,), "sigma")
        self.sigma: Array = np.array(np.broadcast_to(sigma, (n_visible,)))

    def _sigma(self) -> Array:
        """Return σ in the precision of the parameters."""
        return self.sigma.astype(self.params["a"].dtype, copy=False)

    def visible_input(self, v: Array) -> Array:
        """Return v / σ, what W multiplies."""
        return np.asarray(v / self._sigma())

    def bias_input(self, v: Array) -> Array:
        """Return −∂E/∂a = (v − a) / σ² for every example, (m, n_visible)."""
        return np.asarray((v - self.params["a"]) / self._sigma() ** 2)

    def visible_energy(self, v: Array) -> Array:
        """Return Σ_i (v_i − a_i)² / 2σ_i² of each example, (m,)."""
        return np.asarray(0.5 * (((v - self.params["a"]) / self._sigma()) ** 2).sum(axis=-1))

    def visible_mean(self, h: Array) -> Array:
        """Return the mean of v given h, a_i + σ_i Σ_j h_j W_ji, (m, n_visible) (eq-gaussian-visible)."""
        return np.asarray(self.params["a"] + self._sigma() * (self._checked_hidden(h) @ self.params["W"]))

    def sample_visible(self, h: Array, *, rng: np.random.Generator) -> Array:
        """Draw v_i ~ N(a_i + σ_i Σ_j h_j W_ji, σ_i²), (m, n_visible) (eq-gaussian-visible)."""
        v = self.visible_mean(h)
        noise = generator("GaussianBernoulliRBM", rng).standard_normal(
            v.shape, dtype=np.float32 if v.dtype == np.float32 else np.float64
        )
        return np.asarray(v + self._sigma() * noise)

    def hidden_free_energy(self, h: Array) -> Array:
        """Return −ln ∫ e^{−E(v, h)} dv, (m,).

        With s = Wᵀh, completing the square gives −bᵀh − Σ_i (a_i s_i / σ_i + s_i² / 2 + ln √(2π) σ_i)
        (eq-gaussian-mixture).
        """
        sigma = self._sigma()
        s = self._checked_hidden(h) @ self.params["W"]
        visible = s * (self.params["a"] / sigma) + 0.5 * s**2 + np.log(sigma) + math.log(2 * math.pi) / 2
        return np.asarray(-(h @ self.params["b"]) - visible.sum(axis=-1))

    def mixture(self) -> tuple[Array, Array]:
        """Return the weight P(h) (2^n_hidden,) and the centre a + σ ⊙ Wᵀh (2^n_hidden, n_visible) of every cloud.

        The order is that of :func:`dlbook.states.binary_states` (eq-gaussian-mixture).

        Raises:
            ValueError: more than 20 hidden units.
        """
        H = binary_states(self.n_hidden)
        log_p = -self.hidden_free_energy(H)
        return np.exp(log_p - log_sum_exp(log_p)), self.visible_mean(H)
