"""Arrays that remember how they were computed.

A :class:`Variable` behaves like a NumPy array in everybody's code: NumPy asks it, through its own protocols, what
``np.exp(x)``, ``x + 1`` or ``np.einsum(…, x)`` shall be, and it answers with a new variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike

from dlbook.tape_functions import COMPOSED, CONSTANT, FRESH, MOVERS, RULES
from dlbook.tape_rules import Array, Pullback, Step, cast, concatenate, move, put


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One value of a computation, and what it was computed from. It never changes.

    Attributes:
        value: y.
        parents: for each variable x that went into y: its node, and the function from ∂J/∂y to its share of ∂J/∂x.
    """

    value: Array
    parents: tuple[tuple[Node, Pullback], ...] = ()


@dataclass(slots=True)
class View:
    """Where the numbers of a slice (or reshape, or transpose) really are, so that writing to it arrives there.

    Attributes:
        source: the variable of which this is a view, perhaps a view itself.
        function: what was done to ``source``.
        root: the variable at the end of the chain.
        seen: the node of ``root`` when the view was last up to date.
    """

    source: Variable
    function: Callable[[Array], Array]
    root: Variable
    seen: Node


class Variable(NDArrayOperatorsMixin):
    """An array whose computation is recorded, for :func:`dlbook.tape.gradients`.

    It is a name for a :class:`Node`. ``y = x + 1`` makes a new node; ``y += 1`` makes a new node as well, and lets the
    name y point to it, so what was computed from the old y stays right.

    Raises:
        TypeError: the value is no array of numbers, or something is done to the variable that would lose the record.
    """

    def __init__(self, value: ArrayLike) -> None:
        array = np.array(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"a Variable holds real numbers, got {array.dtype}")
        self._node = Node(array if array.dtype.kind == "f" else array.astype(float))
        self._view: View | None = None
        self._is_input = True

    @classmethod
    def _of(cls, node: Node) -> Variable:
        variable = cls.__new__(cls)
        variable._node, variable._view, variable._is_input = node, None, False
        return variable

    @property
    def node(self) -> Node:
        """What the name stands for now. A view looks again when somebody has written to the array behind it."""
        view = self._view
        if view and view.seen is not view.root._node:
            places = self._places().ravel()
            fresh = view.root._moved(lambda a: a.ravel()[places].reshape(self._node.value.shape))
            self._node, view.seen = fresh._node, view.root._node
        return self._node

    @property
    def value(self) -> Array:
        """The plain array."""
        return self.node.value

    # NumPy asks

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *xs: Any, out: Any = (None,), where: Any = True) -> Any:
        """Answer for ``x + 1``, ``x @ W``, ``np.exp(x)``; ``x += 1`` comes with ``out=(x,)``."""
        if method != "__call__":
            raise _unknown(f"{ufunc.__name__}.{method}")
        if where is not True:  # compute at these places alone
            shape = np.broadcast_shapes(*map(np.shape, (*xs, where)))
            where = np.broadcast_to(where, shape)
            xs = tuple(np.broadcast_to(x, shape)[where] for x in xs)
        return _write(out[0], _apply(ufunc, *xs), where)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Answer for NumPy's other functions."""
        out = kwargs.pop("out", None)
        if function in COMPOSED:
            return _write(out, COMPOSED[function](*args, **kwargs))
        if any(isinstance(x, Variable) for x in kwargs.values()):
            raise TypeError(f"the tape expects the arrays of np.{function.__name__} by position, not by keyword")
        return _write(out, _apply(function, *args, **kwargs))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        """Refuse: NumPy asks for this when it is about to forget how the numbers were computed."""
        raise TypeError(
            "a Variable cannot become a plain array, its record would be lost: use shapes.as_array for np.asarray, "
            "make an array that variables are written into with np.empty(…, like=X), "
            "and take x.value where the numbers alone are wanted"
        )

    def __float__(self) -> float:
        """Refuse, likewise."""
        raise TypeError("float(J) would lose the record of a Variable: write J.item(), or float(J.value)")

    # What an array has

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        return self.node.value.shape

    @property
    def ndim(self) -> int:
        """As of an array."""
        return self.node.value.ndim

    @property
    def size(self) -> int:
        """As of an array."""
        return self.node.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """As of an array."""
        return self.node.value.dtype

    @property
    def T(self) -> Variable:
        """Transposed."""
        return self._moved(np.transpose)

    def __len__(self) -> int:
        return len(self.node.value)

    def __bool__(self) -> bool:
        return bool(self.node.value)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Variable({self.node.value})"

    def __getitem__(self, index: Any) -> Variable:
        return self._moved(lambda a: np.asarray(a[index]))

    def __setitem__(self, index: Any, new: Any) -> None:
        if not isinstance(new, Variable):
            new = np.asarray(new)
        self._point_to(record(partial(put, index=index), self, new)._node)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Every other method of an array is a function of NumPy: ``x.sum(axis=0)`` is ``np.sum(x, axis=0)``."""
        if name.startswith("_") or not (hasattr(np.ndarray, name) and hasattr(np, name)):
            raise AttributeError(f"a Variable has no {name!r}")
        return partial(getattr(np, name), self)

    def reshape(self, *shape: Any) -> Variable:
        """Return the same numbers in another shape: ``reshape(2, 3)`` or ``reshape((2, 3))``."""
        return self._moved(lambda a: a.reshape(*shape))

    def transpose(self, *axes: Any) -> Variable:
        """Return the axes in another order: ``transpose(1, 0)`` or ``transpose((1, 0))``."""
        return self._moved(lambda a: a.transpose(*axes))

    def flatten(self) -> Variable:
        """Return a copy with one axis."""
        return self._moved(lambda a: a.flatten())

    def item(self) -> Variable:
        """Return the only number. It stays a Variable, where an array gives a float."""
        return self.reshape(())

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Return other floating-point numbers; whole numbers and truth values are plain arrays."""
        kind = np.dtype(dtype).kind
        return record(partial(cast, dtype=dtype), self) if kind == "f" else self.node.value.astype(dtype)

    # Views, and writing

    def _moved(self, function: Callable[[Array], Array]) -> Variable:
        y = record(partial(move, function), self)
        if np.may_share_memory(y._node.value, self._node.value):
            root = self._view.root if self._view else self
            y._view = View(self, function, root, root._node)
        return y

    def _places(self) -> Array:
        """Where the numbers of a view are in its root, as house numbers from 0."""
        functions, variable = [], self
        while variable._view:
            functions.append(variable._view.function)
            variable = variable._view.source
        places = np.arange(variable.size).reshape(variable.shape)
        for function in reversed(functions):
            places = function(places)
        return places

    def _point_to(self, node: Node) -> None:
        """Let this name stand for another node; behind a view, the array that it looks at gets the new numbers."""
        root = self._view.root if self._view else self
        if root._is_input:
            raise TypeError("a Variable that was given cannot be overwritten: the gradient is asked for its old value")
        if self._view:
            index = np.unravel_index(self._places(), root.shape)
            root._node = record(partial(put, index=index), root, Variable._of(node))._node
            self._view.seen = root._node
        self._node = node


