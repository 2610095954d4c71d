"""The equations of chapter 5, optimization: as displayed, as the package computes them, by loops and enumeration."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import cos, erf, exp, floor, pi, sqrt
from typing import Any

import numpy as np
from equations.sampling import Array, Rng, at_most, sizes
from verify import Pairs, verifies

from dlbook import FTRL, SGD, Adagrad, Adam, Dense, MeanSquaredError, Momentum, Nesterov, ReLU, RMSProp
from dlbook.init import glorot_normal, glorot_uniform, he_normal, normal, truncated_normal
from dlbook.schedules import cosine_decay, exponential_decay, step_decay, warm_up
from dlbook.tape import Node, Variable, gradients, topological_order

mse = MeanSquaredError()
MANY = 100_000  # weights: the standard error of their variance is 0.45 per cent


def near(measured: float, expected: float, tolerance: float) -> tuple[Array, Array]:
    """Return the pair that agrees exactly when the two differ by no more than the tolerance, relative."""
    allowed = np.clip(measured, expected * (1 - tolerance), expected * (1 + tolerance))
    return np.asarray(allowed), np.asarray(measured, dtype=float)


# Where to start


@verifies("eq-variance-forward", precision=1e-12)
def test_variance_forward(rng: Rng) -> Pairs:
    """Over weights ±s with equal chances, every matrix enumerated: the mean square of z of a Dense layer."""
    n_in, s = int(rng.integers(1, 8)), rng.uniform(0.1, 2)
    a = np.abs(rng.normal(size=(1, n_in)))  # its mean is not 0
    layer = Dense(n_in, 1, rng=rng)
    total = 0.0
    for signs in product([-1, 1], repeat=n_in):
        layer.params["W"][...] = s * np.array(signs)
        total += layer(a)[0, 0] ** 2
    mean_square = sum(a[0, k] ** 2 for k in range(n_in)) / n_in
    yield total / 2**n_in, n_in * s**2 * mean_square


@verifies("eq-he", precision=1e-9)
def test_he(rng: Rng) -> Pairs:
    """The variance of he_normal, and that a wide ReLU layer keeps the variance of z with it."""
    n_in, n_out = (int(n) for n in rng.integers(20, 400, size=2))
    W = he_normal((MANY,), n_in, n_out, rng=rng)
    yield near(W.var(), 2 / n_in, 0.02)
    z = rng.normal(size=(200, 300))
    z_next = ReLU()(z) @ he_normal((300, 300), 300, 300, rng=rng).T
    yield near(z_next.var(), z.var(), 0.1)


@verifies("eq-variance-backward", precision=1e-12)
def test_variance_backward(rng: Rng) -> Pairs:
    """Over weights ±s with equal chances, all enumerated: the mean square of δ behind a Dense and a ReLU layer."""
    n_out, n_in, s = int(rng.integers(1, 4)), int(rng.integers(1, 4)), rng.uniform(0.1, 2)
    z, delta = rng.normal(size=(1, n_in)), rng.normal(size=(1, n_out))
    layer = Dense(n_in, n_out, rng=rng)
    A, active = ReLU().forward(z)
    total = 0.0
    for signs in product([-1, 1], repeat=n_out * n_in):
        layer.params["W"][...] = s * np.reshape(signs, (n_out, n_in))
        dA, _ = layer.backward(delta, A)
        dZ, _ = ReLU().backward(dA, active)
        total += (dZ**2).mean()
    slopes = sum(float(z[0, k] > 0) for k in range(n_in)) / n_in  # the mean of σ'²
    deltas = sum(delta[0, j] ** 2 for j in range(n_out)) / n_out
    yield total / 2 ** (n_out * n_in), n_out * s**2 * slopes * deltas


@verifies("eq-glorot", precision=1e-9)
def test_glorot(rng: Rng) -> Pairs:
    """The variance of both of Glorot's initializers; the fan-in and the fan-out differ."""
    n_in, n_out = (int(n) for n in rng.integers(10, 500, size=2))
    for init in (glorot_uniform, glorot_normal):
        yield near(init((MANY,), n_in, n_out, rng=rng).var(), 2 / (n_in + n_out), 0.02)


