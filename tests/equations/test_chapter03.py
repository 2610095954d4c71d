"""The equations of chapter 3, back-propagation: as displayed, as the package computes them, as finite differences say.

The text's l counts layers from 1, the input. In ``net.layers`` the Dense layer that computes z^l stands at 2 (l − 2),
with its activation behind it.
"""

from __future__ import annotations

from math import exp, log, tanh

import numpy as np
from equations.sampling import Array, Rng, network, sizes
from equations.written_out import sigma, softmax
from verify import Pairs, verifies

from dlbook import (
    SGD,
    BinaryCrossEntropy,
    Dense,
    MeanSquaredError,
    Sequential,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    accuracy,
)
from dlbook.check import gradient_error, numerical_gradient

mse = MeanSquaredError()


class Case:
    """A random network of sigmoid or tanh layers, a batch, its targets, and the package's view of it.

    Attributes:
        L, n: number of layers, units of each layer l = 1, …, L.
        W, b: of layers l = 2, …, L.
        A, Z: of layers l; A[1] is the batch. One example per row.
        slope: the derivative σ' of the activation.
    """

    def __init__(self, rng: Rng, m: int | None = None) -> None:
        self.L = int(rng.integers(2, 5))
        units = sizes(rng, self.L)
        self.n = dict(enumerate(units, start=1))
        activation, self.slope = [
            (Sigmoid, lambda z: sigma(z) * (1 - sigma(z))),
            (Tanh, lambda z: 1 - tanh(z) ** 2),
        ][rng.integers(2)]
        self.net, self.W, self.b = network(rng, units, activation)
        self.m = m or sizes(rng, 1)[0]
        self.A = {1: rng.normal(size=(self.m, units[0]))}
        self.Z = {}
        for l in range(2, self.L + 1):
            self.Z[l] = self.net.layers[2 * (l - 2)](self.A[l - 1])
            self.A[l] = self.net.layers[2 * (l - 2) + 1](self.Z[l])
        self.Y = self.A[self.L] - rng.uniform(
            0.5, 2, size=self.A[self.L].shape
        )  # no error is 0, and none cancels another

    def loss_from(self, place: int, X: Array) -> float:
        """J, when the layer objects from ``place`` on are applied to X."""
        return mse.forward(Sequential(*self.net.layers[place:])(X), self.Y)[0]

    def loss_at_z(self, l: int, Z: Array) -> float:
        """J as a function of Z^l."""
        return self.loss_from(2 * (l - 2) + 1, Z)

    def loss_at_w(self, l: int, W: Array) -> float:
        """J as a function of W^l."""
        return self.loss_at_z(l, self.A[l - 1] @ W.T + self.b[l])

    def loss_at_b(self, l: int, b: Array) -> float:
        """J as a function of b^l."""
        return self.loss_at_z(l, self.A[l - 1] @ self.W[l].T + b)

    def delta(self, l: int, examples: slice = slice(None)) -> Array:
        """The package's derivative of J with respect to Z^l for a batch of these examples: with 1/m, one row each."""
        rest = Sequential(*self.net.layers[2 * (l - 2) + 1 :])
        A, caches = rest.forward(self.Z[l][examples])
        return rest.backward(mse.backward(mse.forward(A, self.Y[examples])[1]), caches)[0]

    def own_deltas(self, l: int) -> Array:
        """Each example's own δ^l, from the package with a batch of this one example."""
        return np.concatenate([self.delta(l, slice(i, i + 1)) for i in range(self.m)])

    def grads(self, l: int) -> tuple[Array, Array]:
        """The package's gradients of W^l and b^l."""
        A, caches = self.net.forward(self.A[1])
        _, grads = self.net.backward(mse.backward(mse.forward(A, self.Y)[1]), caches)
        return grads[f"{2 * (l - 2)}.W"], grads[f"{2 * (l - 2)}.b"]


@verifies("eq-mse", precision=1e-12)
def test_mse(rng: Rng) -> Pairs:
    """The mean over the examples of half the squared length, in loops, against MeanSquaredError."""
    m, n = sizes(rng, 2)
    a, y = rng.normal(size=(2, m, n))
    J = 0.0
    for i in range(m):
        for j in range(n):
            J += 1 / m * 1 / 2 * (a[i, j] - y[i, j]) ** 2
    yield J, mse.forward(a, y)[0]


