"""The equations of chapter 9, back-propagation in a CNN: as displayed, in loops, and as the package computes them.

δ at the output of a layer is drawn at random. J = Σ δ z is then a loss with exactly these derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from equations.sampling import Array, Rng
from verify import Pairs, verifies

from dlbook import (
    AvgPool2D,
    Conv2D,
    Dense,
    Flatten,
    L2Pool2D,
    MaxPool2D,
    ReLU,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    col2im,
    convolve,
    cross_correlate,
    im2col,
    rot180,
)
from dlbook.check import numerical_gradient
from dlbook.pool import Pooling


class Case:
    """A random convolution layer with padding, a batch, and δ at its output.

    Attributes:
        m, c_in, c_out, k, s, p: examples, maps in and out, side of the kernels, stride, rings of zeros.
        X, padded: the batch, and with zeros around it.
        W: the kernels.
        delta: δ, (m, c_out, H', W').
        dX, dW, db: what the package computes from it.
    """

    def __init__(
        self, rng: Rng, *, stride: int | None = None, padding: int | None = None, m: int | None = None
    ) -> None:
        self.m, self.c_in, self.c_out = (int(n) for n in rng.integers(1, 4, size=3))
        self.m = m or self.m
        self.k = int(rng.integers(1, 4))
        self.p = int(rng.integers(0, 3)) if padding is None else padding
        self.s = stride or int(rng.integers(1, 4))
        self.X = rng.normal(size=(self.m, self.c_in, *rng.integers(4, 7, size=2)))
        self.padded = np.pad(self.X, ((0, 0), (0, 0), (self.p, self.p), (self.p, self.p)))
        self.layer = Conv2D(self.c_in, self.c_out, self.k, rng=rng, stride=self.s, padding=self.p)
        self.W = self.layer.params["W"]
        self.layer.params["b"][:] = rng.uniform(0.5, 1.5, size=self.c_out)
        Z, cache = self.layer.forward(self.X)
        self.delta = rng.normal(size=Z.shape)
        self.dX, grads = self.layer.backward(self.delta, cache)
        self.dW, self.db = grads["W"], grads["b"]

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Yield n, y, x."""
        m, _, rows, columns = self.delta.shape
        return iter(np.ndindex(m, rows, columns))

    def weight(self, o: int, c: int, i: int, j: int) -> float:
        """w_{ocij}, 0 where there is no such weight."""
        return float(self.W[o, c, i, j]) if 0 <= i < self.k and 0 <= j < self.k else 0.0


