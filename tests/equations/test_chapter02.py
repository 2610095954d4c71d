"""The equations of chapter 2, forward propagation: as displayed, and as the package computes them."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, pi, sin

import numpy as np
from equations.sampling import Rng, assign, at_most, network, sizes
from equations.written_out import sigma
from verify import Pairs, verifies

from dlbook import Dense, ReLU, Sequential, Sigmoid, Tanh, relu, sigmoid, softmax


@verifies("eq-unit", precision=1e-12)
def test_unit(rng: Rng) -> Pairs:
    """Unit by unit in loops, against a Dense and a Sigmoid layer."""
    n_below, n = sizes(rng, 2)
    net, W, b = network(rng, [n_below, n])
    a_below = rng.normal(size=n_below)
    a = net(a_below[None, :])[0]
    for j in range(n):
        z = 0.0
        for k in range(n_below):
            z += W[2][j, k] * a_below[k]
        z += b[2][j]
        yield sigma(z), a[j]


@verifies("eq-forward-331-hidden", precision=1e-12)
def test_forward_331_hidden(rng: Rng) -> Pairs:
    """Three lines, written out, against the first half of a 3 → 3 → 1 network."""
    net, W, b = network(rng, [3, 3, 1])
    (w11, w12, w13), (w21, w22, w23), (w31, w32, w33) = W[2]
    b1, b2, b3 = b[2]
    x1, x2, x3 = x = rng.normal(size=3)
    a1 = sigma(w11 * x1 + w12 * x2 + w13 * x3 + b1)
    a2 = sigma(w21 * x1 + w22 * x2 + w23 * x3 + b2)
    a3 = sigma(w31 * x1 + w32 * x2 + w33 * x3 + b3)
    yield [a1, a2, a3], Sequential(*net.layers[:2])(x[None, :])[0]


@verifies("eq-forward-331-output", precision=1e-12)
def test_forward_331_output(rng: Rng) -> Pairs:
    """The last line, from the package's hidden values, against the output of a 3 → 3 → 1 network."""
    net, W, b = network(rng, [3, 3, 1])
    x = rng.normal(size=(1, 3))
    a1, a2, a3 = Sequential(*net.layers[:2])(x)[0]
    ((w11, w12, w13),) = W[3]
    (b1,) = b[3]
    yield sigma(w11 * a1 + w12 * a2 + w13 * a3 + b1), net(x)[0, 0]


@verifies("eq-forward-recursion", precision=1e-12)
def test_forward_recursion(rng: Rng) -> Pairs:
    """Column by column through two to five layers, against Sequential."""
    units = sizes(rng, int(rng.integers(2, 6)))
    net, W, b = network(rng, units)
    x = rng.normal(size=units[0])
    L = len(units)
    a = {1: x}
    for l in range(2, L + 1):
        z = W[l] @ a[l - 1] + b[l]
        a[l] = np.array([sigma(z_j) for z_j in z])
        yield a[l], Sequential(*net.layers[: 2 * (l - 1)])(x[None, :])[0]


@verifies("eq-dense-batch", precision=1e-12)
def test_dense_batch(rng: Rng) -> Pairs:
    """The matrix form and the sum over k, against Dense with one example per row."""
    m, n_below, n = sizes(rng, 3)
    dense = Dense(n_below, n, rng=rng)
    W, b = rng.normal(size=(n, n_below)), rng.normal(size=n)
    dense.params.update(W=W, b=b)
    X = rng.normal(size=(m, n_below))
    Z = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            for k in range(n_below):
                Z[i, j] += X[i, k] * W[j, k]
            Z[i, j] += b[j]
    yield X @ W.T + b, Z
    yield Z, dense(X)


@verifies("eq-parameter-count", precision=0)
def test_parameter_count(rng: Rng) -> Pairs:
    """Against the number of parameters that the package counts in a network of these sizes."""
    n = dict(enumerate(sizes(rng, int(rng.integers(2, 6))), start=1))
    L = len(n)
    N = 0
    for l in range(2, L + 1):
        N += n[l] * n[l - 1] + n[l]
    yield N, network(rng, list(n.values()))[0].n_params


