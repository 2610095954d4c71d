"""Functions that are handed to the student's function as an argument, and what a case may hold beside arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlbook.shapes import Array


@dataclass(frozen=True, slots=True)
class Cubic:
    """f(x) = Σ x³ + 2 Π x: its central difference differs from its derivative, and its entries know of each other."""

    def __call__(self, x: Array) -> float:
        """Return f at an array of any shape."""
        x = np.asarray(x, dtype=float)
        return float((x**3).sum() + 2 * x.prod())

    def __str__(self) -> str:
        return "x ↦ Σ x³ + 2 Π x"
