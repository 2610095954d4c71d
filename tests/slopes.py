"""Finite differences over a parameter where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.check import numerical_gradient


def slope(params: Any, name: Any, f: Callable[[], float]) -> np.ndarray:
    """Return ∂f/∂params[name], where f takes no argument and looks at the parameters itself."""
    kept = params[name]

    def at(x: np.ndarray) -> float:
        params[name] = x
        return f()

    try:
        return numerical_gradient(at, kept)
    finally:
        params[name] = kept
