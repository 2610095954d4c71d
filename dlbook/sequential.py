"""Layers in a stack: a network is itself a layer.

Its parameters are the layers' own arrays, under keys such as ``"0.W"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlbook.layer import Cache, Layer, Params
from dlbook.shapes import Array, as_array, same_shape


class _StackParams(dict[str, Array]):
    """The parameters of all layers under keys such as ``"0.W"``; assigning to a key replaces the layer's own array.

    A copy is a plain dictionary, which belongs to no layer.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__((f"{i}.{name}", p) for i, layer in enumerate(layers) for name, p in layer.params.items())
        self._layers = layers

    def __setitem__(self, key: str, value: Array) -> None:
        if key not in self:
            raise KeyError(f"no parameter {key!r}: there are {', '.join(self)}")
        value = as_array(value)
        same_shape("Sequential", value, self[key].shape, key)
        index, name = key.split(".", 1)
        self._layers[int(index)].params[name] = value
        super().__setitem__(key, value)

    def update(self, *arrays: Any, **more: Array) -> None:  # dict's own would pass by __setitem__
        for key, value in dict(*arrays, **more).items():
            self[key] = value

    def __ior__(self, arrays: Any) -> _StackParams:  # type: ignore[override, misc]  # narrower than dict's
        self.update(arrays)
        return self

    def __reduce__(self) -> tuple[type[Params], tuple[Params]]:
        return dict, (dict(self),)

    def __delitem__(self, key: str) -> None:
        raise TypeError(f"parameter {key!r} belongs to a layer: it can be replaced, not removed")


class Sequential(Layer):
    """Layers one after another: the output of each is the input of the next (eq-forward-recursion).

    Going back, the chain rule runs through the same list in reverse (eq-backprop-recursion).
    """

    def __init__(self, *layers: Layer) -> None:
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"Sequential expects layers, got {layer!r} at place {i}: write Sequential(Dense(…), …)")
        if not layers:
            raise ValueError("Sequential expects at least one layer, got none")
        self.layers = layers

    @property
    def params(self) -> Params:
        """The layers' own arrays, under keys such as ``"0.W"``; a layer that stands twice has two keys."""
        return _StackParams(self.layers)

    @params.setter
    def params(self, arrays: Params) -> None:
        if arrays.keys() != self.params.keys():
            raise ValueError(f"Sequential expects the parameters {list(self.params)}, got {list(arrays)}")
        self.params.update(arrays)

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, list[Cache]]:
        """Apply all layers; the cache is the list of theirs."""
        caches = []
        for i, layer in enumerate(self.layers):
            try:
                X, cache = layer.forward(X, rng)
            except (TypeError, ValueError) as error:
                error.add_note(f"(layer {i} of Sequential, {layer!r})")
                raise
            caches.append(cache)
        return X, caches

    def backward(self, dY: Array, cache: list[Cache]) -> tuple[Array, Params]:
        """Carry dY back through all layers."""
        dY, grads = self._back_to(0, dY, cache)
        dY, own = self.layers[0].backward(dY, cache[0])
        return dY, {f"0.{name}": g for name, g in own.items()} | grads

    def param_grads(self, dY: Array, cache: list[Cache]) -> Params:
        """Carry dY back to the first layer, and stop at its parameters."""
        dY, grads = self._back_to(0, dY, cache)
        own = self.layers[0].param_grads(dY, cache[0])
        return {f"0.{name}": g for name, g in own.items()} | grads

    def _back_to(self, stop: int, dY: Array, cache: list[Cache]) -> tuple[Array, Params]:
        """Carry dY back to the output of layer ``stop``; also return the gradients met on the way."""
        grads: Params = {}
        for i in range(len(self.layers) - 1, stop, -1):
            dY, own = self.layers[i].backward(dY, cache[i])
            grads = {f"{i}.{name}": g for name, g in own.items()} | grads
        return dY, grads

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"
