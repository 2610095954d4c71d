"""Arrays that remember how they were computed.

A :class:`Variable` runs through code that was written for arrays: NumPy asks it, through its own protocols, what
``np.exp(x)``, ``x + 1`` or ``np.einsum(…, x)`` shall be, and it answers with a new variable.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike

from dlbook.tape_functions import COMPOSED, CONSTANT, FRESH, MOVERS, RULES
from dlbook.tape_rules import Array, Pullback, Step, cast, concatenate, move, put


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One value of a computation, and where it came from. It never changes.

    Attributes:
        value: y.
        parents: for each variable x that went into y: its node, and the function from ∂J/∂y to its share of ∂J/∂x.
    """

    value: Array
    parents: tuple[tuple[Node, Pullback], ...] = ()

    def __post_init__(self) -> None:
        self.value.flags.writeable = False


@dataclass(slots=True)
class View:
    """How a variable looks at the numbers of another one: a slice, a reshape, a transpose.

    Attributes:
        source: the variable that it was made from, perhaps a view itself.
        function: how.
        root: the variable at the beginning of the chain, which owns the numbers.
        seen: what ``root`` stood for when the view was last up to date.
    """

    source: Variable
    function: Callable[[Array], Array]
    root: Variable
    seen: Node


class Variable(NDArrayOperatorsMixin):
    """An array whose computation is recorded: a name for a :class:`Node`.

    ``y = x + 1`` makes a new node. ``y += 1`` makes one too, and lets the name y stand for it from now on: what was
    computed from the old y keeps the old node. The array that a variable is made from is copied.

    Raises:
        TypeError: no real numbers, or something is done to the variable that would lose the record.
    """

    def __init__(self, value: ArrayLike) -> None:
        array = np.array(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"a Variable holds real numbers, got {array.dtype}")
        self._node = Node(array if array.dtype.kind == "f" else array.astype(float))
        self._view: View | None = None
        self._given = True

    @classmethod
    def _of(cls, node: Node) -> Variable:
        y = cls.__new__(cls)
        y._node, y._view, y._given = node, None, False
        return y

    @property
    def node(self) -> Node:
        """What the name stands for now. A view looks again if somebody has written to its root."""
        view = self._view
        if view and view.seen is not view.root._node:
            view.seen = view.root._node
            self._node = record(partial(move, self._look), view.root)._node
        return self._node

    @property
    def value(self) -> Array:
        """The plain array, which cannot be written to."""
        return self.node.value

    # NumPy asks

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *xs: Any, out: Any = (None,), where: Any = True, **options: Any
    ) -> Any:
        """Answer for ``x + 1``, ``x @ W``, ``np.exp(x)``; ``x += 1`` comes with ``out=(x,)``."""
        if method != "__call__":
            raise _unknown(f"{ufunc.__name__}.{method}")
        for option in options:
            raise _unknown(f"{ufunc.__name__}(…, {option}=…)")
        if where is not True:  # compute at these places alone
            shape = np.broadcast_shapes(*map(np.shape, (*xs, where)))
            where = np.broadcast_to(where, shape)
            xs = tuple(np.broadcast_to(x, shape)[where] for x in xs)
        y = _apply(ufunc, *xs)
        if out[0] is xs[0] and np.ndim(y) == 0:  # J += 1, where J would be a number and no array
            return y
        return _write(out[0], y, where)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Answer for NumPy's other functions."""
        out = kwargs.pop("out", None)
        return _write(out, _apply(function, *args, **kwargs))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        """Refuse: NumPy asks for this when it is about to forget how the numbers were computed."""
        raise TypeError(
            "a Variable cannot become a plain array, its record would be lost: "
            "use shapes.as_array for np.asarray, make an array that variables are written into with "
            "np.empty(…, like=X), and take x.value where the numbers alone are wanted"
        )

    def __float__(self) -> float:
        """Refuse, likewise."""
        raise TypeError("float(J) would lose the record of J: write J.item(), or float(J.value)")

    # What an array has

    def __getattr__(self, name: str) -> Any:
        """Find the rest: ``x.shape`` is that of the value, ``x.sum(axis=0)`` is ``np.sum(x, axis=0)``."""
        if name in ("shape", "ndim", "size", "dtype"):
            return getattr(self.value, name)
        if name.startswith("_") or not (hasattr(np.ndarray, name) and hasattr(np, name)):
            raise AttributeError(f"a Variable has no {name!r}; its plain array is x.value")
        return partial(getattr(np, name), self)

    @property
    def T(self) -> Variable:
        """Transposed."""
        return self.transpose()

    def transpose(self, *axes: Any) -> Variable:
        """Return the axes in another order: ``transpose(1, 0)`` or ``transpose((1, 0))``."""
        return self._moved(lambda a: a.transpose(*axes))

    def reshape(self, *shape: Any) -> Variable:
        """Return the same numbers in another shape: ``reshape(2, 3)`` or ``reshape((2, 3))``."""
        return self._moved(lambda a: a.reshape(*shape))

    def copy(self) -> Variable:
        """Return the same numbers in an array of their own."""
        return self._moved(lambda a: a.copy())

    def flatten(self) -> Variable:
        """Return a copy with one axis."""
        return self._moved(lambda a: a.flatten())

    def item(self) -> Variable:
        """Return the only number. It stays a variable, where an array gives a float."""
        return self.reshape(())

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Return other floating-point numbers. Whole numbers and truth values are plain arrays."""
        if np.dtype(dtype).kind != "f":
            return self.value.astype(dtype)
        return record(partial(cast, dtype=dtype), self) if copy or dtype != self.dtype else self

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Variable({self.value})"

    # Looking at parts, and writing to them

    def __getitem__(self, index: Any) -> Variable:
        return self._moved(lambda a: np.asarray(a[index]))

    def __setitem__(self, index: Any, new: Any) -> None:
        """Let the root stand for an array with the new numbers. Its views, this one too, look again when asked."""
        root = self._view.root if self._view else self
        if root._given:
            raise TypeError("this would overwrite a Variable whose gradient is wanted: take x.copy()")
        places = self._look(np.arange(root.size).reshape(root.shape))[index]
        root._node = record(partial(put, places=places), root, new)._node

    def _moved(self, function: Callable[[Array], Array]) -> Variable:
        y = record(partial(move, function), self)
        if np.may_share_memory(y._node.value, self._node.value):  # no copy, as in NumPy
            root = self._view.root if self._view else self
            y._view = View(self, function, root, root._node)
        return y

    def _look(self, root: Array) -> Array:
        """Do to an array what was done to the root to come here."""
        functions, variable = [], self
        while variable._view:
            functions.append(variable._view.function)
            variable = variable._view.source
        return reduce(lambda a, function: function(a), reversed(functions), root)


def record(rule: Callable[..., Step], *args: Any, **kwargs: Any) -> Variable:
    """Apply a rule to the plain arrays, and keep the way back to every variable among them."""
    value, pullbacks = rule(*map(_plain, args), **kwargs)
    pairs = zip(args, pullbacks, strict=False)  # behind the arrays come options, such as an axis
    parents = tuple((x.node, back) for x, back in pairs if isinstance(x, Variable) and back)
    return Variable._of(Node(np.asarray(value), parents))


def _apply(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Find out what kind of function this is, and record it."""
    rule = COMPOSED.get(function) or RULES.get(function)
    if rule:
        if kwargs:
            _check_options(function.__name__, rule, kwargs)
        return rule(*args, **kwargs) if function in COMPOSED else record(rule, *args, **kwargs)
    if function in MOVERS and args and isinstance(args[0], Variable):
        return args[0]._moved(lambda a: function(a, *args[1:], **kwargs))
    if function is np.concatenate:
        return record(lambda *xs: concatenate(xs, *args[1:], **kwargs), *args[0])
    if function in CONSTANT:
        return function(*map(_plain, args), **kwargs)
    if function in FRESH:
        y = function(*map(_plain, args), **kwargs)
        return Variable._of(Node(y)) if y.dtype.kind == "f" else y
    module = getattr(function, "__module__", "numpy")
    raise _unknown(f"{module}.{function.__name__}".removeprefix("numpy."))


def _check_options(name: str, rule: Callable[..., Any], kwargs: dict[str, Any]) -> None:
    for option in kwargs.keys() - inspect.signature(rule).parameters:
        raise _unknown(f"{name}(…, {option}=…)")


def _write(target: Any, y: Any, where: Any = True) -> Any:
    """Put y where ``out=`` wants it."""
    if target is None:
        return y
    if isinstance(y, Variable) and not isinstance(target, Variable):
        raise TypeError("a Variable does not fit into a plain array: make that with np.empty(…, like=X)")
    target[... if where is True else where] = y
    return target


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, Variable) else x


def _unknown(name: str) -> TypeError:
    return TypeError(f"the tape does not know np.{name}: use what it knows, or write a rule in tape_rules.py")
