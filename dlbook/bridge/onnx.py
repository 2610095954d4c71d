"""To ONNX, the file format for networks that many programs read.

A file holds the weights and a graph of operations. It says nothing about training.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.activations import LeakyReLU, Maxout, PReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from dlbook.atomic import writing
from dlbook.bridge import onnx_images as images
from dlbook.bridge import onnx_recurrent as recurrent
from dlbook.bridge.graph import Graph
from dlbook.bridge.needed import form_of, needed
from dlbook.conv import Conv2D
from dlbook.dense import Dense
from dlbook.dropout import Dropout, GaussianNoise
from dlbook.layer import Flatten, Layer
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.sequential import Sequential
from dlbook.shapes import Array, as_numbers
from dlbook.unrolled import Recurrent


def to_onnx(model: Layer, X: Array, path: str | os.PathLike[str] | None = None) -> Any:
    """Return the network as an ``onnx.ModelProto``, checked, and write it to ``path`` if that is given.

    The file predicts: dropout and noise have no part in it. Its input is called ``X``, its output ``Y``; the number of
    examples is left open, and so is the number of steps where the first layer is recurrent. The constants that are
    weights have the names and shapes that they have in ``model.params``.

    Args:
        model: a network made of the book's layers.
        X: one batch as the network will see it, for its shape and precision; its numbers do not matter.
        path: the file, such as ``"net.onnx"``.

    Raises:
        ModuleNotFoundError: the package onnx is not installed.
        TypeError: a layer that is not of the book, or the precision of X is not that of the parameters.
        ValueError: X does not fit the network.
        FileNotFoundError, OSError: the file cannot be written; an older one of that name is then still whole.
    """
    onnx = needed("onnx", "to_onnx")
    X = as_numbers("to_onnx", X)[:1]
    g = Graph(_precision(model, X))
    Y, y = _add(g, model, X, "X", "")
    g.place = ""
    g.nodes.append(onnx.helper.make_node("Identity", [y], ["Y"], name="Y"))
    steps: list[str | int] = ["T"] if X.ndim == 3 and isinstance(_first(model), Recurrent) else list(X.shape[1:2])
    outputs = [None] * (Y.ndim - 1) if "T" in steps else list(Y.shape[1:])
    proto = g.model(
        [g.value("X", ("m", *steps, *X.shape[2:]))], [g.value("Y", ("m", *outputs[:-1], *Y.shape[Y.ndim - 1 :]))]
    )
    onnx.checker.check_model(proto, full_check=True)
    if path is not None:
        with writing(path) as file:
            file.write(proto.SerializeToString())
    return proto


def _precision(model: Layer, X: Array) -> np.dtype[Any]:
    found = {X.dtype} | {p.dtype for p in model.params.values()}
    if len(found) > 1 or X.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"to_onnx expects X and the parameters in one precision, float32 or float64, got X as {X.dtype} and "
            f"parameters as {', '.join(sorted(map(str, {p.dtype for p in model.params.values()}))) or 'none'}: "
            f"convert the network, model.astype(np.float32), or X"
        )
    return X.dtype


def _first(model: Layer) -> Layer:
    return _first(model.layers[0]) if isinstance(model, Sequential) else model


def _add(g: Graph, layer: Layer, X: Array, x: str, place: str) -> tuple[Array, str]:
    """Add the layer's nodes; return its output for X, whose shape the next layer needs, and the output's name."""
    if isinstance(layer, Sequential):
        for i, inner in enumerate(layer.layers):
            X, x = _add(g, inner, X, x, f"{place}{i}.")
        return X, x
    write = form_of(FORMS, layer, "ONNX")
    g.place = place
    return layer(X), write(g, layer, X, x)


def _dense(g: Graph, layer: Dense, X: Array, x: str) -> str:
    W, b = (g.weight(name, layer.params[name]) for name in ("W", "b"))
    if X.ndim == 2:
        return g.add("Gemm", x, W, b, transB=1)
    return g.add("Add", g.add("MatMul", x, g.add("Transpose", W)), b)


def _prelu(g: Graph, layer: PReLU, X: Array, x: str) -> str:
    a = g.weight("a", layer.params["a"])
    if X.ndim > 2:
        a = g.add("Unsqueeze", a, g.whole(*range(1, X.ndim - 1)))
    return g.add("PRelu", x, a)


def _maxout(g: Graph, layer: Maxout, X: Array, x: str) -> str:
    pieces, n_out, n_in = layer.params["W"].shape
    W, b = (g.weight(name, layer.params[name]) for name in ("W", "b"))
    rows = g.add("Reshape", W, g.whole(pieces * n_out, n_in))
    Z = g.add("MatMul", x, g.add("Transpose", rows))
    Z = g.add("Reshape", Z, g.whole(*[0] * (X.ndim - 1), pieces, n_out))
    return g.add("ReduceMax", g.add("Add", Z, b), axes=[-2], keepdims=0)


def _softplus(g: Graph, layer: Softplus, X: Array, x: str) -> str:
    if g.single:
        return g.add("Softplus", x)
    small = g.add("Exp", g.add("Neg", g.add("Abs", x)))
    return g.add("Add", g.add("Relu", x), g.add("Log", g.add("Add", small, g.number(1))))


def _sigmoid(g: Graph, layer: Sigmoid, X: Array, x: str) -> str:
    return g.add("Sigmoid", x if layer.slope == 1 else g.add("Mul", x, g.number(layer.slope)))


def _scaled_tanh(g: Graph, layer: ScaledTanh, X: Array, x: str) -> str:
    return g.add("Mul", g.number(layer.height), g.add("Tanh", g.add("Mul", x, g.number(layer.slope))))


def _radial_basis(g: Graph, layer: RadialBasis, X: Array, x: str) -> str:
    away = g.add("Sub", g.add("Unsqueeze", x, g.whole(-2)), g.number(layer.centres))
    return g.add("Neg", g.add("ReduceSum", g.add("Mul", away, away), g.whole(-1), keepdims=0))


def _last_step(g: Graph, layer: LastStep, X: Array, x: str) -> str:
    return g.add("Gather", x, g.add("Squeeze", g.whole(-1)), axis=1)


def _same(g: Graph, layer: Layer, X: Array, x: str) -> str:
    """Add nothing: the layer changes nothing when the network predicts."""
    return x


FORMS: dict[type[Layer], Callable[[Graph, Any, Array, str], str]] = {
    Dense: _dense,
    Conv2D: images.convolution,
    MaxPool2D: images.max_pool,
    AvgPool2D: images.average_pool,
    L2Pool2D: images.l2_pool,
    Flatten: lambda g, layer, X, x: g.add("Flatten", x),
    Sigmoid: _sigmoid,
    Tanh: lambda g, layer, X, x: g.add("Tanh", x),
    ReLU: lambda g, layer, X, x: g.add("Relu", x),
    LeakyReLU: lambda g, layer, X, x: g.add("PRelu", x, g.number(layer.slope)),  # LeakyRelu's slope is a float32
    PReLU: _prelu,
    Maxout: _maxout,
    Softplus: _softplus,
    Softmax: lambda g, layer, X, x: g.add("Softmax", x, axis=-1),
    Dropout: _same,
    GaussianNoise: _same,
    RNN: recurrent.rnn,
    LSTM: recurrent.lstm,
    LastStep: _last_step,
    ScaledTanh: _scaled_tanh,
    Subsample2D: images.subsample,
    TableConv2D: images.table_convolution,
    RadialBasis: _radial_basis,
}
