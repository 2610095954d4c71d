"""Bugs for the equations of chapter 9: what people get wrong on the way back through a CNN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook import AvgPool2D, Conv2D, L2Pool2D, MaxPool2D, col2im, rot180

backward, param_grads, average_back, l2_back = (
    Conv2D.backward,
    Conv2D.param_grads,
    AvgPool2D.backward,
    L2Pool2D.backward,
)


def with_kernels(change: Callable[[Any], Any]) -> Any:
    """The way back with other kernels than the forward pass had."""

    def wrong(self: Conv2D, dY: Any, cache: Any) -> Any:
        kept, grads = self.params, self.param_grads(dY, cache)
        self.params = {"W": change(kept["W"]).copy(), "b": kept["b"]}
        dX = backward(self, dY, cache)[0]
        self.params = kept
        return dX, grads

    return wrong


def first_kernel_alone(W: Any) -> Any:
    """The others are forgotten, though they read the same maps."""
    return W * (np.arange(len(W)) == 0)[:, None, None, None]


def stride_in_the_wrong_place(self: Conv2D, dY: Any, cache: Any) -> Any:
    """δ is handed out to the last places, not to the first ones."""
    dX, grads = backward(self, dY, cache)
    return dX[:, :, ::-1, ::-1], grads


def moved(self: Conv2D, dY: Any, cache: Any) -> Any:
    """One ring too few is cut off."""
    dX, grads = backward(self, dY, cache)
    return np.roll(dX, 1, axis=2), grads


def to_all_equal(self: MaxPool2D, dY: Any, cache: Any) -> Any:
    """Every one of equal maxima gets δ."""
    framed, inside, Y = cache
    dX = np.zeros_like(framed)
    for x, dx in zip(self._places(framed), self._places(dX), strict=True):
        dx += dY * (x == Y)
    return dX[:, :, *inside], {}


def overwritten(self: AvgPool2D, dY: Any, cache: Any) -> Any:
    """Shares of overlapping windows overwrite each other."""
    framed, inside = cache
    dX = np.zeros_like(framed)
    for dx in self._places(dX):
        dx[...] = dY / np.prod(self.size)
    return dX[:, :, *inside], {}


def gradient(name: str, change: Callable[[Any, Any], Any]) -> Any:
    """One of the gradients is changed, as a function of itself and δ."""

    def wrong(self: Conv2D, dY: Any, cache: Any) -> Any:
        grads = param_grads(self, dY, cache)
        return grads | {name: change(grads[name], dY)}

    return wrong


def copies_averaged(C: Any, shape: Any, *args: Any, **keywords: Any) -> Any:
    """The inverse of im2col in place of its transpose."""
    copies = col2im(np.ones_like(C), shape, *args, **keywords)
    return col2im(C, shape, *args, **keywords) / np.maximum(copies, 1)


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-backprop-pool": (AvgPool2D, "backward", overwritten),
    "eq-backprop-average-pool": (AvgPool2D, "backward", overwritten),
    "eq-backprop-max-pool": (MaxPool2D, "backward", to_all_equal),
    "eq-backprop-l2-pool": (L2Pool2D, "backward", lambda self, dY, cache: (2 * l2_back(self, dY, cache)[0], {})),
    "eq-upsample": (
        AvgPool2D,
        "backward",
        lambda self, dY, cache: (np.prod(self.size) * average_back(self, dY, cache)[0], {}),
    ),
    "eq-pool-delta-sum": (MaxPool2D, "backward", to_all_equal),
    "eq-delta-maps": (Conv2D, "backward", with_kernels(rot180)),
    "eq-backprop-3x3": (Conv2D, "backward", with_kernels(rot180)),
    "eq-backprop-3x3-turned": (Conv2D, "backward", with_kernels(lambda W: W[:, :, ::-1])),
    "eq-backprop-conv-index": (Conv2D, "backward", with_kernels(rot180)),
    "eq-backprop-conv": (Conv2D, "backward", with_kernels(first_kernel_alone)),
    "eq-backprop-conv-delta": (Conv2D, "backward", with_kernels(rot180)),
    "eq-backprop-conv-stride": (Conv2D, "backward", with_kernels(rot180)),
    "eq-dilate": (Conv2D, "backward", stride_in_the_wrong_place),
    "eq-backprop-padding": (Conv2D, "backward", moved),
    "eq-gradient-kernel": (Conv2D, "param_grads", gradient("W", lambda dW, dY: rot180(dW))),
    "eq-gradient-kernel-slide": (Conv2D, "param_grads", gradient("W", lambda dW, dY: rot180(dW))),
    "eq-gradient-kernel-b": (Conv2D, "param_grads", gradient("b", lambda db, dY: dY.mean(axis=(0, 2, 3)))),
    "eq-gradient-im2col": (Conv2D, "param_grads", gradient("W", lambda dW, dY: dW / dY[:, 0].size)),
    "eq-backprop-im2col": (Conv2D, "backward", with_kernels(rot180)),
    "eq-col2im": ("dlbook.col2im", None, copies_averaged),
}
