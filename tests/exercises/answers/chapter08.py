"""Right answers of chapter 8: the solution of the page, and other ways of writing the same."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function


# 8.3
def conv_cost(c_in, c_out, k, height, width, stride, padding):
    rows = (height + 2 * padding - k) // stride + 1
    columns = (width + 2 * padding - k) // stride + 1
    weights = c_out * c_in * k * k
    return weights + c_out, weights * rows * columns


def cost_by_counting(c_in, c_out, k, height, width, stride, padding):
    tops = range(-padding, height + padding - k + 1, stride)
    lefts = range(-padding, width + padding - k + 1, stride)
    kernel = np.zeros((c_out, c_in, k, k))
    return [kernel.size + kernel.shape[0], kernel.size * len(tops) * len(lefts)]


def cost_with_floats(c_in, c_out, k, height, width, stride, padding):
    places = [np.floor((n + 2 * padding - k) / stride + 1) for n in (height, width)]
    return np.array([c_out * (c_in * k**2 + 1.0), c_out * c_in * k**2 * np.prod(places)])[:2].tolist()


# 8.4
def windows_as_rows(x, k, stride):
    _, H, W = x.shape
    rows = []
    for top in range(0, H - k + 1, stride):
        for left in range(0, W - k + 1, stride):
            rows.append(x[:, top : top + k, left : left + k].ravel())
    return np.array(rows)


def windows_by_view(x, k, stride):
    view = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::stride, ::stride]
    return np.moveaxis(view, 0, 2).reshape(-1, len(x) * k * k)


def windows_number_by_number(x, k, stride):
    c, H, W = x.shape
    return [
        [x[d, y + i, z + j] for d in range(c) for i in range(k) for j in range(k)]
        for y in range(0, H - k + 1, stride)
        for z in range(0, W - k + 1, stride)
    ]


# 8.5
def conv_from_rows(C, W, b, m, rows, columns):
    Z = C @ W.reshape(len(W), -1).T + b
    return Z.reshape(m, rows, columns, len(W)).transpose(0, 3, 1, 2)


def conv_einsum(C, W, b, m, rows, columns):
    windows = C.reshape(m, rows, columns, *W.shape[1:])
    return np.einsum("nyxcij,ocij->noyx", windows, W) + b[:, None, None]


def conv_in_loops(C, W, b, m, rows, columns):
    Z = np.zeros((m, len(W), rows, columns))
    for r, window in enumerate(C):
        n, place = divmod(r, rows * columns)
        for o, kernel in enumerate(W):
            Z[n, o, place // columns, place % columns] = sum(window * kernel.ravel()) + b[o]
    return Z.tolist()


# 8.6
def max_pool(x, k, stride):
    H, W = x.shape
    rows, columns = (H - k) // stride + 1, (W - k) // stride + 1
    y = np.zeros((rows, columns), x.dtype)
    place = np.zeros((rows, columns), dtype=int)
    for r in range(rows):
        for c in range(columns):
            top, left = r * stride, c * stride
            window = x[top : top + k, left : left + k]
            i, j = divmod(window.argmax(), k)
            y[r, c] = window[i, j]
            place[r, c] = (top + i) * W + left + j
    return y, place


def max_pool_by_views(x, k, stride):
    def view(a):
        w = np.lib.stride_tricks.sliding_window_view(a, (k, k))[::stride, ::stride]
        return w.reshape(*w.shape[:2], -1)

    windows, places = view(x), view(np.arange(x.size).reshape(x.shape))
    best = windows.argmax(axis=-1)[..., None]
    return tuple(np.take_along_axis(a, best, axis=-1)[..., 0] for a in (windows, places))


def max_pool_by_comparing(x, k, stride):
    y, place = [], []
    for top in range(0, x.shape[0] - k + 1, stride):
        y.append([])
        place.append([])
        for left in range(0, x.shape[1] - k + 1, stride):
            best = None
            for i in range(top, top + k):
                for j in range(left, left + k):
                    if best is None or x[i, j] > x[best]:
                        best = i, j
            y[-1].append(x[best])
            place[-1].append(np.ravel_multi_index(best, x.shape))
    return y, place


# 8.7
def channels_first(V, c, height, width):
    unfolded = V.reshape(len(V), height, width, c)
    return unfolded.transpose(0, 3, 1, 2).reshape(len(V), -1)


def channels_by_index(V, c, height, width):
    old = [(y * width + x) * c + d for d in range(c) for y in range(height) for x in range(width)]
    return V[:, old]


def channels_by_slices(V, c, height, width):
    return np.concatenate([V[:, d::c] for d in range(c)], axis=1).tolist()


def channels_width_first(V, c, height, width):
    """Within a map nothing moves, so it does not matter how its numbers are cut into rows."""
    return V.reshape(-1, width, height, c).transpose(0, 3, 1, 2).reshape(V.shape)


SOLUTIONS: dict[str, Function] = {
    "8.3": conv_cost,
    "8.4": windows_as_rows,
    "8.5": conv_from_rows,
    "8.6": max_pool,
    "8.7": channels_first,
}

VARIANTS: dict[str, list[Function]] = {
    "8.3": [cost_by_counting, cost_with_floats],
    "8.4": [windows_by_view, windows_number_by_number],
    "8.5": [conv_einsum, conv_in_loops],
    "8.6": [max_pool_by_views, max_pool_by_comparing],
    "8.7": [channels_by_index, channels_by_slices, channels_width_first],
}
