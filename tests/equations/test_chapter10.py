"""The equations of chapter 10, recurrent networks: as displayed, in loops, as the package and finite differences say.

The text counts steps from 1 and the first state is h_0; ``Case.x[t]`` and ``Case.y[t]`` belong to step t + 1, and
``Case.h[t]`` is the text's h_t.
"""

from __future__ import annotations

from math import exp, log, sqrt, tanh

import numpy as np
from equations.sampling import Array, Rng, at_most, sizes
from verify import Pairs, verifies

from dlbook import (
    RNN,
    SGD,
    Dense,
    Sequential,
    SoftmaxCrossEntropy,
    clip_norm,
    clip_value,
    fit_truncated,
    softmax,
)
from dlbook.check import numerical_gradient

cross_entropy = SoftmaxCrossEntropy()


def layer_of(rng: Rng, n_in: int, n: int, activation: str = "tanh") -> RNN:
    """Return a recurrent layer of the package with random parameters, none near 0 and none that saturates."""
    layer = RNN(n_in, n, rng=rng, activation=activation)  # type: ignore[arg-type]
    for p in layer.params.values():
        p[...] = rng.choice([-1, 1], size=p.shape) * rng.uniform(0.3, 1.0, size=p.shape) / sqrt(p.shape[-1])
    return layer


class Case:
    """A random tanh network with its output layer, one sequence, and its targets.

    Attributes:
        T, n_in, n, n_out: the sizes.
        layer, dense, net: recurrent layer, output layer, and both.
        U, W, b, V, c: the parameters.
        x, h0, y: inputs (T, n_in), first state, and classes (T,).
        h: the states h_0, …, h_T of the package, (T + 1, n).
        y_hat: the predictions of the package, (T, n_out).
    """

    def __init__(self, rng: Rng, T: int | None = None) -> None:
        self.T = T or int(rng.integers(1, 6))
        self.n_in, self.n = sizes(rng, 2)
        self.n_out = int(rng.integers(2, 5))
        self.layer = layer_of(rng, self.n_in, self.n)
        self.dense = Dense(self.n, self.n_out, rng=rng)
        self.dense.params["b"][:] = rng.normal(size=self.n_out)
        self.net = Sequential(self.layer, self.dense)
        self.U, self.W, self.b = (self.layer.params[k] for k in "UWb")
        self.V, self.c = self.dense.params["W"], self.dense.params["b"]
        self.x, self.h0 = rng.normal(size=(self.T, self.n_in)), rng.normal(size=self.n)
        self.y = rng.integers(self.n_out, size=self.T)
        self.h = np.concatenate([self.h0[None], self.states()])
        self.y_hat = softmax(self.dense(self.h[1:]))

    def states(self, x: Array | None = None, h0: Array | None = None) -> Array:
        """The package's states after each step, (T, n), from these inputs and this first state."""
        x, h0 = self.x if x is None else x, self.h0 if h0 is None else h0
        return self.layer.forward(x[None], state=h0[None])[0][0]

    def loss(self, h: Array, first: int = 1) -> float:
        """J of the states h_first, …, h_T: the mean runs over T steps, also where the first ones are left out."""
        return cross_entropy.forward(self.dense(h), self.y[first - 1 :])[0] * len(h) / self.T

    def loss_at_state(self, t: int, h_t: Array) -> float:
        """J as a function of h_t alone, for t = 1, …, T: its own output and all that follows."""
        later = self.states(self.x[t:], h_t) if t < self.T else np.empty((0, self.n))
        return self.loss(np.concatenate([h_t[None], later]), first=t)

    def dO(self) -> Array:
        """∂J/∂o_t of the package, (T, n_out)."""
        return cross_entropy.backward(cross_entropy.forward(self.dense(self.h[1:]), self.y)[1])

    def run_back(self, dO: Array | None = None) -> tuple[Array, Array, dict[str, Array]]:
        """The package's ∂J/∂x, ∂J/∂h_0 and the gradients of U, W, b, V and c."""
        _, dense_cache = self.dense.forward(self.h[1:][None])
        dH, output = self.dense.backward((self.dO() if dO is None else dO)[None], dense_cache)
        _, cache = self.layer.forward(self.x[None], state=self.h0[None])
        dX, dh0, grads = self.layer.backward_states(dH, cache)
        assert isinstance(dh0, np.ndarray)
        return dX[0], dh0[0], {**grads, "V": output["W"], "c": output["b"]}

    def deltas(self) -> Array:
        """δ_1, …, δ_T in loops, as the recursion displays it."""
        delta, dO = np.zeros((self.T + 2, self.n)), self.dO()
        for t in range(self.T, 0, -1):
            for j in range(self.n):
                way_out = sum(self.V[i, j] * dO[t - 1, i] for i in range(self.n_out))
                way_on = sum(self.W[i, j] * delta[t + 1, i] for i in range(self.n))
                delta[t, j] = (1 - self.h[t, j] ** 2) * (way_out + way_on)
        return delta[1:-1]

    def jacobian(self, j: int) -> Array:
        """∂h_j/∂h_{j−1} as displayed."""
        return np.diag(1 - self.h[j] ** 2) @ self.W


