"""Right answers of chapter 7: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function
from numpy.lib.stride_tricks import sliding_window_view


# 7.3
def output_size(n, size, stride, padding):
    return (n + 2 * padding - size) // stride + 1


def places_counted(n, size, stride, padding):
    places, first = 0, -padding
    while first + size <= n + padding:
        places += 1
        first += stride
    return places


def places_of_a_range(n, size, stride, padding):
    return len(range(0, n + 2 * padding - size + 1, stride))


def places_rounded_up(n, size, stride, padding):
    return np.ceil((n + 2 * padding - size + 1) / stride)


# 7.4
def true_convolution(x, w):
    s = np.zeros(len(x) + len(w) - 1)
    for a in range(len(w)):
        s[a : a + len(x)] += w[a] * x
    return s


def convolution_by_definition(x, w):
    n, k = len(x), len(w)
    return [sum(x[t - a] * w[a] for a in range(k) if 0 <= t - a < n) for t in range(n + k - 1)]


def convolution_of_polynomials(x, w):
    s = {}
    for i, p in enumerate(x):
        for j, q in enumerate(w):
            s[i + j] = s.get(i + j, 0) + p * q
    return np.array([s[t] for t in sorted(s)])


def convolution_by_fourier(x, w):
    size = len(x) + len(w) - 1
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(w, size), size)


# 7.5
def conv_layer(X, W, b, stride):
    c_out, _, k, _ = W.shape
    rows = (X.shape[1] - k) // stride + 1
    columns = (X.shape[2] - k) // stride + 1
    Z = np.zeros((c_out, rows, columns))
    for o in range(c_out):
        for i in range(rows):
            for j in range(columns):
                r, c = i * stride, j * stride
                window = X[:, r : r + k, c : c + k]
                Z[o, i, j] = (window * W[o]).sum() + b[o]
    return Z


def conv_layer_einsum(X, W, b, stride):
    k = W.shape[2]
    windows = sliding_window_view(X, (k, k), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("cijmn,ocmn->oij", windows, W) + b[:, None, None]


def conv_layer_by_offsets(X, W, b, stride):
    k = W.shape[2]
    H, V = X.shape[1] - k + 1, X.shape[2] - k + 1
    Z = np.zeros((len(W), H, V)) + b.reshape(-1, 1, 1)
    for m in range(k):
        for n in range(k):
            Z += np.tensordot(W[:, :, m, n], X[:, m : m + H, n : n + V], axes=1)
    return Z[:, ::stride, ::stride].tolist()


# 7.6
def max_pool(X, size, stride):
    rows = (X.shape[1] - size) // stride + 1
    columns = (X.shape[2] - size) // stride + 1
    Y = np.zeros((len(X), rows, columns))
    for i in range(rows):
        for j in range(columns):
            r, c = i * stride, j * stride
            Y[:, i, j] = X[:, r : r + size, c : c + size].max(axis=(1, 2))
    return Y


def max_pool_of_windows(X, size, stride):
    return sliding_window_view(X, (size, size), axis=(1, 2))[:, ::stride, ::stride].max(axis=(-1, -2))


def max_pool_as_lists(X, size, stride):
    c, H, W = X.shape
    return [
        [
            [max(X[o, i + p, j + q] for p in range(size) for q in range(size)) for j in range(0, W - size + 1, stride)]
            for i in range(0, H - size + 1, stride)
        ]
        for o in range(c)
    ]


# 7.7
def receptive_field(layers):
    field, jump = 1, 1
    for size, stride in layers:
        field += (size - 1) * jump
        jump *= stride
    return field, jump


def field_from_the_top(layers):
    field, jump = 1, 1
    for size, stride in layers[::-1]:
        field = (field - 1) * stride + size
        jump *= stride
    return field, jump


def field_of_pixels(layers):
    def pixels(unit):
        units = {unit}
        for size, stride in reversed(layers):
            units = {u * stride + i for u in units for i in range(size)}
        return min(units), max(units)

    first, last = pixels(0)
    return [last - first + 1, pixels(1)[0] - first]


# 7.8
def horizontal_edges():
    return np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])


def prewitt():
    return [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]


def a_small_difference():
    return np.outer([0.0, -1.0, 1.0], [0.0, 0.5, 0.0])


SOLUTIONS: dict[str, Function] = {
    "7.3": output_size,
    "7.4": true_convolution,
    "7.5": conv_layer,
    "7.6": max_pool,
    "7.7": receptive_field,
    "7.8": horizontal_edges,
}

VARIANTS: dict[str, list[Function]] = {
    "7.3": [places_counted, places_of_a_range, places_rounded_up],
    "7.4": [convolution_by_definition, convolution_of_polynomials, convolution_by_fourier],
    "7.5": [conv_layer_einsum, conv_layer_by_offsets],
    "7.6": [max_pool_of_windows, max_pool_as_lists],
    "7.7": [field_from_the_top, field_of_pixels],
    "7.8": [prewitt, a_small_difference],
}
