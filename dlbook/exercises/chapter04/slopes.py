"""The backward pass of PReLU in two parts, either of which may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.shapes import Array

Part = Callable[[Array, Array, Array], Any]


def terms(dY: Array, X: Array, a: Array) -> Array:
    """∂J/∂a before the sum over the examples."""
    return np.asarray(dY * np.where(X > 0, 0, X))


def altered(
    dX: Part = lambda dY, X, a: np.where(X > 0, dY, a * dY), da: Part = lambda *args: terms(*args).sum(axis=0)
) -> Part:
    """Return the backward pass with another dX or da."""
    return lambda dY, X, a: (dX(dY, X, a), da(dY, X, a))