@verifies("eq-gradient-descent", precision=1e-12)
def test_gradient_descent(rng: Rng) -> Pairs:
    """Number by number for every parameter of a network, with random numbers for the gradients, against SGD."""
    case, alpha = Case(rng), rng.uniform(0.01, 2)
    grads = {name: rng.normal(size=p.shape) for name, p in case.net.params.items()}
    expected = {name: p.copy() for name, p in case.net.params.items()}
    for name, theta in expected.items():
        for index in np.ndindex(theta.shape):
            theta[index] = theta[index] - alpha * grads[name][index]
    SGD(alpha).step(case.net.params, grads)
    for name, theta in expected.items():
        yield theta, case.net.params[name]


def two_functions(rng: Rng) -> tuple[Array, Array, Array, Array, Array]:
    """Return ∂u_j/∂x_k and ∂J/∂u_j by finite differences, and ∂J/∂x by the package and by finite differences.

    u is a random sigmoid layer, J a random quadratic function of all u_j.
    """
    n_in, n = sizes(rng, 2)
    inner, _, _ = network(rng, [n_in, n])
    x, y = rng.normal(size=n_in), rng.normal(size=(1, n))
    u, caches = inner.forward(x[None, :])
    jacobian = np.zeros((n, n_in))
    for j in range(n):
        jacobian[j] = numerical_gradient(lambda x, j=j: inner(x[None, :])[0, j], x)
    outer = numerical_gradient(lambda u: mse.forward(u[None, :], y)[0], u[0])
    by_package = inner.backward(mse.backward(mse.forward(u, y)[1]), caches)[0][0]
    return jacobian, outer, by_package, numerical_gradient(lambda x: mse.forward(inner(x[None, :]), y)[0], x), x


@verifies("eq-chain-rule", precision=1e-7)
def test_chain_rule(rng: Rng) -> Pairs:
    """The sum over all paths, its factors by finite differences, against backward and the difference of the whole."""
    du_dx, dJ_du, by_package, numeric, x = two_functions(rng)
    dJ_dx = np.zeros(len(x))
    for k in range(len(x)):
        for j in range(len(dJ_du)):
            dJ_dx[k] += dJ_du[j] * du_dx[j, k]
    yield dJ_dx, by_package
    yield dJ_dx, numeric


@verifies("eq-chain-rule-matrix", precision=1e-7)
def test_chain_rule_matrix(rng: Rng) -> Pairs:
    """The transposed Jacobian times the column of derivatives, against backward and finite differences."""
    du_dx, dJ_du, by_package, numeric, _ = two_functions(rng)
    yield du_dx.T @ dJ_du, by_package
    yield du_dx.T @ dJ_du, numeric


@verifies("eq-delta-definition", precision=1e-7)
def test_delta_definition(rng: Rng) -> Pairs:
    """The derivative of J at every z_j of every layer by finite differences, against what the package passes back."""
    case = Case(rng, m=1)
    for l in range(2, case.L + 1):
        yield numerical_gradient(lambda Z, l=l: case.loss_at_z(l, Z), case.Z[l]), case.delta(l)


@verifies("eq-gradient-w", precision=1e-7)
def test_gradient_w(rng: Rng) -> Pairs:
    """The outer product in loops, against the package's gradient and finite differences in every weight."""
    case = Case(rng, m=1)
    for l in range(2, case.L + 1):
        delta, a = case.delta(l)[0], case.A[l - 1][0]
        dW = np.zeros(case.W[l].shape)
        for j in range(case.n[l]):
            for k in range(case.n[l - 1]):
                dW[j, k] = delta[j] * a[k]
        yield dW, case.grads(l)[0]
        yield dW, numerical_gradient(lambda W, l=l: case.loss_at_w(l, W), case.W[l])


@verifies("eq-gradient-b", precision=1e-7)
def test_gradient_b(rng: Rng) -> Pairs:
    """δ itself, against the package's gradient and finite differences in every bias."""
    case = Case(rng, m=1)
    for l in range(2, case.L + 1):
        yield case.delta(l)[0], case.grads(l)[1]
        yield case.delta(l)[0], numerical_gradient(lambda b, l=l: case.loss_at_b(l, b), case.b[l])


