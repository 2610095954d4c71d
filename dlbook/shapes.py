"""Shapes and numbers at the door.

A wrong shape that slips through returns as a wrong number three layers later. Every layer and loss therefore looks at
what it is given, and answers with one sentence: what came, what was expected, what to do.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbook.tape_variable import Variable

Array: TypeAlias = NDArray[Any]


def as_array(X: ArrayLike) -> Array:
    """Return ``X`` as an array; a variable of :mod:`dlbook.tape` stays one, so that the tape runs the same code."""
    return X if isinstance(X, Variable) else np.asarray(X)  # type: ignore[return-value]  # it stands in for an array


def as_numbers(who: str, X: ArrayLike, name: str = "X") -> Array:
    """Return ``X`` as an array of finite floating-point numbers.

    Raises:
        TypeError: integers, booleans or objects where real numbers are needed.
        ValueError: an empty array, NaN or an infinity.
    """
    X = as_array(X)
    if X.dtype.kind != "f":
        scale = ", and scale images to 0…1, X / 255" if name == "X" else ""
        raise TypeError(
            f"{who} expects {name} as floating-point numbers, got {X.dtype}: "
            f"convert first, np.asarray({name if name.isidentifier() else '…'}, dtype=float){scale}"
        )
    if X.size == 0:
        what = "the batch is empty" if len(X) == 0 else "an axis has length 0"
        raise ValueError(f"{who} expects at least one example, got {name} of shape {X.shape}: {what}")
    if not np.isfinite(X).all():
        bad = "NaN" if np.isnan(X).any() else "an infinity"
        raise ValueError(
            f"{who} expects finite numbers, got {bad} in {name}: clean the data, "
            f"or, if this happened during training, lower the learning rate"
        )
    return X


def as_batch(who: str, X: ArrayLike, n_in: int, name: str = "X") -> Array:
    """Return ``X`` as a batch of shape (m, n_in), or (…, n_in) with any leading axes.

    Raises:
        ValueError: the last axis is not ``n_in`` long, or there is no batch axis.
        TypeError: see :func:`as_numbers`.
    """
    X = as_array(X)
    if X.ndim == 1 and X.shape == (n_in,):
        raise ValueError(
            f"{who} expects {name} of shape (m, {n_in}), got {X.shape}: one example is a batch of one; "
            f"use {name}[None, :]"
        )
    if X.ndim < 2 or X.shape[-1] != n_in:
        hint = f"; did you mean {name}.T?" if X.ndim == 2 and X.shape[0] == n_in else ""
        if X.ndim > 2 and np.prod(X.shape[1:]) == n_in:
            hint = "; put a Flatten() in front"
        raise ValueError(f"{who} expects {name} of shape (m, {n_in}), got {X.shape}: examples are rows here{hint}")
    return as_numbers(who, X, name)


def same_shape(who: str, given: Array, expected: tuple[int, ...], name: str) -> None:
    """Raise ``ValueError`` unless ``given`` has exactly the ``expected`` shape: nothing is broadcast silently."""
    if given.shape != expected:
        hint = ""
        if given.shape == expected[:-1] and expected[-1:] == (1,):
            hint = f": add the missing axis, {name}[:, None]"
        raise ValueError(f"{who} expects {name} of shape {expected}, got {given.shape}{hint}")


def upstream(who: str, dY: Array, shape: tuple[int, ...]) -> Array:
    """Return dY = ∂J/∂Y if it has the shape of the output Y, else raise ``ValueError``."""
    dY = np.asarray(dY)
    same_shape(f"{who}.backward", dY, shape, "dY")
    return dY


def positive(who: str, value: float, name: str) -> float:
    """Return ``value`` as a float if it is a finite number above zero, else raise ``TypeError`` or ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{who} expects {name} as a number, got {value!r}")
    if not np.isfinite(value) or value <= 0:
        raise ValueError(f"{who} expects {name} > 0, got {value}")
    return float(value)


def not_negative(who: str, value: float, name: str) -> float:
    """Return ``value`` as a float if it is zero or :func:`positive`, else raise ``TypeError`` or ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{who} expects {name} as a number, got {value!r}")
    if not np.isfinite(value) or value < 0:
        raise ValueError(f"{who} expects {name} >= 0, got {value}")
    return float(value)


def fraction(who: str, value: float, name: str) -> float:
    """Return ``value`` as a float if 0 <= value < 1, else raise ``TypeError`` or ``ValueError``."""
    value = not_negative(who, value, name)
    if value >= 1:
        raise ValueError(f"{who} expects {name} from 0 to below 1, got {value}")
    return value


def positive_int(who: str, value: int, name: str) -> int:
    """Return ``value`` if it is a whole number of at least one, else raise ``TypeError`` or ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{who} expects {name} as a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{who} expects {name} >= 1, got {value}")
    return int(value)


def generator(who: str, rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy generator, else raise ``TypeError`` that says how to make one."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{who} expects rng as a numpy Generator, got {rng!r}: use np.random.default_rng(seed)")
    return rng
