"""Small data sets made by a formula: what a network should learn is known exactly, and a plot shows all of it."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from .shapes import Array, as_numbers, generator, positive_int

# The outputs for the inputs (0, 0), (0, 1), (1, 0), (1, 1).
GATES = {
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "NOR": (1, 0, 0, 0),
    "XOR": (0, 1, 1, 0),
    "XNOR": (1, 0, 0, 1),
}


def logic_gate(name: str) -> tuple[Array, Array]:
    """Return the truth table of a logic gate.

    Args:
        name: ``"AND"``, ``"OR"``, ``"NAND"``, ``"NOR"``, ``"XOR"`` or ``"XNOR"``.

    Returns:
        ``X`` of shape (4, 2), the inputs (0, 0), (0, 1), (1, 0), (1, 1), and ``y`` of shape (4,), the outputs, integers
        0 or 1. The perceptron's labels -1 and +1 are ``2 * y - 1``.

    Raises:
        ValueError: an unknown name.
    """
    if name not in GATES:
        raise ValueError(f"logic_gate expects one of {', '.join(GATES)}, got {name!r}")
    return np.array(list(product((0.0, 1.0), repeat=2))), np.array(GATES[name])


def linear_target(n: int, *, noise: float = 0.0, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw points from the plane y = 2 x₁ + 4 x₂ + 1, with x₁ and x₂ uniform on [0, 1) (source 004).

    Args:
        n: number of points.
        noise: standard deviation of the Gaussian added to y.

    Returns:
        ``X`` of shape (n, 2) and ``y`` of shape (n, 1), a regression target like a network's output.
    """
    positive_int("linear_target", n, "n")
    X = generator("linear_target", rng).uniform(size=(n, 2))
    y = X @ np.array([[2.0], [4.0]]) + 1.0
    return X, _jitter("linear_target", y, noise, rng)


def blobs(n: int, centres: ArrayLike, *, noise: float = 1.0, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw points around ``centres``: x = c_y + noise · N(0, I).

    Args:
        n: number of points, spread over the centres as evenly as possible.
        centres: shape (k, d), one centre per class.
        noise: standard deviation in every direction.

    Returns:
        ``X`` of shape (n, d), ``y`` of shape (n,), the classes 0 … k - 1, in random order.
    """
    C = as_numbers("blobs", np.asarray(centres) * 1.0, "centres")
    if C.ndim != 2:
        raise ValueError(f"blobs expects centres of shape (k, d), got {C.shape}: one centre per row")
    y = _classes("blobs", n, len(C), rng)
    return _jitter("blobs", C[y], noise, rng), y


def moons(n: int, *, noise: float = 0.1, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two interlocking half circles of radius 1, which no straight line separates.

    Class 0 is (cos t, sin t), class 1 is (1 - cos t, ½ - sin t), with t uniform on [0, π).

    Args:
        n: number of points, half of them in each class.
        noise: standard deviation of the Gaussian added to both coordinates.

    Returns:
        ``X`` of shape (n, 2), ``y`` of shape (n,), 0 or 1, in random order.
    """
    y = _classes("moons", n, 2, rng)
    t = rng.uniform(0.0, np.pi, size=n)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    X = np.where(y[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
    return _jitter("moons", X, noise, rng), y


def spirals(
    n: int, *, classes: int = 3, turns: float = 0.75, noise: float = 0.02, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw points on spiral arms around the origin, one arm per class.

    Arm c is r (cos φ, sin φ) with φ = 2π (c / classes + turns · r) and the radius r uniform on [0.1, 1).

    Args:
        n: number of points, spread over the arms as evenly as possible.
        classes: number of arms.
        turns: how often an arm would wind around the origin between radius 0 and 1.
        noise: standard deviation of the Gaussian added to both coordinates.

    Returns:
        ``X`` of shape (n, 2), ``y`` of shape (n,), 0 … classes - 1, in random order.
    """
    y = _classes("spirals", n, positive_int("spirals", classes, "classes"), rng)
    if not np.isfinite(turns):
        raise ValueError(f"spirals expects a finite number of turns, got {turns}")
    r = rng.uniform(0.1, 1.0, size=n)
    phi = 2.0 * np.pi * (y / classes + turns * r)
    return _jitter("spirals", r[:, None] * np.column_stack([np.cos(phi), np.sin(phi)]), noise, rng), y


def bars_and_stripes(size: int) -> Array:
    """Return all different patterns of full rows or full columns on a square of ``size`` × ``size`` pixels.

    There are 2^size patterns of rows and as many of columns; empty and full are both and are listed once, which leaves
    2^(size + 1) - 2 (one row and one column, ``size=1``: 2).

    Returns:
        Shape (2^(size + 1) - 2, size²), 0.0 or 1.0, pixels row by row.

    Raises:
        ValueError: ``size`` is not between 1 and 12; 12 means 8,190 patterns, and each step doubles the number.
    """
    if positive_int("bars_and_stripes", size, "size") > 12:
        raise ValueError(f"bars_and_stripes expects size from 1 to 12, got {size}: it gives 2^(size + 1) patterns")
    lines = np.array(list(product((0.0, 1.0), repeat=size)))
    rows = np.repeat(lines, size, axis=1)
    columns = np.tile(lines[1:-1], (1, size))  # without empty and full, which rows has
    return np.concatenate([rows, columns])


def _classes(who: str, n: int, classes: int, rng: np.random.Generator) -> Array:
    """Return n labels 0 … classes - 1 in random order, each as often as the others or once more."""
    return generator(who, rng).permutation(np.arange(positive_int(who, n, "n")) % classes)


def _jitter(who: str, X: Array, noise: float, rng: np.random.Generator) -> Array:
    if not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"{who} expects noise >= 0, a standard deviation, got {noise}")
    return X + noise * rng.standard_normal(X.shape)
