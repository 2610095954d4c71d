"""Exercise 7.8: A kernel of your own."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.convolution import cross_correlate
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

DOWN = np.repeat([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]], 6, axis=1)  # dark above, bright below
RIGHT = DOWN.T
FLAT = np.ones((6, 6))


def _signs(numbers: Array, none: float) -> int:
    """0 where nothing is there, 1 or −1 where all that is there has this sign, 2 where both signs are."""
    up, down = (numbers > none).any(), (numbers < -none).any()
    return 2 if up and down else int(up) - int(down)


def _what_it_does(args: tuple[Any, ...], answer: tuple[Any, ...]) -> Array:
    [k] = answer
    if k.shape != (3, 3):
        raise ValueError(f"the kernel should have shape (3, 3), and has {k.shape}")
    if not np.isfinite(k).all():
        raise ValueError("the kernel contains NaN or an infinity")
    none = 1e-6 * max(float(np.abs(k).max()), 1e-300)
    return np.array([float(_signs(cross_correlate(picture, k), none)) for picture in (FLAT, RIGHT, DOWN)])


def _kernel(*rows: list[float]) -> Any:
    return lambda: np.array(rows, dtype=float)


HORIZONTAL_EDGES = Exercise(
    "7.8",
    "A kernel of your own",
    (),
    ("kernel",),
    "a kernel of shape (3, 3)",
    _kernel([-1, -2, -1], [0, 0, 0], [1, 2, 1]),
    lambda rng: [Case("a flat picture, one that is brighter on the right, one that is brighter below", ())],
    (
        Mistake(
            "it finds edges the wrong way round",
            _kernel([1, 2, 1], [0, 0, 0], [-1, -2, -1]),
            "Horizontal edges, but with the wrong sign: negative where it becomes brighter downward. In a "
            "cross-correlation the lower row of the kernel meets the lower pixels.",
        ),
        Mistake(
            "it finds left edges",
            _kernel([-1, 0, 1], [-2, 0, 2], [-1, 0, 1]),
            "Your columns differ, so it answers where the brightness changes from left to right. A horizontal edge "
            "is a change from above to below: the rows must differ.",
        ),
        Mistake(
            "it finds right edges",
            _kernel([1, 0, -1], [2, 0, -2], [1, 0, -1]),
            "Your columns differ, with the larger numbers on the left. For horizontal edges the rows must differ, with "
            "the larger numbers below.",
        ),
        Mistake(
            "it finds edges of all directions",
            _kernel([-1, -1, -1], [-1, 8, -1], [-1, -1, -1]),
            "The centre against everything around it: both directions, and both signs on each edge. Compare rows, and "
            "only rows.",
        ),
        Mistake(
            "it finds lines, not edges",
            _kernel([-1, -1, -1], [2, 2, 2], [-1, -1, -1]),
            "The middle row against both others gives a positive and a negative number beside each other at every "
            "edge. For an edge compare above with below.",
        ),
        Mistake(
            "it finds slanted edges too",
            _kernel([-2, -1, 0], [-1, 0, 1], [0, 1, 2]),
            "It also answers where it becomes brighter to the right. The numbers of each column must add up to 0.",
        ),
        Mistake(
            "it finds edges slanted the other way",
            _kernel([0, -1, -2], [1, 0, -1], [2, 1, 0]),
            "It also answers where it becomes darker to the right. The numbers of each column must add up to 0.",
        ),
        Mistake(
            "flat pictures do not vanish",
            _kernel([0, 0, 0], [0, 0, 0], [1, 1, 1]),
            "The numbers add up to more than 0, so flat bright pictures give positive numbers. Something must be "
            "subtracted.",
        ),
        Mistake(
            "flat pictures give negative numbers",
            _kernel([-1, -1, -1], [0, 0, 0], [0, 0, 0]),
            "The numbers add up to less than 0, so flat bright pictures give negative numbers. Something must be "
            "added, below.",
        ),
        Mistake(
            "it finds nothing",
            _kernel([0, 0, 0], [0, 0, 0], [0, 0, 0]),
            "It gives 0 on all three pictures. All rows are alike, or every number is 0: a difference needs two signs.",
        ),
    ),
    observe=_what_it_does,
    observed="flat, brighter to the right, brighter downward: 0 is nothing, 1 positive, −1 negative, 2 both",
    praise="It gives 0 on flat pictures and on vertical edges, and the right sign on horizontal ones.",
)
