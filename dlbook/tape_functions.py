"""Which NumPy function follows which rule of :mod:`dlbook.tape_rules`, and which is written with others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view

from dlbook.tape_rules import LOCAL, Array, Step, einsum, elementwise, matmul, total

RULES: dict[Callable[..., Any], Callable[..., Step]] = {
    **{function: partial(elementwise, function) for function in LOCAL},
    np.sum: total,
    np.einsum: einsum,
    np.matmul: matmul,
}

# The numbers of the first argument go elsewhere.
MOVERS = {
    np.ascontiguousarray, np.broadcast_to, np.copy, np.expand_dims, np.flip, np.moveaxis, np.ravel,
    np.repeat, np.reshape, np.roll, np.rot90, np.squeeze, np.swapaxes, np.take, np.take_along_axis,
    np.tile, np.transpose, sliding_window_view,
}  # fmt: skip

# New arrays, to be written to.
FRESH = {
    np.empty, np.empty_like, np.full, np.full_like, np.ones, np.ones_like, np.zeros, np.zeros_like,
}  # fmt: skip

# Answers that do not change when the numbers change a little: there is nothing to differentiate.
CONSTANT = {
    np.equal, np.not_equal, np.greater, np.greater_equal, np.less, np.less_equal, np.sign,
    np.isfinite, np.isinf, np.isnan, np.all, np.any, np.argmax, np.argmin,
    np.ndim, np.shape, np.size,
}  # fmt: skip


def mean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Divide the sum by how many there are."""
    total: Array = np.sum(x, axis=axis, keepdims=keepdims)
    return total / (x.size // total.size)


def pick(which: Callable[..., Array], x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Pick the largest (argmax) or the smallest (argmin) number over some axes, the first among equal ones."""
    over = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    kept = tuple(a for a in range(x.ndim) if a not in over)
    rows = x.transpose(kept + over).reshape(*(x.shape[a] for a in kept), -1)
    best = np.take_along_axis(rows, which(rows, axis=-1, keepdims=True), axis=-1)[..., 0]
    return np.expand_dims(best, over) if keepdims else best


def stack(xs: Sequence[Array], axis: int = 0) -> Array:
    """Give each a new axis, then lay one behind the other."""
    return np.concatenate([np.expand_dims(x, axis) for x in xs], axis)


def tensordot(a: Array, b: Array, axes: Any = 2) -> Array:
    """Multiply, and sum over the last axes of a and the first of b, or over the axes that are named."""
    over_a, over_b = (range(-axes, 0), range(axes)) if isinstance(axes, int) else axes
    over_a, over_b = normalize_axis_tuple(over_a, a.ndim), normalize_axis_tuple(over_b, b.ndim)
    rest_a = [i for i in range(a.ndim) if i not in over_a]
    rest_b = [i for i in range(b.ndim) if i not in over_b]
    shape = [a.shape[i] for i in rest_a] + [b.shape[i] for i in rest_b]
    n = int(np.prod([a.shape[i] for i in over_a]))
    left = a.transpose(*rest_a, *over_a).reshape(-1, n)
    return (left @ b.transpose(*over_b, *rest_b).reshape(n, -1)).reshape(shape)


def dot(a: Array, b: Array) -> Array:
    """Multiply, and sum over the last axis of a and the last but one of b, or its only one."""
    return tensordot(a, b, (-1, max(b.ndim - 2, 0)))


def pad(x: Array, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Array:
    """Make a larger array, filled, and write x into the middle of it."""
    if mode != "constant":
        raise TypeError(f'the tape knows np.pad with mode="constant" alone, got {mode!r}')
    sides = np.broadcast_to(pad_width, (x.ndim, 2))
    shape = [int(n + sum(side)) for n, side in zip(x.shape, sides, strict=True)]
    y = np.full_like(x, constant_values, shape=shape)
    y[tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, sides, strict=True))] = x
    return y


def split(x: Array, sections: int | Sequence[int], axis: int = 0) -> list[Array]:
    """Cut slices along one axis."""
    n = x.shape[axis]
    inner = range(n // sections, n, n // sections) if isinstance(sections, int) else sections
    rows = np.moveaxis(x, axis, 0)
    return [np.moveaxis(rows[a:b], 0, axis) for a, b in zip([0, *inner], [*inner, n], strict=True)]


def copyto(target: Array, new: Array, where: Any = True) -> None:
    """Write into an array, everywhere or at some places."""
    places = np.broadcast_to(where, target.shape)
    target[places] = np.broadcast_to(new, target.shape)[places]


def put_along_axis(arr: Array, indices: Array, values: Array, axis: int) -> None:
    """Write one number per index along an axis, into its own row of the others."""
    index = list(np.ix_(*(range(n) for n in indices.shape)))
    index[axis] = indices
    arr[tuple(index)] = values


COMPOSED: dict[Callable[..., Any], Callable[..., Any]] = {
    np.mean: mean,
    np.max: partial(pick, np.argmax),
    np.amax: partial(pick, np.argmax),
    np.min: partial(pick, np.argmin),
    np.amin: partial(pick, np.argmin),
    np.stack: stack,
    np.tensordot: tensordot,
    np.dot: dot,
    np.pad: pad,
    np.split: split,
    np.copyto: copyto,
    np.put_along_axis: put_along_axis,
}
