"""What source 000 (Liu Jianping) has right: its formulas, worked numbers and claims, as far as code can tell."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from errata.models import (
    Machine,
    convolution,
    forward,
    full,
    lstm,
    machine,
    mean_pool,
    network,
    no_push,
    rot180,
    run_lstm,
    sigmoid,
    sigmoid_slope,
    slide,
    softmax,
    upsample_mean,
)
from errata.numeric import Array, agree, binary_states, far_apart, gradient, jacobian

SEEDS = range(3)


# --- DNN -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_layer_as_a_matrix_is_the_layer_as_a_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, b = network((3, 4, 2), rng)
    x = rng.normal(size=3)
    a = forward(W, b, x)[1]
    for n in (2, 3):
        for j in range(len(a[n])):
            total = sum(W[n][j, k] * a[n - 1][k] for k in range(len(a[n - 1]))) + b[n][j]
            assert agree(a[n][j], sigmoid(total))


@pytest.mark.parametrize("seed", SEEDS)
def test_chain_of_jacobians_is_a_row(seed: int) -> None:
    """The convention of the source: read as rows its chain rule is right; as columns it does not fit."""
    rng = np.random.default_rng(seed)
    W, b = network((3, 5, 4, 2), rng)
    x, y = rng.normal(size=3), rng.normal(size=2)
    z, a = forward(W, b, x)
    row = ((a[4] - y) * sigmoid_slope(z[4]))[np.newaxis, :]
    assert agree(row[0], gradient(lambda: 0.5 * float(np.sum((forward(W, b, x)[1][4] - y) ** 2)), b[4]))
    for n in (3, 2):
        step = jacobian(lambda z, n=n: W[n + 1] @ sigmoid(z) + b[n + 1], z[n])
        with pytest.raises(ValueError, match="mismatch"):
            row.T @ step
        row = row @ step
        assert agree(row[0], gradient(lambda: 0.5 * float(np.sum((forward(W, b, x)[1][4] - y) ** 2)), b[n]))


# --- Losses and activations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_cross_entropy_with_sigmoid_gives_a_minus_y(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z, y = rng.normal(size=4), rng.uniform(size=4)
    numeric = gradient(lambda: -float(y @ np.log(sigmoid(z)) + (1 - y) @ np.log(1 - sigmoid(z))), z)
    a = sigmoid(z)
    for line in (-y / a * a * (1 - a) + (1 - y) / (1 - a) * a * (1 - a), -y * (1 - a) + (1 - y) * a, a - y):
        assert agree(line, numeric)


def test_activations() -> None:
    z = np.linspace(-5, 5, 41)
    h = 1e-5

    def slope(f: Callable[[Array], Array]) -> Array:
        return (f(z + h) - f(z - h)) / (2 * h)

    assert agree(slope(sigmoid), sigmoid_slope(z))
    assert sigmoid_slope(z).argmax() == 20  # at z = 0, and smaller on both sides
    assert np.all(np.diff(sigmoid_slope(z[z >= 0])) < 0)
    assert sigmoid_slope(np.array(0.0)) == 0.25
    assert agree((np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), np.tanh(z))
    assert agree(2 * sigmoid(2 * z) - 1, np.tanh(z))
    assert agree(slope(lambda z: np.log(1 + np.exp(z))), sigmoid(z))


def test_softmax_of_1_5_3_is_truncated() -> None:
    a = softmax(np.array([1.0, 5.0, 3.0]))
    assert (np.floor(a * 1000) / 1000).tolist() == [0.015, 0.866, 0.117]  # the printed numbers
    assert np.round(a, 3).tolist() == [0.016, 0.867, 0.117]
    assert np.round(a - np.array([0, 1, 0]), 3).tolist() == [0.016, -0.133, 0.117]
    assert np.round(softmax(np.array([3.0, 1.0, -3.0])), 2).tolist() == [0.88, 0.12, 0.0]


# --- CNN -----------------------------------------------------------------------------------------------------------


def test_worked_convolutions() -> None:
    letters = np.random.default_rng(0).normal(size=(3, 4))
    w, x, y, z = kernel = np.array([2.0, 3.0, 5.0, 7.0])
    out = slide(letters, kernel.reshape(2, 2))
    assert out.shape == (2, 3)
    (a, b, c, _), (e, f, g, _), _ = letters
    assert agree(out[0, :2], [a * w + b * x + e * y + f * z, b * w + c * x + f * y + g * z])

    image = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
    assert slide(image, np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])).tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]

    volume = np.pad(np.random.default_rng(0).normal(size=(3, 5, 5)), ((0, 0), (1, 1), (1, 1)))
    assert volume.shape == (3, 7, 7)
    assert convolution(volume, np.ones((2, 3, 3, 3)), stride=2).shape == (2, 3, 3)


def test_worked_max_pooling() -> None:
    x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
    assert x.reshape(2, 2, 2, 2).max(axis=(1, 3)).tolist() == [[6, 8], [3, 4]]


def test_worked_upsampling() -> None:
    delta = np.array([[2.0, 8.0], [4.0, 6.0]])
    maxima = np.zeros((4, 4))
    maxima[[0, 1, 2, 3], [0, 3, 1, 2]] = 1  # top left, bottom right, top right, bottom left of the four blocks
    a = maxima.copy()
    numeric = gradient(lambda: float(np.sum(delta * a.reshape(2, 2, 2, 2).max(axis=(1, 3)))), a)
    assert agree(numeric, [[2, 0, 0, 0], [0, 0, 0, 8], [0, 4, 0, 0], [0, 0, 6, 0]])
    printed = [[0.5, 0.5, 2, 2], [0.5, 0.5, 2, 2], [1, 1, 1.5, 1.5], [1, 1, 1.5, 1.5]]
    assert upsample_mean(delta).tolist() == printed
    assert agree(printed, gradient(lambda: float(np.sum(delta * mean_pool(a))), a))


def test_worked_rotation_of_the_kernel() -> None:
    rng = np.random.default_rng(0)
    a, w, d = rng.normal(size=(3, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    numeric = gradient(lambda: float(np.sum(d * slide(a, w))), a)
    (w11, w12), (w21, w22) = w
    (d11, d12), (d21, d22) = d
    nine = [
        [d11 * w11, d11 * w12 + d12 * w11, d12 * w12],
        [d11 * w21 + d21 * w11, d11 * w22 + d12 * w21 + d21 * w12 + d22 * w11, d12 * w22 + d22 * w12],
        [d21 * w21, d21 * w22 + d22 * w21, d22 * w22],
    ]
    assert agree(nine, numeric)
    assert agree(full(d, w), numeric)
    assert agree(slide(np.pad(d, 1), np.array([[w22, w21], [w12, w11]])), numeric)
    assert agree(rot180(w), np.fliplr(np.flipud(w)))
    assert far_apart(slide(np.pad(d, 1), w), numeric)  # without the rotation it is wrong


def test_convolution_of_mathematics_is_not_the_one_of_networks() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 4)), rng.normal(size=(2, 2))
    convolved = np.zeros((5, 5))
    for i, j, m, n in product(range(5), range(5), range(2), range(2)):
        if 0 <= i - m < 4 and 0 <= j - n < 4:
            convolved[i, j] += x[i - m, j - n] * w[m, n]
    assert agree(convolved, full(x, w))
    assert far_apart(convolved[1:4, 1:4], slide(x, w))


@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_bias_gradient_is_the_sum_of_the_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w, b, delta = (rng.normal(size=s) for s in ((2, 4, 4), (3, 2, 2, 2), 3, (3, 3, 3)))
    numeric = gradient(lambda: float(np.sum(delta * (convolution(x, w) + b[:, np.newaxis, np.newaxis]))), b)
    assert agree(delta.sum(axis=(1, 2)), numeric)


# --- LSTM ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_lstm_cell_recursion(seed: int) -> None:
    """The error of the cell state, given the complete error of the hidden state, and both at the last position."""
    p, x, y = lstm(seed)
    push_h, push_C = no_push()
    s, _ = run_lstm(p, x, y, push_h, push_C)
    delta_h = gradient(lambda: run_lstm(p, x, y, push_h, push_C)[1], push_h)
    delta_C = gradient(lambda: run_lstm(p, x, y, push_h, push_C)[1], push_C)
    through_h = delta_h * s["o"] * (1 - np.tanh(s["C"][1:]) ** 2)
    assert agree(through_h[-1], delta_C[-1])
    assert agree(delta_C[1:] * s["f"][1:] + through_h[:-1], delta_C[:-1])
    assert agree(p["V"].T @ (s["prediction"][-1] - y[-1]), delta_h[-1])


def test_lstm_has_four_times_the_recurrent_parameters() -> None:
    p = lstm(0)[0]
    n_hidden, n_in = p["Uf"].shape
    rnn_part = n_hidden * n_hidden + n_hidden * n_in + n_hidden
    assert sum(p[f"{name}{g}"].size for name in "WUb" for g in "fiao") == 4 * rnn_part


# --- RBM -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_visible", "n_hidden"), [(3, 2), (2, 4)])
@pytest.mark.parametrize("seed", SEEDS)
def test_rbm_gradients(seed: int, n_visible: int, n_hidden: int) -> None:
    rng = np.random.default_rng(seed)
    W, a, b = rng.normal(size=(n_hidden, n_visible)), rng.normal(size=n_visible), rng.normal(size=n_hidden)
    r = Machine(W, a, b)
    assert r.joint.size == 2 ** (n_visible + n_hidden)
    p_v = r.joint.sum(axis=1)
    hidden = np.array([r.hidden_given(row) for row in range(len(r.v))])
    for row, v in enumerate(r.visible):

        def loss(row: int = row) -> float:
            return -float(np.log(Machine(W, a, b).joint[row].sum()))

        assert agree(p_v @ r.v - v, gradient(loss, a))
        assert agree(p_v @ hidden - hidden[row], gradient(loss, b))
        expected = np.einsum("s,si,sj->ij", p_v, hidden, r.v)
        assert agree(expected - np.outer(hidden[row], v), gradient(loss, W))


@pytest.mark.parametrize("seed", SEEDS)
def test_threshold_gives_the_mode_but_not_a_sample(seed: int) -> None:
    r = machine(seed, 3, 4)
    for row in range(len(r.v)):
        assert agree(r.h[r.joint[row].argmax()], r.hidden_given(row) > 0.5)

    def step(hidden: Array, visible: Array) -> Array:
        """One step v to h to v: how it moves the marginal distribution of v."""
        return r.joint.sum(axis=1) @ hidden @ visible

    to_h = r.joint / r.joint.sum(axis=1, keepdims=True)
    to_v = (r.joint / r.joint.sum(axis=0)).T
    hard_h, hard_v = (np.eye(t.shape[1])[t.argmax(axis=1)] for t in (to_h, to_v))
    assert agree(step(to_h, to_v), r.joint.sum(axis=1))  # sampling leaves P(v) as it is
    assert far_apart(step(hard_h, hard_v), r.joint.sum(axis=1))


def test_deep_boltzmann_machine_is_an_rbm_with_zero_weights() -> None:
    rng = np.random.default_rng(0)
    W1, W2, W3 = rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(1, 2))  # layers 3, 2, 2, 1
    W = np.block([[W1, W2.T], [np.zeros((1, 3)), W3]])  # odd layers (h1, h3) against even ones (v, h2)
    for s in binary_states(8):
        v, h1, h2, h3 = s[:3], s[3:5], s[5:7], s[7:]
        energy = -h1 @ W1 @ v - h2 @ W2 @ h1 - h3 @ W3 @ h2
        assert agree(energy, -np.concatenate([h1, h3]) @ W @ np.concatenate([v, h2]))
