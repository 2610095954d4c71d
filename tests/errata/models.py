"""The models of the sources in plain NumPy, away from the package, as ground for the tests of the errata.

Layers are counted from 1 (the input), as in the sources. The tests write the backward formulas out themselves;
the numbers to compare with come from finite differences, plain loops or enumeration.
"""

from __future__ import annotations

import numpy as np
from errata.numeric import Array, binary_states


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z: Array) -> Array:
    return sigmoid(z) * (1 - sigmoid(z))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum()


def one_hot(i: int, n: int) -> Array:
    return np.eye(n)[i]


# --- DNN: forward and backward -------------------------------------------------------------------------------------


def network(sizes: tuple[int, ...], rng: np.random.Generator) -> tuple[dict[int, Array], dict[int, Array]]:
    """Weights and biases of the layers 2, ..., L of a network with the given numbers of units."""
    W = {n + 2: rng.normal(size=(sizes[n + 1], sizes[n])) for n in range(len(sizes) - 1)}
    return W, {n: rng.normal(size=w.shape[0]) for n, w in W.items()}


def forward(W: dict[int, Array], b: dict[int, Array], x: Array) -> tuple[dict[int, Array], dict[int, Array]]:
    z: dict[int, Array] = {}
    a = {1: x}
    for n in range(2, max(W) + 1):
        z[n] = W[n] @ a[n - 1] + b[n]
        a[n] = sigmoid(z[n])
    return z, a


# --- CNN -----------------------------------------------------------------------------------------------------------


def slide(x: Array, w: Array, stride: int = 1) -> Array:
    """The star of the source: s(i, j) = sum of x(i + m, j + n) w(m, n), where the kernel fits inside."""
    span = (x.shape[0] - w.shape[0], x.shape[1] - w.shape[1])
    if min(span) < 0 or span[0] % stride or span[1] % stride:
        raise ValueError(f"a kernel {w.shape} with stride {stride} does not fit an input {x.shape}")
    s = np.zeros((span[0] // stride + 1, span[1] // stride + 1))
    for i, j in np.ndindex(s.shape):
        for m, n in np.ndindex(w.shape):
            s[i, j] += x[i * stride + m, j * stride + n] * w[m, n]
    return s


def convolution(x: Array, w: Array, stride: int = 1) -> Array:
    """K kernels (K, M, F, F) over M matrices (M, H, W): the sum over the matrices, for each kernel."""
    return np.stack([sum(slide(x[c], kernel[c], stride) for c in range(len(x))) for kernel in w])


def rot180(x: Array) -> Array:
    return x[::-1, ::-1]


def full(delta: Array, w: Array) -> Array:
    """Error padded with F - 1 zeros on each side, convolved with the rotated kernel."""
    return slide(np.pad(delta, w.shape[0] - 1), rot180(w))


def mean_pool(x: Array) -> Array:
    return x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean(axis=(1, 3))


def upsample_mean(delta: Array) -> Array:
    return np.kron(delta, np.ones((2, 2))) / 4


# --- RNN -----------------------------------------------------------------------------------------------------------

T = 5  # positions of the sequences below


def rnn(seed: int) -> tuple[dict[str, Array], Array, Array]:
    """Parameters (three inputs, four hidden units, two classes), an input sequence and one-hot targets."""
    rng = np.random.default_rng(seed)
    shapes = {"U": (4, 3), "W": (4, 4), "b": (4,), "V": (2, 4), "c": (2,), "h0": (4,)}
    p = {name: rng.normal(size=shape) * 0.7 for name, shape in shapes.items()}
    return p, rng.normal(size=(T, 3)), np.eye(2)[rng.integers(2, size=T)]


def run_rnn(p: dict[str, Array], x: Array, y: Array, push: Array) -> tuple[Array, Array, float]:
    """Hidden states h(0), ..., h(T), predictions, loss; push is added to the states, to differentiate by them."""
    h, predictions = [p["h0"]], []
    for t in range(T):
        h.append(np.tanh(p["U"] @ x[t] + p["W"] @ h[-1] + p["b"]) + push[t])
        predictions.append(softmax(p["V"] @ h[-1] + p["c"]))
    return np.array(h), np.array(predictions), -float(np.sum(y * np.log(predictions)))


# --- LSTM ----------------------------------------------------------------------------------------------------------


def lstm(seed: int) -> tuple[dict[str, Array], Array, Array]:
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {"V": (2, 4), "c": (2,), "h0": (4,), "C0": (4,)}
    for g in "fiao":
        shapes |= {f"W{g}": (4, 4), f"U{g}": (4, 3), f"b{g}": (4,)}
    p = {name: rng.normal(size=shape) * 0.8 for name, shape in shapes.items()}
    return p, rng.normal(size=(T, 3)), np.eye(2)[rng.integers(2, size=T)]


def run_lstm(p: dict[str, Array], x: Array, y: Array, push_h: Array, push_C: Array) -> tuple[dict[str, Array], float]:
    """States and gates (row t of h and C is position t, row t of the rest position t + 1) and the loss."""
    h, C, gates, predictions = [p["h0"]], [p["C0"]], [], []
    for t in range(T):
        z = {g: p[f"W{g}"] @ h[-1] + p[f"U{g}"] @ x[t] + p[f"b{g}"] for g in "fiao"}
        gate = {g: np.tanh(z[g]) if g == "a" else sigmoid(z[g]) for g in "fiao"}
        C.append(C[-1] * gate["f"] + gate["i"] * gate["a"] + push_C[t])
        h.append(gate["o"] * np.tanh(C[-1]) + push_h[t])
        gates.append(gate)
        predictions.append(softmax(p["V"] @ h[-1] + p["c"]))
    trace = {g: np.array([gate[g] for gate in gates]) for g in "fiao"}
    trace |= {"h": np.array(h), "C": np.array(C), "prediction": np.array(predictions)}
    return trace, -float(np.sum(y * np.log(predictions)))


def no_push() -> tuple[Array, Array]:
    return np.zeros((T, 4)), np.zeros((T, 4))


# --- RBM -----------------------------------------------------------------------------------------------------------


class Machine:
    """A small RBM, with all probabilities from the table of all states."""

    def __init__(self, W: Array, a: Array, b: Array) -> None:
        self.W, self.a, self.b = W, a, b
        self.visible, self.hidden = list(binary_states(len(a))), list(binary_states(len(b)))
        weight = np.array([[np.exp(a @ v + b @ h + h @ W @ v) for h in self.hidden] for v in self.visible])
        self.Z = weight.sum()
        self.joint = weight / self.Z  # row: state of v, column: state of h
        self.v, self.h = np.array(self.visible), np.array(self.hidden)

    def hidden_given(self, row: int) -> Array:
        """P(h_j = 1 | v) for the state v in the given row."""
        return self.joint[row] @ self.h / self.joint[row].sum()

    def visible_given(self, column: int) -> Array:
        return self.joint[:, column] @ self.v / self.joint[:, column].sum()


def machine(seed: int, n_visible: int, n_hidden: int) -> Machine:
    rng = np.random.default_rng(seed)
    W, a, b = rng.normal(size=(n_hidden, n_visible)), rng.normal(size=n_visible), rng.normal(size=n_hidden)
    return Machine(1.5 * W, a, b)
