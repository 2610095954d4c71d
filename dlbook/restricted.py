"""What all restricted Boltzmann machines share: binary hidden units that depend on the visible ones alone.

Objects hold parameters, calls hold state: the states of a Gibbs chain travel in the caller's hand. Gradients are those
of a loss to be minimized, minus the mean log-likelihood, so that every optimizer of the book can follow them.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from dlbook.binary_units import bernoulli, logistic_in_place, softplus_sum
from dlbook.init import Initializer, normal
from dlbook.layer import Parametrized, Params
from dlbook.shapes import Array, as_batch, fraction, generator, positive_int, same_shape

SMALL = normal(0.01)  # weights that leave every unit undecided at first (Hinton 2010)


class RestrictedMachine(Parametrized, ABC):
    """A machine with visible units v, binary hidden units h, and connections between the two only.

    E(v, h) = E_a(v) − bᵀh − hᵀ W x(v), where the kind of visible units says what E_a and x are, and what v is given h.

    Args:
        n_visible: visible units.
        n_hidden: hidden units.
        rng: source of the initial weights.
        init: how W starts; the biases a and b start at zero.

    Shapes:
        W (n_hidden, n_visible), a (n_visible,), b (n_hidden,); v (m, n_visible); h (m, n_hidden).
    """

    def __init__(self, n_visible: int, n_hidden: int, *, rng: np.random.Generator, init: Initializer = SMALL) -> None:
        who = type(self).__name__
        self.n_visible = positive_int(who, n_visible, "n_visible")
        self.n_hidden = positive_int(who, n_hidden, "n_hidden")
        W = init((n_hidden, n_visible), n_visible, n_hidden, rng=generator(who, rng))
        same_shape(who, W, (n_hidden, n_visible), "the array that init returns")
        self.params = {"W": W, "a": np.zeros(n_visible), "b": np.zeros(n_hidden)}

    @abstractmethod
    def visible_energy(self, v: Array) -> Array:
        """Return E_a(v) (m,), the part of the energy that no hidden unit has to do with."""

    @abstractmethod
    def visible_mean(self, h: Array) -> Array:
        """Return the mean of v given h, (m, n_visible)."""

    @abstractmethod
    def sample_visible(self, h: Array, *, rng: np.random.Generator) -> Array:
        """Draw v given h, (m, n_visible)."""

    @abstractmethod
    def hidden_free_energy(self, h: Array) -> Array:
        """Return −ln Σ_v e^{−E(v, h)} (m,), an integral if v is continuous: what is left of the energy of h alone."""

    def visible_input(self, v: Array) -> Array:
        """Return x(v), what W multiplies: here v itself."""
        return v

    def bias_input(self, v: Array) -> Array:
        """Return −∂E_a/∂a for every example, (m, n_visible), a linear function of v: here v itself."""
        return v

    def checked(self, v: Array) -> Array:
        """Return v if it is a batch of numbers that visible units can have, else raise a sentence."""
        return as_batch(type(self).__name__, v, self.n_visible, "v")

    def _checked_hidden(self, h: Array) -> Array:
        return as_batch(type(self).__name__, h, self.n_hidden, "h")

    def _hidden_sum(self, v: Array) -> Array:
        z: Array = self.visible_input(v) @ self.params["W"].T
        z += self.params["b"]
        return z

    def energy(self, v: Array, h: Array) -> Array:
        """Return E(v, h) of each pair, (m,) (eq-rbm-energy)."""
        v, h = self.checked(v), self._checked_hidden(h)
        same_shape(type(self).__name__, h, (*v.shape[:-1], self.n_hidden), "h")
        return np.asarray(self.visible_energy(v) - (self._hidden_sum(v) * h).sum(axis=-1))

    def free_energy(self, v: Array) -> Array:
        """Return F(v) = −ln Σ_h e^{−E(v, h)} = E_a(v) − Σ_j ln(1 + e^{b_j + W_j x(v)}), (m,) (eq-rbm-free-energy)."""
        v = self.checked(v)
        return np.asarray(self.visible_energy(v) - softplus_sum(self._hidden_sum(v)))

    def hidden_probabilities(self, v: Array) -> Array:
        """Return P(h_j = 1 | v) = σ(b_j + W_j x(v)), (m, n_hidden) (eq-rbm-hidden)."""
        return logistic_in_place(self._hidden_sum(self.checked(v)))

    def sample_hidden(self, v: Array, *, rng: np.random.Generator) -> Array:
        """Draw h given v, (m, n_hidden), zeros and ones."""
        return bernoulli(self.hidden_probabilities(v), generator(type(self).__name__, rng))

    def gibbs(self, v: Array, k: int, *, rng: np.random.Generator) -> Array:
        """Return the states v of m independent chains after k steps v → h → v (eq-rbm-gibbs)."""
        who = type(self).__name__
        v, k, rng = self.checked(v), positive_int(who, k, "k"), generator(who, rng)
        return self._chain(v, logistic_in_place(self._hidden_sum(v)), k, rng)

    def _chain(self, v: Array, p: Array, k: int, rng: np.random.Generator) -> Array:
        """Return the v to which k steps lead from a v with P(h | v) = p."""
        for step in range(k):
            if step:
                p = logistic_in_place(self._hidden_sum(v))
            v = self._next_visible(v, bernoulli(p, rng), rng)
        return v

    def _next_visible(self, v: Array, h: Array, rng: np.random.Generator) -> Array:
        """Draw the next v of chains that stand at v: here it depends on h alone."""
        return self.sample_visible(h, rng=rng)

    def energy_grads(self, v: Array, h: Array, weights: Array) -> Params:
        """Return Σ_r w_r ∂E(v_r, h_r)/∂θ for every parameter θ, with ``weights`` w (m,).

        ∂E/∂W = −h x(v)ᵀ, ∂E/∂b = −h. Both are linear in h: probabilities in the place of h give the mean over h.
        """
        h = h * -weights[:, None]
        return {"W": h.T @ self.visible_input(v), "a": -(weights @ self.bias_input(v)), "b": h.sum(axis=0)}

    def free_energy_grads(self, v: Array, weights: Array | None = None) -> Params:
        """Return Σ_r w_r ∂F(v_r)/∂θ for every parameter θ; without ``weights`` (m,) the mean over the examples."""
        v = self.checked(v)
        if weights is None:
            weights = np.full(len(v), 1 / len(v), v.dtype)
        same_shape(type(self).__name__, weights, v.shape[:1], "weights")
        return self.energy_grads(v, logistic_in_place(self._hidden_sum(v)), weights)

    def contrastive_divergence(self, v: Array, k: int = 1, *, rng: np.random.Generator) -> Params:
        """Return the gradients of CD-k, keyed as ``params`` (eq-rbm-cd; Hinton 2002).

        They estimate the gradient of a loss to be minimized, minus the mean log-likelihood of v:
        ∂F/∂θ averaged over the data, minus ∂F/∂θ averaged over chains that start at the data and run for k steps. In
        the last step the hidden units enter with their probabilities, which adds no noise.
        """
        who = type(self).__name__
        return self.contrast(self.checked(v), positive_int(who, k, "k"), rng=generator(who, rng))[0]

    def persistent_contrastive_divergence(
        self, v: Array, chains: Array, k: int = 1, *, rng: np.random.Generator
    ) -> tuple[Params, Array]:
        """Return the gradients and the chains k steps further (eq-rbm-pcd; Tieleman 2008).

        As CD-k, but the chains go on where the last call left them: hand in what came back. ``chains`` is
        (n_chains, n_visible), as many as you like, and is not written to.
        """
        who = type(self).__name__
        v, chains, k = self.checked(v), self.checked(chains), positive_int(who, k, "k")
        return self.contrast(v, k, chains, rng=generator(who, rng))

    def contrast(
        self, v: Array, k: int, chains: Array | None = None, *, rng: np.random.Generator
    ) -> tuple[Params, Array]:
        """Return the gradients of the mean F of the data minus that of the chains after k steps, and the chains.

        Without ``chains`` they start at the data. They are held where they are while the difference is differentiated.
        This is the inside of a training loop: it checks nothing.
        """
        p = logistic_in_place(self._hidden_sum(v))
        start, p_start = v, p
        if chains is not None:
            start, p_start = chains, logistic_in_place(self._hidden_sum(chains))
        chains = self._chain(start, p_start, k, rng)
        q = logistic_in_place(self._hidden_sum(chains))
        m, n = len(v), len(chains)
        weights = np.repeat(np.array([1 / m, -1 / n], v.dtype), [m, n])
        both = np.concatenate([v, chains]), np.concatenate([p, q])  # one product instead of two
        return self.energy_grads(*both, weights), chains

    def tempered(self, beta: float, base: Array) -> Self:
        """Return a machine between one without hidden units and this: W and b times β, a = (1 − β) base + β a."""
        same_shape(type(self).__name__, base, self.params["a"].shape, "base")
        beta = beta if beta == 1 else fraction(type(self).__name__, beta, "beta")
        between = copy.copy(self)
        p = self.params
        between.params = {"W": beta * p["W"], "a": (1 - beta) * base + beta * p["a"], "b": beta * p["b"]}
        return between