@verifies("eq-affine-composition", precision=1e-12)
def test_affine_composition(rng: Rng) -> Pairs:
    """Two Dense layers behind each other against one with the product of their matrices."""
    n1, n2, n3 = sizes(rng, 3)
    first, second, both = Dense(n1, n2, rng=rng), Dense(n2, n3, rng=rng), Dense(n1, n3, rng=rng)
    W2, b2, W3, b3 = (rng.normal(size=shape) for shape in ((n2, n1), n2, (n3, n2), n3))
    first.params.update(W=W2, b=b2)
    second.params.update(W=W3, b=b3)
    both.params.update(W=W3 @ W2, b=W3 @ b2 + b3)
    x = rng.normal(size=n1)
    yield W3 @ (W2 @ x + b2) + b3, (W3 @ W2) @ x + (W3 @ b2 + b3)
    yield Sequential(first, second)(x[None, :]), both(x[None, :])


@verifies("eq-sigmoid", precision=1e-14)
def test_sigmoid(rng: Rng) -> Pairs:
    """As it stands, against the package's way around overflow."""
    z = rng.uniform(-30, 30, size=9)
    yield [1 / (1 + exp(-z_i)) for z_i in z], sigmoid(z)
    for z_i in z:  # one by one: a small value must not hide behind a large one
        yield 1 / (1 + exp(-z_i)), Sigmoid()(np.array([[z_i]]))[0, 0]


@verifies("eq-tanh", precision=1e-12)
def test_tanh(rng: Rng) -> Pairs:
    """Both right sides, against the layer Tanh."""
    z = rng.uniform(-10, 10, size=9)
    Y = Tanh()(z[None, :])[0]
    yield [(exp(z_i) - exp(-z_i)) / (exp(z_i) + exp(-z_i)) for z_i in z], Y
    yield [2 * sigma(2 * z_i) - 1 for z_i in z], Y


@verifies("eq-relu", precision=0)
def test_relu(rng: Rng) -> Pairs:
    """Against the function and the layer; zero is among the values."""
    z = np.append(rng.normal(size=9), 0.0)
    yield [max(0, z_i) for z_i in z], relu(z)
    yield [max(0, z_i) for z_i in z], ReLU()(z[None, :])[0]


@verifies("eq-softmax", precision=1e-13)
def test_softmax(rng: Rng) -> Pairs:
    """Entry by entry, against the package's softmax, which subtracts the largest entry first."""
    (n,) = sizes(rng, 1)
    z = rng.normal(scale=5, size=n)
    computed = softmax(z)
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += exp(z[j])
        yield exp(z[i]) / total, computed[i]


@verifies("eq-bump", precision=1e-12)
def test_bump(rng: Rng) -> Pairs:
    """Against a 1 → 2 → 1 network with weights s, s, biases −sl, −sr and output weights h, −h."""
    l, r = np.sort(rng.normal(size=2))
    h, s = rng.normal(), rng.uniform(1, 20)
    net = Sequential(Dense(1, 2, rng=rng), Sigmoid(), Dense(2, 1, rng=rng))
    assign(net, {"0.W": np.array([[s], [s]]), "0.b": np.array([-s * l, -s * r]), "2.W": np.array([[h, -h]])})
    x = rng.uniform(l - 1 / s, r + 1 / s, size=7)  # where the bump is, and a little beyond
    yield [h * (sigma(s * (x_i - l)) - sigma(s * (x_i - r))) for x_i in x], net(x[:, None])[:, 0]


