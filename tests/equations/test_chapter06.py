"""The equations of chapter 6, regularization: as displayed, as the package computes them, as all cases together say.

A mean over random masks or noise is no sample here: every mask with its probability, or a quadrature rule that is exact
for the function at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import cos, e, floor, prod, radians, sin, sqrt

import numpy as np
from equations.sampling import Array, Rng, network, sizes
from verify import Pairs, verifies

from dlbook import (
    L1,
    L2,
    SGD,
    Dense,
    Dropout,
    GaussianNoise,
    MaxNorm,
    MeanSquaredError,
    Sequential,
    Softmax,
    average,
    fgsm,
    fit,
    rotate,
    shift,
    softmax,
    vote,
)
from dlbook.check import numerical_gradient
from dlbook.ensemble import bootstrap

mse = MeanSquaredError()


def linear_unit(w: Array, b: float = 0.0) -> Dense:
    """The package's layer with one unit and these weights."""
    unit = Dense(len(w), 1, rng=np.random.default_rng(0))
    unit.params["W"][0], unit.params["b"][0] = w, b
    return unit


def answers(Y: Array) -> Dense:
    """A member that answers Y, shape (m, K), to the m rows of the identity matrix."""
    m, K = Y.shape
    layer = Dense(m, K, rng=np.random.default_rng(0))
    layer.params["W"][...], layer.params["b"][...] = Y.T, 0
    return layer


def masks(n: int, p: float) -> Iterator[tuple[Array, float]]:
    """Every mask of n units, with its probability."""
    for r in product((0.0, 1.0), repeat=n):
        yield np.array(r), prod(1 - p if on else p for on in r)


class Given(np.random.Generator):
    """A generator that draws what it is told to."""

    def __init__(self, numbers: Array) -> None:
        super().__init__(np.random.PCG64(0))
        self.numbers = numbers

    def random(self, size: object) -> Array:
        return self.numbers.reshape(size)

    def standard_normal(self, size: object) -> Array:
        return self.numbers.reshape(size)

    def integers(self, *range_: int, size: object) -> Array:
        return self.numbers.reshape(size)


def masked(layer: Dropout, r: Array) -> Given:
    """The draws from which Dropout makes the mask r."""
    return Given(np.where(r == 1, layer.p + (1 - layer.p) / 2, layer.p / 2))


def problem(rng: Rng) -> tuple[Sequential, dict[int, Array], Array, Array]:
    """A random network, its W^l, a batch and targets."""
    units = sizes(rng, int(rng.integers(2, 4)))
    net, W, _ = network(rng, units)
    m = int(rng.integers(1, 5))
    return net, W, rng.normal(size=(m, units[0])), rng.uniform(size=(m, units[-1]))


@verifies("eq-penalized-loss", precision=1e-7)
def test_penalized_loss(rng: Rng) -> Pairs:
    """J + R in loops against what fit reports, and the differences of that sum against the step that fit makes."""
    net, W, X, Y = problem(rng)
    lam, alpha = rng.uniform(0.1, 1), rng.uniform(0.1, 1)

    def J_R() -> float:
        J = sum(0.5 * (a - y) ** 2 for a, y in zip(net(X).ravel(), Y.ravel(), strict=True)) / len(X)
        return J + lam / 2 * sum(w**2 for Wl in W.values() for w in Wl.ravel())

    before, value = {name: p.copy() for name, p in net.params.items()}, J_R()

    def slope(name: str) -> Array:
        def at(p: Array) -> float:
            kept = net.params[name].copy()
            net.params[name][...] = p
            J = J_R()
            net.params[name][...] = kept
            return J

        return numerical_gradient(at, before[name])

    slopes = {name: slope(name) for name in before}
    (step,) = fit(net, mse, SGD(alpha), X, Y, epochs=1, batch_size=len(X), rng=rng, penalty=L2(lam))
    yield value, step.loss
    for name, p in net.params.items():
        yield slopes[name], (before[name] - p) / alpha


@verifies("eq-l2-penalty", precision=1e-12)
def test_l2_penalty(rng: Rng) -> Pairs:
    """Three sums in loops over layers, units and inputs, against L2."""
    net, W, _, _ = problem(rng)
    lam = rng.uniform(0.1, 2)
    R = 0.0
    for Wl in W.values():
        for j in range(Wl.shape[0]):
            for k in range(Wl.shape[1]):
                R += lam / 2 * Wl[j, k] ** 2
    yield R, L2(lam).value(net.params)


