"""The equations of chapter 8, forward propagation in a CNN: as displayed, in loops, and as the package has them."""

from __future__ import annotations

from collections.abc import Iterator
from math import tanh

import numpy as np
from equations.sampling import Array, Rng, sizes
from verify import Pairs, verifies

from dlbook import (
    AvgPool2D,
    Conv2D,
    Dense,
    Flatten,
    L2Pool2D,
    MaxPool2D,
    RadialBasis,
    ScaledTanh,
    Sequential,
    Subsample2D,
    TableConv2D,
    accuracy,
    cross_correlate,
    describe,
    im2col,
)


class Case:
    """A random convolution layer with padding, and a batch.

    Attributes:
        m, c_in, c_out, k, s, p: examples, maps in and out, side of the kernels, stride, rings of zeros.
        X, padded: the batch, and with zeros around it.
        layer, W, b: the layer and its parameters; no bias is 0.
        Z: its output, (m, c_out, H', W').
    """

    def __init__(self, rng: Rng, *, stride: int | None = None) -> None:
        self.m, self.c_in, self.c_out = (int(n) for n in rng.integers(1, 4, size=3))
        self.k, self.p = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        self.s = stride or int(rng.integers(1, 4))
        self.X = rng.normal(size=(self.m, self.c_in, *rng.integers(4, 8, size=2)))
        self.padded = np.pad(self.X, ((0, 0), (0, 0), (self.p, self.p), (self.p, self.p)))
        self.layer = Conv2D(self.c_in, self.c_out, self.k, rng=rng, stride=self.s, padding=self.p)
        self.W, self.b = self.layer.params["W"], self.layer.params["b"]
        self.b[:] = rng.uniform(0.5, 1.5, size=self.c_out)
        self.Z = self.layer(self.X)

    @property
    def rows(self) -> int:
        """H', the places from top to bottom."""
        return self.Z.shape[2]

    @property
    def columns(self) -> int:
        """W', the places from left to right."""
        return self.Z.shape[3]

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Yield n, y, x in the order of the rows of im2col."""
        return iter(np.ndindex(self.m, self.rows, self.columns))

    def weights(self) -> Iterator[tuple[int, int, int]]:
        """Yield c, i, j in the order of its columns."""
        return iter(np.ndindex(self.c_in, self.k, self.k))

    def seen(self, n: int, c: int, y: int, x: int, i: int, j: int) -> float:
        """The pixel that weight (i, j) of channel c meets at place (y, x) of image n."""
        return float(self.padded[n, c, self.s * y + i, self.s * x + j])

    def matrix(self) -> Array:
        """The package's im2col of the batch."""
        return im2col(self.X, self.k, self.s, self.p)


@verifies("eq-conv-forward", precision=1e-12)
def test_conv_forward(rng: Rng) -> Pairs:
    case = Case(rng, stride=1)
    for n in range(case.m):
        for o in range(case.c_out):
            maps = [cross_correlate(case.padded[n, c], case.W[o, c]) for c in range(case.c_in)]
            yield np.sum(maps, axis=0) + case.b[o], case.Z[n, o]


@verifies("eq-conv-forward-index", precision=1e-12)
def test_conv_forward_index(rng: Rng) -> Pairs:
    case = Case(rng)
    for n, y, x in case.places():
        for o in range(case.c_out):
            z = case.b[o] + sum(case.seen(n, c, y, x, i, j) * case.W[o, c, i, j] for c, i, j in case.weights())
            yield z, case.Z[n, o, y, x]


@verifies("eq-dense-on-maps", precision=0)
def test_dense_on_maps(rng: Rng) -> Pairs:
    case = Case(rng)
    (_, c_in, H, W), (_, c_out, rows, columns) = case.X.shape, case.Z.shape
    displayed = c_out * rows * columns * (c_in * H * W + 1)
    dense = Sequential(Flatten(), Dense(c_in * H * W, c_out * rows * columns, rng=rng))
    yield displayed, dense.n_params
    yield displayed, describe(dense, (c_in, H, W)).parameters


