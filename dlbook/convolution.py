"""Convolution and its relatives as plain functions, for signals and for grey images.

They are written to be read beside the formulas. The layer that networks are made of, and that has to be fast, is
:class:`dlbook.conv.Conv2D`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from dlbook.shapes import Array, as_numbers, same_shape
from dlbook.windows import Padding, Size, as_padding, frame, pair, spans

Mode: TypeAlias = Literal["full", "same", "valid"]


def rot180(k: ArrayLike) -> Array:
    """Turn a kernel by 180°: reverse its last two axes, or its only one."""
    k = np.asarray(k)
    return np.flip(k, axis=tuple(range(k.ndim))[-2:])


def cross_correlate(x: ArrayLike, k: ArrayLike, mode: Mode = "valid") -> Array:
    """Slide the kernel over x, multiply and sum: s(i, j) = Σ_m Σ_n x(i + m, j + n) k(m, n) (eq-cross-correlation).

    Args:
        x: a signal (n,) or a grey image (H, W).
        k: a kernel with as many axes.
        mode: "valid" keeps the places where the kernel lies on x as a whole, "same" as many as x has numbers, "full"
            all places where the two overlap; zeros stand around x. For kernels of even length "same" has the odd zero
            in front, as :func:`numpy.correlate`.

    Raises:
        ValueError: other shapes, or a kernel that is larger than x where it has to fit.
    """
    x, k = _real("x", x), _real("k", k)
    if x.ndim not in (1, 2) or x.ndim != k.ndim:
        raise ValueError(f"x and k are two signals or two grey images, got shapes {x.shape} and {k.shape}")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f'mode is "full", "same" or "valid", got {mode!r}')
    if mode == "valid":
        spans("cross_correlate", x.shape, k.shape, (1,) * k.ndim, "valid")
    zeros = {"valid": [(0, 0) for _ in k.shape], "full": [(n - 1, n - 1) for n in k.shape],
             "same": [(n // 2, (n - 1) // 2) for n in k.shape]}  # fmt: skip
    return np.tensordot(sliding_window_view(np.pad(x, zeros[mode]), k.shape), k, axes=k.ndim)


def convolve(x: ArrayLike, k: ArrayLike, mode: Mode = "full") -> Array:
    """Convolve, as in mathematics: s(i, j) = Σ_m Σ_n x(i − m, j − n) k(m, n) (eq-convolution-2d).

    It is the cross-correlation with the turned kernel; arguments and errors as in :func:`cross_correlate`.
    """
    return cross_correlate(x, rot180(k), mode)


def im2col(X: ArrayLike, size: Size, stride: Size = 1, padding: Padding = "valid") -> Array:
    """Lay every window out as one row (eq-im2col), so that ``im2col(X, k) @ W.reshape(c_out, -1).T`` is a convolution.

    Shapes: X (m, c, H, W) gives (m·H'·W', c·k·k), a grey image (H, W) gives (H'·W', k·k). A signal is an image of one
    row, ``x[None]``, and its window (1, k).
    """
    X, size, stride = _images("im2col", X), pair("im2col", size, "size"), pair("im2col", stride, "stride")
    rows, columns = spans("im2col", X.shape[2:], size, stride, as_padding("im2col", padding))
    windows = sliding_window_view(frame(X, rows, columns), size, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, X.shape[1] * size[0] * size[1])


def col2im(C: ArrayLike, shape: tuple[int, ...], size: Size, stride: Size = 1, padding: Padding = "valid") -> Array:
    """Add every row of C to the place of its window (eq-col2im), as the gradient goes back through :func:`im2col`.

    It is the transpose of im2col, not its inverse: a pixel that n windows look at receives n numbers.

    Args:
        C: rows as im2col returns them.
        shape: the shape of the images, (m, c, H, W) or (H, W); the result has it.
    """
    size, stride = pair("col2im", size, "size"), pair("col2im", stride, "stride")
    m, c, H, W = shape if len(shape) == 4 else (1, 1, *shape)
    rows, columns = spans("col2im", (H, W), size, stride, as_padding("col2im", padding))
    C = _real("C", C)
    same_shape("col2im", C, (m * rows.out * columns.out, c * size[0] * size[1]), "C")
    windows = C.reshape(m, rows.out, columns.out, c, *size).transpose(4, 5, 0, 3, 1, 2)  # (k, k, m, c, H', W')
    padded = np.zeros((m, c, H + rows.before + rows.after, W + columns.before + columns.after), C.dtype)
    for i, j in np.ndindex(size):
        padded[:, :, rows.seen(i, stride[0]), columns.seen(j, stride[1])] += windows[i, j]
    return padded[:, :, rows.inside(H), columns.inside(W)].reshape(shape)


def _real(name: str, x: ArrayLike) -> Array:
    """Return x as numbers that can be added up: bytes would overflow."""
    x = np.asarray(x)
    return x.astype(np.int64) if x.dtype.kind in "bui" else as_numbers("convolution", x, name)


def _images(who: str, X: ArrayLike) -> Array:
    X = _real("X", X)
    if X.ndim not in (2, 4):
        raise ValueError(f"{who} expects images of shape (m, c, H, W) or one grey image (H, W), got {X.shape}")
    return X[None, None] if X.ndim == 2 else X
