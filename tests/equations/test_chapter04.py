"""The equations of chapter 4, losses and activations: as displayed, by the package, and by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, prod, tanh

import numpy as np
from equations.sampling import Array, Rng, sizes
from equations.written_out import sigma
from equations.written_out import softmax as soft
from verify import Pairs, verifies

from dlbook import (
    SGD,
    BinaryCrossEntropy,
    Dense,
    Layer,
    LeakyReLU,
    Maxout,
    MeanSquaredError,
    PReLU,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Softplus,
    Tanh,
    sigmoid,
    softmax,
    softplus,
)
from dlbook.check import numerical_gradient

mse, bce, sce = MeanSquaredError(), BinaryCrossEntropy(), SoftmaxCrossEntropy()


def scores(rng: Rng, K: int | None = None) -> Array:
    """Return scores of 2 to 6 classes, or of K."""
    return rng.normal(scale=2, size=K or int(rng.integers(2, 7)))


def away_from_zero(rng: Rng, *shape: int) -> Array:
    """Return numbers of both signs whose size is at least 0.1: no corner is as near as a finite difference sees."""
    return rng.choice([-1, 1], size=shape) * rng.uniform(0.1, 3, size=shape)


def slopes(layer: Layer, z: Array) -> tuple[Array, Array]:
    """Return the slope of an activation at each z: by the layer's backward, and by finite differences."""
    Y, cache = layer.forward(z[None, :])
    backward = layer.backward(np.ones_like(Y), cache)[0][0]
    return backward, numerical_gradient(lambda z: float(layer(z[None, :]).sum()), z)


def delta(layers: list[Layer], loss: MeanSquaredError | BinaryCrossEntropy, z: float, y: float) -> float:
    """Return the package's ∂J/∂z of one output unit."""
    A, caches = Sequential(*layers).forward(np.array([[z]])) if layers else (np.array([[z]]), [])
    dZ = loss.backward(loss.forward(A, np.array([[y]]))[1])
    return float((Sequential(*layers).backward(dZ, caches)[0] if layers else dZ)[0, 0])


def steps_until(layers: list[Layer], loss: MeanSquaredError | BinaryCrossEntropy, start: float, goal: float) -> int:
    """Count the package's steps of gradient descent (x = 2, target 0, α = 0.004) until z is below ``goal``."""
    unit = Dense(1, 1, rng=np.random.default_rng(0))
    unit.params["W"][:], unit.params["b"][:] = start / 4, start / 2  # w x + b = start
    model, x, y = Sequential(unit, *layers), np.array([[2.0]]), np.array([[0.0]])
    optimizer, steps = SGD(0.004), 0
    while unit(x)[0, 0] > goal:
        A, caches = model.forward(x)
        optimizer.step(model.params, model.param_grads(loss.backward(loss.forward(A, y)[1]), caches))
        steps += 1
    return steps


@verifies("eq-delta-wrong", precision=1e-9)
def test_delta_wrong(rng: Rng) -> Pairs:
    """Against the package's squared error behind a sigmoid with target 0; and the largest value, 4/27 at a = 2/3."""
    z = rng.uniform(-5, 5)
    yield sigma(z) ** 2 * (1 - sigma(z)), delta([Sigmoid()], mse, z, 0.0)
    yield 4 / 27, delta([Sigmoid()], mse, log(2), 0.0)


@verifies("eq-steps-mse", precision=0.02)
def test_steps_mse(rng: Rng) -> Pairs:
    """Steps of gradient descent that the package takes, with a small α, against the formula."""

    def F(z: float) -> float:
        return exp(z) + 3 * z - 3 * exp(-z) - 1 / 2 * exp(-2 * z)

    start, goal = rng.uniform(1, 2), rng.uniform(-1, 0.5)
    yield (F(start) - F(goal)) / (0.004 * (2**2 + 1)), steps_until([Sigmoid()], mse, start, goal)