@verifies("eq-pool-forward", precision=1e-12)
def test_pool_forward(rng: Rng) -> Pairs:
    X = rng.normal(size=(*rng.integers(1, 4, size=2), *rng.integers(3, 8, size=2)))
    for kind in (MaxPool2D, AvgPool2D, L2Pool2D):
        pool = kind(int(rng.integers(2, 4)), int(rng.integers(1, 4)))
        Y = pool(X)
        for n, c in np.ndindex(X.shape[:2]):
            yield pool(X[n, c][None, None])[0, 0], Y[n, c]


@verifies("eq-flatten", precision=0)
def test_flatten(rng: Rng) -> Pairs:
    m, C, H, W = sizes(rng, 4)
    A = rng.normal(size=(m, C, H, W))
    F, _ = Flatten().forward(A)
    for n, c, y, x in np.ndindex(A.shape):
        yield A[n, c, y, x], F[n, (c * H + y) * W + x]


@verifies("eq-full-as-conv", precision=1e-12)
def test_full_as_conv(rng: Rng) -> Pairs:
    m, C, H, W, units = sizes(rng, 5)
    A = rng.normal(size=(m, C, H, W))
    dense, conv = Dense(C * H * W, units, rng=rng), Conv2D(C, units, (H, W), rng=rng)
    dense.params["b"][:] = conv.params["b"][:] = rng.normal(size=units)
    for o, c, y, x in np.ndindex(units, C, H, W):
        conv.params["W"][o, c, y, x] = dense.params["W"][o, (c * H + y) * W + x]
    yield dense(Flatten()(A)), conv(A)[:, :, 0, 0]


@verifies("eq-im2col", precision=0)
def test_im2col(rng: Rng) -> Pairs:
    case = Case(rng)
    displayed = [[case.seen(n, c, y, x, i, j) for c, i, j in case.weights()] for n, y, x in case.places()]
    yield displayed, case.matrix()


@verifies("eq-im2col-index", precision=0)
def test_im2col_index(rng: Rng) -> Pairs:
    case = Case(rng)
    C = case.matrix()
    for n, y, x in case.places():
        for c, i, j in case.weights():
            r, q = (n * case.rows + y) * case.columns + x, (c * case.k + i) * case.k + j
            yield case.seen(n, c, y, x, i, j), C[r, q]


@verifies("eq-im2col-product", precision=1e-12)
def test_im2col_product(rng: Rng) -> Pairs:
    case = Case(rng)
    bar = case.matrix() @ np.array([kernel.ravel() for kernel in case.W]).T + case.b
    for r, (n, y, x) in enumerate(case.places()):
        for o in range(case.c_out):
            yield bar[r, o], case.Z[n, o, y, x]


@verifies("eq-im2col-size", precision=1e-12)
def test_im2col_size(rng: Rng) -> Pairs:
    case = Case(rng)
    H, W = case.X.shape[2:]
    yield case.k**2 * case.rows * case.columns / (H * W), case.matrix().size / case.X.size
    side, k, s = 400, int(rng.integers(2, 6)), int(rng.integers(1, 4))  # large maps: what the border takes is little
    size = im2col(np.zeros((side, side), np.float32), k, s).size
    if abs(size / side**2 - k**2 / s**2) > 0.05 * k**2 / s**2:
        raise AssertionError(f"{size / side**2} is not about {k**2 / s**2}")


def column_copies(case: Case) -> Array:
    """D as displayed: (rows of the padded image, k c_in, W' m)."""
    k, columns = case.k, case.columns
    D = np.zeros((case.padded.shape[2], k, case.c_in, columns, case.m))
    for p, j, c, x, n in np.ndindex(D.shape):
        D[p, j, c, x, n] = case.padded[n, c, p, case.s * x + j]
    return D.reshape(len(D), k * case.c_in, columns * case.m)


@verifies("eq-column-copies", precision=0)
def test_column_copies(rng: Rng) -> Pairs:
    case = Case(rng)
    D, laid_out = column_copies(case), case.layer._windows(case.X)
    for y in range(case.rows):
        together = np.concatenate([D[case.s * y + i] for i in range(case.k)])
        yield together, laid_out[y]


