"""An ONNX graph in the making: nodes, and the constant arrays that they read."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.bridge.needed import needed
from dlbook.shapes import Array

# Read by every runtime since early 2022.
OPSET, IR_VERSION = 17, 8


class Graph:
    """What the layers add their nodes to.

    Attributes:
        dtype: the precision of all that is computed.
        nodes: the operations so far.
        constants: the arrays that they read, the network's weights among them, by name.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.onnx = needed("onnx", "to_onnx")
        self.dtype = dtype
        self.type = self.onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}
        self.weights: dict[int, str] = {}  # by identity: an array that two layers share is stored once
        self.place = ""

    @property
    def single(self) -> bool:
        """Whether to compute in float32, in which onnxruntime has all operations; in float64 it lacks some."""
        return self.dtype == np.float32

    def fresh(self, what: str) -> str:
        """Return a name for a new value, which says in which layer it arises."""
        return f"{self.place}{what}.{len(self.nodes) + len(self.constants)}"

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return the output's name."""
        return self.add_many(op, 1, *inputs, **attributes)[0]

    def add_many(self, op: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add a node and return the names of its outputs."""
        name = self.fresh(op.lower())
        names = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), names, name=name, **attributes))
        return names

    def number(self, value: Any) -> str:
        """Store a number or an array of numbers in the graph's precision and return its name."""
        return self._store(np.asarray(value, self.dtype), self.fresh("number"))

    def whole(self, *values: int) -> str:
        """Store a list of whole numbers and return its name."""
        return self._store(np.array(values, np.int64), self.fresh("whole"))

    def weight(self, name: str, a: Array) -> str:
        """Store a parameter under the name that it has in ``model.params`` and return its name."""
        if id(a) not in self.weights:
            self.weights[id(a)] = self._store(a, f"{self.place}{name}")
        return self.weights[id(a)]

    def _store(self, a: Array, name: str) -> str:
        self.constants[name] = a
        return name

    def value(self, name: str, shape: tuple[int | str | None, ...]) -> Any:
        """Describe an input or output of a graph."""
        return self.onnx.helper.make_tensor_value_info(name, self.type, shape)

    def model(self, inputs: list[Any], outputs: list[Any]) -> Any:
        """Return the finished model."""
        helper, numpy_helper = self.onnx.helper, self.onnx.numpy_helper
        constants = [numpy_helper.from_array(np.ascontiguousarray(a), name) for name, a in self.constants.items()]
        graph = helper.make_graph(self.nodes, "dlbook", inputs, outputs, constants)
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="dlbook")