@verifies("eq-delta-mse", precision=1e-7)
def test_delta_mse(rng: Rng) -> Pairs:
    """Unit by unit at the output, against the package's loss and activation and finite differences."""
    case = Case(rng, m=1)
    L, (a,), (z,), (y,) = case.L, case.A[case.L], case.Z[case.L], case.Y
    delta = [(a[j] - y[j]) * case.slope(z[j]) for j in range(case.n[L])]
    yield delta, case.delta(L)[0]
    yield delta, numerical_gradient(lambda Z: case.loss_at_z(L, Z), case.Z[L])[0]


@verifies("eq-sigmoid-derivative", precision=1e-7)
def test_sigmoid_derivative(rng: Rng) -> Pairs:
    """Both right sides, against the layer's backward and finite differences of the layer."""
    z = rng.uniform(-6, 6, size=9)
    Y, cache = Sigmoid().forward(z[None, :])
    backward = Sigmoid().backward(np.ones_like(Y), cache)[0][0]
    for i in range(9):
        quotient = exp(-z[i]) / (1 + exp(-z[i])) ** 2
        yield quotient, sigma(z[i]) * (1 - sigma(z[i]))
        yield quotient, backward[i]
        yield quotient, numerical_gradient(lambda z: Sigmoid()(z[None, :])[0, 0], z[i : i + 1])[0]


@verifies("eq-bce", precision=1e-12)
def test_bce(rng: Rng) -> Pairs:
    """With the logarithms as they stand, against BinaryCrossEntropy, which takes none of a number near zero."""
    (m,) = sizes(rng, 1)
    z, y = rng.normal(scale=3, size=m), rng.integers(2, size=m)
    total = 0.0
    for i in range(m):
        a = sigma(z[i])
        total += y[i] * log(a) + (1 - y[i]) * log(1 - a)
    yield -1 / m * total, BinaryCrossEntropy().forward(z[:, None], y[:, None])[0]


@verifies("eq-delta-bce", precision=1e-7)
def test_delta_bce(rng: Rng) -> Pairs:
    """Unit by unit, against the loss's backward and finite differences of the loss."""
    (n,) = sizes(rng, 1)
    z, y = rng.normal(size=(1, n)), rng.integers(2, size=(1, n))
    delta = [sigma(z[0, j]) - y[0, j] for j in range(n)]
    loss = BinaryCrossEntropy()
    yield delta, loss.backward(loss.forward(z, y)[1])[0]
    yield delta, numerical_gradient(lambda z: loss.forward(z, y)[0], z)[0]


def one_of(rng: Rng, m: int, K: int) -> tuple[Array, Array, Array]:
    """Return values before the softmax (m, K), true classes (m,), and targets with a 1 at the true class (m, K)."""
    classes = rng.integers(K, size=m)
    return rng.normal(scale=2, size=(m, K)), classes, np.eye(K)[classes]


@verifies("eq-softmax-cross-entropy", precision=1e-12)
def test_softmax_cross_entropy(rng: Rng) -> Pairs:
    """Loops over examples and classes, against SoftmaxCrossEntropy with classes and with columns as targets."""
    m, K = sizes(rng, 1)[0], int(rng.integers(2, 6))
    z, classes, y = one_of(rng, m, K)
    J = 0.0
    for i in range(m):
        a = softmax(z[i])
        for k in range(K):
            J -= 1 / m * y[i, k] * log(a[k])
    yield J, SoftmaxCrossEntropy().forward(z, classes)[0]
    yield J, SoftmaxCrossEntropy().forward(z, y)[0]


@verifies("eq-softmax-derivative", precision=1e-7)
def test_softmax_derivative(rng: Rng) -> Pairs:
    """Entry by entry, against the layer's backward with one upstream derivative at a time, and finite differences."""
    K = int(rng.integers(2, 6))
    z = rng.normal(scale=2, size=(1, K))
    _, cache = Softmax().forward(z)
    for k in range(K):
        row = [softmax(z[0])[k] * ((k == j) - softmax(z[0])[j]) for j in range(K)]
        yield row, Softmax().backward(np.eye(K)[k : k + 1], cache)[0][0]
        yield row, numerical_gradient(lambda z, k=k: Softmax()(z)[0, k], z)[0]


