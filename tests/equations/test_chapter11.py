"""The equations of chapter 11, the LSTM: as displayed, as the package computes them, by pushing single numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from equations.sampling import Array, Rng, sizes
from verify import Pairs, verifies

from dlbook import LSTM, RNN, Dense, Sigmoid, Tanh, gradients, sigmoid, softmax, traced
from dlbook.check import numerical_gradient
from dlbook.exercises.chapter11.gated_unit import GRU_STEP
from dlbook.exercises.chapter11.peepholes import PEEPHOLE_STEP

GATES = "ifao"


class Drawn:
    """One sequence through a small LSTM with random numbers everywhere; J = Σ g ⊙ H."""

    def __init__(self, rng: Rng) -> None:
        n_in, n, T = sizes(rng, 3)
        self.n, self.T = n, T + 1
        self.layer = LSTM(n_in, n, rng=rng)
        for p in self.layer.params.values():
            p[...] = rng.normal(scale=0.7, size=p.shape)
        self.x, self.g = rng.normal(size=(self.T, n_in)), rng.normal(size=(self.T, n))
        self.h_0, self.C_0 = rng.normal(size=(2, n))
        _, self.cache = self.layer.forward(self.x[None], state=(self.h_0[None], self.C_0[None]))
        self.h, self.C = (S[0] for S in self.layer.states(self.cache))  # index t is time t
        self.gate = {name: G[0] for name, G in zip(GATES, self.layer.gates(self.cache), strict=True)}  # index t − 1
        dX, (dh, dC), self.grads = self.layer.backward_states(self.g[None], self.cache)
        self.dx, self.dh_0, self.dC_0 = dX[0], dh[0], dC[0]
        self.delta = self.layer._errors(self.g[None], self.cache, None)[0][:, 0]  # δ_t at index t − 1

    def block(self, name: str, gate: str) -> Array:
        """Return the rows of U, W or b that make a gate."""
        k = GATES.index(gate)
        return self.layer.params[name][k * self.n : (k + 1) * self.n]

    def rest(self, t: int, h: Array, C: Array) -> float:
        """J of step t and of all that follow, from the states h and C at time t."""
        J = float(self.g[t - 1] @ h)
        if t < self.T:
            H = self.layer.forward(self.x[None, t:], state=(h[None], C[None]))[0]
            J += float((self.g[t:] * H[0]).sum())
        return J

    def errors(self, t: int) -> tuple[Array, Array]:
        """δ_{h,t} and δ_{C,t} by pushing the states at time t; h_t follows where C_t is pushed."""
        o = self.gate["o"][t - 1]
        by_h = numerical_gradient(lambda h: self.rest(t, h, self.C[t]), self.h[t])
        by_C = numerical_gradient(lambda C: self.rest(t, o * np.tanh(C), C), self.C[t])
        return by_h, by_C


def weighted_sum(d: Drawn, gate: str, t: int) -> Array:
    """z of one gate at time t."""
    return d.block("U", gate) @ d.x[t - 1] + d.block("W", gate) @ d.h[t - 1] + d.block("b", gate)


@verifies("eq-lstm-gates", precision=1e-12)
def test_gates(rng: Rng) -> Pairs:
    """Each gate of each step from its own block, against the package's."""
    d = Drawn(rng)
    for t in range(1, d.T + 1):
        for gate in GATES:
            z = weighted_sum(d, gate, t)
            yield (np.tanh(z) if gate == "a" else sigmoid(z)), d.gate[gate][t - 1]


@verifies("eq-lstm-cell", precision=1e-12)
def test_cell(rng: Rng) -> Pairs:
    """Every cell state from the one before."""
    d = Drawn(rng)
    i, f, a = (d.gate[name] for name in "ifa")
    for t in range(1, d.T + 1):
        yield f[t - 1] * d.C[t - 1] + i[t - 1] * a[t - 1], d.C[t]


@verifies("eq-lstm-hidden", precision=1e-12)
def test_hidden(rng: Rng) -> Pairs:
    """Every hidden state from its cell state."""
    d = Drawn(rng)
    for t in range(1, d.T + 1):
        yield d.gate["o"][t - 1] * np.tanh(d.C[t]), d.h[t]


