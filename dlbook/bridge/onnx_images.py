"""Layers that look through windows, as ONNX nodes.

In float64 onnxruntime has neither convolution nor average pooling. There they are made of what it has: one strided
slice of the padded images for every place in the window, as in :mod:`dlbook.pool`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.bridge.graph import Graph
from dlbook.conv import Conv2D
from dlbook.lenet1998 import Subsample2D, TableConv2D
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.shapes import Array
from dlbook.windows import Span, spans


def _spans(layer: Any, X: Array) -> tuple[Span, ...]:
    return spans(type(layer).__name__, X.shape[2:], layer.size, layer.stride, layer.padding)


def _window(layer: Any, X: Array) -> dict[str, Any]:
    """Return the attributes that ONNX has for windows; ``pads`` as rows and columns before, then after."""
    rows, columns = _spans(layer, X)
    pads = [rows.before, columns.before, rows.after, columns.after]
    return {"kernel_shape": layer.size, "strides": layer.stride, "pads": pads}


def _places(g: Graph, layer: Any, X: Array, x: str) -> list[str]:
    """Return the values that all windows see at each place of theirs, row by row, each (m, c, H', W')."""
    rows, columns = _spans(layer, X)
    pads = (0, 0, rows.before, columns.before, 0, 0, rows.after, columns.after)
    if any(pads):
        x = g.add("Pad", x, g.whole(*pads))
    axes, steps, found = g.whole(2, 3), g.whole(*layer.stride), []
    for i, j in np.ndindex(layer.size):
        seen = rows.seen(i, layer.stride[0]), columns.seen(j, layer.stride[1])
        starts, ends = (g.whole(*(getattr(s, end) for s in seen)) for end in ("start", "stop"))
        found.append(g.add("Slice", x, starts, ends, axes, steps))
    return found


def max_pool(g: Graph, layer: MaxPool2D, X: Array, x: str) -> str:
    """Add a maximum pooling."""
    return g.add("MaxPool", x, **_window(layer, X))


def average_pool(g: Graph, layer: AvgPool2D, X: Array, x: str) -> str:
    """Add an average pooling; zeros of the padding count."""
    if g.single:
        return g.add("AveragePool", x, count_include_pad=1, **_window(layer, X))
    return g.add("Div", g.add("Sum", *_places(g, layer, X, x)), g.number(layer.size[0] * layer.size[1]))


def l2_pool(g: Graph, layer: L2Pool2D, X: Array, x: str) -> str:
    """Add a pooling that takes the length of each window."""
    return g.add("Sqrt", g.add("Sum", *_places(g, layer, X, g.add("Mul", x, x))))


def subsample(g: Graph, layer: Subsample2D, X: Array, x: str) -> str:
    """Add the sub-sampling of 1998: the sum of each window, times the channel's coefficient, plus its bias."""
    total = g.add("Sum", *_places(g, layer.pool, X, x))
    a, b = (_wide(g, g.weight(name, layer.params[name])) for name in ("a", "b"))
    return g.add("Add", g.add("Mul", total, a), b)


def convolution(g: Graph, layer: Conv2D, X: Array, x: str) -> str:
    """Add a convolution."""
    return _correlate(g, layer, X, x, g.weight("W", layer.params["W"]), g.weight("b", layer.params["b"]))


def table_convolution(g: Graph, layer: TableConv2D, X: Array, x: str) -> str:
    """Add a convolution whose kernels are laid out by a table, zeros where there is none."""
    W = g.add("Gather", g.weight("W", layer.params["W"]), _indices(g, layer.place), axis=0)
    W = g.add("Mul", W, g.number(layer.exists))
    return _correlate(g, layer.conv, X, x, W, g.weight("b", layer.params["b"]))


def _correlate(g: Graph, layer: Conv2D, X: Array, x: str, W: str, b: str) -> str:
    if g.single:
        return g.add("Conv", x, W, b, **_window(layer, X))
    rows, columns = _spans(layer, X)
    long = layer.size[0] * layer.size[1] * layer.c_in
    windows = g.add("Concat", *_places(g, layer, X, x), axis=1)  # (m, k·k·c_in, H', W')
    windows = g.add("Reshape", windows, g.whole(0, long, rows.out * columns.out))
    kernels = g.add("Transpose", W, perm=[0, 2, 3, 1])
    Z = g.add("MatMul", g.add("Reshape", kernels, g.whole(layer.c_out, long)), windows)  # (m, c_out, H'·W')
    return g.add("Add", g.add("Reshape", Z, g.whole(0, layer.c_out, rows.out, columns.out)), _wide(g, b))


def _wide(g: Graph, name: str) -> str:
    """Return one number per channel so that it meets images."""
    return g.add("Unsqueeze", name, g.whole(1, 2))


def _indices(g: Graph, a: Array) -> str:
    return g.add("Reshape", g.whole(*a.ravel().tolist()), g.whole(*a.shape))
