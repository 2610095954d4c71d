"""Right answers of chapter 9: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function
from numpy.lib.stride_tricks import sliding_window_view


# 9.3
def upsample_max(delta, x, k):
    dx = np.zeros(x.shape)
    for i in range(delta.shape[0]):
        for j in range(delta.shape[1]):
            window = x[i * k : (i + 1) * k, j * k : (j + 1) * k]
            r, t = divmod(window.argmax(), k)
            dx[i * k + r, j * k + t] = delta[i, j]
    return dx


def upsample_by_comparing(delta, x, k):
    dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for (i, j), d in np.ndenumerate(delta):
        best = i * k, j * k
        for u in range(i * k, i * k + k):
            for v in range(j * k, j * k + k):
                if x[u, v] > x[best]:
                    best = u, v
        dx[best[0]][best[1]] = d
    return dx


def upsample_at_once(delta, x, k):
    rows, columns = delta.shape
    windows = x[: rows * k, : columns * k].reshape(rows, k, columns, k).swapaxes(1, 2).reshape(rows, columns, -1)
    one_hot = np.eye(k * k)[windows.argmax(axis=-1)] * delta[..., None]
    dx = np.zeros_like(x)
    dx[: rows * k, : columns * k] = one_hot.reshape(rows, columns, k, k).swapaxes(1, 2).reshape(rows * k, -1)
    return dx


# 9.4
def spread_average(delta, height, width, k, stride):
    dx = np.zeros((height, width))
    for i in range(delta.shape[0]):
        for j in range(delta.shape[1]):
            top, left = i * stride, j * stride
            dx[top : top + k, left : left + k] += delta[i, j] / k**2
    return dx


def spread_by_collecting(delta, height, width, k, stride):
    def of(u, v):
        return sum(
            delta[i, j] / (k * k)
            for i, j in np.ndindex(delta.shape)
            if 0 <= u - i * stride < k and 0 <= v - j * stride < k
        )

    return [[of(u, v) for v in range(width)] for u in range(height)]


def spread_by_places(delta, height, width, k, stride):
    dx = np.zeros((height, width), delta.dtype)
    rows, columns = delta.shape
    for i in range(k):
        for j in range(k):
            dx[i : i + stride * rows : stride, j : j + stride * columns : stride][:rows, :columns] += delta / k**2
    return dx


# 9.5
def input_delta(delta, w):
    k_h, k_w = w.shape
    rows, columns = delta.shape
    da = np.zeros((rows + k_h - 1, columns + k_w - 1))
    for y in range(rows):
        for x in range(columns):
            da[y : y + k_h, x : x + k_w] += delta[y, x] * w
    return da


def input_delta_by_sliding(delta, w):
    k_h, k_w = w.shape
    padded = np.pad(delta, ((k_h - 1, k_h - 1), (k_w - 1, k_w - 1)))
    return np.einsum("uvij,ij->uv", sliding_window_view(padded, w.shape), w[::-1, ::-1])


def input_delta_by_fourier(delta, w):
    shape = [n + k - 1 for n, k in zip(delta.shape, w.shape, strict=True)]
    return np.fft.irfft2(np.fft.rfft2(delta, shape) * np.fft.rfft2(w, shape), shape)


# 9.6
def kernel_gradients(a, delta):
    _, c_out, rows, columns = delta.shape
    k_h, k_w = a.shape[2] - rows + 1, a.shape[3] - columns + 1
    dW = np.zeros((c_out, a.shape[1], k_h, k_w))
    for i in range(k_h):
        for j in range(k_w):
            met = a[:, :, i : i + rows, j : j + columns]
            dW[:, :, i, j] = np.einsum("noyx,ncyx->oc", delta, met)
    return dW, delta.sum(axis=(0, 2, 3))


def kernel_gradients_by_windows(a, delta):
    windows = sliding_window_view(a, delta.shape[2:], axis=(2, 3))
    return np.einsum("ncijyx,noyx->ocij", windows, delta), np.einsum("noyx->o", delta)


def kernel_gradients_place_by_place(a, delta):
    _, c_out, rows, columns = delta.shape
    k_h, k_w = a.shape[2] - rows + 1, a.shape[3] - columns + 1
    dW, db = np.zeros((c_out, a.shape[1], k_h, k_w)), np.zeros(c_out)
    for n, o, y, x in np.ndindex(delta.shape):
        dW[o] += delta[n, o, y, x] * a[n, :, y : y + k_h, x : x + k_w]
        db[o] += delta[n, o, y, x]
    return dW.tolist(), db.tolist()


# 9.7
def strided_delta(delta, w, stride, padding, height, width):
    k = len(w)
    da = np.zeros((height + 2 * padding, width + 2 * padding))
    for y in range(delta.shape[0]):
        for x in range(delta.shape[1]):
            top, left = y * stride, x * stride
            da[top : top + k, left : left + k] += delta[y, x] * w
    return da[padding : padding + height, padding : padding + width]


def strided_by_dilating(delta, w, stride, padding, height, width):
    k = len(w)
    dilated = np.zeros((height + 2 * padding - k + 1, width + 2 * padding - k + 1))
    dilated[::stride, ::stride] = delta
    full = input_delta_by_sliding(dilated, w)
    return full[padding : padding + height, padding : padding + width]


def strided_by_collecting(delta, w, stride, padding, height, width):
    da = np.zeros((height, width), w.dtype)
    for u, v in np.ndindex(height, width):
        for y, x in np.ndindex(delta.shape):
            i, j = u + padding - stride * y, v + padding - stride * x
            if 0 <= i < len(w) and 0 <= j < len(w):
                da[u, v] += delta[y, x] * w[i, j]
    return da


SOLUTIONS: dict[str, Function] = {
    "9.3": upsample_max,
    "9.4": spread_average,
    "9.5": input_delta,
    "9.6": kernel_gradients,
    "9.7": strided_delta,
}

VARIANTS: dict[str, list[Function]] = {
    "9.3": [upsample_by_comparing, upsample_at_once],
    "9.4": [spread_by_collecting, spread_by_places],
    "9.5": [input_delta_by_sliding, input_delta_by_fourier],
    "9.6": [kernel_gradients_by_windows, kernel_gradients_place_by_place],
    "9.7": [strided_by_dilating, strided_by_collecting],
}
