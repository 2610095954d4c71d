"""Known mistakes of chapter 9 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.chapter09 import input_delta, kernel_gradients
from exercises.answers.model import Function
from numpy.lib.stride_tricks import sliding_window_view


def by_mask(delta, x, k):
    rows, columns = delta.shape
    dx = np.zeros(x.shape)
    inside = x[: rows * k, : columns * k]
    largest = inside.reshape(rows, k, columns, k).max(axis=(1, 3))
    dx[: rows * k, : columns * k] = np.kron(delta, np.ones((k, k))) * (inside == np.kron(largest, np.ones((k, k))))
    return dx


def greater_or_equal(delta, x, k):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        best, at = -np.inf, (0, 0)
        for u in range(i * k, i * k + k):
            for v in range(j * k, j * k + k):
                if x[u, v] >= best:
                    best, at = x[u, v], (u, v)
        dx[at] = delta[i, j]
    return dx


def enlarged(delta, x, k):
    dx = np.zeros(x.shape)
    large = np.kron(delta, np.ones((k, k)))
    dx[: large.shape[0], : large.shape[1]] = large
    return dx


def assigned(delta, height, width, k, stride):
    dx = np.zeros((height, width))
    for i in range(len(delta)):
        for j in range(len(delta[0])):
            dx[i * stride : i * stride + k, j * stride : j * stride + k] = np.full((k, k), delta[i, j] / k / k)
    return dx


def whole(delta, height, width, k, stride):
    dx = np.zeros((height, width))
    for i, j in np.ndindex(delta.shape):
        dx[i * stride : i * stride + k, j * stride : j * stride + k] += delta[i, j]
    return dx


def slid(delta, w):
    k_h, k_w = w.shape
    padded = np.pad(delta, ((k_h - 1,) * 2, (k_w - 1,) * 2))
    return np.array(
        [
            [(padded[u : u + k_h, v : v + k_w] * w).sum() for v in range(padded.shape[1] - k_w + 1)]
            for u in range(padded.shape[0] - k_h + 1)
        ]
    )


def turned_input(a, delta):
    windows = sliding_window_view(a[:, :, ::-1, ::-1], delta.shape[2:], axis=(2, 3))
    return np.einsum("ncijyx,noyx->ocij", windows, delta[:, :, ::-1, ::-1]), delta.sum((0, 2, 3))


def printed(a, delta):
    windows = sliding_window_view(np.rot90(a, 2, axes=(2, 3)), delta.shape[2:], axis=(2, 3))
    return np.einsum("ncijyx,noyx->ocij", windows, delta), delta.sum((0, 2, 3))


def of_means(a, delta):
    dW, db = kernel_gradients(a, delta)
    return dW / delta.shape[0], db / delta.shape[0]


def swapped(a, delta):
    windows = sliding_window_view(a, delta.shape[2:], axis=(2, 3))
    return np.einsum("ncijyx,noyx->coij", windows, delta), delta.sum((0, 2, 3))


def stride_one(delta, w, stride, padding, height, width):
    da = np.zeros((height + 2 * padding, width + 2 * padding))
    small = input_delta(delta, w)
    da[: small.shape[0], : small.shape[1]] = small
    return da[padding : padding + height, padding : padding + width]


def not_turned(delta, w, stride, padding, height, width):
    k = len(w)
    dilated = np.zeros((height + 2 * padding - k + 1, width + 2 * padding - k + 1))
    dilated[::stride, ::stride] = delta
    return slid(dilated, w)[padding : padding + height, padding : padding + width]


def uncut(delta, w, stride, padding, height, width):
    da = np.zeros((height + 2 * padding, width + 2 * padding))
    for y, x in np.ndindex(delta.shape):
        for i, j in np.ndindex(w.shape):
            da[stride * y + i, stride * x + j] += delta[y, x] * w[i, j]
    return da


def turned_and_assigned(delta, w):
    da = np.zeros((len(delta) + len(w) - 1, delta.shape[1] + w.shape[1] - 1))
    for y, x in np.ndindex(delta.shape):
        da[y : y + len(w), x : x + w.shape[1]] = delta[y, x] * w[::-1, ::-1]
    return da


SLIPS: list[tuple[str, Function, str]] = [
    ("9.3", by_mask, "all equal maxima get δ"),
    ("9.3", greater_or_equal, "the last of equal maxima gets δ"),
    ("9.3", enlarged, "every number of the window gets δ"),
    ("9.4", assigned, "overlapping windows overwrite each other"),
    ("9.4", whole, "every place gets the whole δ"),
    ("9.5", slid, "the kernel is not turned"),
    ("9.5", lambda d, w: input_delta(d, w[::-1, ::-1]), "the kernel is not turned"),
    ("9.5", lambda d, w: slid(d, w[::-1]), "the kernel is turned upside down only"),
    ("9.5", lambda d, w: slid(d, np.rot90(w)), "the kernel is turned by 90°"),
    ("9.6", turned_input, "the gradient is turned by 180°"),
    ("9.6", printed, "the input is turned by 180°"),
    ("9.6", of_means, "the mean over the batch is taken again"),
    ("9.6", swapped, "the channels stand first"),
    ("9.6", lambda a, d: (kernel_gradients(a, d)[0], d.mean((0, 2, 3))), "db is a mean"),
    ("9.7", stride_one, "the stride is ignored"),
    ("9.7", not_turned, "the kernel is turned"),
    ("9.7", uncut, "the padding is not cut off"),
    ("9.7", lambda d, w, s, p, h, v: uncut(d, w, s, p, h, v)[p:-p, p:-p], "the padding is cut off with [p:-p]"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("9.5", turned_and_assigned),
    ("9.4", lambda d, height, width, k, s: assigned(d, height, width, k, s) * k),
]