def record(rule: Callable[..., Step], *args: Any, **kwargs: Any) -> Variable:
    """Apply a rule to the plain arrays, and keep the way back to every variable among them."""
    value, pullbacks = rule(*map(_plain, args), **kwargs)
    pairs = zip(args, pullbacks, strict=False)  # behind the arrays come options, such as an axis
    parents = tuple((x.node, back) for x, back in pairs if isinstance(x, Variable) and back)
    return Variable._of(Node(np.asarray(value), parents))


def _apply(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Find out what kind of function this is, and record it accordingly."""
    if function in RULES:
        return record(RULES[function], *args, **kwargs)
    if function in CONSTANT:
        return function(*map(_plain, args), **kwargs)
    if function in FRESH:
        y = function(*map(_plain, args), **kwargs)
        return Variable._of(Node(y)) if y.dtype.kind == "f" else y
    if function in MOVERS and isinstance(args[0], Variable):
        return args[0]._moved(lambda a: function(a, *args[1:], **kwargs))
    if function is np.concatenate:
        return record(lambda *xs: concatenate(xs, *args[1:], **kwargs), *args[0])
    raise _unknown(function.__name__)


def _write(target: Any, y: Any, where: Any = True) -> Any:
    """Put y where ``out=`` wants it."""
    if target is None:
        return y
    if isinstance(y, Variable) and not isinstance(target, Variable):
        raise TypeError("a Variable cannot be written into a plain array: make that with np.empty(…, like=X)")
    target[... if where is True else where] = y
    return target


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, Variable) else x


def _unknown(name: str) -> TypeError:
    return TypeError(f"the tape does not know np.{name}: use functions that it knows, or add a rule in tape_rules.py")
