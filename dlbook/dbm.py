"""The deep Boltzmann machine: several layers of binary hidden units, connected in both directions.

Above a restricted machine's hidden layer stands another. The units of one hidden layer then depend on those of the
next, P(h | v) has no closed form, and mean field takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlbook.binary_units import bernoulli
from dlbook.enumeration import log_partition, model_grads
from dlbook.layer import Params
from dlbook.layered import LayeredMachine, Layers
from dlbook.optim import Optimizer
from dlbook.shapes import Array, as_batch, generator, positive_int
from dlbook.states import binary_states, log_sum_exp


class DBM(LayeredMachine):
    """P(v, h¹, …, h^L) = e^{−E} / Z, E = −aᵀv − Σ_l b_lᵀ h^l − Σ_l (h^l)ᵀ W^l h^{l−1} with h⁰ = v (eq-dbm-energy).

    Args:
        sizes: units of every layer, the visible one first: ``DBM(784, 256, 64, rng=rng)`` has two hidden layers.
        rng: source of the initial weights.
        init: how each W starts; biases start at zero.

    Shapes:
        W1 (sizes[1], sizes[0]), W2 (sizes[2], sizes[1]), …; a (sizes[0],), b1 (sizes[1],), ….

    Source: R. Salakhutdinov and G. Hinton, "Deep Boltzmann machines", 2009.
    """

    def gibbs(self, layers: Layers, k: int, *, rng: np.random.Generator, clamped: bool = False) -> list[Array]:
        """Return the layers after k steps: all odd layers given the even ones, then all even ones given the odd.

        Args:
            layers: where the chains are; the first odd layers are not read.
            clamped: leave v as it is: the chains then draw the hidden layers given v.
        """
        layers, rng = list(self._checked(layers)), generator("DBM.gibbs", rng)
        for _ in range(positive_int("DBM.gibbs", k, "k")):
            for i in (*range(1, len(layers), 2), *range(2 if clamped else 0, len(layers), 2)):
                layers[i] = bernoulli(self.conditional(i, layers), rng)
        return layers

    def mean_field(self, v: Array, *, steps: int = 20, start: Layers | None = None) -> list[Array]:
        """Return μ¹, …, μ^L, the probabilities of the best Q(h | v) whose units are independent (eq-mean-field).

        A step sets the odd layers to their best given the even ones, then the even ones given the odd: the bound
        (eq-mean-field-bound) never falls, and where it stands still, so does μ.

        Args:
            v: (m, sizes[0]).
            start: what an earlier call returned, to go on from; by default all probabilities are ½.
        """
        v = as_batch("DBM", v, self.sizes[0], "v")
        if start is None:
            start = [np.full((len(v), n), 0.5, v.dtype) for n in self.sizes[1:]]
        layers = list(self._checked([v, *start]))
        for _ in range(positive_int("DBM.mean_field", steps, "steps")):
            for i in (*range(1, len(layers), 2), *range(2, len(layers), 2)):
                layers[i] = self.conditional(i, layers)
        return layers[1:]

    def variational_free_energy(self, v: Array, mu: Layers) -> Array:
        """Return the mean of E under Q minus the entropy of Q, (m,), at least F(v) (eq-mean-field-bound).

        The energy is linear in each layer, so its mean is the energy of the means.
        """
        entropy = sum(_entropy(p) for p in mu)
        return np.asarray(self.energy(v, *mu) - entropy)

    def bound(self, v: Array, mu: Layers, log_Z: float) -> Array:
        """Return the lower bound of ln P(v) that μ gives, (m,) (eq-mean-field-bound).

        Args:
            log_Z: ln Z, exact from ``log_partition(dbm.as_rbm())`` or estimated by annealed importance sampling.
        """
        return -self.variational_free_energy(v, mu) - log_Z

    def free_energy(self, v: Array) -> Array:
        """Return F(v) = −ln Σ over all hidden layers of e^−E, (m,), by enumeration of layers 2, 4, ….

        Raises:
            ValueError: more than 20 units in these layers.
        """
        return np.asarray(-log_sum_exp(-self._free_energies(self._with_states(v)), axis=1))

    def log_likelihood(self, v: Array) -> Array:
        """Return ln P(v) = −F(v) − ln Z of every example, (m,), by enumeration."""
        return np.asarray(-self.free_energy(v) - log_partition(self.as_rbm()))

    def exact_gradient(self, v: Array) -> Params:
        """Return the gradient of minus the mean log-likelihood, data minus model, by enumeration (eq-dbm-gradient)."""
        rbm, both = self.as_rbm(), self._with_states(v)
        F = self._free_energies(both)
        posterior = np.exp(-F - log_sum_exp(-F, axis=1)[:, None]) / len(v)
        data = rbm.free_energy_grads(both.reshape(-1, rbm.n_visible), posterior.ravel())
        model = model_grads(rbm)
        return self.from_rbm_grads({name: data[name] - model[name] for name in data})

    def persistent_gradient(
        self, v: Array, chains: Layers, k: int = 1, *, rng: np.random.Generator, steps: int = 20
    ) -> tuple[Params, list[Array]]:
        """Return gradients for learning, and the chains k steps further (eq-dbm-gradient).

        The data's side takes mean field for P(h | v), so that it follows the bound; the model's side takes persistent
        chains. The chains' odd layers enter with their probabilities, which adds no noise.

        Args:
            v: data, (m, sizes[0]).
            chains: layers of the chains; hand in what came back.
            k: Gibbs steps of the chains.
            steps: steps of mean field.
        """
        data = [v, *self.mean_field(v, steps=steps)]
        chains = self.gibbs(chains, k, rng=rng)
        model = [self.conditional(i, chains) if i % 2 else x for i, x in enumerate(chains)]
        plus, minus = self._energy_grads(data), self._energy_grads(model)
        return {name: plus[name] - minus[name] for name in plus}, chains

    def _energy_grads(self, layers: Layers) -> Params:
        """Return the mean of ∂E/∂θ over the examples."""
        m = len(layers[0])
        grads = {"a": -layers[0].mean(axis=0)}
        for i in range(1, len(layers)):
            grads |= {f"W{i}": layers[i].T @ layers[i - 1] / -m, f"b{i}": -layers[i].mean(axis=0)}
        return grads

    def _with_states(self, v: Array) -> Array:
        """Return v beside every state of layers 2, 4, …, (m, 2^n, even units)."""
        v = as_batch("DBM", v, self.sizes[0], "v")
        n = sum(self.sizes[2::2])
        states = binary_states(n) if n else np.zeros((1, 0))
        pairs = np.repeat(v, len(states), axis=0), np.tile(states, (len(v), 1))
        return np.concatenate(pairs, axis=1).reshape(len(v), len(states), -1)

    def _free_energies(self, both: Array) -> Array:
        """Return −ln Σ over the odd layers of e^−E, (m, 2^n)."""
        return self.as_rbm().free_energy(both.reshape(-1, both.shape[-1])).reshape(both.shape[:2])


def _entropy(p: Array) -> Array:
    """Return the entropy in nats of independent units, (m,): −Σ p ln p + (1 − p) ln(1 − p), where 0 ln 0 = 0."""
    q = 1 - p
    logs = np.log(p, out=np.zeros_like(p), where=p > 0), np.log(q, out=np.zeros_like(p), where=q > 0)
    return np.asarray(-(p * logs[0] + q * logs[1]).sum(axis=1))


def fit_dbm(
    dbm: DBM,
    optimizer: Optimizer,
    v: Array,
    chains: list[Array],
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    k: int = 1,
    steps: int = 20,
) -> Iterator[int]:
    """Train by :meth:`DBM.persistent_gradient`, yielding the number of updates so far after each.

    Args:
        v: data, (m, sizes[0]); the last batch of an epoch may be smaller.
        chains: layers of the chains, moved on in place: the list holds where they are.
        k: Gibbs steps of the chains per update.
        steps: steps of mean field per update.

    Raises:
        ValueError, TypeError: before the first step where types, shapes or numbers do not fit.
    """
    v = as_batch("fit_dbm", v, dbm.sizes[0], "v")
    for name, number in (("epochs", epochs), ("batch_size", batch_size), ("k", k), ("steps", steps)):
        positive_int("fit_dbm", number, name)
    if not isinstance(chains, list):
        raise TypeError(
            f"fit_dbm moves chains on in place: hand them in as a list of layers, got {type(chains).__name__}"
        )
    return _updates(dbm, optimizer, v, chains, epochs, batch_size, generator("fit_dbm", rng), k, steps)


def _updates(
    dbm: DBM,
    optimizer: Optimizer,
    v: Array,
    chains: list[Array],
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    k: int,
    steps: int,
) -> Iterator[int]:
    done = 0
    for _ in range(epochs):
        order = rng.permutation(len(v))
        for start in range(0, len(v), batch_size):
            batch = v[order[start : start + batch_size]]
            grads, chains[:] = dbm.persistent_gradient(batch, chains, k, rng=rng, steps=steps)
            optimizer.step(dbm.params, grads)
            done += 1
            yield done