class Pooled:
    """A random map, a pooling layer whose windows may overlap, and δ at its output.

    Attributes:
        x: the map; no two numbers are equal and none is 0.
        y, delta, dx: the pooled map, δ, and what the package computes from it.
        k, s: side and stride of the windows.
    """

    def __init__(self, rng: Rng, kind: type[Pooling], *, tiles: bool = False) -> None:
        self.k = int(rng.integers(1, 4))
        self.s = self.k if tiles else int(rng.integers(1, 4))
        H, W = (int(n) for n in rng.integers(3, 8, size=2))
        self.x = (1 + rng.permutation(H * W)).reshape(H, W) / 7 * rng.choice([-1, 1], size=(H, W))
        self.layer = kind(self.k, self.s)
        Y, cache = self.layer.forward(self.x[None, None])
        self.y, self.delta = Y[0, 0], rng.normal(size=Y.shape[2:])
        self.dx = self.layer.backward(self.delta[None, None], cache)[0][0, 0]

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield (i, j), the places of the output."""
        return iter(np.ndindex(*self.y.shape))

    def window(self, i: int, j: int) -> list[tuple[int, int]]:
        """R_ij, row by row."""
        return [(self.s * i + r, self.s * j + t) for r, t in np.ndindex(self.k, self.k)]

    def sum_over_windows(self, term: Callable[[int, int, int, int], float]) -> Array:
        """For every (u, v) the sum of term(i, j, u, v) over the windows in which it lies."""
        total = np.zeros_like(self.x)
        for u, v in np.ndindex(*self.x.shape):
            for i, j in self.places():
                if (u, v) in self.window(i, j):
                    total[u, v] += term(i, j, u, v)
        return total


def small_network(rng: Rng) -> tuple[Sequential, Array, Array]:
    """Return a network with convolution, pooling and a dense layer, a batch, and targets."""
    net = Sequential(
        *(Conv2D(1, 2, 2, rng=rng), Tanh(), AvgPool2D(2), Conv2D(2, 2, 2, rng=rng), Sigmoid(), Flatten()),
        Dense(2, 3, rng=rng),
    )
    for p in net.params.values():
        p += 0.3 * rng.normal(size=p.shape)
    m = int(rng.integers(1, 4))
    return net, rng.normal(size=(m, 1, 5, 5)), rng.integers(3, size=m)


def delta_at(net: Sequential, place: int, X: Array, y: Array) -> tuple[Array, Array]:
    """Return what enters layer ``place`` of the network, and the package's ∂J with respect to it."""
    loss = SoftmaxCrossEntropy()
    before = Sequential(*net.layers[:place])(X)
    rest = Sequential(*net.layers[place:])
    Y, caches = rest.forward(before)
    return before, rest.backward(loss.backward(loss.forward(Y, y)[1]), caches)[0]


def differences(net: Sequential, place: int, X: Array, y: Array) -> Array:
    """Return the same by central differences of J, the mean loss of the batch."""
    rest = Sequential(*net.layers[place:])
    return numerical_gradient(lambda Z: SoftmaxCrossEntropy().forward(rest(Z), y)[0], X)


@verifies("eq-delta-maps", precision=1e-7)
def test_delta_maps(rng: Rng) -> Pairs:
    """Differences of J at z of both convolutions, against what the package carries back; 1/m is inside."""
    net, X, y = small_network(rng)
    for place in (1, 4):
        z, delta = delta_at(net, place, X, y)
        yield differences(net, place, z, y), delta


@verifies("eq-delta-below", precision=1e-12)
def test_delta_below(rng: Rng) -> Pairs:
    """The derivative at a times σ′ at z, number by number, against one step more of the package."""
    net, X, y = small_network(rng)
    slopes: dict[int, Callable[[float], float]] = {
        1: lambda z: 1 - np.tanh(z) ** 2,
        4: lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z))),
    }
    for place, slope in slopes.items():
        _, at_a = delta_at(net, place + 1, X, y)
        z, delta = delta_at(net, place, X, y)
        yield np.array([d * slope(t) for d, t in zip(at_a.flat, z.flat, strict=True)]).reshape(z.shape), delta


@verifies("eq-backprop-pool", precision=1e-7)
def test_backprop_pool(rng: Rng) -> Pairs:
    """The sum over windows with ∂y/∂x by differences, for all three kinds, against the package."""
    for kind in (MaxPool2D, AvgPool2D, L2Pool2D):
        case = Pooled(rng, kind)
        slopes = {}
        for i, j in case.places():

            def y_ij(x: Array, i: int = i, j: int = j, layer: Pooling = case.layer) -> float:
                return float(layer(x[None, None])[0, 0, i, j])

            slopes[i, j] = numerical_gradient(y_ij, case.x)
        yield (
            case.sum_over_windows(lambda i, j, u, v, case=case, slopes=slopes: case.delta[i, j] * slopes[i, j][u, v]),
            case.dx,
        )


@verifies("eq-backprop-average-pool", precision=1e-12)
def test_backprop_average_pool(rng: Rng) -> Pairs:
    """1/k² times the sum of δ over the windows, against AvgPool2D."""
    case = Pooled(rng, AvgPool2D)
    yield 1 / case.k**2 * case.sum_over_windows(lambda i, j, u, v: case.delta[i, j]), case.dx


