"""Bugs for the equations of chapter 7: what windows that slide over a picture get wrong."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from dlbook import AvgPool2D, Conv2D, L2Pool2D, Layer, MaxPool2D, convolve, cross_correlate, windows
from dlbook.parts import Conv
from dlbook.receptive import Axis
from dlbook.rows import Row, Signal

forward, account, spans = Conv2D.forward, Conv.account, windows.spans


def not_turned(x: Any, k: Any, mode: Any = "full") -> Any:
    """The cross-correlation under the name of convolution."""
    return cross_correlate(x, k, mode)


def turned(x: Any, k: Any, mode: Any = "valid") -> Any:
    """The convolution under the name of cross-correlation."""
    return convolve(x, k, mode)


def one_place_late(x: Any, k: Any, mode: Any = "full") -> Any:
    """Everything moved by one."""
    return np.roll(convolve(x, k, mode), 1)


def transposed(k: Any) -> Any:
    """Rows and columns exchanged in place of half a turn."""
    return np.asarray(k).T[::-1]


def rounded_up(who: str, shape: Any, size: Any, stride: Any, padding: Any) -> Any:
    """A last place where the window hangs over the end."""
    found = []
    for span, n, k, s in zip(spans(who, shape, size, stride, padding), shape, size, stride, strict=True):
        left = (n + span.before + span.after - k) % s
        found.append(span._replace(out=span.out + bool(left)))
    return tuple(found)


def one_ring_too_many(who: str, shape: Any, size: Any, stride: Any, padding: Any) -> Any:
    """Source 002's SAME."""
    found = spans(who, shape, size, stride, padding)
    return tuple(s._replace(before=s.before + 1, after=s.after + 1) if padding == "same" else s for s in found)


def mean_of_channels(self: Conv2D, X: Any, rng: Any = None) -> Any:
    """The channels' sums averaged."""
    mean = copy.copy(self)
    mean.params = {"W": self.params["W"] / self.c_in, "b": self.params["b"]}
    return forward(mean, X)


def by_place(self: Conv2D, X: Any, rng: Any = None) -> Any:
    """Every row of the map a little louder than the one before: weights that are not shared."""
    Z, cache = forward(self, X)
    return Z * (1 + 0.1 * np.arange(Z.shape[2]))[:, None], cache


def once(self: Conv, at: Signal) -> Row:
    """Each weight multiplied once, not at every place."""
    row = account(self, at)
    return Row(row.name, row.window, row.parameters, row.parameters - self.channels, row.after)


def no_jump(self: Axis, count: int, size: int, stride: int, before: int) -> Axis:
    """The field grows by size − 1, whatever the strides."""
    return Axis(count, self.field + size - 1, self.jump * stride, self.start - before * self.jump)


def strides_added(self: Axis, count: int, size: int, stride: int, before: int) -> Axis:
    """The jump is a sum of strides."""
    return Axis(count, self.field + (size - 1) * self.jump, self.jump + stride - 1, self.start)


def from_zero(self: MaxPool2D, X: Any, rng: Any = None) -> Any:
    """Zeros that win."""
    return np.max([np.zeros_like(x) for x in self._places(X)[:1]] + self._places(X), axis=0), None


def half(self: AvgPool2D, X: Any, rng: Any = None) -> Any:
    """Divided by the side of the window."""
    return sum(self._places(X)[1:], start=self._places(X)[0]) / self.size[0], None


def root_of_mean(self: L2Pool2D, X: Any, rng: Any = None) -> Any:
    """The root of the mean square."""
    return np.sqrt(np.mean([x * x for x in self._places(X)], axis=0)), None


BUGS = {
    "eq-convolution-integral": ("dlbook.convolve", None, one_place_late),
    "eq-convolution-sum": ("dlbook.convolve", None, not_turned),
    "eq-two-dice": ("dlbook.convolve", None, not_turned),
    "eq-convolution-2d": ("dlbook.convolve", None, not_turned),
    "eq-cross-correlation": ("dlbook.cross_correlate", None, turned),
    "eq-rot180": ("dlbook.rot180", None, transposed),
    "eq-convolution-turned": ("dlbook.rot180", None, transposed),
    "eq-conv-output-size": (windows, "spans", rounded_up),
    "eq-same-zeros": (windows, "spans", one_ring_too_many),
    "eq-conv-channels": (Conv2D, "forward", mean_of_channels),
    "eq-conv-matrix": ("dlbook.cross_correlate", None, turned),
    "eq-conv-parameters": (Layer, "n_params", property(lambda self: self.params["W"].size)),
    "eq-conv-multiplications": (Conv, "account", once),
    "eq-equivariance": (Conv2D, "forward", by_place),
    "eq-receptive-field": (Axis, "windows", no_jump),
    "eq-jump": (Axis, "windows", strides_added),
    "eq-stacked-kernels": ("dlbook.convolve", None, not_turned),
    "eq-max-pool": (MaxPool2D, "forward", from_zero),
    "eq-average-pool": (AvgPool2D, "forward", half),
    "eq-l2-pool": (L2Pool2D, "forward", root_of_mean),
}
