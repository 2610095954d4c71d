"""The deep belief network: restricted Boltzmann machines on top of each other (Hinton, Osindero and Teh 2006)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from dlbook.activations import Sigmoid, softplus
from dlbook.binary_units import bernoulli
from dlbook.dense import Dense
from dlbook.enumeration import log_likelihood
from dlbook.init import Initializer
from dlbook.layer import Layer
from dlbook.optim import Optimizer
from dlbook.rbm import BernoulliRBM
from dlbook.restricted import SMALL
from dlbook.sequential import Sequential
from dlbook.shapes import Array, generator, positive_int, same_shape
from dlbook.states import binary_states, log_sum_exp
from dlbook.train import Step
from dlbook.train_rbm import fit_rbm


class DBN:
    """P(v, h¹, …, h^L) = P(v | h¹) P(h¹ | h²) ⋯ P(h^{L−1}, h^L) (eq-dbn-joint).

    The two top layers are a restricted Boltzmann machine. All layers below only pass down: layer l − 1 given layer l is
    what the machine between them says, P(h^{l−1} | h^l). Its way up, P(h^l | h^{l−1}), is used to infer.

    Args:
        sizes: units of every layer, the visible one first: ``DBN(784, 256, 64, rng=rng)`` is two machines.
        rng: source of the initial weights.
        init: how each W starts; biases start at zero.

    Attributes:
        rbms: the machines, from the bottom. Train them one after another, with :func:`fit_dbn`.
    """

    def __init__(self, *sizes: int, rng: np.random.Generator, init: Initializer = SMALL) -> None:
        if len(sizes) < 2:
            raise ValueError(f"DBN expects the sizes of two layers at least, got {sizes}: such as DBN(784, 256, 64)")
        generator("DBN", rng)
        self.sizes = sizes
        self.rbms = tuple(BernoulliRBM(n, above, rng=rng, init=init) for n, above in pairwise(sizes))

    def up(self, v: Array, layers: int | None = None, *, rng: np.random.Generator | None = None) -> Array:
        """Return what layer ``layers``, by default the top one, makes of v, (m, sizes[layers]).

        Each layer hands on its probabilities; with ``rng`` it hands on zeros and ones drawn with them, which is the
        Q(h | v) of the bound (eq-dbn-bound). ``layers=0`` is v itself.
        """
        for rbm in self.rbms[: self._layer(layers)]:
            v = rbm.hidden_probabilities(v) if rng is None else rbm.sample_hidden(v, rng=rng)
        return v

    def down(self, h: Array, layers: int | None = None, *, rng: np.random.Generator | None = None) -> Array:
        """Return P(v_i = 1) after one pass down from h in layer ``layers``, by default the top one, (m, sizes[0]).

        Each layer hands on its probabilities; with ``rng`` zeros and ones, as the model has it, but for the last.
        """
        for rbm in reversed(self.rbms[1 : self._layer(layers)]):
            h = rbm.visible_mean(h) if rng is None else rbm.sample_visible(h, rng=rng)
        return self.rbms[0].visible_mean(h) if self._layer(layers) else h

    def sample(self, n: int, k: int, *, rng: np.random.Generator, start: Array | None = None) -> Array:
        """Generate: k steps of Gibbs sampling in the top machine, then one pass down.

        Args:
            n: examples to draw, independent chains.
            k: steps; the chains need many until they forget where they began.
            start: (n, sizes[-2]), where the chains begin in the layer below the top; fair coins by default.

        Returns:
            P(v_i = 1 | h¹) of each, (n, sizes[0]); draw from it once more for zeros and ones.
        """
        rng, top = generator("DBN.sample", rng), self.rbms[-1]
        if start is None:
            dtype = top.params["W"].dtype
            start = bernoulli(np.full((positive_int("DBN.sample", n, "n"), top.n_visible), 0.5, dtype), rng)
        same_shape("DBN.sample", start, (n, top.n_visible), "start")
        return self.down(top.sample_hidden(top.gibbs(start, k, rng=rng), rng=rng), rng=rng)

    def copy_upside_down(self, machine: int) -> None:
        """Start ``rbms[machine]`` as the machine below it turned upside down (eq-dbn-greedy).

        Its P(h) then is exactly that of the machine below, and the network up to here exactly that machine: the bound
        is tight, and every step that raises the likelihood of the new machine raises it.

        Raises:
            ValueError: there is no machine below, or layer ``machine + 1`` is not as large as layer ``machine - 1``.
        """
        if not 1 <= machine < len(self.rbms):
            raise ValueError(f"copy_upside_down expects a machine from 1 to {len(self.rbms) - 1}, got {machine}")
        below, here = self.rbms[machine - 1].params, self.rbms[machine].params
        same_shape("copy_upside_down", here["W"], below["W"].T.shape, f"W of machine {machine}")
        for name, p in (("W", below["W"].T), ("a", below["b"]), ("b", below["a"])):
            here[name][...] = p

    def log_likelihood(self, v: Array) -> Array:
        """Return ln P(v) of each example, (m,), by enumeration of the hidden layers (eq-dbn-joint).

        Raises:
            ValueError: a layer with more than 20 units.
        """
        return self._log_likelihood(v, 0)

    def _log_likelihood(self, v: Array, layer: int) -> Array:
        rbm = self.rbms[layer]
        if layer == len(self.rbms) - 1:
            return log_likelihood(rbm, v)
        H = binary_states(rbm.n_hidden)
        return log_sum_exp(_log_given(v, rbm, H) + self._log_likelihood(H, layer + 1), axis=1)

    def bound(self, v: Array) -> Array:
        """Return a lower bound of ln P(v), (m,), by enumeration (eq-dbn-bound).

        Σ_h Q(h | v) [ln P(v | h) + ln P(h) − ln Q(h | v)], where Q is the way up and ln P(h) is, in turn, the bound of
        the layers above. It is tight where Q is the true P(h | v).

        Raises:
            ValueError: a layer with more than 20 units.
        """
        return self._bound(v, 0)

    def _bound(self, v: Array, layer: int) -> Array:
        rbm = self.rbms[layer]
        if layer == len(self.rbms) - 1:
            return log_likelihood(rbm, v)
        H = binary_states(rbm.n_hidden)
        Z = v @ rbm.params["W"].T + rbm.params["b"]  # ln of the odds of each hidden unit
        log_Q = Z @ H.T - softplus(Z).sum(axis=1, keepdims=True)  # (m, 2^n)
        inside = _log_given(v, rbm, H) + self._bound(H, layer + 1) - log_Q
        return np.asarray((np.exp(log_Q) * inside).sum(axis=1))

    def network(self, n_classes: int, *, rng: np.random.Generator) -> Sequential:
        """Return a classifier that starts from this network: Dense and Sigmoid for each machine, a new Dense on top.

        The weights are copies: training the classifier leaves the machines as they are.

        Returns:
            X (m, sizes[0]) → Z (m, n_classes), the values before a softmax.
        """
        layers: list[Layer] = []
        for rbm in self.rbms:
            dense = Dense(rbm.n_visible, rbm.n_hidden, rng=rng)
            dense.params = {"W": rbm.params["W"].copy(), "b": rbm.params["b"].copy()}
            layers += [dense, Sigmoid()]
        return Sequential(*layers, Dense(self.sizes[-1], n_classes, rng=rng).astype(rbm.params["W"].dtype.type))

    def _layer(self, layers: int | None) -> int:
        if layers is None:
            return len(self.rbms)
        if not 0 <= layers <= len(self.rbms):
            raise ValueError(f"DBN has layers 0 to {len(self.rbms)}, got {layers}")
        return layers


def _log_given(v: Array, rbm: BernoulliRBM, H: Array) -> Array:
    """Return ln P(v | h) for each example and each row h of H, (m, len(H)), of binary v."""
    Z = H @ rbm.params["W"] + rbm.params["a"]
    return np.asarray(v @ Z.T - softplus(Z).sum(axis=1))


def fit_dbn(
    dbn: DBN,
    optimizers: Sequence[Optimizer],
    v: Array,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    k: int = 1,
) -> Iterator[tuple[int, Step]]:
    """Train greedily, layer by layer: each machine learns by CD-k what the trained ones below make of v.

    Args:
        optimizers: one for each machine, from the bottom.
        v: data, (m, sizes[0]).
        epochs: passes over the data for each machine.

    Yields:
        The number of the machine, from 0, and a record, after each epoch.

    Raises:
        ValueError, TypeError: before the first step where something does not fit, such as another number of optimizers
            than machines.
    """
    if len(optimizers) != len(dbn.rbms):
        raise ValueError(f"fit_dbn expects {len(dbn.rbms)} optimizers, one for each machine, got {len(optimizers)}")
    for name, number in (("epochs", epochs), ("batch_size", batch_size), ("k", k)):
        positive_int("fit_dbn", number, name)
    return _machines(dbn, optimizers, dbn.rbms[0].checked(v), epochs, batch_size, generator("fit_dbn", rng), k)


def _machines(
    dbn: DBN, optimizers: Sequence[Optimizer], v: Array, epochs: int, batch_size: int, rng: np.random.Generator, k: int
) -> Iterator[tuple[int, Step]]:
    for machine, (rbm, optimizer) in enumerate(zip(dbn.rbms, optimizers, strict=True)):
        data = dbn.up(v, machine)
        for step in fit_rbm(rbm, optimizer, data, epochs=epochs, batch_size=batch_size, rng=rng, k=k, every="epoch"):
            yield machine, step
