"""The equations of chapter 7, convolution and pooling: as displayed, in loops, against the package."""

from __future__ import annotations

from math import ceil, exp, floor, pi, sqrt

import numpy as np
from equations.sampling import Array, Rng
from verify import Pairs, verifies

from dlbook import (
    AvgPool2D,
    Conv2D,
    L2Pool2D,
    MaxPool2D,
    Sequential,
    convolve,
    cross_correlate,
    describe,
    rot180,
)
from dlbook.pool import Pooling
from dlbook.receptive import Axis
from dlbook.windows import spans


def whole(rng: Rng, low: int, high: int) -> int:
    """Draw a whole number from ``low`` to ``high``, both included."""
    return int(rng.integers(low, high + 1))


def at(x: Array, *place: int) -> float:
    """x at a place; 0 outside, where the text's sums run over all whole numbers."""
    inside = all(0 <= i < n for i, n in zip(place, x.shape, strict=True))
    return float(x[place]) if inside else 0.0


def layer_and_images(rng: Rng) -> tuple[Conv2D, Array, Array]:
    """Return a layer with weights and biases that are all drawn, a batch, and the batch with its zeros around it."""
    c_in, c_out, k, s, p = (whole(rng, 1, 3) for _ in range(5))
    p -= 1
    layer = Conv2D(c_in, c_out, k, rng=rng, stride=s, padding=p)
    layer.params["b"][:] = rng.normal(size=c_out)
    X = rng.normal(size=(whole(rng, 1, 3), c_in, whole(rng, 3, 7), whole(rng, 3, 7)))
    return layer, X, np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))


@verifies("eq-convolution-integral", precision=1e-9)
def test_convolution_integral(rng: Rng) -> Pairs:
    """Two bell curves give a bell curve whose variance is the sum; the integral as a sum over a fine grid."""

    def bell(t: Array | float, variance: float) -> Array:
        return np.asarray(np.exp(-np.square(t) / (2 * variance)) / np.sqrt(2 * pi * variance))

    v, u = rng.uniform(0.5, 2, size=2)
    da = 0.05
    a = np.arange(-400, 401) * da
    values = convolve(bell(a, v), bell(a, u)) * da  # at −40, …, 40
    for step in rng.integers(-60, 61, size=3):
        t = float(step * da)
        integral = float(np.sum(bell(t - a, v) * bell(a, u)) * da)
        yield integral, exp(-(t**2) / (2 * (v + u))) / sqrt(2 * pi * (v + u))
        yield integral, values[800 + step]


@verifies("eq-convolution-sum", precision=1e-12)
def test_convolution_sum(rng: Rng) -> Pairs:
    """All t, and all a for which anything can be there, against convolve."""
    x, w = rng.normal(size=whole(rng, 1, 7)), rng.normal(size=whole(rng, 1, 5))
    s = [sum(at(x, t - a) * at(w, a) for a in range(-9, 10)) for t in range(len(x) + len(w) - 1)]
    yield s, convolve(x, w)
    yield s, convolve(w, x)


@verifies("eq-two-dice", precision=1e-12)
def test_two_dice(rng: Rng) -> Pairs:
    """Fair dice give 3/36 = 1/12; the first equality holds for loaded dice too."""
    fair = np.full(6, 1 / 6)
    yield fair[2] * fair[0] + fair[1] * fair[1] + fair[0] * fair[2], 3 / 36
    yield 1 / 12, convolve(fair, fair)[4 - 2]
    x, w = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    yield x[3 - 1] * w[1 - 1] + x[2 - 1] * w[2 - 1] + x[1 - 1] * w[3 - 1], convolve(x, w)[4 - 2]


@verifies("eq-convolution-2d", precision=1e-12)
def test_convolution_2d(rng: Rng) -> Pairs:
    """Four loops, against convolve."""
    x = rng.normal(size=(whole(rng, 1, 5), whole(rng, 1, 5)))
    w = rng.normal(size=(whole(rng, 1, 4), whole(rng, 1, 4)))
    s = np.zeros((len(x) + len(w) - 1, x.shape[1] + w.shape[1] - 1))
    for i, j in np.ndindex(s.shape):
        for m in range(-6, 7):
            for n in range(-6, 7):
                s[i, j] += at(x, i - m, j - n) * at(w, m, n)
    yield s, convolve(x, w)


