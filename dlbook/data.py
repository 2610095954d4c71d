"""Data sets: handwritten digits, small problems with known answers, sequences, ratings.

Everything but ``mnist(full=True)`` and ``movielens()`` works with the network off. Images come as rows; whatever is
drawn at random takes ``rng``, a NumPy generator, and gives the same bits for the same seed.
"""

from __future__ import annotations

from .datafiles import DataError
from .digits import Digits, mnist
from .prose import prose
from .ratings import Ratings, hold_out, movielens, ratings
from .sequences import adding_problem, copy_problem, sunspots
from .toys import bars_and_stripes, blobs, linear_target, logic_gate, moons, spirals

__all__ = [
    "DataError",
    "Digits",
    "Ratings",
    "adding_problem",
    "bars_and_stripes",
    "blobs",
    "copy_problem",
    "hold_out",
    "linear_target",
    "logic_gate",
    "mnist",
    "moons",
    "movielens",
    "prose",
    "ratings",
    "spirals",
    "sunspots",
]
