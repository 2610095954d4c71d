"""Numbers for the exercises on ratings: users with holes in their ratings."""

from __future__ import annotations

import numpy as np

from dlbook.shapes import Array

LEVELS = 4  # stars, fewer than the five of the text so that the numbers can be followed


def some_ratings(rng: np.random.Generator, users: int, items: int) -> Array:
    """Draw ratings 1 … LEVELS as whole numbers; about a third are missing, 0, and every user rated something."""
    R = rng.integers(1, LEVELS + 1, size=(users, items)) * (rng.uniform(size=(users, items)) < 0.65)
    R[R.sum(axis=1) == 0, 0] = 2
    return np.asarray(R)