@verifies("eq-steps-bce", precision=0.02)
def test_steps_bce(rng: Rng) -> Pairs:
    """Steps of gradient descent that the package takes, with a small α, against the formula."""

    def G(z: float) -> float:
        return z - exp(-z)

    start, goal = rng.uniform(1, 4), rng.uniform(-1, 0.5)
    yield (G(start) - G(goal)) / (0.004 * (2**2 + 1)), steps_until([], bce, start, goal)


@verifies("eq-likelihood", precision=1e-12)
def test_likelihood(rng: Rng) -> Pairs:
    """The probability of what happened, for 1 and for 0; and the product over a batch is e^(−m J) of the package."""
    (m,) = sizes(rng, 1)
    z, y = rng.normal(size=m), rng.integers(2, size=m)
    P = [sigma(z[i]) ** y[i] * (1 - sigma(z[i])) ** (1 - y[i]) for i in range(m)]
    yield P, [sigma(z[i]) if y[i] else 1 - sigma(z[i]) for i in range(m)]
    yield prod(P), exp(-m * bce.forward(z[:, None], y[:, None])[0])


@verifies("eq-bce-chain", precision=1e-7)
def test_bce_chain(rng: Rng) -> Pairs:
    """All three forms, against the package and finite differences of the loss; the bracket against those of its J."""
    z, y = rng.uniform(-3, 3), rng.uniform(0, 1)
    a = sigma(z)
    bracket = -y / a + (1 - y) / (1 - a)
    yield bracket, numerical_gradient(lambda a: -y * log(a[0]) - (1 - y) * log(1 - a[0]), np.array([a]))[0]
    by_nudging = numerical_gradient(lambda z: bce.forward(z[None, :], np.array([[y]]))[0], np.array([z]))[0]
    for form in (bracket * a * (1 - a), -y * (1 - a) + (1 - y) * a, a - y):
        yield form, delta([], bce, z, y)
        yield form, by_nudging


@verifies("eq-cross-entropy-split", precision=1e-12)
def test_cross_entropy_split(rng: Rng) -> Pairs:
    """Entropy plus divergence, against SoftmaxCrossEntropy; the divergence is not negative, and 0 for a = y."""
    z = scores(rng)
    K = len(z)
    y, a = rng.dirichlet(np.ones(K)), soft(z)
    entropy = -sum(y[k] * log(y[k]) for k in range(K))
    divergence = sum(y[k] * log(y[k] / a[k]) for k in range(K))
    yield entropy + divergence, sce.forward(z[None, :], y[None, :])[0]
    yield max(divergence, 0.0), divergence
    yield entropy, sce.forward(np.log(y)[None, :], y[None, :])[0]
    true = int(rng.integers(K))  # a single 1: with 0 ln 0 = 0 only one term is left
    yield 0.0 + 1 * log(1 / a[true]), sce.forward(z[None, :], np.array([true]))[0]


@verifies("eq-softmax-shift", precision=1e-12)
def test_softmax_shift(rng: Rng) -> Pairs:
    """Both sides as eq-softmax displays them, and by the package."""
    z, c = scores(rng), rng.normal(scale=20)
    yield soft(z + c), soft(z)
    yield softmax(z + c), softmax(z)
    yield soft(z + c), softmax(z)


@verifies("eq-softmax-jacobian", precision=1e-7)
def test_softmax_jacobian(rng: Rng) -> Pairs:
    """The matrix, against the layer's backward for one output at a time, and finite differences."""
    z = scores(rng)
    a = np.array(soft(z))
    jacobian = np.diag(a) - np.outer(a, a)
    _, cache = Softmax().forward(z[None, :])
    one_at_a_time = np.eye(len(z))
    yield jacobian, [Softmax().backward(row[None, :], cache)[0][0] for row in one_at_a_time]
    yield jacobian, [numerical_gradient(lambda z, k=k: softmax(z)[k], z) for k in range(len(z))]


