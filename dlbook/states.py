"""All states of a few binary units, and sums of e^x over them."""

from __future__ import annotations

import numpy as np

from dlbook.shapes import Array, positive_int

MOST = 20  # units whose 2^20 = 1,048,576 states still are a matter of seconds


def binary_states(n: int) -> Array:
    """Return all 2^n states of n binary units, (2^n, n): row r holds the binary digits of r, the first unit leading.

    Raises:
        ValueError: more than 20 units: the sum over all states is what nobody can do.
    """
    if positive_int("binary_states", n, "n") > MOST:
        raise ValueError(
            f"binary_states expects n from 1 to {MOST}, got {n}: there would be 2^{n} states; "
            f"estimate with annealed importance sampling instead, dlbook.annealing"
        )
    return ((np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1).astype(float)


def log_sum_exp(x: Array, axis: int | None = None) -> Array:
    """Return ln Σ e^x along ``axis``, or over everything. The largest x is taken out first: nothing overflows."""
    largest = x.max(axis=axis, keepdims=True)
    total = np.log(np.exp(x - largest).sum(axis=axis, keepdims=True)) + largest
    return np.asarray(total.squeeze() if axis is None else total.squeeze(axis))
