"""The slope of the sigmoid, right and wrong."""

from __future__ import annotations

import numpy as np

from dlbook.activations import sigmoid
from dlbook.shapes import Array


def slope(z: Array) -> Array:
    """σ'(z)."""
    a = sigmoid(z)
    return np.asarray(a * (1 - a))


def slope_of_z(z: Array) -> Array:
    """Return z (1 − z): σ' as if z were the activation already."""
    return np.asarray(z * (1 - z))