@verifies("eq-backprop-max-pool", precision=1e-12)
def test_backprop_max_pool(rng: Rng) -> Pairs:
    """δ of every window whose first maximum lies at (u, v), against MaxPool2D; equal numbers in a second map."""
    case = Pooled(rng, MaxPool2D)
    for equal in (False, True):
        if equal:
            case.x = np.sign(case.x)
            _, cache = case.layer.forward(case.x[None, None])
            case.dx = case.layer.backward(case.delta[None, None], cache)[0][0, 0]
        displayed = np.zeros_like(case.x)
        for u, v in np.ndindex(*case.x.shape):
            for i, j in case.places():
                places = case.window(i, j)
                largest = max(case.x[place] for place in places)
                first = next(place for place in places if case.x[place] == largest)
                displayed[u, v] += case.delta[i, j] * ((u, v) == first)
        yield displayed, case.dx


@verifies("eq-backprop-l2-pool", precision=1e-12)
def test_backprop_l2_pool(rng: Rng) -> Pairs:
    """X times the sum of δ/y over the windows, against L2Pool2D."""
    case = Pooled(rng, L2Pool2D)
    yield case.x * case.sum_over_windows(lambda i, j, u, v: case.delta[i, j] / case.y[i, j]), case.dx


@verifies("eq-upsample", precision=1e-12)
def test_upsample(rng: Rng) -> Pairs:
    """Blocks of δ in place, for windows that tile, times the slope of ReLU, against the package's two layers."""
    for kind in (MaxPool2D, AvgPool2D):
        case = Pooled(rng, kind, tiles=True)
        upsampled = np.zeros_like(case.x)
        for i, j in case.places():
            places = case.window(i, j)
            best = max(places, key=lambda place, case=case: max(case.x[place], 0))
            for place in places:
                if kind is AvgPool2D:
                    upsampled[place] = case.delta[i, j] / case.k**2
                elif place == best:
                    upsampled[place] = case.delta[i, j]
        both = Sequential(ReLU(), case.layer)
        _, caches = both.forward(case.x[None, None])
        yield upsampled * (case.x > 0), both.backward(case.delta[None, None], caches)[0][0, 0]


@verifies("eq-pool-delta-sum", precision=1e-12)
def test_pool_delta_sum(rng: Rng) -> Pairs:
    """Both sums, for the maximum and the mean, with overlap, and with equal numbers."""
    for kind in (MaxPool2D, AvgPool2D):
        case = Pooled(rng, kind)
        yield case.dx.sum(), case.delta.sum()
        _, cache = case.layer.forward(np.zeros((1, 1, *case.x.shape)))
        yield case.layer.backward(case.delta[None, None], cache)[0].sum(), case.delta.sum()


def three_and_two(rng: Rng) -> tuple[Array, Array, Array]:
    """Return a (3, 3), w (2, 2) and δ (2, 2) with indices from 1: row and column 0 are NaN."""
    a, w, d = (np.full((n + 1, n + 1), np.nan) for n in (3, 2, 2))
    for M in (a, w, d):
        M[1:, 1:] = rng.normal(size=np.subtract(M.shape, 1))
    return a, w, d


def layer_of(w: Array) -> Conv2D:
    """A layer of this one kernel, without bias."""
    layer = Conv2D(1, 1, w.shape, rng=np.random.default_rng(0))
    layer.params["W"][0, 0] = w
    return layer


def through(w: Array, a: Array, delta: Array) -> Array:
    """∂J/∂a as the package computes it, for one channel."""
    layer = layer_of(w)
    _, cache = layer.forward(a[None, None])
    return layer.backward(delta[None, None], cache)[0][0, 0]