@verifies("eq-truncated-spread", precision=1e-6)
def test_truncated_spread(rng: Rng) -> Pairs:
    """The formula against the integral of t² φ(t) over ±2, and against the package's draws, none of them beyond 2 s."""
    s = rng.uniform(0.05, 3)
    density, mass = exp(-2) / sqrt(2 * pi), (1 + erf(2 / sqrt(2))) / 2
    variance = s**2 * (1 - 4 * density / (2 * mass - 1))
    t = np.linspace(-2, 2, 20_001)
    weights = np.exp(-(t**2) / 2)
    yield variance, s**2 * np.trapezoid(t**2 * weights, t) / np.trapezoid(weights, t)
    W = truncated_normal(s)((MANY,), 1, 1, rng=rng)
    yield near(W.var(), variance, 0.02)
    yield at_most(np.abs(W).max(), 2 * s)
    yield near(normal(s)((MANY,), 1, 1, rng=rng).var(), s**2, 0.02)


# How to walk


def quadratic(rng: Rng, n: int) -> tuple[Array, Array, Array]:
    """Return a symmetric H, its curvatures in ascending order and its directions, one per column."""
    directions, _ = np.linalg.qr(rng.normal(size=(n, n)))
    curvatures = np.sort(rng.uniform(0.2, 5, size=n))
    return directions @ np.diag(curvatures) @ directions.T, curvatures, directions


def descend(optimizer: Any, gradient: Callable[[Array], Array], theta: Array, steps: int) -> Array:
    """Return all points of a walk, the start included, each in a row."""
    params, points = {"theta": theta.copy()}, [theta.copy()]
    for _ in range(steps):
        optimizer.step(params, {"theta": gradient(params["theta"])})
        points.append(params["theta"].copy())
    return np.array(points)


@verifies("eq-descent-quadratic", precision=1e-9)
def test_descent_quadratic(rng: Rng) -> Pairs:
    """Each direction's distance after t steps of SGD on a random bowl."""
    H, curvatures, directions = quadratic(rng, 3)
    minimum, start, alpha = rng.normal(size=3), rng.normal(size=3), rng.uniform(0.01, 0.35)
    points = descend(SGD(alpha), lambda theta: H @ (theta - minimum), start, 6)
    e_0 = directions.T @ (start - minimum)
    for t, point in enumerate(points):
        yield directions.T @ (point - minimum), [(1 - alpha * curvatures[i]) ** t * e_0[i] for i in range(3)]


@verifies("eq-learning-rate-limit", precision=1e-12)
def test_learning_rate_limit(rng: Rng) -> Pairs:
    """Just below the limit SGD comes nearer, just above it goes away, from a random start."""
    H, curvatures, directions = quadratic(rng, 3)
    limit, start = 2 / curvatures[-1], rng.normal(size=3)
    start += np.sign(start @ directions[:, -1]) * directions[:, -1]  # some of the steepest direction is there
    size = np.linalg.norm(start)
    below = descend(SGD(0.99 * limit), lambda theta: H @ theta, start, 1500)
    above = descend(SGD(1.01 * limit), lambda theta: H @ theta, start, 1500)
    yield at_most(np.linalg.norm(below[-1]), size / 100)
    yield at_most(100 * size, np.linalg.norm(above[-1]))


@verifies("eq-condition-number", precision=1e-9)
def test_condition_number(rng: Rng) -> Pairs:
    """One step of SGD at the best rate, along the flattest and the steepest direction, and worse at other rates."""
    H, curvatures, directions = quadratic(rng, 3)
    kappa = curvatures[-1] / curvatures[0]

    def worst(alpha: float) -> float:
        return max(
            float(np.linalg.norm(descend(SGD(alpha), lambda theta: H @ theta, directions[:, i], 1)[1]))
            for i in range(3)
        )

    best = 2 / (curvatures[0] + curvatures[-1])
    yield worst(best), (kappa - 1) / (kappa + 1)
    for factor in (0.9, 0.99, 1.01, 1.1):
        yield at_most(worst(best), worst(factor * best))


def gradients_and_start(rng: Rng) -> tuple[Array, Array]:
    """Return ten gradients of a parameter of shape (2, 3), none of them 0, and where it starts."""
    g = rng.choice([-1, 1], size=(10, 2, 3)) * rng.uniform(0.1, 2, size=(10, 2, 3))
    return g, rng.normal(size=(2, 3))


