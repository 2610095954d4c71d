"""Drawings in the form of MNIST's images: ink in a box of 20 × 20 pixels, its centre of mass in the middle of 28 × 28.

So the makers of MNIST prepared what people had written. A network that has seen nothing else needs the same.
``centre.js`` does the same in the page.
"""

from __future__ import annotations

import math

import numpy as np

from dlbook.shapes import Array, as_numbers

SIDE, BOX = 28, 20
MIDDLE = SIDE // 2  # MNIST counts pixels from 0 and puts the centre of mass nearest to pixel 14, not to 13.5
TIE = 1e-9  # half a pixel, computed in another order, may come out a little smaller


def as_mnist(ink: Array) -> Array:
    """Return a drawing as an image of MNIST.

    The smallest rectangle that holds all ink is scaled until its longer side is 20 pixels, each pixel the mean of the
    ink that it covers; it is then moved by whole pixels until its centre of mass (eq-centre-of-mass) is nearest to
    pixel (14, 14), or as near as the border lets it: MNIST itself cut off what would have stuck out, a row in about one
    image of 3,000. An empty drawing stays empty.

    Shapes: ink (H, W), 0 for paper and 1 for ink; the result is (28, 28).
    """
    ink = as_numbers("as_mnist", ink)
    if ink.ndim != 2:
        raise ValueError(f"as_mnist expects one drawing of shape (H, W), got {ink.shape}: X[0].reshape(28, 28) is one")
    if ink.min(initial=0) < 0:
        raise ValueError(
            f"as_mnist expects ink from 0 (paper) to 1, got {ink.min():g}: take 1 - ink for dark on bright"
        )
    image = np.zeros((SIDE, SIDE), ink.dtype)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return image
    drawn = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(drawn.shape)
    height, width = (max(1, math.floor(n * scale + 0.5)) for n in drawn.shape)
    small = _mean_over(drawn.shape[0], height) @ drawn @ _mean_over(drawn.shape[1], width).T
    row, column = centre_of_mass(small)
    top, left = _place(row, height), _place(column, width)
    image[top : top + height, left : left + width] = small
    return image


def centre_of_mass(image: Array) -> tuple[float, float]:
    """Return the row and the column of an image's centre of mass (eq-centre-of-mass), pixels counted from 0."""
    image = np.asarray(image, dtype=float)
    total = image.sum()
    if not total > 0:
        raise ValueError("centre_of_mass expects an image with ink, got one without: it has no centre")
    rows, columns = np.arange(image.shape[0]), np.arange(image.shape[1])
    return float(rows @ image.sum(axis=1) / total), float(columns @ image.sum(axis=0) / total)


def _mean_over(n: int, parts: int) -> Array:
    """Return the matrix (parts, n) that cuts n pixels into equal parts and takes the mean of each."""
    edges = np.linspace(0, n, parts + 1)
    pixels = np.arange(n)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(np.maximum(covered, 0) * (parts / n))


def _place(centre: float, size: int) -> int:
    """Return where a box of ``size`` pixels begins so that its centre of mass is nearest to the middle, and it fits."""
    return min(max(math.ceil(MIDDLE - 0.5 - centre - TIE), 0), SIDE - size)
