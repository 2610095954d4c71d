"""What LeNet-5 had in 1998 and networks no longer have (LeCun et al. 1998, II.B and appendix A).

A squashing function with a slope and a height of its own, sub-sampling that learns, a convolution whose maps see only
some of the maps before, and an output that compares with pictures of the characters.
"""

from __future__ import annotations

import copy

import numpy as np

from dlbook.conv import Conv2D
from dlbook.init import Initializer
from dlbook.layer import Cache, Layer, Params
from dlbook.pool import AvgPool2D
from dlbook.shapes import Array, as_batch, as_numbers, generator, positive_int, upstream
from dlbook.windows import Size, as_images

Rng = np.random.Generator | None
Table = tuple[tuple[int, ...], ...]


def fan_in_uniform(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> Array:
    """Uniform on ±2.4 / n_in: keeps the squashing functions away from their flat ends."""
    return rng.uniform(-2.4 / n_in, 2.4 / n_in, size=shape)


class ScaledTanh(Layer):
    """A tanh(S z) with A = 1.7159 and S = 2/3 (eq-scaled-tanh): ±1 go to ±1, where the curve bends most."""

    height = 1.7159
    slope = 2 / 3

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y of the shape of X, in (−1.7159, 1.7159)."""
        Y = self.height * np.tanh(self.slope * as_numbers("ScaledTanh", X))
        return Y, Y

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Scale δ by the derivative, S (A − y² / A)."""
        dY = upstream("ScaledTanh", dY, cache.shape)
        return dY * (self.slope * (self.height - cache**2 / self.height)), {}


class Subsample2D(Layer):
    """Add up each window, times a_c plus b_c: one coefficient and one bias for each channel (eq-subsample).

    Shapes: a (c,), b (c,); X (m, c, H, W), Y (m, c, H', W').
    """

    def __init__(
        self, channels: int, size: Size = 2, *, rng: np.random.Generator, init: Initializer = fan_in_uniform
    ) -> None:
        positive_int("Subsample2D", channels, "channels")
        self.pool = AvgPool2D(size)
        self.size = self.pool.size
        self.area = self.size[0] * self.size[1]
        a = init((channels,), self.area, 1, rng=generator("Subsample2D", rng))
        self.params = {"a": a, "b": np.zeros(channels)}

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is that of the pooling, and the sums."""
        mean, cache = self.pool.forward(as_images("Subsample2D", X, len(self.params["a"])))
        total = self.area * mean
        return self._wide("a") * total + self._wide("b"), (cache, total)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Every pixel of a window receives a δ; ∂J/∂a sums δ times the window's sum, ∂J/∂b sums δ."""
        pooled, total = cache
        dY = upstream("Subsample2D", dY, total.shape)
        dX, _ = self.pool.backward(self.area * self._wide("a") * dY, pooled)
        return dX, {"a": (dY * total).sum(axis=(0, 2, 3)), "b": dY.sum(axis=(0, 2, 3))}

    def _wide(self, name: str) -> Array:
        return self.params[name][:, None, None]


class TableConv2D(Layer):
    """A convolution whose output map o sees only the input maps ``table[o]`` (eq-table-conv).

    Only the kernels that exist are parameters, in the order of the table. They are laid into the kernels of a
    :class:`dlbook.conv.Conv2D`, zeros elsewhere, which does the work.

    Shapes: W (pairs, k, k), b (c_out,); X (m, c_in, H, W), Y (m, c_out, H', W').
    """

    def __init__(
        self, c_in: int, table: Table, size: Size, *, rng: np.random.Generator, init: Initializer = fan_in_uniform
    ) -> None:
        seen = set(range(positive_int("TableConv2D", c_in, "c_in")))
        if not table or not all(maps and set(maps) <= seen and len(maps) == len(set(maps)) for maps in table):
            raise ValueError(
                f"TableConv2D expects for every output map some of the maps 0 to {c_in - 1}, each once, got {table}"
            )
        self.table, self.c_out = table, len(table)
        self.conv = Conv2D(c_in, self.c_out, size, rng=generator("TableConv2D", rng))
        self.size = self.conv.size
        self.pairs = tuple(np.array([(o, i) for o, maps in enumerate(table) for i in maps]).T)
        self.place = np.zeros((self.c_out, c_in), dtype=int)  # where a pair's kernel stands among the parameters
        self.place[self.pairs] = np.arange(len(self.pairs[0]))
        self.exists = np.zeros((self.c_out, c_in, 1, 1), dtype=bool)
        self.exists[self.pairs] = True
        area = self.size[0] * self.size[1]
        kernels = [init((len(maps), *self.size), len(maps) * area, area, rng=rng) for maps in table]
        self.params = {"W": np.concatenate(kernels), "b": np.zeros(self.c_out)}

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Z; the cache is the convolution with these kernels, and its own."""
        conv = copy.copy(self.conv)
        conv.params = {"W": self.params["W"][self.place] * self.exists, "b": self.params["b"]}
        Z, cache = conv.forward(X)
        return Z, (conv, cache)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """As the convolution; kernels that do not exist have no gradient."""
        conv, inner = cache
        dX, grads = conv.backward(dY, inner)
        return dX, {"W": grads["W"][self.pairs], "b": grads["b"]}


class RadialBasis(Layer):
    """Minus the squared distance to fixed centres, y_i = −Σ_j (x_j − w_ij)² (eq-radial-basis): the nearest is largest.

    Followed by the cross-entropy of softmax this is the loss of the paper (eq. 9) without its constant class for what
    is no character. The centres are not learned.

    Shapes: X (m, n), centres (classes, n), Y (m, classes).
    """

    def __init__(self, centres: Array) -> None:
        super().__init__()
        self.centres = as_numbers("RadialBasis", centres, "centres")

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is X minus each centre."""
        X = as_batch("RadialBasis", X, self.centres.shape[1])
        away = X[..., None, :] - self.centres.astype(X.dtype)  # (m, classes, n)
        return -np.einsum("...ij,...ij->...i", away, away), away

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """∂y_i/∂x_j = −2 (x_j − w_ij)."""
        dY = upstream("RadialBasis", dY, cache.shape[:-1])
        return -2 * np.einsum("...i,...ij->...j", dY, cache), {}