def by_package(optimizer: Any, start: Array, g: Array) -> Array:
    """Return the points of the package's optimizer under the given gradients."""
    params, points = {"p": start.copy()}, []
    for gradient in g:
        optimizer.step(params, {"p": gradient.copy()})
        points.append(params["p"].copy())
    return np.array(points)


@verifies("eq-momentum", precision=1e-12)
def test_momentum(rng: Rng) -> Pairs:
    """Number by number over ten steps, against Momentum."""
    g, start = gradients_and_start(rng)
    alpha, mu = rng.uniform(0.01, 1), rng.uniform(0.1, 0.99)
    points = by_package(Momentum(alpha, mu), start, g)
    for i in np.ndindex(start.shape):
        theta, v = start[i], 0.0
        for t in range(len(g)):
            v = mu * v + g[t][i]
            theta = theta - alpha * v
            yield theta, points[t][i]


@verifies("eq-nesterov", precision=1e-12)
def test_nesterov(rng: Rng) -> Pairs:
    """Number by number over ten steps, against Nesterov."""
    g, start = gradients_and_start(rng)
    alpha, mu = rng.uniform(0.01, 1), rng.uniform(0.1, 0.99)
    points = by_package(Nesterov(alpha, mu), start, g)
    for i in np.ndindex(start.shape):
        theta, v = start[i], 0.0
        for t in range(len(g)):
            v = mu * v + g[t][i]
            theta = theta - alpha * (g[t][i] + mu * v)
            yield theta, points[t][i]


@verifies("eq-nesterov-lookahead", precision=1e-9)
def test_nesterov_lookahead(rng: Rng) -> Pairs:
    """The form with the gradient ahead, on a random bowl, seen from the point ahead, against the package's points."""
    H, _, _ = quadratic(rng, 3)
    start, alpha, mu = rng.normal(size=3), rng.uniform(0.01, 0.1), rng.uniform(0.1, 0.9)
    points = descend(Nesterov(alpha, mu), lambda theta: H @ theta, start, 8)
    ball, v = start.copy(), np.zeros(3)
    for t in range(1, 9):
        v = mu * v + H @ (ball - alpha * mu * v)
        ball = ball - alpha * v
        yield ball - alpha * mu * v, points[t]


@verifies("eq-adagrad", precision=1e-12)
def test_adagrad(rng: Rng) -> Pairs:
    """Number by number over ten steps, with an ε that counts, against Adagrad."""
    g, start = gradients_and_start(rng)
    alpha, eps = rng.uniform(0.01, 1), rng.uniform(0.01, 0.5)
    points = by_package(Adagrad(alpha, eps), start, g)
    for i in np.ndindex(start.shape):
        theta, n = start[i], 0.0
        for t in range(len(g)):
            n = n + g[t][i] ** 2
            theta = theta - alpha * g[t][i] / (sqrt(n) + eps)
            yield theta, points[t][i]


@verifies("eq-rmsprop", precision=1e-12)
def test_rmsprop(rng: Rng) -> Pairs:
    """Number by number over ten steps, with an ε that counts, against RMSProp."""
    g, start = gradients_and_start(rng)
    alpha, rho, eps = rng.uniform(0.01, 1), rng.uniform(0.1, 0.99), rng.uniform(0.01, 0.5)
    points = by_package(RMSProp(alpha, rho, eps), start, g)
    for i in np.ndindex(start.shape):
        theta, v = start[i], 0.0
        for t in range(len(g)):
            v = rho * v + (1 - rho) * g[t][i] ** 2
            theta = theta - alpha * g[t][i] / (sqrt(v) + eps)
            yield theta, points[t][i]


@verifies("eq-adam", precision=1e-12)
def test_adam(rng: Rng) -> Pairs:
    """Number by number over ten steps, with an ε that counts, against Adam."""
    g, start = gradients_and_start(rng)
    alpha, eps = rng.uniform(0.01, 1), rng.uniform(0.01, 0.5)
    beta1, beta2 = rng.uniform(0.1, 0.99, size=2)
    points = by_package(Adam(alpha, beta1, beta2, eps), start, g)
    for i in np.ndindex(start.shape):
        theta, m, v = start[i], 0.0, 0.0
        for t in range(1, len(g) + 1):
            m = beta1 * m + (1 - beta1) * g[t - 1][i]
            v = beta2 * v + (1 - beta2) * g[t - 1][i] ** 2
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
            theta = theta - alpha * m_hat / (sqrt(v_hat) + eps)
            yield theta, points[t - 1][i]