@verifies("eq-softmax-backward", precision=1e-7)
def test_softmax_backward(rng: Rng) -> Pairs:
    """Class by class with a random quadratic loss behind, against the layer's backward and finite differences."""
    z = scores(rng)
    y, K = rng.normal(size=len(z)), len(z)
    a = soft(z)
    g = [a[k] - y[k] for k in range(K)]  # of the squared error
    dz = [a[j] * (g[j] - sum(a[k] * g[k] for k in range(K))) for j in range(K)]
    _, cache = Softmax().forward(z[None, :])
    yield dz, Softmax().backward(np.array([g]), cache)[0][0]
    yield dz, numerical_gradient(lambda z: mse.forward(softmax(z)[None, :], y[None, :])[0], z)


@verifies("eq-softmax-gradient-w", precision=1e-7)
def test_softmax_gradient_w(rng: Rng) -> Pairs:
    """Row by row and bias by bias, against the package's gradients and finite differences in every parameter."""
    (n,), K = sizes(rng, 1), int(rng.integers(2, 6))
    below, y = rng.normal(size=(1, n)), np.eye(K)[[rng.integers(K)]]
    layer = Dense(n, K, rng=rng)
    layer.params["b"][:] = rng.normal(size=K)
    a = soft(layer(below)[0])
    dW = [[(a[i] - y[0, i]) * below[0, k] for k in range(n)] for i in range(K)]
    db = [a[i] - y[0, i] for i in range(K)]
    Z, cache = layer.forward(below)
    grads = layer.param_grads(sce.backward(sce.forward(Z, y)[1]), cache)
    W, b = layer.params["W"].copy(), layer.params["b"].copy()
    yield dW, grads["W"]
    yield dW, numerical_gradient(lambda W: sce.forward(below @ W.T + b, y)[0], W)
    yield db, grads["b"]
    yield db, numerical_gradient(lambda b: sce.forward(below @ W.T + b, y)[0], b)


@verifies("eq-sigmoid-safe", precision=1e-12)
def test_sigmoid_safe(rng: Rng) -> Pairs:
    """Both lines, against the package far out and, where it does not overflow, against eq-sigmoid; digit by digit."""
    for z in (*rng.uniform(-700, 700, size=5), *rng.uniform(-3, 3, size=5), 0.0):
        shown = 1 / (1 + exp(-abs(z))) if z >= 0 else exp(-abs(z)) / (1 + exp(-abs(z)))
        yield shown, sigmoid(np.array(z))
        yield shown, sigma(z)


@verifies("eq-softplus-safe", precision=1e-12)
def test_softplus_safe(rng: Rng) -> Pairs:
    """The right side, against the package far out, and against the left side where this keeps its digits."""
    for z in rng.uniform(-600, 600, size=5):
        yield max(z, 0) + np.log1p(exp(-abs(z))), softplus(np.array(z))
    for z in rng.uniform(-1, 30, size=5):
        yield max(z, 0) + log(1 + exp(-abs(z))), log(1 + exp(z))


@verifies("eq-log-sum-exp", precision=1e-12)
def test_log_sum_exp(rng: Rng) -> Pairs:
    """Both sides for small scores; the right one against SoftmaxCrossEntropy, J = ln Σ e^z − z_true, for large ones."""
    for scale in (1, 1000):
        z = scale * scores(rng)
        M = max(z)
        right = M + log(sum(exp(z_k - M) for z_k in z))
        if scale == 1:
            yield log(sum(exp(z_k) for z_k in z)), right
        lowest = int(z.argmin())
        yield right - z[lowest], sce.forward(z[None, :], np.array([lowest]))[0]


@verifies("eq-log-softmax", precision=1e-12)
def test_log_softmax(rng: Rng) -> Pairs:
    """Both sides for every class, and minus the package's loss for that class."""
    z = scores(rng)
    right = [z_k - log(sum(exp(z_j) for z_j in z)) for z_k in z]
    yield np.log(soft(z)), right
    yield right, [-sce.forward(z[None, :], np.array([k]))[0] for k in range(len(z))]