@verifies("eq-weight-decay", precision=1e-12)
def test_weight_decay(rng: Rng) -> Pairs:
    """Weight by weight, with the package's ∂J/∂W, against a step of fit; biases make the plain step."""
    net, _, X, Y = problem(rng)
    lam, alpha = rng.uniform(0.1, 1), rng.uniform(0.1, 1)
    A, caches = net.forward(X)
    _, grads = net.backward(mse.backward(mse.forward(A, Y)[1]), caches)
    expected = {}
    for name, p in net.params.items():
        expected[name] = p - alpha * grads[name]
        if p.ndim == 2:
            for j, k in np.ndindex(p.shape):
                expected[name][j, k] = (1 - alpha * lam) * p[j, k] - alpha * grads[name][j, k]
    list(fit(net, mse, SGD(alpha), X, Y, epochs=1, batch_size=len(X), rng=rng, penalty=L2(lam)))
    for name, p in net.params.items():
        yield expected[name], p


def directions(rng: Rng) -> tuple[Array, Array, Array, Array, Array]:
    """Inputs and targets of a linear unit, eigenvalues and directions of H, and the best weights w*."""
    n = int(rng.integers(2, 5))
    X = rng.normal(size=(n + 4, n)) * rng.uniform(0.3, 1.5, size=n)
    y = rng.normal(size=(n + 4, 1))
    H = np.zeros((n, n))
    for x in X:
        H += np.outer(x, x) / len(X)
    h, u = np.linalg.eigh(H)
    return X, y, h, u, np.linalg.solve(H, X.T @ y[:, 0] / len(X))


@verifies("eq-l2-shrinkage", precision=1e-9)
def test_l2_shrinkage(rng: Rng) -> Pairs:
    """Weights put together from the displayed factors: there the package's gradient of J + R is zero."""
    X, y, h, u, best = directions(rng)
    lam = rng.uniform(0.05, 2)
    w = sum(h[i] / (h[i] + lam) * (u[:, i] @ best) * u[:, i] for i in range(len(h)))
    unit = linear_unit(w)
    A, cache = unit.forward(X)
    pull = unit.param_grads(mse.backward(mse.forward(A, y)[1]), cache)["W"]
    yield -pull, L2(lam).grads(unit.params)["W"]
    yield [u[:, i] @ w for i in range(len(h))], h / (h + lam) * (u.T @ best)


@verifies("eq-l1-penalty", precision=1e-7)
def test_l1_penalty(rng: Rng) -> Pairs:
    """Three sums in loops against L1, and the finite differences of the sums against its gradient."""
    net, W, _, _ = problem(rng)
    lam, grads = rng.uniform(0.1, 2), None

    def R() -> float:
        return sum(lam * abs(Wl[j, k]) for Wl in W.values() for j, k in np.ndindex(Wl.shape))

    yield R(), L1(lam).value(net.params)
    grads = L1(lam).grads(net.params)
    for l, Wl in W.items():

        def at(p: Array, Wl: Array = Wl) -> float:
            kept = Wl.copy()
            Wl[...] = p
            value = R()
            Wl[...] = kept
            return value

        yield numerical_gradient(at, Wl), grads[f"{2 * (l - 2)}.W"]


@verifies("eq-soft-threshold", precision=2e-5)
def test_soft_threshold(rng: Rng) -> Pairs:
    """Against the lowest of 400,001 values of (w − v)²/2 + R, with R from L1."""
    lam = rng.uniform(0.2, 1.5)
    places = np.linspace(-4, 4, 400_001)
    for v in (rng.uniform(lam, 3), -rng.uniform(lam, 3), rng.uniform(-lam, lam)):
        price = L1(lam).value({"W": np.ones(1)}) * np.abs(places)
        lowest = places[np.argmin((places - v) ** 2 / 2 + price)]
        w = np.sign(v) * max(abs(v) - lam, 0)
        yield [w, 1.0], [lowest, 1.0]  # beside 1: the grid's own width matters where w is 0
        yield lam * abs(w), L1(lam).value({"W": np.array([w])})