@verifies("eq-cross-correlation", precision=1e-12)
def test_cross_correlation(rng: Rng) -> Pairs:
    """Four loops over the places where the kernel fits, against cross_correlate."""
    w = rng.normal(size=(whole(rng, 1, 3), whole(rng, 1, 3)))
    x = rng.normal(size=(whole(rng, 3, 6), whole(rng, 3, 6)))
    s = np.zeros((len(x) - len(w) + 1, x.shape[1] - w.shape[1] + 1))
    for i, j in np.ndindex(s.shape):
        for m, n in np.ndindex(w.shape):
            s[i, j] += x[i + m, j + n] * w[m, n]
    yield s, cross_correlate(x, w)


@verifies("eq-rot180", precision=0)
def test_rot180(rng: Rng) -> Pairs:
    """Entry by entry, against rot180."""
    k = whole(rng, 1, 5)
    w = rng.normal(size=(k, k))
    turned = [[w[k - 1 - m, k - 1 - n] for n in range(k)] for m in range(k)]
    yield turned, rot180(w)


@verifies("eq-convolution-turned", precision=1e-12)
def test_convolution_turned(rng: Rng) -> Pairs:
    """The left side by its definition, the right side by the package, wherever the kernel fits."""
    k = whole(rng, 1, 3)
    x, w = rng.normal(size=(whole(rng, 3, 6), whole(rng, 3, 6))), rng.normal(size=(k, k))
    right = cross_correlate(x, rot180(w))
    for i, j in np.ndindex(right.shape):
        u, v = i + k - 1, j + k - 1
        yield sum(at(x, u - m, v - n) * w[m, n] for m, n in np.ndindex(k, k)), right[i, j]
        yield right[i, j], convolve(x, w)[u, v]


@verifies("eq-conv-output-size", precision=0)
def test_conv_output_size(rng: Rng) -> Pairs:
    """Against the package, and against windows that are slid until the next one does not fit."""
    k, s, p = whole(rng, 1, 5), whole(rng, 1, 4), whole(rng, 0, 3)
    for n in range(max(1, k - 2 * p), 12):
        places = floor((n + 2 * p - k) / s) + 1
        slid = sum(first + k <= n + 2 * p for first in range(0, n + 2 * p, s))
        [span] = spans("the test", (n,), (k,), (s,), p)
        yield places, slid
        yield places, span.out
        conv = Conv2D(1, 1, k, rng=rng, stride=s, padding=p)
        yield [places, places], conv(np.ones((1, 1, n, n))).shape[2:]


