"""Errata of source 004, restricted Boltzmann machines: small ones, with every state listed."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from errata.numeric import agree, binary_states, far_apart, gradient
from errata.tensorflow1 import namespace

Array = np.ndarray


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


class TinyRBM:
    """Three visible and two hidden units; W (visible, hidden) as in the source."""

    def __init__(self, seed: int) -> None:
        g = np.random.default_rng(seed)
        self.W, self.a, self.b = g.normal(size=(3, 2)), g.normal(size=3), g.normal(size=2)
        self.states = np.stack(list(binary_states(3)))

    def free_energy(self, v: Array) -> Array:
        return -v @ self.a - np.logaddexp(0, v @ self.W + self.b).sum(axis=-1)

    def probabilities(self) -> Array:
        """P(v) for all states, by enumeration."""
        p = np.exp(-self.free_energy(self.states))
        return np.asarray(p / p.sum())

    def kl(self, data: Array) -> float:
        """KL divergence of the model from a distribution over the states."""
        return float((data * np.log(data / self.probabilities())).sum())

    def transition(self) -> Array:
        """Probability of v' after one Gibbs step from v."""
        result = np.zeros((8, 8))
        for h in binary_states(2):
            p_h, p_v = sigmoid(self.states @ self.W + self.b), sigmoid(self.W @ h + self.a)
            from_v = np.where(h == 1, p_h, 1 - p_h).prod(axis=1)
            to_v = np.where(self.states == 1, p_v, 1 - p_v).prod(axis=1)
            result += np.outer(from_v, to_v)
        return result

    def correlations(self, distribution: Array) -> Array:
        """Expected v hᵀ when v has this distribution."""
        return (self.states * distribution[:, None]).T @ sigmoid(self.states @ self.W + self.b)


def test_learning_is_not_lowering_the_energy() -> None:
    """Steps that lower the energy of one datum can make it less probable; the full gradient never does."""
    v, harmed = np.array([1.0, 1.0, 0.0]), 0
    for seed in range(20):
        machine = TinyRBM(seed)
        index = int(np.flatnonzero((machine.states == v).all(axis=1))[0])
        before = machine.probabilities()[index]
        start = machine.b.copy()
        energy_slope = gradient(lambda m=machine: float(m.free_energy(v)), machine.b)
        full_slope = gradient(lambda m=machine, i=index: -float(np.log(m.probabilities()[i])), machine.b)
        machine.b[:] = start - 0.01 * energy_slope
        harmed += bool(machine.probabilities()[index] < before)
        machine.b[:] = start - 0.01 * full_slope
        assert machine.probabilities()[index] > before
    assert harmed > 0
    machine.b[:] = start + 1000.0
    assert machine.free_energy(v) < -1000  # and it has no minimum: larger biases lower it further


def test_kl_divergence_is_no_integral_of_a_difference() -> None:
    """The sum of differences is 0 for any two distributions; KL is 0 for equal ones only."""
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    assert agree((p - q).sum(), 0.0)
    assert (p * np.log(p / q)).sum() > 0.5
    assert (p * np.log(p / p)).sum() == 0


def test_contrastive_divergence_is_not_the_kl_gradient() -> None:
    """Expected CD-1 differs from the slope of the KL divergence; CD-k comes near it as k grows."""
    machine = TinyRBM(7)
    data = np.random.default_rng(8).dirichlet(np.ones(8))
    slope = -gradient(lambda: machine.kl(data), machine.W)

    def expected_cd(k: int) -> Array:
        after = data @ np.linalg.matrix_power(machine.transition(), k)
        return machine.correlations(data) - machine.correlations(after)

    assert far_apart(expected_cd(1), slope)
    assert agree(expected_cd(400), slope)


PRINTED = """
def sample_prob(probs):
    return tf.nn.relu(tf.sign(probs - tf.random_uniform(tf.shape(probs))))

hidden_probs_0 = sample_prob(tf.nn.sigmoid(tf.matmul(X, W) + hidden_bias))
visible_probs = sample_prob(tf.nn.sigmoid( tf.matmul(hidden_0, tf.transpose(W)) + visible_bias))
hidden_probs_1 = tf.nn.sigmoid(tf.matmul(visible_probs, W) + hidden_bias)
w_positive_grad = tf.matmul(tf.transpose(X), hidden_probs_0)
w_negative_grad = tf.matmul(tf.transpose(visible_probs), hidden_probs_1)

W = W + alpha * (w_positive_grad - w_negative_grad)
vb = vb + alpha * tf.reduce_mean(X - visible_probs, 0)
hb = hb + alpha * tf.reduce_mean(hidden_probs_0 - hidden_probs_1, 0)
"""
PROSE = "X is the input data. For example, MNIST images have 784 pixels so the input X is a vector of 784 entries\n"


def _names_read_before_they_are_set(listing: str, given: set[str]) -> set[str]:
    known, missing = set(given), set()
    for statement in ast.parse(listing).body:
        if isinstance(statement, ast.Assign):
            names = [n for n in ast.walk(statement.value) if isinstance(n, ast.Name)]
            missing |= {n.id for n in names} - known
            known |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        elif isinstance(statement, ast.FunctionDef):
            known.add(statement.name)
    return missing


def test_contrastive_divergence_listing_runs() -> None:
    """Prose in the listing is no Python; ``hidden_0`` is never set; the updated biases are not those in use."""
    with pytest.raises(SyntaxError):
        ast.parse(PRINTED + PROSE)
    given = {"tf", "X", "W", "vb", "hb", "alpha"}
    assert _names_read_before_they_are_set(PRINTED, given) == {"hidden_0", "hidden_bias", "visible_bias"}
    right = PRINTED.replace("hidden_bias", "hb").replace("visible_bias", "vb").replace("hidden_probs_0", "hidden_0")
    assert not _names_read_before_they_are_set(right, given)


def _step(X: Array, average: bool) -> tuple[Array, Array]:
    """One update of W and vb, with probabilities instead of samples so that it can be compared."""
    machine, tf = TinyRBM(3), namespace(np.random.default_rng(0))
    hidden = tf.nn.sigmoid(tf.matmul(X, machine.W) + machine.b)
    visible = tf.nn.sigmoid(tf.matmul(hidden, tf.transpose(machine.W)) + machine.a)
    again = tf.nn.sigmoid(tf.matmul(visible, machine.W) + machine.b)
    dW = tf.matmul(tf.transpose(X), hidden) - tf.matmul(tf.transpose(visible), again)
    return dW / len(X) if average else dW, tf.reduce_mean(X - visible, 0)


def test_rbm_weights_and_biases_step_alike() -> None:
    """The same batch twice over says nothing new, yet the printed step of W doubles while that of vb stays."""
    X = np.stack(list(binary_states(3)))[[1, 4, 6, 7]]
    once, twice = _step(X, average=False), _step(np.vstack([X, X]), average=False)
    assert agree(twice[0], 2 * once[0])
    assert agree(twice[1], once[1])
    once, twice = _step(X, average=True), _step(np.vstack([X, X]), average=True)
    assert agree(twice[0], once[0])
    assert agree(twice[1], once[1])


def test_one_hot_pixels_do_not_fit() -> None:
    """One-hot encoding doubles the 784 entries; rounding keeps them."""
    pixels = np.random.default_rng(5).random(784)
    bits = (pixels > 0.5).astype(int)
    assert np.eye(2)[bits].size != 784
    assert bits.size == 784