@verifies("eq-rnn-forward", precision=1e-12)
def test_rnn_forward(rng: Rng) -> Pairs:
    """Number by number, tanh and ReLU, with a first state that is not zero, against RNN."""
    T, n_in, n = sizes(rng, 3)
    x, first = rng.normal(size=(T, n_in)), rng.normal(size=n)
    for name, phi in (("tanh", tanh), ("relu", lambda z: max(z, 0.0))):
        layer = layer_of(rng, n_in, n, name)
        U, W, b = (layer.params[k] for k in "UWb")
        h, displayed = first, []
        for t in range(T):
            z = [
                sum(U[j, k] * x[t, k] for k in range(n_in)) + sum(W[j, k] * h[k] for k in range(n)) + b[j]
                for j in range(n)
            ]
            h = np.array([phi(value) for value in z])
            displayed.append(h)
        yield displayed, layer.forward(x[None], state=first[None])[0][0]


@verifies("eq-rnn-output", precision=1e-12)
def test_rnn_output(rng: Rng) -> Pairs:
    """Each step's output in loops against a Dense layer on the last axis, and its softmax."""
    case = Case(rng)
    O = case.dense(case.h[None, 1:])[0]
    for t in range(1, case.T + 1):
        o = [sum(case.V[i, j] * case.h[t, j] for j in range(case.n)) + case.c[i] for i in range(case.n_out)]
        yield o, O[t - 1]
        yield [exp(value) / sum(exp(other) for other in o) for value in o], case.y_hat[t - 1]


@verifies("eq-rnn-parameters", precision=0)
def test_rnn_parameters(rng: Rng) -> Pairs:
    """The package's count, for any number of steps."""
    case = Case(rng)
    case.net(rng.normal(size=(1, 7, case.n_in)))
    yield case.n * (case.n_in + case.n + 1) + case.n_out * (case.n + 1), case.net.n_params


@verifies("eq-rnn-batch", precision=1e-12)
def test_rnn_batch(rng: Rng) -> Pairs:
    """One step of all sequences at once against the package's step of each sequence alone."""
    case = Case(rng)
    m = sizes(rng, 1)[0]
    X, H = rng.normal(size=(m, case.n_in)), rng.normal(size=(m, case.n))
    alone = [case.states(x[None], h)[0] for x, h in zip(X, H, strict=True)]
    yield np.tanh(X @ case.U.T + H @ case.W.T + case.b), alone


@verifies("eq-rnn-loss", precision=1e-12)
def test_rnn_loss(rng: Rng) -> Pairs:
    """The mean over the steps against the package's loss of a sequence."""
    case = Case(rng)
    J = 0.0
    for t in range(case.T):
        J += 1 / case.T * -log(case.y_hat[t, case.y[t]])
    yield J, cross_entropy.forward(case.dense(case.h[None, 1:]), case.y[None])[0]


