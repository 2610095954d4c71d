"""The perceptron's loss with its gradient, and the wrong ones that people write."""

from __future__ import annotations

import numpy as np

from dlbook.perceptron import Perceptron
from dlbook.shapes import Array

Loss = tuple[float, Array, float]


def right_loss(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Return the package's loss and its gradient."""
    perceptron = Perceptron(len(w))
    perceptron.w, perceptron.b = w, b
    return perceptron.loss(X, y), *perceptron.gradients(X, y)


def sums(X: Array, y: Array, w: Array, b: float, M: Array) -> Loss:
    """Sum the loss and its gradient over the examples M."""
    return -float((y * (X @ w + b))[M].sum()), -(y[M] @ X[M]), -float(y[M].sum())


def misclassified(X: Array, y: Array, w: Array, b: float) -> Array:
    """Tell which examples belong to M."""
    return np.asarray(y * (X @ w + b) <= 0)


def scaled(parts: Loss, *c: float) -> Loss:
    """Multiply the loss, dw and db by one number each."""
    return c[0] * parts[0], c[1] * parts[1], c[2] * parts[2]


def without_labels(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Forget the labels in the gradient."""
    M = misclassified(X, y, w, b)
    return right_loss(X, y, w, b)[0], -X[M].sum(axis=0), -float(M.sum())


def hinge(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Ask for a margin of 1 everywhere."""
    margin = y * (X @ w + b)
    return float(np.maximum(0, 1 - margin).sum()), *sums(X, y, w, b, margin < 1)[1:]


def hinge_gradient(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Ask for a margin of 1 in the gradient alone."""
    return right_loss(X, y, w, b)[0], *hinge(X, y, w, b)[1:]


def without_label_in_db(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Forget the labels in db alone."""
    return *right_loss(X, y, w, b)[:2], -float(misclassified(X, y, w, b).sum())


def count_of_errors(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Count the points of M in place of adding how far they are on the wrong side."""
    return float(misclassified(X, y, w, b).sum()), *right_loss(X, y, w, b)[1:]


def distance(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Divide the loss by ‖w‖."""
    return scaled(right_loss(X, y, w, b), 1 / max(float(np.linalg.norm(w)), 1e-300), 1, 1)


def mean_over_wrong(X: Array, y: Array, w: Array, b: float) -> Loss:
    """Average over M in place of adding."""
    return scaled(right_loss(X, y, w, b), *[1 / max(int(misclassified(X, y, w, b).sum()), 1)] * 3)