@verifies("eq-max-norm", precision=1e-12)
def test_max_norm(rng: Rng) -> Pairs:
    """Row by row in loops, some rows too long and some not, against MaxNorm; and no allowed point is nearer."""
    n_out, n_in = sizes(rng, 2)
    W, c = rng.normal(size=(n_out, n_in)) * rng.uniform(0.2, 3, size=(n_out, 1)), rng.uniform(0.5, 2)
    expected = np.zeros_like(W)
    for j in range(n_out):
        length = sqrt(sum(w**2 for w in W[j]))
        for k in range(n_in):
            expected[j, k] = W[j, k] * min(1, c / length)
    layer = Dense(n_in, n_out, rng=rng)
    layer.params["W"][...] = W
    MaxNorm(c).project(layer.params)
    yield expected, layer.params["W"]
    others = rng.normal(size=(200, n_out, n_in))
    others *= c * rng.uniform(size=(200, n_out, 1)) / np.linalg.norm(others, axis=-1, keepdims=True)
    distance = np.linalg.norm(layer.params["W"] - W, axis=-1)
    yield np.minimum(distance, np.linalg.norm(others - W, axis=-1).min(axis=0)), distance


@verifies("eq-bagging-variance", precision=1e-9)
def test_bagging_variance(rng: Rng) -> Pairs:
    """Errors a s₀ + b sₙ with random signs: the mean over all patterns of signs, with the package's average."""
    N = int(rng.integers(1, 5))
    a, b = rng.uniform(0.2, 1.5, size=2)
    v, c = a**2 + b**2, a**2
    square = 0.0
    for signs in product((-1.0, 1.0), repeat=N + 1):
        errors = [a * signs[0] + b * s for s in signs[1:]]
        square += float(average([answers(np.array([[error]])) for error in errors], np.eye(1))[0, 0]) ** 2
    yield v / N + (N - 1) / N * c, square / 2 ** (N + 1)


@verifies("eq-bootstrap-share", precision=1e-6)
def test_bootstrap_share(rng: Rng) -> Pairs:
    """The share over all mᵐ draws, each made by bootstrap; and the limit at m = 10⁷."""
    m = int(rng.integers(1, 6))
    X = np.arange(float(m))[:, None]
    there = 0
    for drawn in product(range(m), repeat=m):
        there += 0 in bootstrap(X, X[:, 0], rng=Given(np.array(drawn)))[0]
    yield 1 - (1 - 1 / m) ** m, there / m**m
    yield 1 - (1 - 1 / 10**7) ** (10**7), 1 - 1 / e
    yield round(1 - 1 / e, 3), 0.632


@verifies("eq-bagging-average", precision=1e-12)
def test_bagging_average(rng: Rng) -> Pairs:
    """A sum over the members, number by number, against average."""
    N, m, K = sizes(rng, 3)
    a = rng.normal(size=(N, m, K))
    expected = np.zeros((m, K))
    for i in range(m):
        for k in range(K):
            for n in range(N):
                expected[i, k] += 1 / N * a[n, i, k]
    yield expected, average([answers(Y) for Y in a], np.eye(m))


@verifies("eq-bagging-vote", precision=0)
def test_bagging_vote(rng: Rng) -> Pairs:
    """Brackets counted in loops, the first class among equals, against vote."""
    N, m = int(rng.integers(1, 8)), int(rng.integers(1, 6))
    K = int(rng.integers(2, 5))
    a = rng.normal(size=(N, m, K))
    expected = []
    for i in range(m):
        counts = [sum(max(range(K), key=lambda j: a[n, i, j]) == k for n in range(N)) for k in range(K)]
        expected.append(counts.index(max(counts)))
    yield expected, vote([answers(Y) for Y in a], np.eye(m))


def dropped(rng: Rng) -> tuple[Dropout, int, Array]:
    """A dropout layer, a number of units and their activations."""
    n = int(rng.integers(1, 6))
    return Dropout(rng.uniform(0.1, 0.9)), n, rng.normal(size=(1, n))


@verifies("eq-dropout", precision=1e-12)
def test_dropout(rng: Rng) -> Pairs:
    """For every mask the layer gives r a, up to its scaling; and 1 − p of many draws stay."""
    layer, n, a = dropped(rng)
    for r, _ in masks(n, layer.p):
        yield [r[j] * a[0, j] for j in range(n)], (1 - layer.p) * layer.forward(a, masked(layer, r))[0][0]
    even = (np.arange(10_000) + 0.5) / 10_000  # as random numbers fall: evenly
    stay = (layer.forward(np.ones((1, 10_000)), Given(even))[0] > 0).mean()
    yield 1.0, 1.0 + max(abs(stay - (1 - layer.p)) - 1e-4, 0)


