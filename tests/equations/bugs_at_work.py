"""Bugs for the equations of chapter 13: ratings, continuous units, general and deep machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import DBM, DBN, BoltzmannMachine, GaussianBernoulliRBM, RatingRBM, sigmoid
from dlbook.restricted import RestrictedMachine

gaussian_mean, mixture = GaussianBernoulliRBM.visible_mean, GaussianBernoulliRBM.mixture
conditional, exact_gradient, as_rbm = DBM.conditional, DBM.exact_gradient, DBM.as_rbm
boltzmann_gradient, rating_gradient = BoltzmannMachine.exact_gradient, RatingRBM.exact_gradient
free_energy, predict = RestrictedMachine.free_energy, RatingRBM.predict
likelihood, bound, joint = RatingRBM.log_likelihood, DBN.bound, DBN.log_likelihood


def softmax_over_everything(self: RatingRBM, h: Any) -> Any:
    """The films compete with each other."""
    e = np.exp(h @ self.params["W"] + self.params["a"])
    return e / e.sum(axis=1, keepdims=True)


def blocks_turned(self: DBM) -> Any:
    """The middle weights with their sign changed."""
    rbm = as_rbm(self)
    rbm.params["W"][: self.sizes[1], self.sizes[0] :] *= -1
    return rbm


def copied_without_biases(self: DBN, machine: int) -> None:
    """The weights alone."""
    self.rbms[machine].params["W"][...] = self.rbms[machine - 1].params["W"].T


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-rmse": ("dlbook.rmse", None, lambda predicted, R: float(np.sqrt(((predicted - R) ** 2).mean()))),
    "eq-rating-energy": (RatingRBM, "visible_energy", lambda self, v: 0 * v.sum(axis=1)),
    "eq-rating-hidden": (RatingRBM, "hidden_probabilities", lambda self, v: sigmoid(v @ self.params["W"].T)),
    "eq-rating-softmax": (RatingRBM, "visible_mean", softmax_over_everything),
    "eq-rating-free-energy": (RatingRBM, "free_energy", lambda self, v: -free_energy(self, v)),
    "eq-rating-likelihood": (RatingRBM, "log_likelihood", lambda self, v: likelihood(self, v) - 1),
    "eq-rating-gradient": (RatingRBM, "exact_gradient", lambda self, v: self.free_energy_grads(v)),
    "eq-rating-prediction": (
        RatingRBM,
        "rating_probabilities",
        lambda self, v: self._by_item(self.visible_mean(np.round(self.hidden_probabilities(v)))),
    ),
    "eq-rating-expectation": (RatingRBM, "predict", lambda self, v: predict(self, v) - 1),
    "eq-rating-exact": (RatingRBM, "exact_rating_probabilities", RatingRBM.rating_probabilities),
    "eq-gaussian-energy": (GaussianBernoulliRBM, "visible_input", lambda self, v: v / self.sigma**2),
    "eq-gaussian-hidden": (GaussianBernoulliRBM, "visible_input", lambda self, v: v),
    "eq-gaussian-visible": (GaussianBernoulliRBM, "visible_mean", lambda self, h: sigmoid(gaussian_mean(self, h))),
    "eq-gaussian-free-energy": (
        GaussianBernoulliRBM,
        "visible_energy",
        lambda self, v: (((v - self.params["a"]) / self.sigma) ** 2).sum(axis=-1),
    ),
    "eq-gaussian-mixture": (
        GaussianBernoulliRBM,
        "mixture",
        lambda self: (np.full(2**self.n_hidden, 0.5**self.n_hidden), mixture(self)[1]),
    ),
    "eq-boltzmann-energy": (
        BoltzmannMachine,
        "energy",
        lambda self, s: -((s @ self.params["W"] + self.params["b"]) * s).sum(axis=-1),
    ),
    "eq-boltzmann-conditional": (
        BoltzmannMachine,
        "conditional",
        lambda self, s: sigmoid(s @ self.params["W"] / 2 + self.params["b"]),
    ),
    "eq-boltzmann-gradient": (
        BoltzmannMachine,
        "exact_gradient",
        lambda self, v: {name: 2 * g for name, g in boltzmann_gradient(self, v).items()},
    ),
    "eq-dbm-energy": (DBM, "energy", lambda self, *layers: -sum(x @ self._bias(i) for i, x in enumerate(layers))),
    "eq-dbm-conditional": (
        DBM,
        "conditional",
        lambda self, i, layers: (
            conditional(self, i, layers) if i == 0 else sigmoid(layers[i - 1] @ self.params[f"W{i}"].T + self._bias(i))
        ),
    ),
    "eq-dbm-odd-even": (DBM, "as_rbm", blocks_turned),
    "eq-dbm-gradient": (
        DBM,
        "exact_gradient",
        lambda self, v: {name: -g for name, g in exact_gradient(self, v).items()},
    ),
    "eq-mean-field": (
        DBM,
        "mean_field",
        lambda self, v, steps: [np.round(conditional(self, i, [v, *(np.full((1, n), 0.5) for n in self.sizes[1:])]))
                                for i in range(1, len(self.sizes))],
    ),
    "eq-mean-field-bound": (DBM, "variational_free_energy", lambda self, v, mu: self.energy(v, *mu)),
    "eq-dbn-joint": (DBN, "log_likelihood", lambda self, v: joint(self, 1 - v)),
    "eq-dbn-bound": (DBN, "bound", lambda self, v: bound(self, v) + 1),
    "eq-dbn-greedy": (DBN, "copy_upside_down", copied_without_biases),
}  # fmt: skip