@verifies("eq-adam-bias", precision=1e-12)
def test_adam_bias(rng: Rng) -> Pairs:
    """The mean of Adam's m over all sequences of three gradients that are a or b with equal chances; v likewise."""
    beta1, beta2, a, b = *rng.uniform(0.1, 0.99, size=2), *rng.normal(size=2)
    for t in (1, 2, 3):
        m, v = 0.0, 0.0
        for sequence in product([a, b], repeat=t):
            optimizer = Adam(0.1, beta1, beta2)
            by_package(optimizer, np.zeros(1), np.array(sequence)[:, None])
            m += optimizer.state["m.p"][0] / 2**t
            v += optimizer.state["v.p"][0] / 2**t
        yield m, (1 - beta1**t) * (a + b) / 2
        yield v, (1 - beta2**t) * (a**2 + b**2) / 2


def ftrl_settings(rng: Rng) -> dict[str, float]:
    """Return penalties so large that some of the ten steps end at 0, and some do not."""
    return {"beta": rng.uniform(0.2, 2), "l1": rng.uniform(0.2, 1.5), "l2": rng.uniform(0, 2)}


@verifies("eq-ftrl", precision=1e-12)
def test_ftrl(rng: Rng) -> Pairs:
    """Number by number over ten steps, both cases, against FTRL."""
    g, start = gradients_and_start(rng)
    alpha, settings = rng.uniform(0.1, 1), ftrl_settings(rng)
    beta, l1, l2 = settings.values()
    points = by_package(FTRL(alpha, **settings), start, g)
    for i in np.ndindex(start.shape):
        theta, z, n = start[i], -beta * start[i], 0.0
        for t in range(len(g)):
            z = z + alpha * g[t][i] - (sqrt(n + g[t][i] ** 2) - sqrt(n)) * theta
            n = n + g[t][i] ** 2
            theta = 0.0 if abs(z) <= alpha * l1 else -(z - np.sign(z) * alpha * l1) / (beta + sqrt(n) + alpha * l2)
            yield theta, points[t][i]


@verifies("eq-ftrl-argmin", precision=1e-12)
def test_ftrl_argmin(rng: Rng) -> Pairs:
    """The bracket, with all steps so far: FTRL's next θ is no worse than any other of many, near and far."""
    g, start = gradients_and_start(rng)
    g, theta_1 = g[:, 0, 0], start[0, 0]
    alpha, settings = rng.uniform(0.1, 1), ftrl_settings(rng)
    beta, l1, l2 = settings.values()
    points = [theta_1, *by_package(FTRL(alpha, **settings), start[:1, :1], g[:, None, None])[:, 0, 0]]
    n = np.concatenate([[0.0], np.cumsum(g**2)])
    for t in range(1, len(g) + 1):

        def bracket(theta: float, t: int = t) -> float:
            total = beta / (2 * alpha) * (theta - theta_1) ** 2 + l1 * abs(theta) + l2 / 2 * theta**2
            for s in range(1, t + 1):
                sigma = (sqrt(n[s]) - sqrt(n[s - 1])) / alpha
                total += g[s - 1] * theta + sigma / 2 * (theta - points[s - 1]) ** 2
            return float(total)

        others = points[t] + np.concatenate([[1e-3, -1e-3, -points[t]], rng.normal(scale=0.3, size=20)])
        yield at_most(bracket(points[t]), min(map(bracket, others)) + 1e-13)


@verifies("eq-batch-noise", precision=1e-9)
def test_batch_noise(rng: Rng) -> Pairs:
    """Over every batch of B examples out of m, drawn independently, all enumerated; gradients from a Dense layer."""
    m, B = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    layer, X, y = Dense(2, 1, rng=rng), rng.normal(size=(m, 2)), rng.normal(size=(m, 1))

    def gradient(index: Any) -> Array:
        A, cache = layer.forward(X[list(index)])
        grads = layer.param_grads(mse.backward(mse.forward(A, y[list(index)])[1]), cache)
        return np.concatenate([g.ravel() for g in grads.values()])

    g = gradient(range(m))
    left = np.mean([((gradient(batch) - g) ** 2).sum() for batch in product(range(m), repeat=B)])
    right = 1 / B * 1 / m * sum(((gradient([i]) - g) ** 2).sum() for i in range(m))
    yield left, right