@verifies("eq-bce-safe", precision=1e-12)
def test_bce_safe(rng: Rng) -> Pairs:
    """Both sides, the left one where it keeps its digits; the right one against BinaryCrossEntropy far out."""
    for scale, y in ((2, rng.integers(2)), (2, rng.uniform()), (300, rng.integers(2))):
        z = rng.normal(scale=scale)
        right = max(z, 0) - y * z + np.log1p(exp(-abs(z)))
        if scale == 2:
            yield -y * log(sigma(z)) - (1 - y) * log(1 - sigma(z)), right
        yield right, bce.forward(np.array([[z]]), np.array([[y]]))[0]


@verifies("eq-sigmoid-slope-derivative", precision=1e-7)
def test_sigmoid_slope_derivative(rng: Rng) -> Pairs:
    """Against the layer with that slope, and finite differences; at z = 0 it is α/4."""
    alpha = rng.uniform(0.2, 4)
    z = np.append(rng.uniform(-2, 2, size=6), 0.0)
    shown = [alpha * sigma(alpha * z_i) * (1 - sigma(alpha * z_i)) for z_i in z]
    for computed in slopes(Sigmoid(alpha), z):
        yield shown, computed
    yield shown[-1], alpha / 4


@verifies("eq-tanh-derivative", precision=1e-7)
def test_tanh_derivative(rng: Rng) -> Pairs:
    """Both forms, against the layer's backward and finite differences."""
    z = rng.uniform(-3, 3, size=7)
    for shown in (
        [1 - tanh(z_i) ** 2 for z_i in z],
        [4 * sigma(2 * z_i) * (1 - sigma(2 * z_i)) for z_i in z],
    ):
        for computed in slopes(Tanh(), z):
            yield shown, computed


@verifies("eq-sigmoid-from-tanh", precision=1e-12)
def test_sigmoid_from_tanh(rng: Rng) -> Pairs:
    """The right side, against eq-sigmoid and the package."""
    for z in rng.uniform(-5, 5, size=7):
        yield (tanh(z / 2) + 1) / 2, sigma(z)
        yield (tanh(z / 2) + 1) / 2, sigmoid(np.array(z))


@verifies("eq-relu-derivative", precision=1e-7)
def test_relu_derivative(rng: Rng) -> Pairs:
    """1 and 0, against the layer's backward and finite differences, away from the corner."""
    z = away_from_zero(rng, 8)
    shown = [1.0 if z_i > 0 else 0.0 for z_i in z]
    for computed in slopes(ReLU(), z):
        yield shown, computed


@verifies("eq-softplus", precision=1e-12)
def test_softplus(rng: Rng) -> Pairs:
    """As it stands, against the function and the layer, for positive z, where 1 + e^z keeps the digits."""
    z = rng.uniform(0, 30, size=7)
    shown = [log(1 + exp(z_i)) for z_i in z]
    yield shown, softplus(z)
    yield shown, Softplus()(z[None, :])[0]


@verifies("eq-softplus-derivative", precision=1e-7)
def test_softplus_derivative(rng: Rng) -> Pairs:
    """The quotient and the sigmoid, against the layer's backward and finite differences."""
    z = rng.uniform(-4, 4, size=7)
    for shown in ([exp(z_i) / (1 + exp(z_i)) for z_i in z], [sigma(z_i) for z_i in z]):
        for computed in slopes(Softplus(), z):
            yield shown, computed


def bent(z: float, slope: float) -> float:
    """Both lines of eq-leaky-relu and of eq-prelu."""
    return z if z > 0 else slope * z