def wave(rng: Rng) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Return a random smooth function on [0, 1] and its derivative."""
    c = rng.normal(size=3)

    def f(x: float) -> float:
        return sum(c[k] * sin((k + 1) * pi * x + k) for k in range(3))

    def slope(x: float) -> float:
        return sum(c[k] * (k + 1) * pi * cos((k + 1) * pi * x + k) for k in range(3))

    return f, slope


@verifies("eq-bump-sum", precision=1e-12)
def test_bump_sum(rng: Rng) -> Pairs:
    """The sum of n bumps against a network of n + 1 hidden units, in which neighbours share an edge."""
    n, s, (f, _) = int(rng.integers(1, 9)), rng.uniform(1, 20), wave(rng)
    edge = np.concatenate([[0], np.sort(rng.uniform(size=n - 1)), [1]])
    c = {i: (edge[i - 1] + edge[i]) / 2 for i in range(1, n + 1)}
    x = rng.uniform(size=7)
    g = np.zeros(7)
    for p in range(7):
        for i in range(1, n + 1):
            g[p] += f(c[i]) * (sigma(s * (x[p] - edge[i - 1])) - sigma(s * (x[p] - edge[i])))
    net = Sequential(Dense(1, n + 1, rng=rng), Sigmoid(), Dense(n + 1, 1, rng=rng))
    heights = [0.0, *(f(c[i]) for i in range(1, n + 1)), 0.0]
    assign(net, {"0.W": np.full((n + 1, 1), s), "0.b": -s * edge, "2.W": np.diff(heights)[None, :]})
    yield g, net(x[:, None])[:, 0]


def steep_bumps(f: Callable[[float], float], n: int, rng: Rng) -> Sequential:
    """Return a network of n bumps on [0, 1] that are all but steps; its outermost edges are moved out."""
    edge = np.linspace(0, 1, n + 1)
    heights = [f((edge[i - 1] + edge[i]) / 2) for i in range(1, n + 1)]
    edge[0], edge[-1] = -1, 2
    net = Sequential(Dense(1, n + 1, rng=rng), Sigmoid(), Dense(n + 1, 1, rng=rng))
    assign(net, {"0.W": np.full((n + 1, 1), 1e9), "0.b": -1e9 * edge, "2.W": np.diff([0, *heights, 0])[None, :]})
    return net


def largest_error(f: Callable[[float], float], net: Sequential) -> float:
    """Return the largest distance of f and the network at 1,001 points of [0, 1]."""
    x = np.linspace(0, 1, 1001)
    return max(abs(f(x_i) - g_i) for x_i, g_i in zip(x, net(x[:, None])[:, 0], strict=True))


@verifies("eq-bump-error", precision=0)
def test_bump_error(rng: Rng) -> Pairs:
    """A network of very steep bumps is nowhere further from a random wave than K/2n, and exactly so far from a line."""
    n, (f, slope) = int(rng.integers(1, 30)), wave(rng)
    K = max(abs(slope(x_i)) for x_i in np.linspace(0, 1, 1001))
    yield at_most(largest_error(f, steep_bumps(f, n, rng)), K / (2 * n))
    K = rng.uniform(1, 5)
    of_line = largest_error(lambda x: K * x, steep_bumps(lambda x: K * x, n, rng))
    yield at_most(of_line, K / (2 * n) * (1 + 1e-12))
    yield at_most(K / (2 * n) * (1 - 1e-12), of_line)


@verifies("eq-universal-approximation", precision=0, theorem=True)
def test_universal_approximation(rng: Rng) -> Pairs:
    """For a random f on [0, 1] and ε = 0.3, 0.1, 0.03: N, v, w and b are built, and the network stays below ε."""
    f, slope = wave(rng)
    K = max(abs(slope(x_i)) for x_i in np.linspace(0, 1, 1001))
    for epsilon in (0.3, 0.1, 0.03):
        N = int(K / epsilon) + 2  # twice as many as eq-bump-error asks for
        net = steep_bumps(f, N - 1, rng)
        w, b, v = net.params["0.W"][:, 0], net.params["0.b"], net.params["2.W"][0]
        for x in rng.uniform(size=1):
            total = 0.0
            for i in range(N):
                total += v[i] * sigmoid(w[i] * x + b[i])
            yield at_most(abs(f(x) - total), np.nextafter(epsilon, 0))
        yield at_most(largest_error(f, net), np.nextafter(epsilon, 0))


@verifies("eq-tent", precision=1e-12)
def test_tent(rng: Rng) -> Pairs:
    """Against a 1 → 2 → 1 network, and against the tent that it draws: up to 1 at the middle, and down again."""
    x = rng.uniform(size=9)
    t = [2 * max(0, x_i) - 4 * max(0, x_i - 1 / 2) for x_i in x]
    net = Sequential(Dense(1, 2, rng=rng), ReLU(), Dense(2, 1, rng=rng))
    assign(net, {"0.W": np.ones((2, 1)), "0.b": np.array([0.0, -0.5]), "2.W": np.array([[2.0, -4.0]])})
    yield t, net(x[:, None])[:, 0]
    yield t, [1 - abs(2 * x_i - 1) for x_i in x]