@verifies("eq-bptt-output", precision=1e-7)
def test_bptt_output(rng: Rng) -> Pairs:
    """Against the package and against finite differences over every output."""
    case = Case(rng)
    displayed = (case.y_hat - np.eye(case.n_out)[case.y]) / case.T
    yield displayed, case.dO()
    O = case.dense(case.h[1:])
    yield displayed, numerical_gradient(lambda o: cross_entropy.forward(o, case.y)[0], O)


@verifies("eq-bptt-output-gradients", precision=1e-12)
def test_bptt_output_gradients(rng: Rng) -> Pairs:
    """Sums of outer products over the steps against the package's gradients of V and c."""
    case = Case(rng)
    _, _, grads = case.run_back()
    dO = case.dO()
    yield sum(np.outer(dO[t], case.h[t + 1]) for t in range(case.T)), grads["V"]
    yield sum(dO[t] for t in range(case.T)), grads["c"]


@verifies("eq-bptt-recursion", precision=1e-6)
def test_bptt_recursion(rng: Rng) -> Pairs:
    """δ^h at every step against finite differences by the state, and δ against the package, by way of ∂J/∂x."""
    case = Case(rng)
    delta, dO = case.deltas(), case.dO()
    for t in range(1, case.T + 1):
        later = case.W.T @ delta[t] if t < case.T else 0.0
        delta_h = case.V.T @ dO[t - 1] + later
        yield delta_h, numerical_gradient(lambda h, t=t: case.loss_at_state(t, h), case.h[t])
        yield (1 - case.h[t] ** 2) * delta_h, delta[t - 1]
    back = case.dense.backward(dO[None], case.h[None, 1:])[0]
    layer = RNN(case.n, case.n, rng=rng)  # with U = I the package's ∂J/∂x_t is δ_t
    layer.params.update(U=np.eye(case.n), W=case.W, b=case.b)
    _, cache = layer.forward((case.x @ case.U.T)[None], state=case.h0[None])
    yield delta, layer.backward(back, cache)[0][0]


@verifies("eq-bptt-recursion-h", precision=1e-6)
def test_bptt_recursion_h(rng: Rng) -> Pairs:
    """From the finite differences by h_{t+1} to those by h_t."""
    case = Case(rng, T=int(rng.integers(2, 6)))
    dO = case.dO()
    for t in range(1, case.T):
        behind = numerical_gradient(lambda h, t=t: case.loss_at_state(t + 1, h), case.h[t + 1])
        displayed = case.V.T @ dO[t - 1] + case.W.T @ np.diag(1 - case.h[t + 1] ** 2) @ behind
        yield displayed, numerical_gradient(lambda h, t=t: case.loss_at_state(t, h), case.h[t])


@verifies("eq-bptt-gradients", precision=1e-6)
def test_bptt_gradients(rng: Rng) -> Pairs:
    """Sums of outer products over the steps against the package's gradients and finite differences."""
    case = Case(rng)
    _, _, grads = case.run_back()
    delta = case.deltas()
    displayed = {
        "U": sum(np.outer(delta[t], case.x[t]) for t in range(case.T)),
        "W": sum(np.outer(delta[t], case.h[t]) for t in range(case.T)),
        "b": sum(delta[t] for t in range(case.T)),
    }
    for name, value in displayed.items():
        yield value, grads[name]
        p = case.layer.params[name]
        kept = p.copy()

        def J(new: Array, p: Array = p) -> float:
            p[...] = new
            return case.loss(case.states())

        numeric = numerical_gradient(J, kept)
        p[...] = kept
        yield value, numeric


@verifies("eq-bptt-inputs", precision=1e-12)
def test_bptt_inputs(rng: Rng) -> Pairs:
    """Against the package's ∂J/∂X and gradient of the first state."""
    case = Case(rng)
    dX, dh0, _ = case.run_back()
    delta = case.deltas()
    for t in range(case.T):
        yield case.U.T @ delta[t], dX[t]
    yield case.W.T @ delta[0], dh0