@verifies("eq-lstm-memory", precision=1e-10)
def test_memory(rng: Rng) -> Pairs:
    """The sum over all that was written, with the products of forget gates by loops."""
    d = Drawn(rng)
    i, f, a = (d.gate[name] for name in "ifa")

    def kept(first: int, last: int) -> Array:
        product = np.ones(d.n)
        for s in range(first, last + 1):
            product = product * f[s - 1]
        return product

    for t in range(1, d.T + 1):
        written = sum(kept(k + 1, t) * i[k - 1] * a[k - 1] for k in range(1, t + 1))
        yield written + kept(1, t) * d.C_0, d.C[t]


@verifies("eq-lstm-stacked", precision=1e-12)
def test_stacked(rng: Rng) -> Pairs:
    """The four blocks on top of each other are z of the package, whose values the gates are."""
    d = Drawn(rng)
    U, W, b = (d.layer.params[name] for name in "UWb")
    for t in range(1, d.T + 1):
        z = np.concatenate([weighted_sum(d, gate, t) for gate in GATES])
        yield z, U @ d.x[t - 1] + W @ d.h[t - 1] + b
        made = np.concatenate([d.gate[gate][t - 1] for gate in GATES]).reshape(4, -1)
        z_i, z_f, z_a, z_o = z.reshape(4, -1)
        yield np.stack([sigmoid(z_i), sigmoid(z_f), np.tanh(z_a), sigmoid(z_o)]), made


@verifies("eq-lstm-parameters", precision=0)
def test_parameters(rng: Rng) -> Pairs:
    """The package's count, and four times that of a plain network."""
    n_in, n = sizes(rng, 2)
    count = 4 * (n * n_in + n**2 + n)
    yield count, LSTM(n_in, n, rng=rng).n_params
    yield count, 4 * RNN(n_in, n, rng=rng).n_params


@verifies("eq-lstm-deltas", precision=1e-6)
def test_deltas(rng: Rng) -> Pairs:
    """By pushing the states; at time 0 the package returns what the pushed first states give."""
    d = Drawn(rng)
    H = d.layer.forward

    def J(h: Array, C: Array) -> float:
        return float((d.g * H(d.x[None], state=(h[None], C[None]))[0][0]).sum())

    yield numerical_gradient(lambda h: J(h, d.C_0), d.h_0), d.dh_0
    yield numerical_gradient(lambda C: J(d.h_0, C), d.C_0), d.dC_0
    for t in range(1, d.T + 1):
        by_h, by_C = d.errors(t)
        tail = d.layer.forward(d.x[None, t:], state=(d.h[t][None], d.C[t][None])) if t < d.T else None
        back = (np.zeros(d.n), np.zeros(d.n))
        if tail is not None:
            _, (dh, dC), _ = d.layer.backward_states(d.g[None, t:], tail[1])
            back = (dh[0], dC[0])
        yield by_h, d.g[t - 1] + back[0]
        through_h = (d.g[t - 1] + back[0]) * d.gate["o"][t - 1] * (1 - np.tanh(d.C[t]) ** 2)
        yield by_C, through_h + back[1]


@verifies("eq-lstm-delta-c", precision=1e-6)
def test_delta_c(rng: Rng) -> Pairs:
    """The recursion from pushed errors, against the pushed error and the package's δ of the candidate."""
    d = Drawn(rng)
    i, f, a, o = (d.gate[name] for name in GATES)
    next_C = np.zeros(d.n)
    for t in range(d.T, 0, -1):
        by_h, by_C = d.errors(t)
        delta_C = by_h * o[t - 1] * (1 - np.tanh(d.C[t]) ** 2) + (next_C * f[t] if t < d.T else 0)
        yield delta_C, by_C
        yield delta_C * i[t - 1] * (1 - a[t - 1] ** 2), d.delta[t - 1].reshape(4, -1)[2]
        next_C = by_C


@verifies("eq-lstm-delta-gates", precision=1e-6)
def test_delta_gates(rng: Rng) -> Pairs:
    """The four blocks from pushed errors of h and C, against the package's δ."""
    d = Drawn(rng)
    for t in range(1, d.T + 1):
        i, f, a, o = (d.gate[name][t - 1] for name in GATES)
        delta_h, delta_C = d.errors(t)
        yield (
            np.concatenate(
                [
                    delta_C * a * i * (1 - i),
                    delta_C * d.C[t - 1] * f * (1 - f),
                    delta_C * i * (1 - a**2),
                    delta_h * np.tanh(d.C[t]) * o * (1 - o),
                ]
            ),
            d.delta[t - 1],
        )


