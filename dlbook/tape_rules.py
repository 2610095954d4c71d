"""The local derivatives of :mod:`dlbook.tape`: how a gradient passes back through one step of a computation.

A rule takes plain arrays and returns the value y, and for each argument a function that turns ∂J/∂y into ∂J/∂x, or None
where there is nothing to differentiate. Four kinds are enough: rules for functions that work number by number, that
move numbers around, that multiply and add (einsum), and that only add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from string import ascii_letters
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Pullback: TypeAlias = Callable[[Array], Array]
Step: TypeAlias = tuple[Array, Sequence[Pullback | None]]

# ∂y/∂x for every argument, from y and the arguments. At a kink a number between those of its two sides counts: for
# maximum(z, 0) and for |z| at z = 0 it is 0, as everywhere in the package. Kinks that cancel are not seen to cancel: a
# smooth function that is written with |z| has a wrong slope where z is exactly 0. Written with min(z, −z), which takes
# one side there, it is right if all its kinks take the same side, as in the safe sigmoid.
LOCAL: dict[Callable[..., Any], tuple[Callable[..., Any] | None, ...]] = {
    np.add: (lambda y, a, b: 1, lambda y, a, b: 1),
    np.subtract: (lambda y, a, b: 1, lambda y, a, b: -1),
    np.multiply: (lambda y, a, b: b, lambda y, a, b: a),
    np.divide: (lambda y, a, b: 1 / b, lambda y, a, b: -y / b),
    np.power: (lambda y, a, b: b * a ** (b - (b != 0)), lambda y, a, b: y * np.log(a)),  # a⁰ = 1 at a = 0 too
    np.maximum: (lambda y, a, b: a > b, lambda y, a, b: a <= b),
    np.minimum: (lambda y, a, b: a < b, lambda y, a, b: a >= b),
    np.logaddexp: (lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
    np.where: (None, lambda y, c, a, b: np.not_equal(c, 0), lambda y, c, a, b: np.equal(c, 0)),
    np.positive: (lambda y, x: 1,),
    np.negative: (lambda y, x: -1,),
    np.square: (lambda y, x: 2 * x,),
    np.sqrt: (lambda y, x: 0.5 / y,),
    np.exp: (lambda y, x: y,),
    np.expm1: (lambda y, x: y + 1,),
    np.log: (lambda y, x: 1 / x,),
    np.log1p: (lambda y, x: 1 / (1 + x),),
    np.tanh: (lambda y, x: 1 - y**2,),
    np.absolute: (lambda y, x: np.sign(x),),
}


def elementwise(function: Callable[..., Any], *xs: Array) -> Step:
    """Compute number by number: the gradient is multiplied by the local derivative."""
    y = function(*xs)

    def back(derivative: Callable[..., Any], x: Array) -> Pullback:
        return lambda g: unbroadcast(g * derivative(y, *xs), np.shape(x))

    return y, [d and back(d, x) for d, x in zip(LOCAL[function], xs, strict=True)]


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: a number that was used in many places gets the sum of their gradients."""
    if g.shape == shape:
        return g
    g = np.sum(g, axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and g.shape[axis] > 1)
    total: Array = np.sum(g, axis=stretched, keepdims=True)
    return total


def move(function: Callable[[Array], Array], x: Array) -> Step:
    """Numbers are picked, copied, or put elsewhere, and stay what they are (reshape, transpose, slices)."""
    return function(x), [homeward(function, x)]


def homeward(function: Callable[[Array], Array], x: Array) -> Pullback:
    """Send the house numbers of x the way that its numbers went; the gradients then know where they belong.

    What was copied to several places gets the sum. Places that hold nothing of x have the house number 0.
    """

    def back(g: Array) -> Array:
        came_from = function(np.arange(1, x.size + 1).reshape(x.shape))
        return np.bincount(came_from.ravel(), g.ravel(), x.size + 1)[1:].reshape(x.shape)

    return back


