"""Gradient descent, and what an optimizer refuses."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import SGD, Dense, MeanSquaredError, fit


def test_one_step_is_the_formula_and_happens_in_place() -> None:
    rng = np.random.default_rng(0)
    theta, g = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    params, before = {"W": theta}, theta.copy()
    SGD(0.3).step(params, {"W": g})
    assert params["W"] is theta
    np.testing.assert_array_equal(theta, before - 0.3 * g)


def test_a_quadratic_shrinks_by_one_minus_the_learning_rate() -> None:
    params = {"x": np.array([1.0])}
    for _ in range(20):
        SGD(0.1).step(params, {"x": params["x"].copy()})  # J = x²/2
    assert params["x"][0] == pytest.approx(0.9**20)


def test_float32_parameters_stay_float32() -> None:
    params = {"x": np.ones(3, dtype=np.float32)}
    SGD(0.1).step(params, {"x": np.ones(3, dtype=np.float32)})
    assert params["x"].dtype == np.float32


@pytest.mark.parametrize(
    ("grads", "sentence"),
    [
        ({}, "one gradient per parameter"),
        ({"W": np.zeros(2), "b": np.zeros(2)}, "one gradient per parameter"),
        ({"W": np.zeros((1, 2))}, r"gradient 'W' of shape \(2,\), got \(1, 2\)"),
    ],
)
def test_gradients_must_fit_and_nothing_moves_if_they_do_not(grads: dict[str, np.ndarray], sentence: str) -> None:
    params = {"W": np.ones(2)}
    with pytest.raises(ValueError, match=sentence):
        SGD(0.1).step(params, grads)
    assert (params["W"] == 1).all()


def test_the_plane_of_source_004_is_learned() -> None:
    """y = 2 x₁ + 4 x₂ + 1 by mini-batch gradient descent, to the last digit that float64 gives."""
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(200, 2))
    y = (2 * X[:, 0] + 4 * X[:, 1] + 1)[:, None]
    model = Dense(2, 1, rng=rng)
    list(fit(model, MeanSquaredError(), SGD(0.5), X, y, epochs=400, batch_size=20, rng=rng))
    np.testing.assert_allclose(model.params["W"], [[2, 4]], atol=1e-10)
    np.testing.assert_allclose(model.params["b"], [1], atol=1e-10)
