"""The convolution layer.

A convolution is a matrix product once every window is laid out as a column (:func:`dlbook.convolution.im2col`), but
k·k copies of the image cost as much time as the product. Here only the columns of the image are laid out, k copies:
windows that start in the same row are then neighbours in memory, k rows of the copy *are* the matrix, and the next row
of windows is the same memory, read one row further down. In memory the batch comes last, rows × channels × columns ×
images: every copy and every sum then runs over long stretches, and the result lies as the next layer wants it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlbook.init import Initializer, glorot_uniform
from dlbook.layer import Layer, Params
from dlbook.shapes import Array, generator, positive_int, same_shape, upstream
from dlbook.windows import Padding, Size, Span, as_images, as_padding, pair, spans

BLOCK = 2**23  # numbers laid out at a time: 32 MB in float32; larger batches go through in parts


class Conv2D(Layer):
    """Cross-correlation of c_in feature maps with c_out kernels, z_o = Σ_c a_c ∗ W_oc + b_o (eq-conv-forward).

    Args:
        c_in: channels that come in.
        c_out: kernels, channels that go out.
        size: height and width of the kernels, one number or a pair.
        rng: source of the initial weights.
        stride: step of the kernels, one number or a pair.
        padding: "valid" (none), "same" (H' = ⌈H / stride⌉; an odd zero goes to the end), or how many rings of zeros.
        init: how W starts, from c_in·k·k inputs to c_out·k·k outputs; b starts at zero.

    Shapes:
        W (c_out, c_in, k, k), b (c_out,); X (m, c_in, H, W), Y (m, c_out, H', W').
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        size: Size,
        *,
        rng: np.random.Generator,
        stride: Size = 1,
        padding: Padding = "valid",
        init: Initializer = glorot_uniform,
    ) -> None:
        self.c_in = positive_int("Conv2D", c_in, "c_in")
        self.c_out = positive_int("Conv2D", c_out, "c_out")
        self.size = pair("Conv2D", size, "size")
        self.stride = pair("Conv2D", stride, "stride")
        self.padding = as_padding("Conv2D", padding)
        shape, area = (self.c_out, self.c_in, *self.size), self.size[0] * self.size[1]
        W = init(shape, self.c_in * area, self.c_out * area, rng=generator("Conv2D", rng))
        same_shape("Conv2D", W, shape, "the array that init returns")
        self.params = {"W": W, "b": np.zeros(self.c_out)}

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        """Return Z (m, c_out, H', W'); the cache is X. Errors as in :func:`dlbook.windows.as_images` and ``spans``."""
        X = as_images("Conv2D", X, self.c_in)
        return _join([self._correlate(X[block]) for block in self._blocks(X)]), X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Params]:
        """Return ∂J/∂X, δ slid over the turned kernels (eq-backprop-conv), and the gradients of W and b."""
        grads = self.param_grads(dY, cache)
        return _join([self._spread(dY[block], cache[block]) for block in self._blocks(cache)]), grads

    def param_grads(self, dY: Array, cache: Array) -> Params:
        """Return ∂J/∂W, δ slid over the image (eq-gradient-kernel), and ∂J/∂b, the sum of δ (eq-gradient-kernel-b)."""
        rows, columns = self._spans(cache)
        dY = upstream("Conv2D", dY, (len(cache), self.c_out, rows.out, columns.out))
        W = self.params["W"]
        dW = np.zeros((W[0].size, self.c_out), W.dtype)
        for block in self._blocks(cache):
            for windows, delta in zip(self._windows(cache[block]), self._by_rows(dY[block]), strict=True):
                dW += windows @ delta.T
        return {"W": dW.reshape(*self.size, *W.shape[1::-1]).transpose(3, 2, 0, 1), "b": dY.sum(axis=(0, 2, 3))}

    def _spans(self, X: Array) -> tuple[Span, ...]:
        return spans("Conv2D", X.shape[2:], self.size, self.stride, self.padding)

    def _blocks(self, X: Array) -> Iterator[slice]:
        """Cut the batch so that what is laid out at a time fits into BLOCK numbers."""
        rows, columns = self._spans(X)
        per_image = (X.shape[2] + rows.before + rows.after) * self.size[1] * self.c_in * columns.out
        at_a_time = max(1, BLOCK // per_image)
        return (slice(start, start + at_a_time) for start in range(0, len(X), at_a_time))

    def _windows(self, X: Array) -> Array:
        """Return for every row of the output its windows as columns, (H', k_h·k_w·c_in, W'·m): a view on k_w copies."""
        (rows, columns), (m, c, H, W) = self._spans(X), X.shape
        shape = (H + rows.before + rows.after, c, W + columns.before + columns.after, m)
        image = np.zeros_like(X, shape=shape, order="C")
        image[rows.inside(H), :, columns.inside(W)] = X.transpose(2, 1, 3, 0)
        laid_out = np.stack([image[:, :, columns.seen(j, self.stride[1])] for j in range(self.size[1])], axis=1)
        windows = sliding_window_view(laid_out, self.size[0], axis=0)[:: self.stride[0]]  # (H', k_w, c_in, W', m, k_h)
        return np.moveaxis(windows, -1, 1).reshape(rows.out, -1, columns.out * m)

    def _correlate(self, X: Array) -> Array:
        W = self.params["W"].transpose(0, 2, 3, 1).reshape(self.c_out, -1)  # (c_out, k_h·k_w·c_in)
        windows = self._windows(X)
        Z = W @ windows  # (H', c_out, W'·m)
        Z += self.params["b"][:, None]
        return Z.reshape(*Z.shape[:2], -1, len(X)).transpose(3, 1, 0, 2)

    def _by_rows(self, dY: Array) -> Array:
        """Return δ as the products need it: (H', c_out, W'·m)."""
        return np.ascontiguousarray(dY.transpose(2, 1, 3, 0)).reshape(dY.shape[2], self.c_out, -1)

    def _spread(self, dY: Array, X: Array) -> Array:
        """Return ∂J/∂X.

        Row p of the padded image was read, by row i of the kernel, for each row y of the output with p = stride·y + i.
        As y grows i falls, so that the kernel, turned, meets the rows of δ in their order: one product for each p. Its
        result holds what each column of the kernel gives back; these k_w parts are shifted into place and added up.
        """
        (rows, columns), (m, _, height, width) = self._spans(X), X.shape
        (k_h, k_w), (step, step_w), W = self.size, self.stride, self.params["W"]
        turned = np.ascontiguousarray(W.transpose(3, 1, 2, 0)[:, :, ::-1])  # (k_w, c_in, k_h turned, c_out)
        delta = self._by_rows(dY)
        read = np.zeros((height, k_w * self.c_in, columns.out * m), W.dtype)
        for r in range(height):
            p = r + rows.before
            first, last = max(0, -((k_h - 1 - p) // step)), min(p // step, rows.out - 1)
            if first <= last:  # a stride larger than the kernel leaves rows that nobody read
                i = k_h - 1 - p + step * first
                kernel = turned[:, :, i : i + step * (last - first) + 1 : step].reshape(len(read[r]), -1)
                np.matmul(kernel, delta[first : last + 1].reshape(kernel.shape[1], -1), out=read[r])
        read = read.reshape(height, k_w, self.c_in, columns.out, m)
        image = np.zeros((height, self.c_in, width + columns.before + columns.after, m), W.dtype)
        for j in range(k_w):
            image[:, :, columns.seen(j, step_w)] += read[:, j]
        return image[:, :, columns.inside(width)].transpose(3, 1, 0, 2)


def _join(parts: list[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