@verifies("eq-same-zeros", precision=0)
def test_same_zeros(rng: Rng) -> Pairs:
    """Against the package, and against the fewest zeros with which ⌈n / s⌉ windows fit."""
    k, s = whole(rng, 1, 6), whole(rng, 1, 4)
    for n in range(1, 12):
        total = max((ceil(n / s) - 1) * s + k - n, 0)
        [span] = spans("the test", (n,), (k,), (s,), "same")
        yield total, span.before + span.after
        fewest = next(p for p in range(20) if n + p >= k and (n + p - k) // s + 1 >= ceil(n / s))
        yield total, fewest


@verifies("eq-conv-channels", precision=1e-12)
def test_conv_channels(rng: Rng) -> Pairs:
    """Six loops and one bias for each map, against Conv2D with its padding and stride."""
    layer, X, padded = layer_and_images(rng)
    W, b, s = layer.params["W"], layer.params["b"], layer.stride[0]
    c_in, k = W.shape[1:3]
    Z = layer(X)
    looped = np.zeros_like(Z)
    for e, o, i, j in np.ndindex(Z.shape):
        looped[e, o, i, j] = b[o]
        for c in range(c_in):
            for m in range(k):
                for n in range(k):
                    looped[e, o, i, j] += padded[e, c, s * i + m, s * j + n] * W[o, c, m, n]
    yield looped, Z


@verifies("eq-conv-matrix", precision=1e-12)
def test_conv_matrix(rng: Rng) -> Pairs:
    """The matrix, entry by entry, times x, against cross_correlate and Conv2D on a picture of one row."""
    n, k = whole(rng, 3, 8), whole(rng, 1, 3)
    x, w = rng.normal(size=n), rng.normal(size=k)
    K = [[w[j - i] if 0 <= j - i < k else 0.0 for j in range(n)] for i in range(n - k + 1)]
    z = [sum(K[i][j] * x[j] for j in range(n)) for i in range(n - k + 1)]
    yield z, cross_correlate(x, w)
    layer = Conv2D(1, 1, (1, k), rng=rng)
    layer.params["W"][...] = w
    yield z, layer(x[None, None, None])[0, 0, 0]


@verifies("eq-conv-parameters", precision=0)
def test_conv_parameters(rng: Rng) -> Pairs:
    """Against the numbers that the layer holds, and against describe."""
    c_in, c_out, k = (whole(rng, 1, 9) for _ in range(3))
    layer = Conv2D(c_in, c_out, k, rng=rng)
    yield c_out * (c_in * k**2 + 1), layer.n_params
    yield c_out * (c_in * k**2 + 1), describe([layer], (c_in, 12, 15)).parameters


@verifies("eq-conv-multiplications", precision=0)
def test_conv_multiplications(rng: Rng) -> Pairs:
    """Against products that are counted one by one, and against describe."""
    layer, X, _ = layer_and_images(rng)
    c_out, c_in, k, _ = layer.params["W"].shape
    H, W = layer(X).shape[2:]
    products = sum(1 for _ in np.ndindex(H, W, c_out, c_in, k, k))
    yield H * W * c_out * c_in * k**2, products
    yield H * W * c_out * c_in * k**2, describe([layer], X.shape[1:]).multiplications


@verifies("eq-equivariance", precision=1e-12)
def test_equivariance(rng: Rng) -> Pairs:
    """A convolution and a stack of them, on pictures with so much paper around them that nothing leaves them."""

    def moved(X: Array, a: int, b: int) -> Array:
        return np.roll(X, (a, b), axis=(2, 3))

    layers = Sequential(Conv2D(1, 2, 3, rng=rng, padding=1), Conv2D(2, 2, 5, rng=rng, padding=2))
    X = np.pad(rng.normal(size=(2, 1, 4, 5)), ((0, 0), (0, 0), (9, 9), (9, 9)))
    a, b = (int(d) for d in rng.integers(-4, 5, size=2))
    for f in (layers.layers[0], layers):
        yield f(moved(X, a, b)), moved(f(X), a, b)
    strided = Conv2D(1, 1, 3, rng=rng, stride=2, padding=1)
    yield strided(moved(X, 2 * a, 2 * b)), moved(strided(X), a, b)


def stack(rng: Rng) -> tuple[list[tuple[int, int]], list[Conv2D | MaxPool2D]]:
    """Return sizes and strides of a few layers, and the layers: convolutions and pooling."""
    pairs = [(whole(rng, 1, 4), whole(rng, 1, 3)) for _ in range(whole(rng, 1, 4))]
    layers: list[Conv2D | MaxPool2D] = []
    for size, stride in pairs:
        pooling = MaxPool2D(size, stride)
        layers.append(pooling if rng.random() < 0.3 else Conv2D(1, 1, size, rng=rng, stride=stride))
    return pairs, layers


def seen(pairs: list[tuple[int, int]], unit: int) -> list[int]:
    """The pixels that a unit sees, layer by layer downward."""
    units = {unit}
    for size, stride in reversed(pairs):
        units = {u * stride + i for u in units for i in range(size)}
    return sorted(units)


@verifies("eq-receptive-field", precision=0)
def test_receptive_field(rng: Rng) -> Pairs:
    """Against the package, against the pixels collected one by one, and against what a gradient reaches."""
    pairs, layers = stack(rng)
    r, j = 1, 1
    rows = describe(layers, (1, 300, 300)).rows
    for depth, (k, s) in enumerate(pairs, start=1):
        r = r + (k - 1) * j
        j = s * j
        yield r, rows[depth - 1].field[0]
        pixels = seen(pairs[:depth], 0)
        yield r, pixels[-1] - pixels[0] + 1
    net = Sequential(*(Conv2D(1, 1, k, rng=rng, stride=s) for k, s in pairs))
    for p in net.params.values():
        p[...] = 1.0  # no path cancels another
    X = np.zeros((1, 1, r, r))
    Z, caches = net.forward(X)
    dX, _ = net.backward(np.ones_like(Z), caches)
    reached = np.flatnonzero(dX[0, 0].any(axis=0))
    yield [1, 1], Z.shape[2:]
    yield r, reached[-1] - reached[0] + 1


@verifies("eq-jump", precision=0)
def test_jump(rng: Rng) -> Pairs:
    """Against the package, and against the first pixels of two neighbours."""
    pairs, layers = stack(rng)
    j, axis = 1, Axis(300)
    rows = describe(layers, (1, 300, 300)).rows
    for depth, (k, s) in enumerate(pairs, start=1):
        j = s * j
        axis = axis.windows(0, k, s, 0)
        yield j, axis.jump
        yield j, rows[depth - 1].jump[1]
        yield j, seen(pairs[:depth], 5)[0] - seen(pairs[:depth], 4)[0]


@verifies("eq-stacked-kernels", precision=1e-12)
def test_stacked_kernels(rng: Rng) -> Pairs:
    """Two layers of the package behind each other, against one with the convolution of their kernels."""
    v, w = rng.normal(size=(whole(rng, 1, 3),) * 2), rng.normal(size=(whole(rng, 1, 3),) * 2)
    x = rng.normal(size=(7, 8))
    both = np.zeros((len(v) + len(w) - 1,) * 2)
    for i, j in np.ndindex(both.shape):
        both[i, j] = sum(at(v, i - m, j - n) * w[m, n] for m, n in np.ndindex(w.shape))
    first, second = (Conv2D(1, 1, len(k), rng=rng) for k in (v, w))
    first.params["W"][...], second.params["W"][...] = v, w
    stacked = Sequential(first, second)(x[None, None])[0, 0]
    yield cross_correlate(x, both), stacked
    yield both, convolve(v, w)


def pooled(rng: Rng, kind: type[Pooling]) -> tuple[Pooling, Array, int, int]:
    """Return a pooling layer, a batch, size and stride; windows may overlap, leave gaps, or not fit evenly."""
    k, s = whole(rng, 1, 3), whole(rng, 1, 4)
    X = rng.normal(size=(2, whole(rng, 1, 3), whole(rng, 3, 8), whole(rng, 3, 8)))
    return kind(k, s), X, k, s


def window(X: Array, e: int, c: int, i: int, j: int, k: int, s: int) -> list[float]:
    """R_ij: the numbers from (si, sj) to (si + k − 1, sj + k − 1)."""
    return [X[e, c, p, q] for p in range(s * i, s * i + k) for q in range(s * j, s * j + k)]


@verifies("eq-max-pool", precision=0)
def test_max_pool(rng: Rng) -> Pairs:
    """Window by window, against MaxPool2D."""
    pool, X, k, s = pooled(rng, MaxPool2D)
    Y = pool(X)
    for e, c, i, j in np.ndindex(Y.shape):
        yield max(window(X, e, c, i, j, k, s)), Y[e, c, i, j]


@verifies("eq-average-pool", precision=1e-12)
def test_average_pool(rng: Rng) -> Pairs:
    """Window by window, against AvgPool2D."""
    pool, X, k, s = pooled(rng, AvgPool2D)
    Y = pool(X)
    looped = np.zeros_like(Y)
    for e, c, i, j in np.ndindex(Y.shape):
        looped[e, c, i, j] = sum(window(X, e, c, i, j, k, s)) / k**2
    yield looped, Y


@verifies("eq-l2-pool", precision=1e-12)
def test_l2_pool(rng: Rng) -> Pairs:
    """Window by window, against L2Pool2D."""
    pool, X, k, s = pooled(rng, L2Pool2D)
    Y = pool(X)
    for e, c, i, j in np.ndindex(Y.shape):
        yield sqrt(sum(x**2 for x in window(X, e, c, i, j, k, s))), Y[e, c, i, j]
