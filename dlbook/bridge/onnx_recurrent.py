"""Recurrent layers as ONNX nodes.

In float32 they are the operations ``RNN`` and ``LSTM`` of ONNX. In float64 onnxruntime has neither: there a ``Scan``
runs the step of the book over the sequence.
"""

from __future__ import annotations

from dlbook.bridge.graph import Graph
from dlbook.recurrent import LSTM, RNN
from dlbook.shapes import Array
from dlbook.unrolled import Recurrent

EXCHANGE = [1, 0, 2]  # (m, T, n) to (T, m, n), and back


def rnn(g: Graph, layer: RNN, X: Array, x: str) -> str:
    """Add a plain recurrent layer."""
    if g.single:
        return _native(g, layer, x, "RNN", [0], activations=["Relu" if layer.activation == "relu" else "Tanh"])
    return _scan(g, layer, x)


def lstm(g: Graph, layer: LSTM, X: Array, x: str) -> str:
    """Add an LSTM."""
    return _native(g, layer, x, "LSTM", [0, 3, 1, 2]) if g.single else _scan(g, layer, x)  # ONNX: i, o, f, a


def _native(g: Graph, layer: Recurrent, x: str, op: str, order: list[int], **attributes: list[str]) -> str:
    """Add ONNX's own operation: it wants the weights' blocks in another order, and a second bias."""
    U, W, b = (g.weight(name, layer.params[name]) for name in ("U", "W", "b"))
    zeros = g.number([0.0] * len(layer.params["b"]))
    b = g.add("Concat", _ordered(g, b, order), zeros, axis=0)
    one_direction = [g.add("Unsqueeze", a, g.whole(0)) for a in (_ordered(g, U, order), _ordered(g, W, order), b)]
    x = g.add("Transpose", x, perm=EXCHANGE)
    H = g.add(op, x, *one_direction, hidden_size=layer.n_hidden, **attributes)  # (T, 1, m, n)
    return g.add("Transpose", g.add("Squeeze", H, g.whole(1)), perm=EXCHANGE)


def _ordered(g: Graph, name: str, order: list[int]) -> str:
    if len(order) == 1:
        return name
    blocks = g.add_many("Split", len(order), name, axis=0)
    return g.add("Concat", *(blocks[k] for k in order), axis=0)


def _scan(g: Graph, layer: Recurrent, x: str) -> str:
    """Add U x_t + b for all steps at once, then a scan over z_t = U x_t + b + W h_{t−1}."""
    U, W, b = (g.weight(name, layer.params[name]) for name in ("U", "W", "b"))
    W_T = g.add("Transpose", W)
    x = g.add("Transpose", x, perm=EXCHANGE)
    Z = g.add("Add", g.add("MatMul", x, g.add("Transpose", U)), b)  # (T, m, k n)
    m = g.add("Slice", g.add("Shape", x), g.whole(1), g.whole(2))
    shape = g.add("Concat", m, g.whole(layer.n_hidden), axis=0)
    zeros = g.add("Expand", g.number(0), shape)
    count = len(layer.parts)
    body = _body(g, layer, W_T)
    *_, H = g.add_many("Scan", count + 1, *[zeros] * count, Z, body=body, num_scan_inputs=1)
    return g.add("Transpose", H, perm=EXCHANGE)


def _body(g: Graph, layer: Recurrent, W_T: str) -> object:
    """Return the graph of one step: from the state and z_t to the new state, and h once more as what is kept."""
    step = Graph(g.dtype)
    step.place = f"{g.fresh('step')}/"
    state = [f"{step.place}{part}" for part in layer.parts]
    z_in, n = f"{step.place}z", layer.n_hidden
    z = step.add("Add", z_in, step.add("MatMul", state[0], W_T))
    if isinstance(layer, RNN):
        new = [step.add("Relu" if layer.activation == "relu" else "Tanh", z)]
    else:
        z_i, z_f, z_a, z_o = step.add_many("Split", 4, z, axis=1)
        i, f, o = (step.add("Sigmoid", part) for part in (z_i, z_f, z_o))
        kept, written = step.add("Mul", f, state[1]), step.add("Mul", i, step.add("Tanh", z_a))
        C = step.add("Add", kept, written)
        new = [step.add("Mul", o, step.add("Tanh", C)), C]
    new.append(step.add("Identity", new[0]))
    inputs = [step.value(name, (None, n)) for name in state] + [step.value(z_in, (None, len(layer.params["b"])))]
    outputs = [step.value(name, (None, n)) for name in new]
    return g.onnx.helper.make_graph(step.nodes, "step", inputs, outputs)
