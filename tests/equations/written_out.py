"""Functions that many equations use, number by number as the chapters display them."""

from __future__ import annotations

from math import exp

from equations.sampling import Array


def sigma(z: float) -> float:
    """The sigmoid, as eq-sigmoid displays it."""
    return 1 / (1 + exp(-z))


def softmax(z: Array) -> list[float]:
    """The softmax, as eq-softmax displays it."""
    return [exp(z_i) / sum(exp(z_j) for z_j in z) for z_i in z]
