"""The general Boltzmann machine: every unit may be connected to every other."""

from __future__ import annotations

from typing import Self

import numpy as np

from dlbook.binary_units import bernoulli, logistic_in_place
from dlbook.init import Initializer
from dlbook.layer import Parametrized, Params
from dlbook.rbm import BernoulliRBM
from dlbook.restricted import SMALL
from dlbook.shapes import Array, as_batch, generator, positive_int, same_shape
from dlbook.states import binary_states, log_sum_exp


class BoltzmannMachine(Parametrized):
    """P(s) = e^{−E(s)} / Z with E(s) = −½ sᵀ W s − bᵀ s (eq-boltzmann-energy; Ackley, Hinton and Sejnowski 1985).

    The units are 0 or 1, visible ones first: s = (v, h). W is symmetric with a zero diagonal; w_ij and w_ji are one
    parameter that stands in two places, and a gradient, too, has the derivative by it in both.

    Args:
        n_visible: visible units.
        n_hidden: hidden units; none is a machine that models pairs of visible units only.
        rng: source of the initial weights.
        init: how W starts above the diagonal; b starts at zero.

    Shapes:
        W (n, n), b (n,) with n = n_visible + n_hidden; s (m, n); v (m, n_visible).
    """

    def __init__(
        self, n_visible: int, n_hidden: int = 0, *, rng: np.random.Generator, init: Initializer = SMALL
    ) -> None:
        self.n_visible = positive_int("BoltzmannMachine", n_visible, "n_visible")
        self.n_hidden = n_hidden if n_hidden == 0 else positive_int("BoltzmannMachine", n_hidden, "n_hidden")
        self.n = n = self.n_visible + self.n_hidden
        W = init((n, n), n, n, rng=generator("BoltzmannMachine", rng))
        same_shape("BoltzmannMachine", W, (n, n), "the array that init returns")
        W = np.triu(W, 1)
        self.params = {"W": W + W.T, "b": np.zeros(n)}

    @classmethod
    def from_rbm(cls, rbm: BernoulliRBM) -> Self:
        """Return the machine with the distribution of ``rbm``: no connection within a side is a block of zeros."""
        machine = cls(rbm.n_visible, rbm.n_hidden, rng=np.random.default_rng(0))
        p, n_v = rbm.params, rbm.n_visible
        W = np.zeros((machine.n, machine.n), p["W"].dtype)
        W[n_v:, :n_v], W[:n_v, n_v:] = p["W"], p["W"].T
        machine.params = {"W": W, "b": np.concatenate([p["a"], p["b"]])}
        return machine

    def _states(self, s: Array) -> Array:
        return as_batch("BoltzmannMachine", s, self.n, "s")

    def energy(self, s: Array) -> Array:
        """Return E(s), (m,) (eq-boltzmann-energy)."""
        s = self._states(s)
        return np.asarray(-((s @ (0.5 * self.params["W"]) + self.params["b"]) * s).sum(axis=-1))

    def conditional(self, s: Array) -> Array:
        """Return P(s_i = 1 | all other units) = σ(b_i + Σ_j w_ij s_j), (m, n) (eq-boltzmann-conditional)."""
        return logistic_in_place(self._states(s) @ self.params["W"] + self.params["b"])

    def gibbs(self, s: Array, sweeps: int, *, rng: np.random.Generator, clamped: int = 0) -> Array:
        """Return the states of m chains after ``sweeps`` rounds in which each unit in turn is drawn given the others.

        Unlike in a restricted machine no two units can be drawn at once. The first ``clamped`` units stay as they are.
        """
        s = self._states(s).astype(np.result_type(s, self.params["W"]))  # a copy
        W, b, rng = self.params["W"], self.params["b"], generator("BoltzmannMachine", rng)
        for _ in range(positive_int("BoltzmannMachine", sweeps, "sweeps")):
            for i in range(clamped, self.n):
                s[:, i] = bernoulli(logistic_in_place(s @ W[i] + b[i]), rng)
        return s

    def energy_grads(self, s: Array, weights: Array) -> Params:
        """Return Σ_r w_r ∂E(s_r)/∂θ: −Σ w_r s_i s_j for each pair, −Σ w_r s_i, with ``weights`` w (m,)."""
        weighted = s * -weights[:, None]
        W = weighted.T @ s
        np.fill_diagonal(W, 0)
        return {"W": W, "b": weighted.sum(axis=0)}

    def log_partition(self) -> float:
        """Return ln Z = ln Σ_s e^{−E(s)}, by enumeration of all 2^n states.

        Raises:
            ValueError: more than 20 units.
        """
        return float(log_sum_exp(-self.energy(binary_states(self.n))))

    def probabilities(self) -> Array:
        """Return P(s) of every state, (2^n,), in the order of :func:`dlbook.states.binary_states`."""
        E = self.energy(binary_states(self.n))
        return np.asarray(np.exp(-E - log_sum_exp(-E)))

    def _completed(self, v: Array) -> tuple[Array, Array]:
        """Return v with all states of the hidden units, (m, 2^n_hidden, n), and their −E (m, 2^n_hidden)."""
        v = as_batch("BoltzmannMachine", v, self.n_visible, "v")
        H = binary_states(self.n_hidden) if self.n_hidden else np.zeros((1, 0))
        shape = (len(v), len(H))
        s = np.concatenate(
            [np.broadcast_to(v[:, None], (*shape, v.shape[1])), np.broadcast_to(H, (*shape, H.shape[1]))], -1
        )
        return s, -self.energy(s)

    def free_energy(self, v: Array) -> Array:
        """Return F(v) = −ln Σ_h e^{−E(v, h)}, (m,), by enumeration of the hidden units."""
        return np.asarray(-log_sum_exp(self._completed(v)[1], axis=1))

    def log_likelihood(self, v: Array) -> Array:
        """Return ln P(v) = −F(v) − ln Z for every example, (m,)."""
        return np.asarray(-self.free_energy(v) - self.log_partition())

    def exact_gradient(self, v: Array) -> Params:
        """Return the gradient of minus the mean log-likelihood of v, by enumeration (eq-boltzmann-gradient).

        The mean of −s_i s_j with the visible units held at the data, minus the same with all units free.
        """
        s, log_p = self._completed(v)
        p = np.exp(log_p - log_sum_exp(log_p, axis=1)[:, None]) / len(v)
        data = self.energy_grads(s.reshape(-1, self.n), p.ravel())
        model = self.energy_grads(binary_states(self.n), self.probabilities())
        return {name: data[name] - model[name] for name in data}

    def sampled_gradient(
        self, v: Array, chains: Array, sweeps: int, *, rng: np.random.Generator
    ) -> tuple[Params, Array]:
        """Return an estimate of :meth:`exact_gradient` by Gibbs sampling, and the chains some sweeps further.

        Two chains run: one with the visible units held at the data, its hidden units starting at random, and one with
        all units free, which goes on where the last call left ``chains`` (n_chains, n).
        """
        v = as_batch("BoltzmannMachine", v, self.n_visible, "v")
        half = np.full((len(v), self.n_hidden), 0.5, v.dtype)
        clamped = np.concatenate([v, bernoulli(half, generator("BoltzmannMachine", rng))], axis=1)
        clamped = self.gibbs(clamped, sweeps, rng=rng, clamped=self.n_visible)
        chains = self.gibbs(chains, sweeps, rng=rng)
        s, m, n = np.concatenate([clamped, chains]), len(v), len(chains)
        return self.energy_grads(s, np.repeat(np.array([1 / m, -1 / n], s.dtype), [m, n])), chains