@verifies("eq-conv-3x3", precision=1e-12)
def test_conv_3x3(rng: Rng) -> Pairs:
    """The four lines as printed, against Conv2D."""
    a, w, _ = three_and_two(rng)
    z11 = a[1, 1] * w[1, 1] + a[1, 2] * w[1, 2] + a[2, 1] * w[2, 1] + a[2, 2] * w[2, 2]
    z12 = a[1, 2] * w[1, 1] + a[1, 3] * w[1, 2] + a[2, 2] * w[2, 1] + a[2, 3] * w[2, 2]
    z21 = a[2, 1] * w[1, 1] + a[2, 2] * w[1, 2] + a[3, 1] * w[2, 1] + a[3, 2] * w[2, 2]
    z22 = a[2, 2] * w[1, 1] + a[2, 3] * w[1, 2] + a[3, 2] * w[2, 1] + a[3, 3] * w[2, 2]
    yield [[z11, z12], [z21, z22]], layer_of(w[1:, 1:])(a[None, None, 1:, 1:])[0, 0]


@verifies("eq-backprop-3x3", precision=1e-12)
def test_backprop_3x3(rng: Rng) -> Pairs:
    """The nine lines as printed, against Conv2D."""
    a, w, d = three_and_two(rng)
    nabla = [
        [d[1, 1] * w[1, 1], d[1, 1] * w[1, 2] + d[1, 2] * w[1, 1], d[1, 2] * w[1, 2]],
        [
            d[1, 1] * w[2, 1] + d[2, 1] * w[1, 1],
            d[1, 1] * w[2, 2] + d[1, 2] * w[2, 1] + d[2, 1] * w[1, 2] + d[2, 2] * w[1, 1],
            d[1, 2] * w[2, 2] + d[2, 2] * w[1, 2],
        ],
        [d[2, 1] * w[2, 1], d[2, 1] * w[2, 2] + d[2, 2] * w[2, 1], d[2, 2] * w[2, 2]],
    ]
    yield nabla, through(w[1:, 1:], a[1:, 1:], d[1:, 1:])


@verifies("eq-backprop-3x3-turned", precision=1e-12)
def test_backprop_3x3_turned(rng: Rng) -> Pairs:
    """The matrices as printed, the star in loops, against Conv2D."""
    a, w, d = three_and_two(rng)
    ringed = [[0, 0, 0, 0], [0, d[1, 1], d[1, 2], 0], [0, d[2, 1], d[2, 2], 0], [0, 0, 0, 0]]
    turned = [[w[2, 2], w[2, 1]], [w[1, 2], w[1, 1]]]
    slide = [
        [sum(ringed[u + i][v + j] * turned[i][j] for i in range(2) for j in range(2)) for v in range(3)]
        for u in range(3)
    ]
    yield slide, through(w[1:, 1:], a[1:, 1:], d[1:, 1:])


@verifies("eq-backprop-conv-index", precision=1e-12)
def test_backprop_conv_index(rng: Rng) -> Pairs:
    """The sum over all outputs, one channel and stride 1, against Conv2D and the true convolution."""
    k, (H, W) = int(rng.integers(1, 4)), (int(n) for n in rng.integers(3, 7, size=2))
    w, a, delta = rng.normal(size=(k, k)), rng.normal(size=(H, W)), rng.normal(size=(H - k + 1, W - k + 1))
    displayed = np.zeros((H, W))
    for u, v in np.ndindex(H, W):
        for y, x in np.ndindex(*delta.shape):
            if 0 <= u - y < k and 0 <= v - x < k:
                displayed[u, v] += delta[y, x] * w[u - y, v - x]
    yield displayed, through(w, a, delta)
    yield displayed, convolve(delta, w)


@verifies("eq-conv-matrix-transposed", precision=1e-7)
def test_conv_matrix_transposed(rng: Rng) -> Pairs:
    """The transpose of the matrix of eq-conv-matrix has these entries; its product with δ, against differences."""
    n, k = int(rng.integers(4, 9)), int(rng.integers(1, 4))
    w, delta = rng.normal(size=k), rng.normal(size=n - k + 1)
    K_T = np.array([[w[u - i] if 0 <= u - i < k else 0.0 for i in range(n - k + 1)] for u in range(n)])
    K = np.array([cross_correlate(pixel, w) for pixel in np.eye(n)]).T
    yield K_T, K.T
    yield K_T @ delta, numerical_gradient(lambda a: float(delta @ cross_correlate(a, w)), rng.normal(size=n))