@verifies("eq-inverted-dropout", precision=1e-12)
def test_inverted_dropout(rng: Rng) -> Pairs:
    """For every mask against the layer; the mean over all masks is what the layer predicts."""
    layer, n, a = dropped(rng)
    mean = np.zeros(n)
    for r, probability in masks(n, layer.p):
        expected = [r[j] / (1 - layer.p) * a[0, j] for j in range(n)]
        yield expected, layer.forward(a, masked(layer, r))[0][0]
        mean += probability * np.array(expected)
    yield mean, layer(a)[0]


@verifies("eq-dropout-backward", precision=1e-7)
def test_dropout_backward(rng: Rng) -> Pairs:
    """For every mask against the layer's backward and the finite differences of a loss behind it."""
    layer, n, a = dropped(rng)
    target = rng.normal(size=(1, n))
    for r, _ in masks(n, layer.p):
        dropped_a, cache = layer.forward(a, masked(layer, r))
        behind = mse.backward(mse.forward(dropped_a, target)[1])
        expected = [[r[j] / (1 - layer.p) * behind[0, j] for j in range(n)]]
        yield expected, layer.backward(behind, cache)[0]
        yield (
            expected,
            numerical_gradient(lambda a, r=r: mse.forward(layer.forward(a, masked(layer, r))[0], target)[0], a),
        )


@verifies("eq-dropout-geometric", precision=1e-9)
def test_dropout_geometric(rng: Rng) -> Pairs:
    """The product over all masks, normalized, against the softmax of the full network."""
    layer, n, a = dropped(rng)
    K = int(rng.integers(2, 5))
    net = Sequential(layer, Dense(n, K, rng=rng), Softmax())
    net.params["1.b"][:] = rng.normal(size=K)
    powers = np.ones(K)
    for r, probability in masks(n, layer.p):
        outputs, _ = net.forward(a, masked(layer, r))
        for k in range(K):
            powers[k] *= outputs[0, k] ** probability
    yield powers / powers.sum(), softmax(net.layers[1](a))[0]
    yield powers / powers.sum(), net(a)[0]


@verifies("eq-dropout-penalty", precision=1e-9)
def test_dropout_penalty(rng: Rng) -> Pairs:
    """The mean over all masks of the package's loss, against the loss without dropout plus the displayed sum."""
    layer, n, x = dropped(rng)
    w, y, p = rng.normal(size=n), rng.normal(), layer.p
    unit, target = linear_unit(w), np.array([[y]])
    mean = sum(
        probability * mse.forward(unit(layer.forward(x, masked(layer, r))[0]), target)[0]
        for r, probability in masks(n, p)
    )
    z = sum(w[j] * x[0, j] for j in range(n))
    yield 0.5 * (z - y) ** 2 + p / (2 * (1 - p)) * sum(w[j] ** 2 * x[0, j] ** 2 for j in range(n)), mean


def read_between(image: Array, row: float, column: float) -> float:
    """The image between its pixels, as eq-bilinear displays it; outside is white."""
    i, j = floor(row), floor(column)
    s, t = row - i, column - j

    def x(i: int, j: int) -> float:
        inside = 0 <= i < image.shape[0] and 0 <= j < image.shape[1]
        return float(image[i, j]) if inside else 0.0

    return (1 - s) * ((1 - t) * x(i, j) + t * x(i, j + 1)) + s * ((1 - t) * x(i + 1, j) + t * x(i + 1, j + 1))


@verifies("eq-bilinear", precision=1e-9)
def test_bilinear(rng: Rng) -> Pairs:
    """Pixel by pixel for a shift by parts of pixels, against shift."""
    H, W = rng.integers(2, 6, size=2)
    image, (dx, dy) = rng.uniform(size=(H, W)), rng.uniform(-2, 2, size=2)
    expected = [[read_between(image, row - dy, column - dx) for column in range(W)] for row in range(H)]
    yield expected, shift(image[None], dx, dy)[0]


@verifies("eq-rotation", precision=1e-9)
def test_rotation(rng: Rng) -> Pairs:
    """Pixel by pixel, d down and r to the right of the middle, against rotate; a quarter turn by hand."""
    H, W = rng.integers(2, 6, size=2)
    image, degrees = rng.uniform(size=(H, W)), rng.uniform(-180, 180)
    phi = radians(degrees)
    expected = np.zeros((H, W))
    for row in range(H):
        for column in range(W):
            r, d = column - (W - 1) / 2, row - (H - 1) / 2
            r_before = cos(phi) * r - sin(phi) * d
            d_before = sin(phi) * r + cos(phi) * d
            expected[row, column] = read_between(image, (H - 1) / 2 + d_before, (W - 1) / 2 + r_before)
    yield expected, rotate(image[None], degrees)[0]
    square = rng.uniform(size=(2, 2))
    yield [[square[0, 1], square[1, 1]], [square[0, 0], square[1, 0]]], rotate(square[None], 90)[0]