def sum_over_paths(case: Case, t: int, first: int) -> Array:
    """Σ_k ∂J_t/∂h_t ∂h_t/∂h_k ∂⁺h_k/∂W for k = first, …, t, for the step's own loss J_t, entry by entry of W."""
    of_state = case.V.T @ (case.y_hat[t - 1] - np.eye(case.n_out)[case.y[t - 1]])
    total = np.zeros(case.W.shape)
    for k in range(first, t + 1):
        product = np.eye(case.n)
        for j in range(t, k, -1):
            product = product @ case.jacobian(j)
        for i in range(case.n):
            for l in range(case.n):
                direct = np.zeros(case.n)
                direct[i] = (1 - case.h[k, i] ** 2) * case.h[k - 1, l]
                total[i, l] += of_state @ product @ direct
    return total


@verifies("eq-bptt-paths", precision=1e-11)
def test_bptt_paths(rng: Rng) -> Pairs:
    """All paths, written out, against the package's gradient of one step's loss."""
    case = Case(rng)
    for t in range(1, case.T + 1):
        only_t = np.zeros((case.T, case.n_out))
        only_t[t - 1] = case.dO()[t - 1] * case.T
        yield sum_over_paths(case, t, 1), case.run_back(only_t)[2]["W"]


def jacobian_of_the_package(case: Case, k: int, t: int) -> Array:
    """∂h_t/∂h_k by the package: one gradient of the first state for each number of the last one."""
    _, cache = case.layer.forward(
        np.repeat(case.x[None, k:t], case.n, axis=0), state=np.repeat(case.h[k : k + 1], case.n, axis=0)
    )
    dH = np.zeros((case.n, t - k, case.n))
    return np.asarray(case.layer.backward_states(dH, cache, np.eye(case.n))[1])


@verifies("eq-rnn-jacobian", precision=1e-7)
def test_rnn_jacobian(rng: Rng) -> Pairs:
    """Against finite differences of one step by the state, number by number."""
    case = Case(rng)
    for t in range(1, case.T + 1):
        rows = [
            numerical_gradient(lambda h, i=i, t=t: float(case.states(case.x[t - 1 : t], h)[0, i]), case.h[t - 1])
            for i in range(case.n)
        ]
        yield case.jacobian(t), rows


@verifies("eq-rnn-jacobian-product", precision=1e-7)
def test_rnn_jacobian_product(rng: Rng) -> Pairs:
    """From the last factor on the left to the first on the right, against finite differences over all the steps."""
    case = Case(rng)
    for k in range(case.T):
        product = np.eye(case.n)
        for j in range(case.T, k, -1):
            product = product @ case.jacobian(j)
        rows = [
            numerical_gradient(lambda h, i=i, k=k: float(case.states(case.x[k:], h)[-1, i]), case.h[k])
            for i in range(case.n)
        ]
        yield product, rows
        yield product, jacobian_of_the_package(case, k, case.T)


@verifies("eq-rnn-jacobian-bound", precision=1e-12)
def test_rnn_jacobian_bound(rng: Rng) -> Pairs:
    """The package's Jacobian is never longer than the bound, with γ = 1 for tanh."""
    case = Case(rng)
    for k in range(case.T):
        bound = (1 * np.linalg.norm(case.W, 2)) ** (case.T - k)
        yield at_most(np.linalg.norm(jacobian_of_the_package(case, k, case.T), 2), bound)


@verifies("eq-spectral-radius", precision=0.01, theorem=True)
def test_spectral_radius(rng: Rng) -> Pairs:
    """A ReLU layer whose states stay positive is linear: its Jacobian over k steps is W^k, by the package."""
    n = int(rng.integers(1, 5))
    layer = RNN(n, n, rng=rng, activation="relu")
    W = layer.params["W"]
    W[...] = rng.uniform(0.1, 1, size=(n, n))
    W /= np.abs(np.linalg.eigvals(W)).max()  # no power overflows
    W *= rng.uniform(0.9, 1.1)
    radius = np.abs(np.linalg.eigvals(W)).max()
    for k in (1, 2, 5, 300):
        _, cache = layer.forward(np.zeros((n, k, n)), state=np.ones((n, n)))
        power = np.asarray(layer.backward_states(np.zeros((n, k, n)), cache, np.eye(n))[1])
        norm = np.linalg.norm(power, 2)
        yield at_most(radius**k, norm * (1 + 1e-9))
        if k == 300:
            yield radius, norm ** (1 / k)