def full_slide(delta: Array, kernel: Array) -> Array:
    """Surround δ with k − 1 rings of zeros and slide the kernel over it, in loops."""
    k = len(kernel)
    ringed = np.pad(delta, k - 1)
    out = np.zeros((len(ringed) - k + 1, ringed.shape[1] - k + 1))
    for u, v in np.ndindex(*out.shape):
        out[u, v] = sum(ringed[u + i, v + j] * kernel[i, j] for i, j in np.ndindex(k, k))
    return out


def backprop_maps(case: Case, delta: Array) -> Array:
    """Σ_o δ_o ∗full rot180(W_oc) for every image and channel."""
    return np.array(
        [
            [sum(full_slide(image[o], rot180(case.W[o, c])) for o in range(case.c_out)) for c in range(case.c_in)]
            for image in delta
        ]
    )


@verifies("eq-backprop-conv", precision=1e-12)
def test_backprop_conv(rng: Rng) -> Pairs:
    """The sum over all kernels, slid over δ in its zeros, against Conv2D."""
    case = Case(rng, stride=1, padding=0)
    yield backprop_maps(case, case.delta), case.dX


@verifies("eq-backprop-conv-delta", precision=1e-12)
def test_backprop_conv_delta(rng: Rng) -> Pairs:
    """The same times σ′ of the layer below, against two layers of the package."""
    case = Case(rng, stride=1, padding=0)
    z = rng.normal(size=case.X.shape)
    both = Sequential(Tanh(), case.layer)
    _, caches = both.forward(z)
    yield backprop_maps(case, case.delta) * (1 - np.tanh(z) ** 2), both.backward(case.delta, caches)[0]


def strided(case: Case) -> Array:
    """The right side of eq-backprop-conv-stride, on the padded input."""
    total = np.zeros_like(case.padded)
    for n, c, u, v in np.ndindex(*total.shape):
        for m, y, x in case.places():
            if m == n:
                for o in range(case.c_out):
                    total[n, c, u, v] += case.delta[n, o, y, x] * case.weight(o, c, u - case.s * y, v - case.s * x)
    return total


@verifies("eq-backprop-conv-stride", precision=1e-12)
def test_backprop_conv_stride(rng: Rng) -> Pairs:
    """The sum over kernels and places with a stride, against the layer without padding on the padded input."""
    case = Case(rng, m=1)
    valid = Conv2D(case.c_in, case.c_out, case.k, rng=rng, stride=case.s)
    valid.params = case.layer.params
    _, cache = valid.forward(case.padded)
    yield strided(case), valid.backward(case.delta, cache)[0]


@verifies("eq-dilate", precision=1e-12)
def test_dilate(rng: Rng) -> Pairs:
    """δ with zeros between, through a layer of stride 1, against the layer with the stride on δ itself."""
    case = Case(rng, padding=0)
    _, _, H, W = case.X.shape
    dilated = np.zeros((case.m, case.c_out, H - case.k + 1, W - case.k + 1))
    for n, y, x in case.places():
        dilated[n, :, case.s * y, case.s * x] = case.delta[n, :, y, x]
    yield backprop_maps(case, dilated), case.dX


@verifies("eq-backprop-padding", precision=1e-12)
def test_backprop_padding(rng: Rng) -> Pairs:
    """The derivative at the padded input, moved by p, against the layer with padding."""
    case = Case(rng, m=1)
    at_padded = strided(case)
    displayed = np.zeros_like(case.X)
    for n, c, u, v in np.ndindex(*case.X.shape):
        displayed[n, c, u, v] = at_padded[n, c, u + case.p, v + case.p]
    yield displayed, case.dX


