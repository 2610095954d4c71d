"""Bugs for the equations of chapter 8: what a forward pass of images gets wrong."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from dlbook import Conv2D, Flatten, MaxPool2D, RadialBasis, ScaledTanh, Subsample2D, TableConv2D, im2col

convolution, largest, subsample = Conv2D.forward, MaxPool2D.forward, Subsample2D.forward


def with_turned_kernels(self: Conv2D, X: Any, rng: Any = None) -> Any:
    """A true convolution."""
    turned = copy.copy(self)
    turned.params = {"W": self.params["W"][..., ::-1, ::-1], "b": self.params["b"]}
    return convolution(turned, X)


def bias_for_every_channel(self: Conv2D, X: Any, rng: Any = None) -> Any:
    """The bias added once for each map that comes in."""
    Z, cache = convolution(self, X)
    return Z + (self.c_in - 1) * self.params["b"][:, None, None], cache


def over_all_maps(self: MaxPool2D, X: Any, rng: Any = None) -> Any:
    """One maximum for all maps together."""
    Y, cache = largest(self, X)
    return np.broadcast_to(Y.max(axis=1, keepdims=True), Y.shape), cache


def channels_last(self: Flatten, X: Any, rng: Any = None) -> Any:
    """The channels of one place side by side."""
    return np.moveaxis(X, 1, -1).reshape(len(X), -1), X.shape


def column_by_column(X: Any, size: int, *how: Any) -> Any:
    """Windows read down their columns."""
    C = im2col(X, size, *how)
    return C.reshape(-1, size, size).transpose(0, 2, 1).reshape(C.shape)


def mean_in_place_of_sum(self: Subsample2D, X: Any, rng: Any = None) -> Any:
    """A quarter of the window's sum."""
    return subsample(self, X / self.area)


def every_kernel_everywhere(self: TableConv2D, X: Any, rng: Any = None) -> Any:
    """The first kernel where the table has none."""
    conv = copy.copy(self.conv)
    conv.params = {"W": self.params["W"][self.place], "b": self.params["b"]}
    return conv.forward(X)


def nearest_is_smallest(self: RadialBasis, X: Any, rng: Any = None) -> Any:
    """The distance itself."""
    away = X[:, None] - self.centres
    return (away**2).sum(axis=-1), away


BUGS = {
    "eq-conv-forward": (Conv2D, "forward", with_turned_kernels),
    "eq-conv-forward-index": (Conv2D, "forward", bias_for_every_channel),
    "eq-full-as-conv": (Flatten, "forward", channels_last),
    "eq-pool-forward": (MaxPool2D, "forward", over_all_maps),
    "eq-flatten": (Flatten, "forward", channels_last),
    "eq-im2col": ("dlbook.im2col", None, column_by_column),
    "eq-im2col-product": ("dlbook.im2col", None, column_by_column),
    "eq-column-product": (Conv2D, "forward", with_turned_kernels),
    "eq-scaled-tanh": (ScaledTanh, "forward", lambda self, X, rng=None: (np.tanh(X), X)),
    "eq-subsample": (Subsample2D, "forward", mean_in_place_of_sum),
    "eq-table-conv": (TableConv2D, "forward", every_kernel_everywhere),
    "eq-radial-basis": (RadialBasis, "forward", nearest_is_smallest),
}
