"""Machines of layers, each connected to the two next to it: their energy, and how to see them as restricted machines.

Given its neighbours, a layer's units are independent. The odd layers depend on the even ones alone and the even ones on
the odd ones: such a machine is a restricted one, with layers 0, 2, 4, … on one side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlbook.binary_units import logistic_in_place
from dlbook.init import Initializer
from dlbook.layer import Parametrized, Params
from dlbook.rbm import BernoulliRBM
from dlbook.restricted import SMALL
from dlbook.shapes import Array, as_batch, generator, positive_int, same_shape

Layers = Sequence[Array]  # v, h¹, …, h^L, one array (m, n_l) each


class LayeredMachine(Parametrized):
    """The parameters of a deep Boltzmann machine, and what follows from them without a sum over states.

    Shapes:
        W1 (sizes[1], sizes[0]), W2 (sizes[2], sizes[1]), …; a (sizes[0],), b1 (sizes[1],), ….
    """

    def __init__(self, *sizes: int, rng: np.random.Generator, init: Initializer = SMALL) -> None:
        if len(sizes) < 2:
            raise ValueError(f"DBM expects the sizes of two layers at least, got {sizes}: such as DBM(784, 256, 64)")
        self.sizes = tuple(positive_int("DBM", n, "a size") for n in sizes)
        self.params = {"a": np.zeros(sizes[0])}
        generator("DBM", rng)
        for i in range(1, len(sizes)):
            self.params[f"W{i}"] = init((sizes[i], sizes[i - 1]), sizes[i - 1], sizes[i], rng=rng)
            self.params[f"b{i}"] = np.zeros(sizes[i])

    def energy(self, *layers: Array) -> Array:
        """Return E(v, h¹, …, h^L) of every example, (m,) (eq-dbm-energy)."""
        self._checked(layers)
        E = -sum(x @ self._bias(i) for i, x in enumerate(layers))
        for i in range(1, len(layers)):
            E = E - ((layers[i] @ self.params[f"W{i}"]) * layers[i - 1]).sum(axis=1)
        return np.asarray(E)

    def conditional(self, i: int, layers: Layers) -> Array:
        """Return P(h^i_j = 1 | the layers next to it), (m, sizes[i]) (eq-dbm-conditional).

        σ(b^i + W^i h^{i−1} + (W^{i+1})ᵀ h^{i+1}): what comes from below and from above. Only the neighbours of
        layer i are read. Probabilities in their place give the step of mean field (eq-mean-field).
        """
        Z = np.zeros((len(layers[0]), self.sizes[i]), layers[0].dtype) + self._bias(i)
        if i > 0:
            Z += layers[i - 1] @ self.params[f"W{i}"].T
        if i < len(self.sizes) - 1:
            Z += layers[i + 1] @ self.params[f"W{i + 1}"]
        return logistic_in_place(Z)

    def as_rbm(self) -> BernoulliRBM:
        """Return the same distribution as a restricted machine (eq-dbm-odd-even).

        Its visible units are the even layers side by side, its hidden units the odd ones; its W has zeros where layers
        do not touch. :meth:`even`, :meth:`odd` and :meth:`apart` go from layers to its sides and back.
        """
        even, odd = self._places(0), self._places(1)
        rbm = BernoulliRBM(sum(self.sizes[0::2]), sum(self.sizes[1::2]), rng=np.random.default_rng(0))
        rbm.params = {
            "W": np.zeros_like(rbm.params["W"], dtype=self.params["a"].dtype),
            "a": np.concatenate([self._bias(i) for i in even]),
            "b": np.concatenate([self._bias(i) for i in odd]),
        }
        for i in range(1, len(self.sizes)):
            W = self.params[f"W{i}"]
            rows, columns = (odd[i], even[i - 1]) if i % 2 else (odd[i - 1], even[i])
            rbm.params["W"][rows, columns] = W if i % 2 else W.T
        return rbm

    def even(self, layers: Layers) -> Array:
        """Return layers 0, 2, 4, … side by side, the visible side of :meth:`as_rbm`."""
        return np.concatenate(self._checked(layers)[0::2], axis=1)

    def odd(self, layers: Layers) -> Array:
        """Return layers 1, 3, … side by side, the hidden side of :meth:`as_rbm`."""
        return np.concatenate(self._checked(layers)[1::2], axis=1)

    def apart(self, even: Array, odd: Array) -> list[Array]:
        """Return the layers v, h¹, …, h^L that stand side by side in ``even`` and ``odd``."""
        sides = (self._places(0), even), (self._places(1), odd)
        return [sides[i % 2][1][:, sides[i % 2][0][i]] for i in range(len(self.sizes))]

    def from_rbm_grads(self, grads: Params) -> Params:
        """Return gradients of :meth:`as_rbm`, or anything with its keys and shapes, under the names of this machine."""
        even, odd = self._places(0), self._places(1)
        own = {"a": grads["a"][even[0]]}
        for i in range(1, len(self.sizes)):
            rows, columns = (odd[i], even[i - 1]) if i % 2 else (odd[i - 1], even[i])
            W = grads["W"][rows, columns]
            own |= {f"W{i}": W if i % 2 else W.T, f"b{i}": grads["b"][odd[i]] if i % 2 else grads["a"][even[i]]}
        return own

    def _places(self, first: int) -> dict[int, slice]:
        """Return where each even (``first=0``) or odd (1) layer stands among its like."""
        ends = np.cumsum([0, *self.sizes[first::2]])
        return {first + 2 * n: slice(ends[n], ends[n + 1]) for n in range(len(ends) - 1)}

    def _bias(self, i: int) -> Array:
        return self.params[f"b{i}" if i else "a"]

    def _checked(self, layers: Layers) -> Layers:
        if len(layers) != len(self.sizes):
            raise ValueError(f"DBM expects {len(self.sizes)} layers, v and those above it, got {len(layers)}")
        for i, x in enumerate(layers):
            same_shape(
                "DBM", as_batch("DBM", x, self.sizes[i], f"layer {i}"), (len(layers[0]), self.sizes[i]), f"layer {i}"
            )
        return layers