@verifies("eq-leaky-relu", precision=1e-12)
def test_leaky_relu(rng: Rng) -> Pairs:
    """Case by case, 0 included, against the layer; the default slope is 0.01."""
    alpha, z = rng.uniform(0.001, 0.5), np.append(rng.normal(size=7), 0.0)
    yield [bent(z_i, alpha) for z_i in z], LeakyReLU(alpha)(z[None, :])[0]
    yield [bent(z_i, 0.01) for z_i in z], LeakyReLU()(z[None, :])[0]


def prelu_layer(rng: Rng) -> tuple[PReLU, Array, Array]:
    """Return a layer with random slopes, a batch away from the corner, and a random ∂J/∂f."""
    m, n = sizes(rng, 2)
    layer = PReLU(n)
    layer.params["a"][:] = rng.normal(size=n)
    return layer, away_from_zero(rng, m, n), rng.normal(size=(m, n))


@verifies("eq-prelu", precision=1e-12)
def test_prelu(rng: Rng) -> Pairs:
    """Case by case with each channel's own slope, against the layer, for rows and for images."""
    layer, z, _ = prelu_layer(rng)
    a, (m, n) = layer.params["a"], z.shape
    yield [[bent(z[i, c], a[c]) for c in range(n)] for i in range(m)], layer(z)
    image = rng.normal(size=(m, n, 2, 3))
    shown = np.zeros_like(image)
    for i, c, row, column in np.ndindex(image.shape):
        shown[i, c, row, column] = bent(image[i, c, row, column], a[c])
    yield shown, layer(image)


@verifies("eq-prelu-gradient", precision=1e-7)
def test_prelu_gradient(rng: Rng) -> Pairs:
    """The sum over the examples, against the layer's backward and finite differences in every slope."""
    layer, z, Delta = prelu_layer(rng)
    m, n = z.shape
    da = [sum(Delta[i, c] * min(z[i, c], 0) for i in range(m)) for c in range(n)]
    _, cache = layer.forward(z)
    yield da, layer.backward(Delta, cache)[1]["a"]

    def J(a: Array) -> float:
        moved = PReLU(n)
        moved.params["a"][:] = a
        return float((Delta * moved(z)).sum())

    yield da, numerical_gradient(J, layer.params["a"])


@verifies("eq-maxout", precision=1e-12)
def test_maxout(rng: Rng) -> Pairs:
    """Loops over units, pieces and inputs, against the layer."""
    n_in, n_out, k = sizes(rng, 3)
    layer = Maxout(n_in, n_out, pieces=k, rng=rng)
    W, b = layer.params["W"], layer.params["b"]
    b[:] = rng.normal(size=b.shape)
    x = rng.normal(size=n_in)
    f = [max(sum(W[i, j, c] * x[c] for c in range(n_in)) + b[i, j] for i in range(k)) for j in range(n_out)]
    yield f, layer(x[None, :])[0]


@verifies("eq-maxout-special", precision=1e-12)
def test_maxout_special(rng: Rng) -> Pairs:
    """Both lines as displayed; and a Maxout layer of two pieces, against Dense followed by ReLU and LeakyReLU."""
    n_in, n_out = sizes(rng, 2)
    dense, X = Dense(n_in, n_out, rng=rng), rng.normal(size=(6, n_in))
    dense.params["b"][:] = rng.normal(size=n_out)
    alpha = rng.uniform(0.01, 1)
    cases: list[tuple[float, Layer, Callable[[float], float]]] = [
        (0.0, ReLU(), lambda z: max(0.0, z)),
        (alpha, LeakyReLU(alpha), lambda z: bent(z, alpha)),
    ]
    for slope, layer, right in cases:
        maxout = Maxout(n_in, n_out, pieces=2, rng=rng)
        for name in ("W", "b"):
            maxout.params[name][:] = np.stack([dense.params[name], slope * dense.params[name]])
        yield [max(z, slope * z) for z in dense(X).ravel()], [right(z) for z in dense(X).ravel()]
        yield maxout(X), layer(dense(X))
