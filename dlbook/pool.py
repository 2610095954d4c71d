"""Pooling: one number for every window.

What a window looks at is written as k·k shifted views of the batch, one for each place in the window, so that all
windows are worked on at once and nothing is copied.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from dlbook.layer import Cache, Layer, Params
from dlbook.shapes import Array, upstream
from dlbook.windows import Padding, Size, as_images, as_padding, frame, pair, spans

Rng = np.random.Generator | None


class Pooling(Layer):
    """What all pooling layers share: where their windows lie, and how a number for each is reached."""

    def __init__(self, size: Size, stride: Size | None = None, padding: Padding = "valid") -> None:
        super().__init__()
        who = type(self).__name__
        self.size = pair(who, size, "size")
        self.stride = self.size if stride is None else pair(who, stride, "stride")
        self.padding = as_padding(who, padding)
        if not isinstance(padding, str) and padding > min(self.size) // 2:
            raise ValueError(
                f"{who} expects padding of at most half the window, {min(self.size) // 2}, got {padding}: "
                f"a window that lies on padding alone has nothing to look at"
            )

    def _frame(self, X: Array, fill: float) -> tuple[Array, tuple[slice, slice]]:
        """Return X with padding around it, and on which rows and columns of it X lies."""
        rows, columns = spans(type(self).__name__, X.shape[2:], self.size, self.stride, self.padding)
        return frame(X, rows, columns, fill), (rows.inside(X.shape[2]), columns.inside(X.shape[3]))

    def _places(self, framed: Array) -> list[Array]:
        """Return one view for each place in the window, (m, c, H', W'), row by row."""
        rows, columns = spans(type(self).__name__, framed.shape[2:], self.size, self.stride, "valid")
        step, step_w = self.stride
        return [framed[:, :, rows.seen(i, step), columns.seen(j, step_w)] for i, j in np.ndindex(self.size)]

    def _delta(self, dY: Array, Y: Array) -> Array:
        """Return dY, checked, in the memory order of Y: arrays of different orders add up several times slower."""
        dY = upstream(type(self).__name__, dY, Y.shape)
        if dY.strides == Y.strides:
            return dY
        delta = np.empty_like(Y, dtype=dY.dtype)
        delta[...] = dY
        return delta

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size {self.size}, stride {self.stride}, padding {self.padding!r})"


class MaxPool2D(Pooling):
    """The largest number in each window (eq-max-pool). Padding never wins.

    Args:
        size: height and width of the window, one number or a pair.
        stride: step of the window; ``size`` if not given, smaller where windows shall overlap.
        padding: "valid" (none), "same", or rings around the image, at most half the window.

    Shapes: X (m, c, H, W), Y (m, c, H', W').
    """

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is the padded X, and Y."""
        framed, inside = self._frame(as_images("MaxPool2D", X), -np.inf)
        Y = reduce(np.maximum, self._places(framed))
        return Y, (framed, inside, Y)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Give δ to the place that won (eq-backprop-max-pool); among equals the first, row by row (as in PyTorch)."""
        framed, inside, Y = cache
        delta = self._delta(dY, Y)
        disjoint = self.stride[0] >= self.size[0] and self.stride[1] >= self.size[1]
        dX, open_ = np.zeros_like(framed), np.ones_like(Y, dtype=bool)
        for x, dx in zip(self._places(framed), self._places(dX), strict=True):
            won = (x == Y) & open_
            open_ ^= won
            if disjoint:
                np.multiply(delta, won, out=dx)
            else:
                dx += delta * won
        return dX[:, :, *inside], {}


class AvgPool2D(Pooling):
    """The mean of each window (eq-average-pool). Zeros of the padding count, as by default in PyTorch.

    Arguments and shapes as for :class:`MaxPool2D`.
    """

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is the padded X."""
        framed, inside = self._frame(as_images("AvgPool2D", X), 0)
        places = self._places(framed)
        Y = sum(places[1:], start=places[0]) / len(places)
        return Y, (framed, inside)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Spread δ evenly over the window (eq-backprop-average-pool)."""
        framed, inside = cache
        dX = np.zeros_like(framed)
        places = self._places(dX)
        share = self._delta(dY, places[0]) / len(places)
        for dx in places:
            dx += share
        return dX[:, :, *inside], {}


class L2Pool2D(Pooling):
    """The length of each window, √Σ x² (eq-l2-pool; Goodfellow et al. 2016, section 9.3). Padding adds nothing.

    Arguments and shapes as for :class:`MaxPool2D`.
    """

    def forward(self, X: Array, rng: Rng = None) -> tuple[Array, Cache]:
        """Return Y; the cache is the padded X, and Y."""
        framed, inside = self._frame(as_images("L2Pool2D", X), 0)
        places = self._places(framed)
        Y = np.sqrt(sum((x * x for x in places[1:]), start=places[0] * places[0]))
        return Y, (framed, inside, Y)

    def backward(self, dY: Array, cache: Cache) -> tuple[Array, Params]:
        """Give every x the share x / y of δ (eq-backprop-l2-pool); where y = 0, the gradient is taken as 0."""
        framed, inside, Y = cache
        ratio = self._delta(dY, Y) / np.where(Y > 0, Y, 1)  # where y = 0, every x is 0
        dX = np.zeros_like(framed)
        for x, dx in zip(self._places(framed), self._places(dX), strict=True):
            dx += x * ratio
        return dX[:, :, *inside], {}