@verifies("eq-step-decay", precision=1e-12)
def test_step_decay(rng: Rng) -> Pairs:
    """Before, at and behind the step, and far away."""
    s, gamma = int(rng.integers(1, 20)), rng.uniform(0.05, 0.95)
    for t in (0, s - 1, s, s + 1, 2 * s, 7 * s - 1):
        yield gamma ** floor(t / s), step_decay(t, s, gamma)


@verifies("eq-exponential-decay", precision=1e-12)
def test_exponential_decay(rng: Rng) -> Pairs:
    """Every step multiplies by γ."""
    gamma, product_so_far = rng.uniform(0.5, 1), 1.0
    for t in range(20):
        yield product_so_far, exponential_decay(t, gamma)
        product_so_far *= gamma


@verifies("eq-cosine-decay", precision=1e-12)
def test_cosine_decay(rng: Rng) -> Pairs:
    """All steps up to T, and 0 behind it."""
    T = int(rng.integers(1, 30))
    for t in range(T + 1):
        yield 1 / 2 * (1 + cos(pi * t / T)), cosine_decay(t, T)
    yield 0, cosine_decay(T + 5, T)


@verifies("eq-warm-up", precision=1e-12)
def test_warm_up(rng: Rng) -> Pairs:
    """From the first step to some behind T."""
    T = int(rng.integers(1, 30))
    for t in range(T + 3):
        yield min(1, (t + 1) / T), warm_up(t, T)


# Who computes the slopes


def random_graph(rng: Rng) -> tuple[list[Variable], dict[tuple[int, int], float]]:
    """Return variables in the order in which they were made, and ∂u/∂v for every edge (u, v).

    Each is a sum of two earlier ones with random factors, or a product of two; both may be the same one.
    """
    made = [Variable(rng.uniform(0.5, 1.5)) for _ in range(2)]
    edges: dict[tuple[int, int], float] = {}
    for u in range(2, 9):
        i, j = (int(k) for k in rng.integers(max(0, u - 4), u, size=2))
        left, right = made[i], made[j]
        if rng.integers(2):
            p, q = rng.uniform(-1.5, 1.5, size=2)
            made.append(left * p + right * q)
        else:
            p, q = float(right.value), float(left.value)
            made.append(left * right)
        edges[u, i] = edges.get((u, i), 0.0) + p
        edges[u, j] = edges.get((u, j), 0.0) + q
    return made, edges


@verifies("eq-path-sum", precision=1e-12)
def test_path_sum(rng: Rng) -> Pairs:
    """Every path of a random graph followed, against one sweep of the tape."""
    made, edges = random_graph(rng)

    def along_paths(u: int, v: int) -> float:
        if u == v:
            return 1.0
        return sum(slope * along_paths(w, v) for (above, w), slope in edges.items() if above == u)

    end = len(made) - 1
    for v, slope in enumerate(gradients(made[end], made)):
        yield along_paths(end, v), slope


@verifies("eq-reverse-sweep", precision=1e-12)
def test_reverse_sweep(rng: Rng) -> Pairs:
    """The slope of every value from those of its users, all by the tape; and users come first in its order."""
    made, edges = random_graph(rng)
    end = len(made) - 1
    bar = [float(slope) for slope in gradients(made[end], made)]
    yield 1, bar[end]
    for v in range(end):
        total = 0.0
        for (u, w), slope in edges.items():
            if w == v:
                total += bar[u] * slope
        yield total, bar[v]
    order: list[Node] = topological_order(made[end].node)
    place = {node: k for k, node in enumerate(order)}
    for node in order:
        for parent, _ in node.parents:
            yield at_most(place[node] + 1, place[parent])


@verifies("eq-unbroadcast", precision=1e-12)
def test_unbroadcast(rng: Rng) -> Pairs:
    """Summed in loops over the examples, against the tape, for b of shape (n,) and of shape (1, n)."""
    m, n = sizes(rng, 2)
    X, dY = rng.normal(size=(2, m, n))
    for shape in ((n,), (1, n)):
        b = Variable(rng.normal(size=shape))
        [db] = gradients(X + b, [b], dY)
        expected = [sum(dY[i, j] for i in range(m)) for j in range(n)]
        yield np.reshape(expected, shape), db
