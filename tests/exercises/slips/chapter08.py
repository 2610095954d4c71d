"""Known mistakes of chapter 8 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.chapter08 import max_pool, windows_as_rows
from exercises.answers.model import Function


def no_bias(c_in, c_out, k, height, width, stride, padding):
    places = [(n + 2 * padding - k) // stride + 1 for n in (height, width)]
    n = c_in * c_out * k**2
    return n, n * places[0] * places[1]


def steps_only(c_in, c_out, k, height, width, stride, padding):
    rows, columns = (int((n - k + 2 * padding) / stride) for n in (height, width))
    return c_out * (c_in * k * k + 1), c_out * c_in * k * k * rows * columns


def parameters_times_places(c_in, c_out, k, height, width, stride, padding):
    tops, lefts = (range(0, n + 2 * padding - k + 1, stride) for n in (height, width))
    parameters = c_out * (c_in * k * k + 1)
    return parameters, parameters * len(tops) * len(lefts)


def stacked_as_columns(x, k, stride):
    _, H, W = x.shape
    places = [(i, j) for i in range(0, H - k + 1, stride) for j in range(0, W - k + 1, stride)]
    return np.stack([x[:, i : i + k, j : j + k].reshape(-1) for i, j in places], axis=1)


def pixel_by_pixel(x, k, stride):
    image = np.moveaxis(x, 0, -1)
    H, W, _ = image.shape
    return [
        image[i : i + k, j : j + k].ravel() for i in range(0, H - k + 1, stride) for j in range(0, W - k + 1, stride)
    ]


def straight_into_maps(C, W, b, m, rows, columns):
    Z = np.einsum("rq,oq->ro", C, W.reshape(W.shape[0], -1)) + b
    return np.reshape(Z, (m, W.shape[0], rows, columns))


def tensorflow_order(C, W, b, m, rows, columns):
    return np.array([C @ kernel.ravel() + bias for kernel, bias in zip(W, b, strict=True)]).T.reshape(
        m, rows, columns, len(W)
    )


def argmax_as_it_is(x, k, stride):
    y, place = max_pool(x, k, stride)
    for r, c in np.ndindex(y.shape):
        place[r, c] = np.argmax(x[r * stride : r * stride + k, c * stride : c * stride + k])
    return y, place


def starts_at_zero(x, k, stride):
    y, place = max_pool(x, k, stride)
    return np.where(y > 0, y, 0), place


def same_memory(V, c, height, width):
    return np.reshape(V, (V.shape[0], c * height * width))


def swapped(V, c, height, width):
    return np.swapaxes(V.reshape(-1, height, width, c), 1, 3).reshape(V.shape)


SLIPS: list[tuple[str, Function, str]] = [
    ("8.3", no_bias, "the biases are forgotten"),
    ("8.3", steps_only, "the first place is missing"),
    ("8.3", parameters_times_places, "the biases multiply too"),
    ("8.4", stacked_as_columns, "the windows are columns"),
    ("8.4", pixel_by_pixel, "the channels are last in a row"),
    ("8.4", lambda x, k, stride: windows_as_rows(x, k, 1), "the stride is ignored"),
    (
        "8.5",
        lambda C, W, b, m, r, c: (W.reshape(len(W), -1) @ C.T + b[:, None]).reshape(m, len(W), r, c),
        "the product is transposed and cut without regard to the images",
    ),
    ("8.5", straight_into_maps, "the product is cut into maps without moving an axis"),
    ("8.5", tensorflow_order, "the channels are last"),
    ("8.6", argmax_as_it_is, "the place is counted within the window"),
    ("8.6", starts_at_zero, "nothing below zero"),
    ("8.7", same_memory, "nothing is moved"),
    ("8.7", swapped, "rows and columns are swapped"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("8.4", lambda x, k, stride: windows_as_rows(x, k, stride + 1)),
    ("8.6", lambda x, k, stride: (max_pool(x, k, stride)[0], max_pool(x, k, stride)[1] + 1)),
]