@verifies("eq-gradient-kernel", precision=1e-7)
def test_gradient_kernel(rng: Rng) -> Pairs:
    """The sum over images and places, with stride and padding, against Conv2D and against differences."""
    case = Case(rng)
    displayed = np.zeros_like(case.W)
    for o, c, i, j in np.ndindex(*case.W.shape):
        for n, y, x in case.places():
            displayed[o, c, i, j] += case.delta[n, o, y, x] * case.padded[n, c, case.s * y + i, case.s * x + j]
    yield displayed, case.dW

    def J(W: Array) -> float:
        kept = case.W.copy()
        case.W[...] = W
        value = float((case.delta * case.layer(case.X)).sum())
        case.W[...] = kept
        return value

    yield displayed, numerical_gradient(J, case.W)


@verifies("eq-gradient-kernel-slide", precision=1e-12)
def test_gradient_kernel_slide(rng: Rng) -> Pairs:
    """δ slid over the padded input, stride 1, against Conv2D."""
    case = Case(rng, stride=1)
    displayed = np.zeros_like(case.W)
    for o, c in np.ndindex(case.c_out, case.c_in):
        displayed[o, c] = sum(cross_correlate(case.padded[n, c], case.delta[n, o]) for n in range(case.m))
    yield displayed, case.dW


@verifies("eq-gradient-kernel-b", precision=1e-12)
def test_gradient_kernel_b(rng: Rng) -> Pairs:
    """The sum of δ over images and places, in loops, against Conv2D."""
    case = Case(rng)
    displayed = np.zeros(case.c_out)
    for n, y, x in case.places():
        for o in range(case.c_out):
            displayed[o] += case.delta[n, o, y, x]
    yield displayed, case.db


def by_rows(case: Case) -> tuple[Array, Array, Array]:
    """Return δ with one row per place, im2col of the batch, and the kernels as rows."""
    rows = np.array([case.delta[n, :, y, x] for n, y, x in case.places()])
    return rows, im2col(case.X, case.k, case.s, case.p), case.W.reshape(case.c_out, -1)


@verifies("eq-gradient-im2col", precision=1e-12)
def test_gradient_im2col(rng: Rng) -> Pairs:
    """The product of δ and im2col, number by number, against Conv2D."""
    case = Case(rng)
    rows, C, W = by_rows(case)
    product = [[sum(rows[r, o] * C[r, q] for r in range(len(C))) for q in range(W.shape[1])] for o in range(len(W))]
    yield product, case.dW.reshape(case.c_out, -1)


@verifies("eq-backprop-im2col", precision=1e-7)
def test_backprop_im2col(rng: Rng) -> Pairs:
    """Differences of J with respect to the entries of C, and col2im of the product against Conv2D."""
    case = Case(rng)
    rows, C, W = by_rows(case)
    few = min(len(C), 4)
    yield (
        np.array([[sum(rows[r, o] * W[o, q] for o in range(len(W))) for q in range(W.shape[1])] for r in range(few)]),
        numerical_gradient(lambda D: float((rows[:few] * (D @ W.T)).sum()), C[:few]),
    )
    yield col2im(rows @ W, case.X.shape, case.k, case.s, case.p), case.dX


@verifies("eq-col2im", precision=1e-12)
def test_col2im(rng: Rng) -> Pairs:
    """Follow every pixel through im2col by its number, add up where its copies lie, against col2im."""
    case = Case(rng)
    number = 1.0 + np.arange(case.X.size).reshape(case.X.shape)
    copies = im2col(number, case.k, case.s, case.p)
    D = rng.normal(size=copies.shape)
    displayed = np.array([D[copies == pixel].sum() for pixel in number.flat]).reshape(case.X.shape)
    yield displayed, col2im(D, case.X.shape, case.k, case.s, case.p)