@verifies("eq-gaussian-noise", precision=1e-12)
def test_gaussian_noise(rng: Rng) -> Pairs:
    """Number by number with given draws, against the layer; without a generator it adds nothing."""
    m, n = sizes(rng, 2)
    layer, x, epsilon = GaussianNoise(rng.uniform(0.1, 2)), rng.normal(size=(m, n)), rng.normal(size=(m, n))
    expected = [[x[i, k] + layer.sigma * epsilon[i, k] for k in range(n)] for i in range(m)]
    yield expected, layer.forward(x, Given(epsilon))[0]
    yield x, layer(x)


@verifies("eq-noise-penalty", precision=1e-9)
def test_noise_penalty(rng: Rng) -> Pairs:
    """The mean by a Gauss-Hermite rule, exact for squares, of the package's loss behind GaussianNoise."""
    n = int(rng.integers(1, 5))
    sigma, w, x, y = rng.uniform(0.1, 2), rng.normal(size=n), rng.normal(size=(1, n)), rng.normal()
    nodes, shares = np.polynomial.hermite_e.hermegauss(3)
    shares = shares / shares.sum()
    net, mean = Sequential(GaussianNoise(sigma), linear_unit(w)), 0.0
    for places in product(range(3), repeat=n):
        noisy, _ = net.forward(x, Given(nodes[list(places)]))
        mean += prod(shares[list(places)]) * mse.forward(noisy, np.array([[y]]))[0]
    z = sum(w[k] * x[0, k] for k in range(n))
    yield 0.5 * (z - y) ** 2 + sigma**2 / 2 * sum(w_k**2 for w_k in w), mean


@verifies("eq-fgsm", precision=1e-12)
def test_fgsm(rng: Rng) -> Pairs:
    """With the sign of each finite difference of J, against fgsm with and without limits."""
    net, _, X, Y = problem(rng)
    X, epsilon = rng.uniform(size=X.shape), rng.uniform(0.01, 0.5)
    slopes = numerical_gradient(lambda X: mse.forward(net(X), Y)[0], X)
    moved = X.copy()
    for place in np.ndindex(X.shape):
        moved[place] += epsilon * (1 if slopes[place] > 0 else -1)
    yield moved, fgsm(net, mse, X, Y, epsilon, clip=None)
    yield np.minimum(np.maximum(moved, 0), 1), fgsm(net, mse, X, Y, epsilon)


@verifies("eq-fgsm-linear", precision=1e-9)
def test_fgsm_linear(rng: Rng) -> Pairs:
    """The unit's value for an input that fgsm moved upwards, against the displayed sum; no corner gives more."""
    n = int(rng.integers(1, 7))
    w, x, epsilon = rng.normal(size=n), rng.normal(size=(1, n)), rng.uniform(0.05, 1)
    unit = linear_unit(w)
    z = sum(w[k] * x[0, k] for k in range(n))
    expected = z + epsilon * sum(abs(w_k) for w_k in w)
    yield expected, unit(fgsm(unit, mse, x, unit(x) - 1, epsilon, clip=None))[0, 0]  # below: the loss grows upwards
    corners = [unit(x + epsilon * np.array(signs))[0, 0] for signs in product((-1, 1), repeat=n)]
    yield expected, max(corners)


@verifies("eq-early-stopping-shrinkage", precision=1e-9)
def test_early_stopping_shrinkage(rng: Rng) -> Pairs:
    """τ steps of the package's gradient descent from zero, in each direction, against the displayed factor."""
    X, y, h, u, best = directions(rng)
    alpha, tau = rng.uniform(0.1, 0.9) / h.max(), int(rng.integers(1, 30))
    unit = linear_unit(np.zeros(len(h)))
    for _ in range(tau):
        A, cache = unit.forward(X)
        grads = unit.param_grads(mse.backward(mse.forward(A, y)[1]), cache)
        SGD(alpha).step({"W": unit.params["W"]}, {"W": grads["W"]})
    yield (
        [(1 - (1 - alpha * h[i]) ** tau) * (u[:, i] @ best) for i in range(len(h))],
        u.T @ unit.params["W"][0],
    )