@verifies("eq-delta-softmax", precision=1e-7)
def test_delta_softmax(rng: Rng) -> Pairs:
    """Class by class, against the loss's backward and finite differences of the loss."""
    K = int(rng.integers(2, 6))
    z, classes, y = one_of(rng, 1, K)
    delta = [softmax(z[0])[k] - y[0, k] for k in range(K)]
    loss = SoftmaxCrossEntropy()
    yield delta, loss.backward(loss.forward(z, classes)[1])[0]
    yield delta, numerical_gradient(lambda z: loss.forward(z, classes)[0], z)[0]


@verifies("eq-backprop-recursion-index", precision=1e-7)
def test_backprop_recursion_index(rng: Rng) -> Pairs:
    """Both sums over j: with derivatives by finite differences, and with weights; against the package's δ."""
    case = Case(rng, m=1)
    for l in range(2, case.L):
        behind = case.net.layers[2 * (l - 2) + 1 : 2 * (l - 2) + 3]  # from z of layer l to z of layer l + 1
        dJ_dz = numerical_gradient(lambda Z, l=l: case.loss_at_z(l + 1, Z), case.Z[l + 1])[0]
        delta_above, W, z = case.delta(l + 1)[0], case.W[l + 1], case.Z[l][0]
        paths, delta = np.zeros(case.n[l]), np.zeros(case.n[l])
        for j in range(case.n[l + 1]):
            dz_dz = numerical_gradient(lambda Z, j=j, behind=behind: Sequential(*behind)(Z)[0, j], case.Z[l])[0]
            for k in range(case.n[l]):
                paths[k] += dJ_dz[j] * dz_dz[k]
                delta[k] += delta_above[j] * W[j, k] * case.slope(z[k])
        yield paths, delta
        yield delta, case.delta(l)[0]


@verifies("eq-layer-jacobian", precision=1e-7)
def test_layer_jacobian(rng: Rng) -> Pairs:
    """The product with the diagonal matrix, against backward for one output at a time, and finite differences."""
    case = Case(rng, m=1)
    for l in range(2, case.L):
        behind = Sequential(*case.net.layers[2 * (l - 2) + 1 : 2 * (l - 2) + 3])
        jacobian = case.W[l + 1] @ np.diag([case.slope(z_k) for z_k in case.Z[l][0]])
        _, caches = behind.forward(case.Z[l])
        rows, numeric = [], []
        for j in range(case.n[l + 1]):
            rows.append(behind.backward(np.eye(case.n[l + 1])[j : j + 1], caches)[0][0])
            numeric.append(numerical_gradient(lambda Z, j=j, behind=behind: behind(Z)[0, j], case.Z[l])[0])
        yield jacobian, rows
        yield jacobian, numeric


@verifies("eq-backprop-recursion", precision=1e-7)
def test_backprop_recursion(rng: Rng) -> Pairs:
    """From the output back to layer 2, against the package's δ and finite differences at every z."""
    case = Case(rng, m=1)
    delta = case.delta(case.L)[0]
    for l in range(case.L - 1, 1, -1):
        delta = (case.W[l + 1].T @ delta) * np.array([case.slope(z_k) for z_k in case.Z[l][0]])
        yield delta, case.delta(l)[0]
        yield delta, numerical_gradient(lambda Z, l=l: case.loss_at_z(l, Z), case.Z[l])[0]


@verifies("eq-delta-batch", precision=1e-7)
def test_delta_batch(rng: Rng) -> Pairs:
    """Each example's own δ over m, against the package's derivative for the batch and finite differences."""
    case = Case(rng)
    for l in range(2, case.L + 1):
        own = case.own_deltas(l)
        Delta = np.zeros(case.Z[l].shape)
        for i in range(case.m):
            for j in range(case.n[l]):
                Delta[i, j] = 1 / case.m * own[i, j]
        yield Delta, case.delta(l)
        yield Delta, numerical_gradient(lambda Z, l=l: case.loss_at_z(l, Z), case.Z[l])


