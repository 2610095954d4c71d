"""Bugs for the equations of chapter 12: signs, sides and forgotten terms of restricted Boltzmann machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import BernoulliRBM
from dlbook.restricted import RestrictedMachine
from dlbook.states import binary_states

energy_grads, tempered = RestrictedMachine.energy_grads, RestrictedMachine.tempered


def without_bias(self: RestrictedMachine, v: Any) -> Any:
    """The hidden bias is forgotten."""
    return v @ self.params["W"].T


def mean_energy(self: RestrictedMachine, v: Any) -> Any:
    """The energy at the mean of the hidden units, without their entropy."""
    z = self._hidden_sum(v)
    return self.visible_energy(v) - (z / (1 + np.exp(-z))).sum(axis=-1)


def sums_for_the_weights(self: RestrictedMachine, v: Any, h: Any, weights: Any) -> Any:
    """Source 004's listing: weights by the sum, biases by the mean."""
    grads = energy_grads(self, v, h, weights)
    return {**grads, "W": grads["W"] / np.abs(weights).max() + 1}


def only_digging(self: RestrictedMachine, v: Any, k: int, chains: Any = None, *, rng: Any) -> Any:
    """The data's part alone."""
    after = self.gibbs(v if chains is None else chains, k, rng=rng)
    return self.free_energy_grads(v), after


def mean_field(rbm: BernoulliRBM) -> Any:
    """Probabilities of the hidden units sent down in place of states."""
    V = binary_states(rbm.n_visible)
    p = rbm.visible_mean(rbm.hidden_probabilities(V))
    return np.where(V, p[:, None], 1 - p[:, None]).prod(axis=-1)


def cold_biases(self: RestrictedMachine, beta: float, base: Any) -> Any:
    """The hidden bias is not scaled on the way."""
    between = tempered(self, beta, base)
    between.params["b"] = self.params["b"]
    return between


BUGS = {
    "eq-rbm-energy": (RestrictedMachine, "_hidden_sum", without_bias),
    "eq-rbm-hidden": (RestrictedMachine, "_hidden_sum", without_bias),
    "eq-rbm-visible": (BernoulliRBM, "_visible_sum", lambda self, h: h @ self.params["W"] - self.params["a"]),
    "eq-rbm-free-energy": (RestrictedMachine, "free_energy", mean_energy),
    "eq-rbm-gradient-w": (RestrictedMachine, "energy_grads", sums_for_the_weights),
    "eq-rbm-cd": (RestrictedMachine, "contrast", only_digging),
    "eq-rbm-gibbs": ("dlbook.gibbs_matrix", None, mean_field),
    "eq-rbm-ais-weight": (RestrictedMachine, "tempered", cold_biases),
}