@verifies("eq-clip-norm", precision=1e-12)
def test_clip_norm(rng: Rng) -> Pairs:
    """Limits below and above the norm, number by number, against clip_norm."""
    g = {"U": rng.normal(size=sizes(rng, 2)), "b": rng.normal(size=sizes(rng, 1))}
    norm = sqrt(sum(float(v) ** 2 for a in g.values() for v in a.ravel()))
    for kappa in (rng.uniform(0.1, 0.9) * norm, rng.uniform(1.1, 3) * norm):
        clipped = clip_norm(g, kappa)
        for name, a in g.items():
            yield [v * min(1, kappa / norm) for v in a.ravel()], clipped[name].ravel()


@verifies("eq-clip-value", precision=0)
def test_clip_value(rng: Rng) -> Pairs:
    """Number by number against clip_value."""
    g, kappa = rng.normal(size=(4, 3)), rng.uniform(0.2, 1)
    yield [max(-kappa, min(kappa, v)) for v in g.ravel()], clip_value({"W": g}, kappa)["W"].ravel()


@verifies("eq-tbptt", precision=1e-9)
def test_tbptt(rng: Rng) -> Pairs:
    """The step that fit_truncated takes for its second chunk is the mean of the truncated sums over this chunk."""
    S = int(rng.integers(1, 4))
    case = Case(rng, T=2 * S)
    steps = fit_truncated(case.net, cross_entropy, SGD(1.0), case.x[None], case.y[None], chunk=S, epochs=1, rng=rng)
    border = case.states(case.x[:S], np.zeros(case.n))[-1]  # as the first chunk left it, before its update
    next(steps)
    W = case.W.copy()
    case.h = np.concatenate([np.zeros((S, case.n)), border[None], case.states(case.x[S:], border)])
    case.y_hat = softmax(case.dense(case.h[1:]))
    displayed = sum(sum_over_paths(case, t, S + 1) for t in range(S + 1, 2 * S + 1)) / S
    next(steps)
    yield displayed, W - case.W


@verifies("eq-rnn-lengths", precision=1e-12)
def test_rnn_lengths(rng: Rng) -> Pairs:
    """Step by step with the two cases, against the layer with lengths; the filling is large."""
    case = Case(rng)
    m = 3
    X = rng.normal(size=(m, case.T, case.n_in))
    lengths = rng.integers(0, case.T + 1, size=m)
    X[np.arange(case.T) >= lengths[:, None]] = 50.0
    H, _ = case.layer.forward(X, state=np.tile(case.h0, (m, 1)), lengths=lengths)
    for i in range(m):
        h = case.h0
        for t in range(1, case.T + 1):
            z = case.U @ X[i, t - 1] + case.W @ h + case.b
            h = np.tanh(z) if t <= lengths[i] else h
            yield h, H[i, t - 1]


@verifies("eq-autoregression", precision=1e-12)
def test_autoregression(rng: Rng) -> Pairs:
    """A weighted sum of the last p numbers is a linear unit on a window that is read backward."""
    p = sizes(rng, 1)[0]
    x, w, b = rng.normal(size=p + 4), rng.normal(size=p), rng.normal()
    unit = Dense(p, 1, rng=rng)
    unit.params["W"][0], unit.params["b"][0] = w, b
    for t in range(p - 1, len(x)):
        displayed = b
        for k in range(1, p + 1):
            displayed += w[k - 1] * x[t + 1 - k]
        yield displayed, unit(x[t - p + 1 : t + 1][::-1][None])[0, 0]
