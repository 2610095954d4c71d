"""Reading without learned weights: compare an image with the mean of each class, or with every known image."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dlbook.shapes import Array, as_batch, as_numbers, positive_int


def class_means(X: Array, y: ArrayLike) -> Array:
    """Return the mean of the examples of each class 0, 1, …: (K, n) for X (m, n)."""
    y = np.asarray(y)
    if y.shape != (len(X),) or y.dtype.kind not in "iu" or set(range(int(y.max()) + 1)) != set(y.tolist()):
        raise ValueError(f"class_means expects class numbers 0, 1, …, one per example and none left out, got {y!r}")
    return np.array([X[y == k].mean(axis=0) for k in range(int(y.max()) + 1)])


def squared_distances(A: Array, B: Array) -> Array:
    """Return ‖a − b‖² for each row a of A and b of B by one matrix product (eq-squared-distance): (m, k)."""
    A = as_numbers("squared_distances", A, "A")
    A, B = (as_batch("squared_distances", part, A.shape[-1], name) for part, name in ((A, "A"), (B, "B")))
    squares = (A * A).sum(axis=1)[:, None] - 2 * (A @ B.T) + (B * B).sum(axis=1)
    return np.asarray(np.maximum(squares, 0))  # a distance of 0 may come out as −1e-15


def nearest(X: Array, known: Array, *, batch_size: int = 500) -> Array:
    """Return for each row of X which row of ``known`` is nearest (eq-nearest), the first of several: (m,)."""
    positive_int("nearest", batch_size, "batch_size")
    starts = range(0, len(X), batch_size)
    parts = [squared_distances(X[i : i + batch_size], known).argmin(axis=1) for i in starts]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
