"""More examples from the ones there are: images shifted and turned a little still show the same thing.

Images come as (m, H, W), as (m, c, H, W), or as rows (m, n²) of n × n pixels; they go back in the same shape. Whole
batches are moved at once, each image in its own way if wanted. What moves in from outside the picture is 0.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import ArrayLike

from dlbook.shapes import Array, as_numbers, generator, not_negative, positive_int


def shift(X: Array, dx: ArrayLike, dy: ArrayLike) -> Array:
    """Move images by ``dx`` pixels to the right and ``dy`` down; parts of pixels are interpolated.

    Shapes: dx and dy one number, or (m,), one for each image.
    """
    images = _images("shift", X)
    rows, columns = _grid(images)
    return _sample(
        images, rows - _per_image("shift", dy, "dy", images), columns - _per_image("shift", dx, "dx", images)
    ).reshape(X.shape)


def rotate(X: Array, degrees: ArrayLike) -> Array:
    """Turn images counter-clockwise about their middle (eq-rotation), with bilinear interpolation (eq-bilinear).

    The picture keeps its size: corners that leave it are lost. Multiples of 90° move square images exactly.

    Shapes: degrees one number, or (m,), one for each image.
    """
    images = _images("rotate", X)
    rows, columns = _grid(images)
    cos, sin = _cos_sin(_per_image("rotate", degrees, "degrees", images))
    middle_row, middle_column = rows.mean(), columns.mean()
    down, right = rows - middle_row, columns - middle_column
    # Where did this pixel come from? From the place that the rotation takes here: turn back, clockwise.
    return _sample(images, middle_row + sin * right + cos * down, middle_column + cos * right - sin * down).reshape(
        X.shape
    )


def random_shift(X: Array, max_pixels: int = 2, *, rng: np.random.Generator) -> Array:
    """Shift each image by whole pixels, drawn from −max_pixels … max_pixels for either direction."""
    farthest = not_negative("random_shift", max_pixels, "max_pixels")
    if not farthest.is_integer():
        raise ValueError(f"random_shift expects max_pixels as a whole number, got {max_pixels}")
    n = int(farthest)
    dx, dy = generator("random_shift", rng).integers(-n, n, size=(2, len(X)), endpoint=True)
    return shift(X, dx, dy)


def random_rotate(X: Array, max_degrees: float = 15, *, rng: np.random.Generator) -> Array:
    """Turn each image by an angle of its own, uniform on ±max_degrees."""
    largest = not_negative("random_rotate", max_degrees, "max_degrees")
    return rotate(X, generator("random_rotate", rng).uniform(-largest, largest, size=len(X)))


def random_warp(X: Array, pixels: float = 1.0, *, rng: np.random.Generator, knots: int = 4) -> Array:
    """Bend each image like rubber (Simard et al. 2003), on a field of displacements of its own.

    The displacements of knots × knots points that are spread over the image are drawn from N(0, pixels²), down and to
    the right; between the points they pass smoothly from one to the next.
    """
    images = _images("random_warp", X)
    spread = not_negative("random_warp", pixels, "pixels")
    n = positive_int("random_warp", knots, "knots")
    drawn = generator("random_warp", rng).normal(0, spread, size=(2, len(images), n, n)).astype(images.dtype)
    H, W = (_between(length, n).astype(images.dtype) for length in images.shape[-2:])
    down, right = H @ drawn @ W.T  # each (m, H, W)
    rows, columns = _grid(images)
    return _sample(images, rows + down, columns + right).reshape(X.shape)


def _between(length: int, knots: int) -> Array:
    """Return how much each of ``length`` pixels has of each knot: (length, knots), rows sum to 1."""
    place = np.linspace(0, knots - 1, length)
    distance = np.minimum(np.abs(place[:, None] - np.arange(knots)), 1)
    return np.asarray((1 + np.cos(np.pi * distance)) / 2)


def _images(who: str, X: Array) -> Array:
    """Return X as (m, c, H, W)."""
    X = as_numbers(who, X)
    if X.ndim in (3, 4):
        return X.reshape(len(X), -1, *X.shape[-2:])
    if X.ndim == 2 and isqrt(X.shape[1]) ** 2 == X.shape[1]:
        return X.reshape(len(X), 1, isqrt(X.shape[1]), -1)
    raise ValueError(
        f"{who} expects images of shape (m, H, W) or (m, c, H, W), or rows of n × n pixels, got {X.shape}: "
        f"one image is a batch of one, X[None]"
    )


def _per_image(who: str, value: ArrayLike, name: str, images: Array) -> Array:
    """Return the number for every image as (m, 1, 1) or (1, 1, 1)."""
    value = as_numbers(who, np.asarray(value, dtype=float), name)
    if value.shape not in ((), (len(images),)):
        raise ValueError(
            f"{who} expects {name} as one number or as one for each of {len(images)} images, got {value.shape}"
        )
    return value.reshape(-1, 1, 1)


def _grid(images: Array) -> tuple[Array, Array]:
    """Return the row of each pixel, (H, 1), and its column, (W,)."""
    H, W = images.shape[-2:]
    return np.arange(float(H))[:, None], np.arange(float(W))


def _cos_sin(degrees: Array) -> tuple[Array, Array]:
    """Return cosine and sine, exact at multiples of 90°, which would otherwise move pixels by 1e-17 of a pixel."""
    quarters = np.round(degrees / 90)
    rest = np.deg2rad(degrees - 90 * quarters)
    cos, sin = np.cos(rest), np.sin(rest)
    turns = quarters.astype(int) % 4
    return np.choose(turns, (cos, -sin, -cos, sin)), np.choose(turns, (sin, cos, -sin, -cos))


def _sample(images: Array, rows: Array, columns: Array) -> Array:
    """Read images at places between pixels (eq-bilinear): the mean of the four around, weighted by nearness.

    Shapes: images (m, c, H, W); rows and columns broadcast to (m, H, W); the result is (m, c, H, W).
    """
    m, c, H, W = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))  # a ring of zeros: the outside
    first = np.arange(m * c).reshape(m, c, 1, 1) * ((H + 2) * (W + 2))  # where each picture begins among all pixels
    rows, columns = np.broadcast_arrays(np.clip(rows, -1, H) + 1, np.clip(columns, -1, W) + 1)
    top, left = np.minimum(rows.astype(int), H), np.minimum(columns.astype(int), W)
    down, right = (rows - top).astype(images.dtype), (columns - left).astype(images.dtype)  # in [0, 1]
    corner = first + (top * (W + 2) + left)[:, None]  # (m, c, H, W): all channels move in the same way
    down, right = down[:, None], right[:, None]

    def pixels(offset: int) -> Array:
        return np.asarray(padded.take(corner + offset))

    above = (1 - right) * pixels(0) + right * pixels(1)
    below = (1 - right) * pixels(W + 2) + right * pixels(W + 3)
    return np.asarray((1 - down) * above + down * below)
