"""The perceptron: thresholds, its learning rule, and the theorem about when it ends."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Perceptron
from dlbook.perceptron import sign, step

GATE_INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
GATES = {"AND": [-1, -1, -1, 1], "OR": [-1, 1, 1, 1], "NAND": [1, 1, 1, -1], "XOR": [-1, 1, 1, -1]}


def test_thresholds_at_and_around_zero() -> None:
    v = np.array([-1.0, -1e-300, 0.0, -0.0, 1e-300, 1.0])
    np.testing.assert_array_equal(step(v), [0, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(sign(v), [-1, -1, 1, 1, 1, 1])
    np.testing.assert_array_equal(sign(v), 2 * step(v) - 1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("gate", ["AND", "OR", "NAND"])
def test_separable_gates_are_learned(gate: str, seed: int) -> None:
    p, y = Perceptron(2), np.array(GATES[gate])
    updates = list(p.learn(GATE_INPUTS, y, rng=np.random.default_rng(seed)))
    np.testing.assert_array_equal(p.predict(GATE_INPUTS), y)
    assert updates[-1].loss == 0
    assert p.misclassified(GATE_INPUTS, y).size == 0


def test_xor_is_never_learned() -> None:
    p, y = Perceptron(2), np.array(GATES["XOR"])
    updates = list(p.learn(GATE_INPUTS, y, rng=np.random.default_rng(0), max_steps=500))
    assert len(updates) == 500
    assert p.misclassified(GATE_INPUTS, y).size > 0


@pytest.mark.parametrize("seed", range(10))
def test_novikoffs_bound_holds(seed: int) -> None:
    """At most (R/γ)² updates from w = 0, b = 0, where γ is the margin of any separating unit vector."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=4)
    truth /= np.linalg.norm(truth)
    X = rng.normal(size=(200, 3))
    X = X[np.abs(X @ truth[:3] + truth[3]) > 0.2]
    y = sign(X @ truth[:3] + truth[3])
    gamma = (y * (X @ truth[:3] + truth[3])).min()
    R = np.sqrt((X**2).sum(axis=1) + 1).max()
    updates = list(Perceptron(3).learn(X, y, rng=rng, max_steps=10**6))
    assert len(updates) <= (R / gamma) ** 2


def test_one_update_is_the_rule() -> None:
    p, y = Perceptron(2), np.array(GATES["AND"])
    first = next(p.learn(GATE_INPUTS, y, rng=np.random.default_rng(3), learning_rate=0.5))
    np.testing.assert_array_equal(first.w, 0.5 * y[first.example] * GATE_INPUTS[first.example])
    assert first.b == 0.5 * y[first.example]


def test_updates_keep_their_own_copies() -> None:
    p, y = Perceptron(2), np.array(GATES["XOR"])
    updates = list(p.learn(GATE_INPUTS, y, rng=np.random.default_rng(0), max_steps=50))
    replayed_w, replayed_b = np.zeros(2), 0.0
    for u in updates:
        replayed_w, replayed_b = replayed_w + y[u.example] * GATE_INPUTS[u.example], replayed_b + y[u.example]
        np.testing.assert_array_equal(u.w, replayed_w)
        assert u.b == replayed_b


@pytest.mark.parametrize(
    ("X", "y", "sentence"),
    [
        (GATE_INPUTS, np.array([0, 0, 0, 1]), r"the values −1 and \+1, got \[0.0, 1.0\]: labels 0 and 1 become 2 \* y"),
        (GATE_INPUTS, np.array([1, 1, 1]), r"y of shape \(4,\), got \(3,\)"),
        (GATE_INPUTS.T, np.array([1, -1]), r"did you mean X\.T"),
        (GATE_INPUTS.astype(int), np.array([1, 1, 1, -1]), "dtype=float"),
    ],
)
def test_bad_data_is_a_sentence(X: np.ndarray, y: np.ndarray, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        Perceptron(2).learn(X, y, rng=np.random.default_rng(0))


def test_bad_settings_are_refused() -> None:
    y = np.array(GATES["AND"])
    with pytest.raises(ValueError, match="learning_rate > 0, got -1"):
        Perceptron(2).learn(GATE_INPUTS, y, rng=np.random.default_rng(0), learning_rate=-1)
    with pytest.raises(TypeError, match="default_rng"):
        Perceptron(2).learn(GATE_INPUTS, y, rng=42)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n_in >= 1"):
        Perceptron(0)
