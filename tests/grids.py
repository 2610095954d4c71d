"""Convolutions and poolings over a grid of sizes, strides, paddings and channels, and what they are by naive loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]

IMAGES: tuple[Pair, ...] = ((5, 5), (6, 7))
SIZES: tuple[Pair, ...] = ((1, 1), (2, 2), (3, 3), (3, 2), (1, 4), (5, 5))
STRIDES: tuple[Pair, ...] = ((1, 1), (2, 2), (3, 3), (2, 1), (4, 3))
PADDINGS: tuple[str | int, ...] = ("valid", "same", 1, 2)

Case = tuple[Pair, Pair, Pair, str | int]  # image, window, stride, padding

CONVOLUTIONS: list[Case] = list(itertools.product(IMAGES, SIZES, STRIDES, PADDINGS))
POOLINGS: list[Case] = [
    case for case in CONVOLUTIONS if isinstance(case[3], str) or case[3] <= min(case[1]) // 2
]  # padding of at most half the window


def golden(cases: list[Case]) -> list[Case]:
    """Return every seventh case: each image, window, stride and padding is among them."""
    return cases[::7]


def name(case: Case) -> str:
    """Return the key of a case in the file of golden arrays."""
    (H, W), (k_h, k_w), (s_h, s_w), padding = case
    return f"{H}x{W}-{k_h}x{k_w}-{s_h}x{s_w}-{padding}"


def borders(n: int, k: int, s: int, padding: str | int) -> Pair:
    """Return how many pixels stand before and behind an axis of n; "same" as TensorFlow documents it."""
    if isinstance(padding, int):
        return padding, padding
    if padding == "valid":
        return 0, 0
    total = max(k - s, 0) if n % s == 0 else max(k - n % s, 0)
    return total // 2, total - total // 2


def pad(X: Array, case: Case, fill: float = 0.0) -> tuple[Array, Pair, Pair]:
    """Return the padded batch, and its borders along the two axes."""
    (H, W), size, stride, padding = case
    rows, columns = borders(H, size[0], stride[0], padding), borders(W, size[1], stride[1], padding)
    return np.pad(X, ((0, 0), (0, 0), rows, columns), constant_values=fill), rows, columns


def corners(padded: Array, case: Case) -> Iterator[tuple[int, int, int, int]]:
    """Yield each window: its place in the output, and where it begins in the padded image."""
    _, size, stride, _ = case
    for y in range(math.floor((padded.shape[2] - size[0]) / stride[0]) + 1):
        for x in range(math.floor((padded.shape[3] - size[1]) / stride[1]) + 1):
            yield y, x, y * stride[0], x * stride[1]


def shape(padded: Array, channels: int, case: Case) -> tuple[int, ...]:
    """Return the shape of the output."""
    *_, (y, x, _, _) = corners(padded, case)
    return len(padded), channels, y + 1, x + 1


def convolution(X: Array, W: Array, b: Array, case: Case) -> Array:
    """Slide, multiply, add: one number at a time."""
    padded, _, _ = pad(X, case)
    k_h, k_w = case[1]
    Z = np.zeros(shape(padded, len(W), case))
    for n, (o, kernel) in itertools.product(range(len(X)), enumerate(W)):
        for y, x, top, left in corners(padded, case):
            Z[n, o, y, x] = (padded[n, :, top : top + k_h, left : left + k_w] * kernel).sum() + b[o]
    return Z


def convolution_back(dZ: Array, X: Array, W: Array, case: Case) -> tuple[Array, Array, Array]:
    """Return dX, dW and db: every output gives its share to the pixels and weights that made it."""
    padded, (top_border, _), (left_border, _) = pad(X, case)
    k_h, k_w = case[1]
    dP, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(len(W))
    for n, (o, kernel) in itertools.product(range(len(X)), enumerate(W)):
        for y, x, top, left in corners(padded, case):
            dP[n, :, top : top + k_h, left : left + k_w] += dZ[n, o, y, x] * kernel
            dW[o] += dZ[n, o, y, x] * padded[n, :, top : top + k_h, left : left + k_w]
            db[o] += dZ[n, o, y, x]
    H, W_ = X.shape[2:]
    return dP[:, :, top_border : top_border + H, left_border : left_border + W_], dW, db


def _share_of_max(window: Array) -> Array:
    share = np.zeros(window.size)
    share[window.argmax()] = 1  # the first among equals
    return share.reshape(window.shape)


def _share_of_l2(window: Array) -> Array:
    length = np.sqrt((window**2).sum())
    return window / length if length else np.zeros(window.shape)


# For each kind: what a window gives, how it shares out what comes back, and what stands in the padding.
POOLS: dict[str, tuple[Callable[[Array], float], Callable[[Array], Array], float]] = {
    "MaxPool2D": (lambda window: float(window.max()), _share_of_max, -np.inf),
    "AvgPool2D": (lambda window: float(window.mean()), lambda window: np.full(window.shape, 1 / window.size), 0.0),
    "L2Pool2D": (lambda window: float(np.sqrt((window**2).sum())), _share_of_l2, 0.0),
}


def pooling(kind: str, X: Array, case: Case) -> Array:
    """Pool one window at a time."""
    value, _, fill = POOLS[kind]
    padded, _, _ = pad(X, case, fill)
    Y = np.zeros(shape(padded, X.shape[1], case))
    for n, c in np.ndindex(X.shape[:2]):
        for y, x, top, left in corners(padded, case):
            Y[n, c, y, x] = value(padded[n, c, top : top + case[1][0], left : left + case[1][1]])
    return Y


def pooling_back(kind: str, dY: Array, X: Array, case: Case) -> Array:
    """Give back, one window at a time."""
    _, share, fill = POOLS[kind]
    padded, (top_border, _), (left_border, _) = pad(X, case, fill)
    dP = np.zeros(padded.shape)
    for n, c in np.ndindex(X.shape[:2]):
        for y, x, top, left in corners(padded, case):
            window = (n, c, slice(top, top + case[1][0]), slice(left, left + case[1][1]))
            dP[window] += dY[n, c, y, x] * share(padded[window])
    return dP[:, :, top_border : top_border + X.shape[2], left_border : left_border + X.shape[3]]