@verifies("eq-backprop-dense", precision=1e-7)
def test_backprop_dense(rng: Rng) -> Pairs:
    """Δ times W in loops, against Dense.backward and finite differences at the layer's input."""
    case = Case(rng)
    for l in range(2, case.L + 1):
        Delta, W, dense = case.delta(l), case.W[l], case.net.layers[2 * (l - 2)]
        dA = np.zeros((case.m, case.n[l - 1]))
        for i in range(case.m):
            for k in range(case.n[l - 1]):
                for j in range(case.n[l]):
                    dA[i, k] += Delta[i, j] * W[j, k]
        assert isinstance(dense, Dense)
        yield dA, dense.backward(Delta, case.A[l - 1])[0]
        yield dA, numerical_gradient(lambda A, l=l: case.loss_from(2 * (l - 2), A), case.A[l - 1])


@verifies("eq-gradient-w-batch", precision=1e-7)
def test_gradient_w_batch(rng: Rng) -> Pairs:
    """The matrix product and the mean of outer products, against the package and finite differences."""
    case = Case(rng)
    for l in range(2, case.L + 1):
        own, product = case.own_deltas(l), case.delta(l).T @ case.A[l - 1]
        mean = np.zeros(case.W[l].shape)
        for i in range(case.m):
            for j in range(case.n[l]):
                for k in range(case.n[l - 1]):
                    mean[j, k] += 1 / case.m * own[i, j] * case.A[l - 1][i, k]
        yield product, mean
        yield product, case.grads(l)[0]
        yield product, numerical_gradient(lambda W, l=l: case.loss_at_w(l, W), case.W[l])


@verifies("eq-gradient-b-batch", precision=1e-7)
def test_gradient_b_batch(rng: Rng) -> Pairs:
    """The sum of rows and the mean of the examples' own δ, against the package and finite differences."""
    case = Case(rng)
    for l in range(2, case.L + 1):
        own, Delta = case.own_deltas(l), case.delta(l)
        rows, mean = np.zeros(case.n[l]), np.zeros(case.n[l])
        for j in range(case.n[l]):
            for i in range(case.m):
                rows[j] += Delta[i, j]
                mean[j] += 1 / case.m * own[i, j]
        yield rows, mean
        yield rows, case.grads(l)[1]
        yield rows, numerical_gradient(lambda b, l=l: case.loss_at_b(l, b), case.b[l])


@verifies("eq-central-difference", precision=1e-7)
def test_central_difference(rng: Rng) -> Pairs:
    """Weight by weight with h = 10⁻⁵, against numerical_gradient and against back-propagation."""
    case, h = Case(rng), 1e-5
    for l in range(2, case.L + 1):
        theta = case.W[l]
        quotient = np.zeros(theta.shape)
        for i in np.ndindex(theta.shape):
            e_i = np.zeros(theta.shape)
            e_i[i] = 1
            quotient[i] = (case.loss_at_w(l, theta + h * e_i) - case.loss_at_w(l, theta - h * e_i)) / (2 * h)
        yield quotient, numerical_gradient(lambda W, l=l: case.loss_at_w(l, W), theta, h)
        yield quotient, case.grads(l)[0]


@verifies("eq-gradient-error", precision=1e-12)
def test_gradient_error(rng: Rng) -> Pairs:
    """The three maxima in loops over the entries, against gradient_error."""
    g, g_hat = rng.normal(size=(2, *sizes(rng, 2)))
    largest_difference = max(abs(g[i] - g_hat[i]) for i in np.ndindex(g.shape))
    largest = max(max(abs(g[i]) for i in np.ndindex(g.shape)), max(abs(g_hat[i]) for i in np.ndindex(g.shape)))
    yield largest_difference / largest, gradient_error(g, g_hat)


@verifies("eq-accuracy", precision=1e-12)
def test_accuracy(rng: Rng) -> Pairs:
    """Example by example, against accuracy of a random network."""
    (n,), K = sizes(rng, 1), int(rng.integers(2, 6))
    net, _, _ = network(rng, [3, K])
    X, y = rng.normal(size=(n, 3)), rng.integers(K, size=n)
    right = 0
    for i in range(n):
        a = list(net(X[i : i + 1])[0])
        right += a.index(max(a)) == y[i]
    yield 1 / n * right, accuracy(net, X, y)
