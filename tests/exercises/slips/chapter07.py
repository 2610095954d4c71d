"""Known mistakes of chapter 7 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

from typing import Any

import numpy as np
from exercises.answers.chapter07 import conv_layer, max_pool, output_size, true_convolution
from exercises.answers.model import Function
from numpy.lib.stride_tricks import sliding_window_view


def steps_alone(n, size, stride, padding):
    return int((n + 2 * padding - size) / stride)


def padded_once(n, size, stride, padding):
    return len(range(0, n + padding - size + 1, stride))


def one_place_more(n, size, stride, padding):
    return 1 - (size - n - 2 * padding) // stride


def correlation(x, w):
    n, k = len(x), len(w)
    return [sum(x[t + a] * w[a] for a in range(k) if 0 <= t + a < n) for t in range(-k + 1, n)]


def only_inside(x, w):
    x, w = (x, w) if len(x) >= len(w) else (w, x)
    n, k = len(x), len(w)
    return np.array([sum(x[i + k - 1 - a] * w[a] for a in range(k)) for i in range(n - k + 1)])


def fourier_too_short(x, w):
    n = max(len(x), len(w))
    return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(w, n), n)


def assigned(x, w):
    s = np.zeros(len(x) + len(w) - 1)
    for a, factor in enumerate(w):
        s[a : a + len(x)] = factor * x
    return s


def layer(window: Any, bias: Any = lambda b, o: b[o], step: Any = lambda i, s: i * s) -> Any:
    def conv(X, W, b, stride):
        k = W.shape[-1]
        rows, columns = ((n - k) // stride + 1 for n in X.shape[1:])
        Z = np.zeros((len(W), rows, columns))
        for o in range(len(W)):
            for i in range(rows):
                for j in range(columns):
                    r, c = step(i, stride), step(j, stride)
                    Z[o, i, j] = window(X[:, r : r + k, c : c + k], W[o])
                    Z[o, i, j] += bias(b, o)
        return Z

    return conv


def bias_in_the_loop(X, W, b, stride):
    k = W.shape[2]
    windows = sliding_window_view(X, (k, k), axis=(1, 2))[:, ::stride, ::stride]
    Z = np.zeros((len(W), *windows.shape[1:3]))
    for o in range(len(W)):
        for c in range(len(X)):
            Z[o] += np.einsum("ijmn,mn->ij", windows[c], W[o, c]) + b[o]
    return Z


def from_zero(X, size, stride):
    Y = np.zeros(max_pool(X, size, stride).shape)
    for c, i, j in np.ndindex(Y.shape):
        for p in range(size):
            for q in range(size):
                Y[c, i, j] = max(Y[c, i, j], X[c, i * stride + p, j * stride + q])
    return Y


def reshaped(X, size, stride):
    c, H, W = X.shape
    H, W = H // size, W // size
    return X[:, : H * size, : W * size].reshape(c, H, size, W, size).max(axis=(2, 4))


def max_over_everything(X, size, stride):
    Y = np.zeros(max_pool(X, size, stride).shape)
    for i, j in np.ndindex(Y.shape[1:]):
        Y[:, i, j] = X[:, i * stride : i * stride + size, j * stride : j * stride + size].max()
    return Y


def walk(update_first: bool = False, size_less: int = 1) -> Any:
    def field(layers):
        r, j = 1, 1
        for k, s in layers:
            if update_first:
                j *= s
            r = r + (k - size_less) * j
            if not update_first:
                j *= s
        return [r, j]

    return field


def nothing_but_sizes(layers):
    return sum(k - 1 for k, _ in layers) + 1, int(np.prod([s for _, s in layers]))


SLIPS: list[tuple[str, Function, str]] = [
    ("7.3", steps_alone, "the first place is not counted"),
    ("7.3", padded_once, "the padding on one side only"),
    ("7.3", one_place_more, "rounded up"),
    ("7.3", lambda n, size, stride, padding: output_size(n, size, 1, padding), "the stride is ignored"),
    ("7.4", correlation, "the kernel is not turned"),
    ("7.4", lambda x, w: np.correlate(x, w, "full"), "the kernel is not turned"),
    ("7.4", lambda x, w: np.correlate(x[::-1], w, "full"), "the result is turned round"),
    ("7.4", only_inside, "only the places where the kernel fits"),
    ("7.4", fourier_too_short, "what leaves at the end comes in at the front"),
    ("7.4", assigned, "copies are written over each other"),
    ("7.5", layer(lambda x, w: (x * w[:, ::-1, ::-1]).sum()), "the kernels are turned"),
    ("7.5", layer(lambda x, w: np.einsum("cij,cji->", x, w)), "rows and columns of the kernels are exchanged"),
    ("7.5", layer(lambda x, w: (x * w).sum(), bias=lambda b, o: 0), "the bias is missing"),
    ("7.5", bias_in_the_loop, "a bias for each channel"),
    (
        "7.5",
        layer(lambda x, w: np.vdot(x, w), step=lambda i, s: i),
        "the places are counted with the stride, the window moves by one",
    ),
    ("7.5", layer(lambda x, w: (x[0] * w[0]).sum()), "only the first channel"),
    ("7.5", lambda X, W, b, stride: conv_layer(X, W, b, W.shape[3]), "windows side by side"),
    ("7.6", from_zero, "0 where all numbers are negative"),
    ("7.6", reshaped, "windows side by side, whatever the stride"),
    ("7.6", max_over_everything, "all channels in one"),
    ("7.6", lambda X, size, stride: -max_pool(-X, size, stride), "the smallest number is taken"),
    ("7.7", walk(update_first=True), "the jump is renewed before the field"),
    ("7.7", walk(size_less=0), "k in place of k − 1"),
    (
        "7.3",
        lambda n, size, stride, padding: (n + 2 * padding - size - 1) // stride + 1,
        "the last place that fits is missing",
    ),
    ("7.7", nothing_but_sizes, "strides do not widen the field"),
    ("7.8", lambda: np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]), "it finds edges the wrong way round"),
    ("7.8", lambda: [[-1, 1, 0]] * 3, "it finds left edges"),
    ("7.8", lambda: np.ones((3, 3)) / 9, "flat pictures do not vanish"),
    ("7.8", lambda: [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "it finds edges of all directions"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("7.3", lambda n, size, stride, padding: (n + 3 * padding - size) // stride + 1),
    ("7.4", lambda x, w: 2 * true_convolution(x, w)),
    ("7.5", layer(lambda x, w: (x * w[:, ::-1]).sum())),
]
