"""Independent witnesses for the errata: finite differences and the Hadamard product as mathematics defines it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def gradient(f: Callable[[], float], x: Array, step: float = 1e-6) -> Array:
    """Central differences of f with respect to every entry of the array x, which f reads; x ends as it began."""
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + step
        up = f()
        x[index] = old - step
        down = f()
        x[index] = old
        result[index] = (up - down) / (2 * step)
    return result


def jacobian(f: Callable[[Array], Array], x: Array, step: float = 1e-6) -> Array:
    """Entry (i, j) is the derivative of entry i of f(x) with respect to entry j of x, both flattened in C order."""
    columns = []
    for index in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[index] = step
        columns.append((f(x + move) - f(x - move)).ravel() / (2 * step))
    return np.stack(columns, axis=1)


def hadamard(a: ArrayLike, b: ArrayLike) -> Array:
    """The element-wise product, defined for equal shapes only (NumPy would broadcast in silence)."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if left.shape != right.shape:
        raise ValueError(f"the Hadamard product needs equal shapes, got {left.shape} and {right.shape}")
    return left * right


def agree(a: ArrayLike, b: ArrayLike, tolerance: float = 1e-6) -> bool:
    """Whether two arrays have the same shape and the same entries up to the error of finite differences."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=tolerance, atol=tolerance))


def far_apart(a: ArrayLike, b: ArrayLike, margin: float = 1e-2) -> bool:
    """Whether two arrays of one shape differ by more than a fraction (margin) of the larger one: no rounding error."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if left.shape != right.shape:
        raise ValueError(f"far_apart compares equal shapes, got {left.shape} and {right.shape}")
    return bool(np.linalg.norm(left - right) > margin * max(np.linalg.norm(left), np.linalg.norm(right)))


def binary_states(n: int) -> Iterator[Array]:
    """All 2**n vectors of zeros and ones."""
    for bits in product((0.0, 1.0), repeat=n):
        yield np.array(bits)