def put(x: Array, new: Array, places: Array) -> Step:
    """Copy x and write to some places, counted as in ``x.ravel()``: what was there has no say any more."""

    def written(x: Array, new: Any) -> Array:
        y = x.copy(order="K")  # laid out in memory as x, so that what was a view of x is one of y
        y.flat[places.ravel()] = np.broadcast_to(new, places.shape).ravel()
        return y

    kept, came = partial(written, new=0), partial(written, np.zeros(x.shape, int))
    return written(x, new), [homeward(kept, x), homeward(came, np.asarray(new))]


def total(x: Array, axis: Any = None, keepdims: bool = False) -> Step:
    """Σ over some axes: every number that was added gets the gradient of its sum."""

    def back(g: Array) -> Array:
        return np.broadcast_to(g if keepdims or axis is None else np.expand_dims(g, axis), x.shape)

    return np.sum(x, axis=axis, keepdims=keepdims), [back]


def einsum(subscripts: str, *xs: Array, optimize: Any = False) -> Step:
    """Multiply, and sum over the letters that the output lacks: "mi,oi->mo" is Z = X Wᵀ."""
    y = np.einsum(subscripts, *xs, optimize=optimize)
    return y, [None, *swap_roles(subscripts, xs)]  # the first argument is the subscripts


def matmul(A: Array, B: Array) -> Step:
    """Return A @ B, an einsum as well. An array with one axis lacks the rows (A) or the columns (B)."""
    i, k = "i" * (np.ndim(A) > 1), "k" * (np.ndim(B) > 1)
    batch_A, batch_B = "..." * (np.ndim(A) > 2), "..." * (np.ndim(B) > 2)
    return np.matmul(A, B), swap_roles(f"{batch_A}{i}j,{batch_B}j{k}->{batch_A or batch_B}{i}{k}", (A, B))


def swap_roles(subscripts: str, xs: Sequence[Array]) -> list[Pullback | None]:
    """Input and output change places: "mi,oi->mo" for Z = X Wᵀ turns into "mo,mi->oi" for ∂J/∂W."""
    xs = [np.asarray(x) for x in xs]
    terms, out = spell_out(subscripts, xs)

    def back(i: int) -> Pullback:
        names, arrays = [out, *terms[:i], *terms[i + 1 :]], [*xs[:i], *xs[i + 1 :]]
        if not set(terms[i]) <= set("".join(names)):  # x had a letter of its own, which was summed
            names, arrays = [*names, terms[i]], [*arrays, np.ones_like(xs[i])]
        swapped = ",".join(names) + "->" + terms[i]
        return lambda g: unbroadcast(np.einsum(swapped, g, *arrays, optimize=True), xs[i].shape)

    return [back(i) for i in range(len(xs))]


def spell_out(subscripts: str, xs: Sequence[Array]) -> tuple[list[str], str]:
    """Return the letters of every input and of the output, with letters for the axes that "..." stands for."""
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    named = [term.replace("...", "") for term in terms]
    if not arrow or any(len(set(term)) < len(term) for term in named):
        raise TypeError(f"the tape needs einsum with '->' and each letter once per array, got {subscripts!r}")
    unnamed = [x.ndim - len(term) for x, term in zip(xs, named, strict=True)]
    free = "".join(c for c in ascii_letters if c not in subscripts)[: max(unnamed)]
    terms = [term.replace("...", free[len(free) - n :]) for term, n in zip(terms, unnamed, strict=True)]
    return terms, out.replace("...", free)


def concatenate(xs: Sequence[Array], axis: int = 0) -> Step:
    """One behind the other: each array cuts its own piece out of the gradient."""
    ends = np.cumsum([0, *(np.shape(x)[axis] for x in xs)])

    def back(start: int, stop: int) -> Pullback:
        return lambda g: np.moveaxis(np.moveaxis(g, axis, 0)[start:stop], 0, axis)

    return np.concatenate(xs, axis), [back(*ends[i : i + 2]) for i in range(len(xs))]


def cast(x: Array, dtype: Any) -> Step:
    """Other floating-point numbers, for example of 32 bits: ∂y/∂x = 1."""
    return x.astype(dtype), [lambda g: g]