@verifies("eq-column-product", precision=1e-12)
def test_column_product(rng: Rng) -> Pairs:
    case = Case(rng)
    D = column_copies(case)
    W = [case.W[:, :, i].transpose(0, 2, 1).reshape(case.c_out, -1) for i in range(case.k)]  # columns (j, c), as D
    for y in range(case.rows):
        Z_y = case.b[:, None] + sum(W[i] @ D[case.s * y + i] for i in range(case.k))
        yield Z_y.reshape(case.c_out, case.columns, case.m), case.Z[:, :, y].transpose(1, 2, 0)


@verifies("eq-scaled-tanh", precision=1e-12)
def test_scaled_tanh(rng: Rng) -> Pairs:
    A, S = 1.7159, 2 / 3
    Z = rng.normal(scale=2, size=sizes(rng, 2))
    yield [[A * tanh(S * z) for z in row] for row in Z], ScaledTanh()(Z)


@verifies("eq-subsample", precision=1e-12)
def test_subsample(rng: Rng) -> Pairs:
    m, channels = sizes(rng, 2)
    H, W = 2 * rng.integers(1, 4, size=2)
    X = rng.normal(size=(m, channels, H, W))
    layer = Subsample2D(channels, rng=rng)
    alpha, b = layer.params["a"], layer.params["b"]
    b[:] = rng.normal(size=channels)
    Z = layer(X)
    for n, c, y, x in np.ndindex(Z.shape):
        total = sum(X[n, c, 2 * y + i, 2 * x + j] for i in (0, 1) for j in (0, 1))
        yield alpha[c] * total + b[c], Z[n, c, y, x]


@verifies("eq-table-conv", precision=1e-12)
def test_table_conv(rng: Rng) -> Pairs:
    c_in, c_out, k, m = *(int(n) for n in rng.integers(2, 5, size=2)), int(rng.integers(1, 4)), 2
    sees = [rng.permutation(c_in)[: rng.integers(1, c_in + 1)] for _ in range(c_out)]
    table = tuple(tuple(sorted(int(c) for c in maps)) for maps in sees)
    X = rng.normal(size=(m, c_in, 5, 4))
    layer = TableConv2D(c_in, table, k, rng=rng)
    layer.params["b"][:] = rng.normal(size=c_out)
    Z, kernels = layer(X), iter(layer.params["W"])
    for o, maps in enumerate(table):
        W_o = {c: next(kernels) for c in maps}
        for n in range(m):
            z = sum(cross_correlate(X[n, c], W_o[c]) for c in maps) + layer.params["b"][o]
            yield z, Z[n, o]


@verifies("eq-radial-basis", precision=1e-12)
def test_radial_basis(rng: Rng) -> Pairs:
    m, classes, n = sizes(rng, 3)
    X, w = rng.normal(size=(m, n)), rng.choice([-1.0, 1.0], size=(classes, n))
    Y = RadialBasis(w)(X)
    for x, y in zip(X, Y, strict=True):
        yield [-sum((x[j] - w[i, j]) ** 2 for j in range(n)) for i in range(classes)], y


@verifies("eq-top-k-error", precision=1e-12)
def test_top_k_error(rng: Rng) -> Pairs:
    n, classes = int(rng.integers(3, 30)), int(rng.integers(3, 8))
    model = Dense(4, classes, rng=rng)
    X, y = rng.normal(size=(n, 4)), rng.integers(classes, size=n)
    Z = model(X)

    def error(k: int) -> float:
        return (
            sum(label not in sorted(range(classes), key=lambda i: -z[i])[:k] for z, label in zip(Z, y, strict=True)) / n
        )

    yield error(1), 1 - accuracy(model, X, y)
    for k in range(1, classes + 1):  # the class is missing where k classes and more are larger
        larger = (Z[np.arange(n), y][:, None] < Z).sum(axis=1)
        yield error(k), (larger >= k).mean()
