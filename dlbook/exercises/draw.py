"""Numbers for the cases: random, but short enough to be followed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlbook.exercises.model import Case
from dlbook.shapes import Array


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Draw normal numbers with two decimals."""
    return np.round(rng.normal(size=shape), 2)


def nonzero(rng: np.random.Generator, *shape: int) -> Array:
    """Draw numbers with two decimals, none nearer to 0 than 0.25: for biases, which must make a difference."""
    return np.asarray(np.round(rng.uniform(0.25, 1.5, size=shape) * rng.choice([-1, 1], size=shape), 2))


def halves(rng: np.random.Generator, *shape: int) -> Array:
    """Draw multiples of one half: sums of products are exact, so that a point can lie exactly on a boundary."""
    return rng.integers(-6, 7, size=shape) / 2


def in_float32(case: Case) -> Case:
    """Return the same case with its arrays in single precision."""
    return Case("single precision, float32", tuple(_single(arg) for arg in case.args))


def in_single_precision(case: Case) -> bool:
    """Tell whether the arrays of a case are in single precision."""
    return any(isinstance(a, np.ndarray) and a.dtype == np.float32 for arg in case.args for a in _flat(arg))


def _flat(arg: Any) -> list[Any]:
    return arg if isinstance(arg, list) else [arg]


def _single(arg: Any) -> Any:
    if isinstance(arg, list):
        return [_single(a) for a in arg]
    return arg.astype(np.float32) if isinstance(arg, np.ndarray) else arg


def several(sequence: Sequence[Any]) -> bool:
    """Tell whether there is more than one."""
    return len(sequence) > 1
