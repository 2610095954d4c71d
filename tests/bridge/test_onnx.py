"""ONNX files: onnx's checker accepts them, and onnxruntime answers what dlbook answers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from bridge.sides import PRECISIONS, TOLERANCE, redrawn
from cases import LAYERS

from dlbook import LSTM, Conv2D, Dense, Dropout, Flatten, LastStep, Layer, MaxPool2D, ReLU, Sequential, Tanh, zoo
from dlbook.bridge import to_onnx


def run(proto: onnx.ModelProto | Path, X: np.ndarray) -> np.ndarray:
    """Return what onnxruntime answers, and no word of its own."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    content = proto if isinstance(proto, Path) else proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return session.run(["Y"], {"X": X})[0]


def agree(proto: onnx.ModelProto, layer: Layer, X: np.ndarray) -> None:
    ours, theirs = layer(X), run(proto, X)
    assert theirs.dtype == ours.dtype == X.dtype
    assert theirs.shape == ours.shape
    tolerance = TOLERANCE[X.dtype.type]
    np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance)


@PRECISIONS
@pytest.mark.parametrize("case", LAYERS)
def test_a_layer_answers_the_same(case: str, dtype: type) -> None:
    layer, X = redrawn(case, dtype)
    proto = to_onnx(layer, X)
    onnx.checker.check_model(proto, full_check=True)
    agree(proto, layer, X)
    agree(proto, layer, np.concatenate([X, 2 * X, -X]))  # the number of examples is open


@PRECISIONS
@pytest.mark.parametrize("padding", ["valid", "same", 0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2, (1, 3)])
@pytest.mark.parametrize("size", [1, 2, 3, (2, 5)])
def test_a_convolution_with_every_padding(size: int, stride: int, padding: str | int, dtype: type) -> None:
    rng = np.random.default_rng(0)
    layer = Conv2D(2, 3, size, stride=stride, padding=padding, rng=rng).astype(dtype)
    X = rng.normal(size=(2, 2, 7, 8)).astype(dtype)
    agree(to_onnx(layer, X), layer, X)


@PRECISIONS
@pytest.mark.parametrize("make", [zoo.lenet5, zoo.mnist_convnet])
def test_a_network_of_the_book_comes_back_from_its_file(make, dtype: type, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    net, X = make(rng=rng).astype(dtype), rng.uniform(size=(3, 1, 28, 28)).astype(dtype)
    to_onnx(net, X, tmp_path / "net.onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"]
    np.testing.assert_allclose(run(tmp_path / "net.onnx", X), net(X), rtol=0, atol=TOLERANCE[dtype])


@PRECISIONS
def test_lenet_of_1998(dtype: type) -> None:
    rng = np.random.default_rng(0)
    net, X = zoo.lenet5_1998(rng=rng).astype(dtype), zoo.on_32(rng.uniform(size=(2, 1, 28, 28))).astype(dtype)
    np.testing.assert_allclose(run(to_onnx(net, X), X), net(X), rtol=TOLERANCE[dtype], atol=0)


@PRECISIONS
def test_the_number_of_steps_is_open(dtype: type) -> None:
    rng = np.random.default_rng(0)
    net = Sequential(LSTM(2, 3, rng=rng), LSTM(3, 3, rng=rng), LastStep(), Dense(3, 2, rng=rng)).astype(dtype)
    proto = to_onnx(net, np.zeros((1, 4, 2), dtype))
    for T in (1, 4, 9):
        agree(proto, net, rng.normal(size=(3, T, 2)).astype(dtype))


def test_the_weights_have_the_names_and_shapes_of_the_book() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Dense(4, 3, rng=rng), Tanh(), Sequential(Dense(3, 2, rng=rng)))
    stored = {c.name: onnx.numpy_helper.to_array(c) for c in to_onnx(net, np.zeros((1, 4))).graph.initializer}
    assert stored.keys() == net.params.keys()
    for name, p in net.params.items():
        np.testing.assert_array_equal(stored[name], p)


def test_a_layer_that_stands_twice_is_stored_once() -> None:
    rng = np.random.default_rng(0)
    shared, X = Dense(4, 4, rng=rng), rng.normal(size=(2, 4))
    net = Sequential(shared, Tanh(), shared)
    proto = to_onnx(net, X)
    assert {c.name for c in proto.graph.initializer} == {"0.W", "0.b"}
    agree(proto, net, X)


def test_dropout_leaves_no_node() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Dense(4, 4, rng=rng), Dropout(0.5), ReLU())
    assert [node.op_type for node in to_onnx(net, np.zeros((1, 4))).graph.node] == ["Gemm", "Relu", "Identity"]


def test_single_precision_uses_the_operations_that_everybody_knows() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Conv2D(1, 2, 3, rng=rng, padding="same"), ReLU(), MaxPool2D(2), Flatten(), Dense(8, 2, rng=rng))
    nodes = to_onnx(net.astype(np.float32), np.zeros((1, 1, 4, 4), np.float32)).graph.node
    assert [node.op_type for node in nodes] == ["Conv", "Relu", "MaxPool", "Flatten", "Gemm", "Identity"]


def test_precisions_that_differ_are_refused() -> None:
    net = Sequential(Dense(4, 2, rng=np.random.default_rng(0)))
    with pytest.raises(TypeError, match=r"X as float32 and parameters as float64: convert .*astype"):
        to_onnx(net, np.zeros((1, 4), np.float32))


def test_a_layer_from_elsewhere_is_refused() -> None:
    class Twice(Tanh):
        def forward(self, X, rng=None):
            return 2 * super().forward(X)[0], None

    with pytest.raises(TypeError, match="no form of Twice in ONNX: it knows the layers of the book"):
        to_onnx(Sequential(Twice()), np.zeros((1, 4)))


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, X, path = Sequential(Dense(4, 2, rng=np.random.default_rng(0))), np.zeros((1, 4)), tmp_path / "net.onnx"
    to_onnx(net, X, path)
    before = path.read_bytes()

    def full_disk(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        to_onnx(Sequential(Dense(4, 2, rng=np.random.default_rng(1))), X, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"]
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        to_onnx(net, X, tmp_path / "nowhere" / "net.onnx")
