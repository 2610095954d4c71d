"""Automatic differentiation in reverse: the derivatives of whatever was computed.

A :class:`Variable` stands for an array and runs through anybody's NumPy code. Every step leaves a node that knows its
parents and the way a gradient takes back to them. :func:`gradients` walks through these nodes once, from the end to the
beginning: back-propagation, for any computation.

>>> x = Variable([1.0, 2.0])
>>> y = (x**2).sum()
>>> gradients(y, [x])
[array([2., 4.])]
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from dlbook.tape_rules import Array
from dlbook.tape_variable import Node, Variable

if TYPE_CHECKING:
    from dlbook.layer import Layer

__all__ = ["Node", "Variable", "gradients", "topological_order", "traced"]

AnyLayer = TypeVar("AnyLayer", bound="Layer")


def topological_order(end: Node) -> list[Node]:
    """Return all nodes that ``end`` was computed from, each behind every node that uses it (Kahn 1962).

    First count how often each node is used. Then a node is ready as soon as all its uses are done.
    """
    uses, to_visit = {end: 0}, [end]
    while to_visit:
        for parent, _ in to_visit.pop().parents:
            if parent not in uses:
                uses[parent] = 0
                to_visit.append(parent)
            uses[parent] += 1
    order, ready = [], [end]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent, _ in node.parents:
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    return order


def gradients(y: Variable, xs: Sequence[Variable], dY: ArrayLike | None = None) -> list[Array]:
    """Return ∂J/∂x for every x, where y = J, or where ``dY`` = ∂J/∂y.

    Each node is visited once: when its turn comes, every node that uses it has added its share (eq-chain-rule).
    Nothing is kept, so the next call starts afresh. A variable that y does not depend on has gradient zero.

    Raises:
        TypeError: y or an x is no Variable.
        ValueError: y is no single number and ``dY`` is missing, or ``dY`` has another shape than y.
    """
    if not isinstance(y, Variable):
        raise TypeError(f"gradients expects y as a Variable, got {type(y).__name__}: nothing is recorded")
    if isinstance(xs, Variable) or not all(isinstance(x, Variable) for x in xs):
        raise TypeError("gradients expects a list of Variables, gradients(y, [x1, x2])")
    dJ = {y.node: _upstream(y.value, dY)}
    for node in topological_order(y.node):
        for parent, back in node.parents:
            share = np.asarray(back(dJ[node]), dtype=parent.value.dtype)
            dJ[parent] = dJ[parent] + share if parent in dJ else share
    return [np.array(dJ.get(x.node, np.zeros_like(x.value))) for x in xs]


def _upstream(y: Array, dY: ArrayLike | None) -> Array:
    if dY is None and y.size != 1:
        raise ValueError(f"gradients needs dY = ∂J/∂y, as y is no single number: its shape is {y.shape}")
    dY = np.ones_like(y) if dY is None else np.asarray(dY, dtype=y.dtype)
    if dY.shape != y.shape:
        raise ValueError(f"gradients expects dY of shape {y.shape}, as y has it, got {dY.shape}")
    return dY


def traced(layer: AnyLayer) -> AnyLayer:
    """Return a copy of the layer whose parameters are variables, so that its own ``forward`` leaves a record.

    >>> from dlbook import Tanh
    >>> net, X = traced(Tanh()), Variable([[0.0, 1.0]])
    >>> Y, _ = net.forward(X)
    >>> gradients(Y, [X, *net.params.values()], dY=[[1.0, 1.0]])[0].round(2)
    array([[1.  , 0.42]])
    """
    layer = copy.deepcopy(layer)
    variables: dict[int, Any] = {id(p): Variable(p) for p in layer.params.values()}
    for name, p in layer.params.items():
        layer.params[name] = variables[id(p)]  # by id: a parameter that is shared stays one
    return layer