@verifies("eq-lstm-delta-h", precision=1e-6)
def test_delta_h(rng: Rng) -> Pairs:
    """Both lines from the package's δ, against the pushed error."""
    d = Drawn(rng)
    for t in range(1, d.T + 1):
        by_h, _ = d.errors(t)
        stacked, by_blocks = d.g[t - 1], d.g[t - 1]
        if t < d.T:
            stacked = stacked + d.layer.params["W"].T @ d.delta[t]
            blocks = dict(zip(GATES, d.delta[t].reshape(4, -1), strict=True))
            by_blocks = by_blocks + sum(d.block("W", gate).T @ blocks[gate] for gate in GATES)
        yield stacked, by_h
        yield by_blocks, by_h


@verifies("eq-lstm-gradients", precision=1e-9)
def test_gradients(rng: Rng) -> Pairs:
    """The sums over the steps, against the package, and against the tape, which knows no δ."""
    d = Drawn(rng)
    sums = {
        "U": sum(np.outer(d.delta[t - 1], d.x[t - 1]) for t in range(1, d.T + 1)),
        "W": sum(np.outer(d.delta[t - 1], d.h[t - 1]) for t in range(1, d.T + 1)),
        "b": sum(d.delta[t - 1] for t in range(1, d.T + 1)),
    }
    net = traced(d.layer)
    H, _ = net.forward(d.x[None], state=(d.h_0[None], d.C_0[None]))
    by_tape = gradients((H * d.g[None]).sum(), list(net.params.values()))
    for (name, value), taped in zip(sums.items(), by_tape, strict=True):
        yield value, d.grads[name]
        yield value, taped


@verifies("eq-lstm-delta-x", precision=1e-6)
def test_delta_x(rng: Rng) -> Pairs:
    """Against the package and against pushed inputs."""
    d = Drawn(rng)

    def J(x: Array) -> float:
        return float((d.g * d.layer.forward(x[None], state=(d.h_0[None], d.C_0[None]))[0][0]).sum())

    displayed = np.array([d.layer.params["U"].T @ d.delta[t - 1] for t in range(1, d.T + 1)])
    yield displayed, d.dx
    yield displayed, numerical_gradient(J, d.x)


@verifies("eq-lstm-first-states", precision=1e-6)
def test_first_states(rng: Rng) -> Pairs:
    """From δ at step 1, against the package."""
    d = Drawn(rng)
    yield d.layer.params["W"].T @ d.delta[0], d.dh_0
    yield d.errors(1)[1] * d.gate["f"][0], d.dC_0


@verifies("eq-lstm-cell-jacobian", precision=1e-6)
def test_cell_jacobian(rng: Rng) -> Pairs:
    """With W = 0 the belt is the only path from C_k to C_t: the whole Jacobian, by pushing."""
    d = Drawn(rng)
    d.layer.params["W"][...] = 0
    _, cache = d.layer.forward(d.x[None], state=(d.h_0[None], d.C_0[None]))
    C, f = d.layer.states(cache)[1][0], d.layer.gates(cache)[1][0]
    k, t = sorted(int(s) for s in rng.choice(d.T + 1, size=2, replace=False))

    def C_t(C_k: Array) -> Array:
        _, cache = d.layer.forward(d.x[None, k:t], state=(np.zeros((1, d.n)), C_k[None]))
        return np.asarray(d.layer.states(cache)[1][0, -1])

    rows = [numerical_gradient(lambda C_k, j=j: float(C_t(C_k)[j]), C[k]) for j in range(d.n)]  # type: ignore[misc]
    yield np.diag(np.prod(f[k:t], axis=0)), np.array(rows)


def lone_cell(rng: Rng, bias: float, T: int) -> Array:
    """What is left of C_0 = 1 after every step, in a cell whose gates see nothing."""
    cell = LSTM(1, 1, rng=rng, forget_bias=bias)
    cell.params["U"][...] = cell.params["W"][...] = 0
    start = np.zeros((1, 1)), np.ones((1, 1))
    _, cache = cell.forward(np.zeros((1, T, 1)), state=start)
    return np.asarray(cell.states(cache)[1][0, :, 0])


@verifies("eq-lstm-half-life", precision=1e-9)
def test_half_life(rng: Rng) -> Pairs:
    """The package's decay, read at a time that is no whole number: on a straight line of logarithms."""
    b = rng.uniform(-1, 3)
    k = np.log(2) / np.log(1 + np.exp(-b))
    left = np.log(lone_cell(rng, b, 60))
    yield np.interp(k, np.arange(61), left), np.log(0.5)
    yield k, np.log(0.5) / left[1]


