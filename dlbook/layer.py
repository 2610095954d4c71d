"""What a layer is.

Objects hold parameters, calls hold state: ``forward`` returns its cache to the caller and ``backward`` takes it back.
A layer never writes to itself, so one layer can be applied many times, which is all that weight sharing and
back-propagation through time need.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self, TypeAlias

import numpy as np

from dlbook.shapes import Array, as_numbers, upstream

Params: TypeAlias = dict[str, Array]
Cache: TypeAlias = Any


class Parametrized:
    """Something that learns: a layer, or a machine of chapter 12.

    Attributes:
        params: the parameters by name, ``{}`` where there are none. Optimizers change the arrays in place.
    """

    params: Params

    @property
    def n_params(self) -> int:
        """How many numbers there are to learn; a parameter that several layers share counts once."""
        return sum(p.size for p in {id(p): p for p in self.params.values()}.values())

    def astype(self, dtype: type[np.floating[Any]]) -> Self:
        """Convert the parameters to ``dtype`` (``np.float32`` halves memory and time) and return the object.

        A parameter that several layers share stays one.
        """
        if np.dtype(dtype).kind != "f":
            raise TypeError(
                f"parameters are floating-point numbers, got {np.dtype(dtype)}: use np.float32 or np.float64"
            )
        params = self.params
        converted = {id(p): p.astype(dtype) for p in params.values()}
        for name, p in list(params.items()):
            params[name] = converted[id(p)]
        return self

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {p.shape}" for name, p in self.params.items())
        return f"{type(self).__name__}({shapes})"


class Layer(Parametrized, ABC):
    """A differentiable function of a batch, with parameters."""

    def __init__(self) -> None:
        self.params = {}

    @abstractmethod
    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Return the output Y for the batch X, and the cache that :meth:`backward` needs.

        With ``rng`` the layer is being trained (dropout and noise draw from it), without it predicts. The cache may
        hold X or Y themselves: do not write into them before ``backward``.
        """

    @abstractmethod
    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Return dX = ∂J/∂X and the gradients of the parameters, from dY = ∂J/∂Y and the cache of ``forward``.

        The gradients have exactly the keys and shapes of ``params``. Neither argument is written to.
        """

    def param_grads(self, dY: Array, cache: Cache) -> Params:
        """Return only the gradients of the parameters.

        The first layer of a network needs no ∂J/∂X: nothing lies before it. Layers for which ∂J/∂X is expensive
        override this.
        """
        return self.backward(dY, cache)[1]

    def __call__(self, X: Array) -> Array:
        """Predict: the output alone."""
        return self.forward(X)[0]


class Flatten(Layer):
    """Lay each example out as one row: (m, …) → (m, n)."""

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, tuple[int, ...]]:
        """Return X of shape (m, …) as (m, n)."""
        X = as_numbers("Flatten", X)
        if X.ndim < 2:
            raise ValueError(
                f"Flatten expects X of shape (m, …), got {X.shape}: one example is a batch of one, X[None]"
            )
        return X.reshape(len(X), -1), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Params]:
        """Give the gradient the shape that X had."""
        return upstream("Flatten", dY, (cache[0], int(np.prod(cache[1:])))).reshape(cache), {}
