"""Adaptive optimizers by what is known of them; PyTorch's paths are in test_optim_golden.py."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import FTRL, Adagrad, Adam, Optimizer, RMSProp


def walk(rule: Optimizer, start: np.ndarray, grads: np.ndarray) -> np.ndarray:
    """Return θ after every step of the given gradients."""
    params, path = {"x": start.copy()}, []
    for g in grads:
        rule.step(params, {"x": g})
        path.append(params["x"].copy())
    return np.array(path)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient(scale: float) -> None:
    g = scale * np.array([[3.0, -0.2, 1.0]])
    np.testing.assert_allclose(walk(Adam(0.1), np.zeros(3), g), -0.1 * np.sign(g), rtol=1e-4)


def test_scaled_gradients_take_the_same_path() -> None:
    """Dividing by the root of squares: ε aside, the unit in which the loss is measured does not matter."""
    grads = np.random.default_rng(0).normal(size=(30, 4))
    for rule in (Adagrad, RMSProp, Adam):
        path = walk(rule(0.1, eps=1e-30), np.zeros(4), grads)
        np.testing.assert_allclose(walk(rule(0.1, eps=1e-30), np.zeros(4), 1024 * grads), path, rtol=1e-12)


def test_steady_gradients_give_known_steps() -> None:
    """g = 1 for ever: Adagrad's step number t is α/√t, RMSProp's α/√(1 − ρᵗ), Adam's α."""
    t, grads = np.arange(1, 51), np.ones((50, 1))
    for rule, steps in (
        (Adagrad(0.1, eps=1e-30), 0.1 / np.sqrt(t)),
        (RMSProp(0.1, rho=0.9, eps=1e-30), 0.1 / np.sqrt(1 - 0.9**t)),
        (Adam(0.1, eps=1e-30), np.full(50, 0.1)),
    ):
        np.testing.assert_allclose(walk(rule, np.zeros(1), grads)[:, 0], -np.cumsum(steps), rtol=1e-12)


def algorithm_1(grads: np.ndarray, alpha: float, beta: float, l1: float, l2: float) -> np.ndarray:
    """McMahan et al. 2013, algorithm 1, word for word, for one coordinate after another; it starts at w = 0."""
    path = np.empty_like(grads)
    for i in range(grads.shape[1]):
        z = n = 0.0
        for t, g in enumerate(grads[:, i]):
            w = 0.0 if abs(z) <= l1 else -1 / ((beta + n**0.5) / alpha + l2) * (z - np.sign(z) * l1)
            sigma = ((n + g**2) ** 0.5 - n**0.5) / alpha
            z += g - sigma * w
            n += g**2
            path[t, i] = 0.0 if abs(z) <= l1 else -1 / ((beta + n**0.5) / alpha + l2) * (z - np.sign(z) * l1)
    return path


PENALTIES = [(0.0, 0.0), (0.7, 0.0), (0.0, 0.5), (0.7, 0.5), (3.0, 0.1)]


@pytest.mark.parametrize(("l1", "l2"), PENALTIES)
def test_ftrl_is_algorithm_1(l1: float, l2: float) -> None:
    grads = np.random.default_rng(1).normal(0.3, 1, size=(60, 5))
    path = walk(FTRL(0.2, beta=0.5, l1=l1, l2=l2), np.zeros(5), grads)
    np.testing.assert_allclose(path, algorithm_1(grads, 0.2, 0.5, l1, l2), rtol=0, atol=1e-13)


def minimum(f: object, low: float, high: float) -> float:
    """Return where a convex function of one number is smallest, by cutting its interval in three, again and again."""
    for _ in range(200):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if f(a) <= f(b) else (a, high)  # type: ignore[operator]
    return (low + high) / 2


@pytest.mark.parametrize(("l1", "l2"), PENALTIES)
def test_ftrl_stands_where_its_objective_is_smallest(l1: float, l2: float) -> None:
    """argmin of Σ g_s w + ½ Σ σ_s (w − w_s)² + β/2α (w − w₁)² + λ₁ |w| + ½ λ₂ w², from a start that is not zero."""
    alpha, beta, start = 0.3, 0.8, 1.2
    grads = np.random.default_rng(2).normal(0.2, 1, size=25)
    path = walk(FTRL(alpha, beta=beta, l1=l1, l2=l2), np.array([start]), grads[:, None])[:, 0]
    stood = np.array([start, *path[:-1]])
    n = np.cumsum(grads**2)
    sigma = np.diff(np.sqrt([0, *n])) / alpha
    for t in range(1, 26):

        def objective(w: float, t: int = t) -> float:
            near = (sigma[:t] * (w - stood[:t]) ** 2).sum() + beta / alpha * (w - start) ** 2
            return float(grads[:t].sum() * w + near / 2 + l1 * abs(w) + l2 * w**2 / 2)

        assert path[t - 1] == pytest.approx(minimum(objective, -20, 20), abs=1e-6)


@pytest.mark.parametrize("start", [0.0, 1.5])
def test_ftrl_without_penalties_is_adagrad(start: float) -> None:
    grads = np.random.default_rng(3).normal(size=(60, 4))
    np.testing.assert_allclose(
        walk(FTRL(0.3, beta=0.7), np.full(4, start), grads),
        walk(Adagrad(0.3, eps=0.7), np.full(4, start), grads),
        rtol=0,
        atol=1e-13,
    )


def test_ftrl_without_penalties_follows_a_schedule_as_adagrad_does() -> None:
    grads, ends = np.random.default_rng(4).normal(size=(40, 4)), []
    for rule in (FTRL(0.3, beta=0.7), Adagrad(0.3, eps=0.7)):
        params = {"x": np.full(4, 0.9)}
        for t, g in enumerate(grads):
            rule.learning_rate = 0.3 * 0.9**t
            rule.step(params, {"x": g})
        ends.append(params["x"])
    np.testing.assert_allclose(*ends, rtol=0, atol=1e-13)


def test_l1_gives_exact_zeros_where_nothing_is_to_be_learned() -> None:
    """Least squares on ten features, of which two matter."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(400, 10))
    y = 2 * X[:, 0] - 3 * X[:, 4] + 0.1 * rng.normal(size=400)
    ends = []
    for l1 in (0.0, 30.0):
        params, rule = {"w": np.zeros(10)}, FTRL(0.5, l1=l1)
        for x, target in zip(X, y, strict=True):
            rule.step(params, {"w": (x @ params["w"] - target) * x})
        ends.append(params["w"])
    np.testing.assert_array_equal(np.flatnonzero(ends[1]), [0, 4])
    assert np.count_nonzero(ends[0]) == 10