@verifies("eq-lstm-bias-for-memory", precision=1e-9)
def test_bias_for_memory(rng: Rng) -> Pairs:
    """Both sides: the share that the package's cell keeps, and the bias that gives it."""
    T = rng.uniform(1.5, 500)
    b = np.log(T - 1)
    kept = lone_cell(rng, b, 1)[1]
    yield sigmoid(b), 1 - 1 / T
    yield kept, 1 - 1 / T
    yield np.log(kept / (1 - kept)), b


@verifies("eq-temperature", precision=1e-12)
def test_temperature(rng: Rng) -> Pairs:
    """Against the package's softmax of z / τ, and the limit of a small τ."""
    z, tau = rng.normal(size=5), rng.uniform(0.3, 3)
    yield [np.exp(z[k] / tau) / sum(np.exp(z[j] / tau) for j in range(5)) for k in range(5)], softmax(z / tau)
    yield np.eye(5)[z.argmax()], softmax(z / 1e-7).round(6)


def dense(W: Array, b: Array) -> Callable[[Array], Array]:
    """A layer of the package with given weights."""
    layer = Dense(W.shape[1], W.shape[0], rng=np.random.default_rng(0))
    layer.params["W"][...], layer.params["b"][...] = W, b
    return layer


@verifies("eq-lstm-peephole", precision=1e-12)
def test_peephole(rng: Rng) -> Pairs:
    """Gate by gate with layers of the package; without peepholes it is the package's LSTM."""
    m, n = sizes(rng, 2)
    Z, C_before, p = rng.normal(size=(m, 4 * n)), rng.normal(size=(m, n)), rng.normal(size=(3, n))
    z_i, z_f, z_a, z_o = np.split(Z, 4, axis=1)
    i, f = Sigmoid()(z_i + p[0] * C_before), Sigmoid()(z_f + p[1] * C_before)
    h, C = PEEPHOLE_STEP.reference(Z, C_before, p)
    yield f * C_before + i * np.tanh(z_a), C
    yield Sigmoid()(z_o + p[2] * C) * np.tanh(C), h
    cell = LSTM(1, n, rng=rng)
    for name in "UW":
        cell.params[name][...] = 0
    cell.params["b"][...] = Z[0]
    _, cache = cell.forward(np.zeros((1, 1, 1)), state=(np.zeros((1, n)), C_before[:1]))
    yield from zip(PEEPHOLE_STEP.reference(Z[:1], C_before[:1], 0 * p), cell.final_state(cache), strict=True)


def gru(rng: Rng) -> dict[str, Array]:
    m, n_in, n = sizes(rng, 3)
    shapes = {"x": (m, n_in), "h": (m, n), "U": (3 * n, n_in), "W": (3 * n, n), "b": (3 * n,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def gru_gates(d: dict[str, Array]) -> tuple[Array, Array, Array]:
    """r, u and a, one example after another."""
    U_r, U_u, U_a = np.split(d["U"], 3)
    W_r, W_u, W_a = np.split(d["W"], 3)
    b_r, b_u, b_a = np.split(d["b"], 3)
    r = np.array([sigmoid(U_r @ x + W_r @ h + b_r) for x, h in zip(d["x"], d["h"], strict=True)])
    u = np.array([sigmoid(U_u @ x + W_u @ h + b_u) for x, h in zip(d["x"], d["h"], strict=True)])
    a = np.array([np.tanh(U_a @ x + W_a @ (s * h) + b_a) for x, h, s in zip(d["x"], d["h"], r, strict=True)])
    return r, u, a


@verifies("eq-gru-gates", precision=1e-12)
def test_gru_gates(rng: Rng) -> Pairs:
    """Each by a Dense layer over x and h side by side."""
    d = gru(rng)
    r, u, a = gru_gates(d)
    blocks = [np.split(d[name], 3) for name in "UWb"]
    for k, (gate, activation) in enumerate(((r, Sigmoid()), (u, Sigmoid()), (a, Tanh()))):
        h = d["h"] * r if k == 2 else d["h"]
        layer = dense(np.hstack([blocks[0][k], blocks[1][k]]), blocks[2][k])
        yield gate, activation(layer(np.hstack([d["x"], h])))


@verifies("eq-gru-hidden", precision=1e-12)
def test_gru_hidden(rng: Rng) -> Pairs:
    """Against the exercise's reference."""
    d = gru(rng)
    _, u, a = gru_gates(d)
    yield u * d["h"] + (1 - u) * a, GRU_STEP.reference(*d.values())
