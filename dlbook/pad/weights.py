"""A network as the page needs it: the list of its layers, and all weights as numbers of 16 bits in base64."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from dlbook.activations import ReLU
from dlbook.conv import Conv2D
from dlbook.dense import Dense
from dlbook.dropout import Dropout
from dlbook.layer import Flatten, Layer
from dlbook.pool import MaxPool2D
from dlbook.sequential import Sequential
from dlbook.shapes import Array

KNOWN = "Conv2D with stride 1 and equal padding, ReLU, MaxPool2D without overlap or padding, Flatten, Dense and Dropout"


def describe(model: Sequential) -> list[dict[str, Any]]:
    """Return what each layer is and how many weights it has; what does nothing in a prediction is left out.

    Raises:
        TypeError: ``network.js`` has no such layer.
    """
    return [_layer(layer) for layer in model.layers if not isinstance(layer, Flatten | Dropout)]


def _layer(layer: Layer) -> dict[str, Any]:
    if isinstance(layer, ReLU):
        return {"kind": "relu"}
    if isinstance(layer, Dense):
        return {"kind": "dense", **_counts(layer)}
    if isinstance(layer, Conv2D) and layer.stride == (1, 1) and _square(layer) and layer.padding in _whole(layer):
        padding = _whole(layer)[layer.padding]
        return {"kind": "conv", "size": layer.size[0], "padding": padding, **_counts(layer)}
    if isinstance(layer, MaxPool2D) and layer.stride == layer.size and _square(layer) and layer.padding in ("valid", 0):
        return {"kind": "pool", "size": layer.size[0]}
    raise TypeError(f"a drawing pad's page computes {KNOWN}; it has nothing for {layer!r}")


def _square(layer: Conv2D | MaxPool2D) -> bool:
    return layer.size[0] == layer.size[1]


def _whole(layer: Conv2D) -> dict[str | int, int]:
    """Return the paddings that put the same number of zeros on all sides, and this number."""
    k = layer.size[0]
    same: dict[str | int, int] = {"same": k // 2} if k % 2 else {}
    return {"valid": 0, **same, **{n: n for n in range(k)}}


def _counts(layer: Layer) -> dict[str, int]:
    return {"weights": layer.params["W"].size, "biases": layer.params["b"].size}


def encode(model: Sequential) -> str:
    """Return all weights, layer by layer, W before b, as base64 of little-endian numbers of 16 bits.

    Such a number has three digits; that moves a probability by less than a percent. To get equal answers, round the
    model in the same way: ``model.astype(np.float16).astype(np.float32)``.

    Raises:
        ValueError: a weight is not finite, or too large for 16 bits.
    """
    numbers: Array = np.concatenate(
        [layer.params[name].ravel() for layer in model.layers if layer.params for name in "Wb"]
    )
    if not np.abs(numbers).max() <= np.finfo(np.float16).max:  # a comparison with nan is false
        raise ValueError(f"the page's weights have 16 bits, at most 65504, got {np.abs(numbers).max():g}")
    return base64.b64encode(numbers.astype("<f2").tobytes()).decode()
