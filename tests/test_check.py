"""The gradient check itself: exact where differences are exact, and blind to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Dense, Layer
from dlbook.check import check_layer, gradient_error, numerical_gradient

rng = np.random.default_rng(0)


def test_central_differences_are_exact_for_a_quadratic() -> None:
    A, x = rng.normal(size=(4, 4)), rng.normal(size=4)
    np.testing.assert_allclose(numerical_gradient(lambda v: float(v @ A @ v), x), (A + A.T) @ x, rtol=1e-8)


def test_the_error_falls_with_h_squared() -> None:
    x = np.array([0.7])
    errors = [abs(numerical_gradient(lambda v: float(np.sin(v[0])), x, h)[0] - np.cos(0.7)) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_every_entry_of_any_shape_is_visited_and_x_is_not_touched() -> None:
    x = rng.normal(size=(2, 3, 2))
    x.setflags(write=False)
    np.testing.assert_allclose(numerical_gradient(lambda v: float((v**3).sum()), x), 3 * x**2, rtol=1e-6)


def test_gradient_error() -> None:
    a = rng.normal(size=(3, 2))
    assert gradient_error(a, a) == 0
    assert gradient_error(np.zeros(3), np.zeros(3)) == 0
    assert gradient_error(2 * a, a) == pytest.approx(0.5)
    assert gradient_error(1e-9 * a, 2e-9 * a) == pytest.approx(0.5), "small gradients count as much as large ones"
    with pytest.raises(ValueError, match=r"shape of its parameter, \(3, 2\), got \(2, 3\)"):
        gradient_error(a.T, a)


def test_check_layer_redraws_parameters_in_a_copy() -> None:
    layer = Dense(3, 2, rng=rng)
    before = {name: p.copy() for name, p in layer.params.items()}
    assert check_layer(layer, rng.normal(size=(4, 3)), rng=rng).keys() == {"X", "W", "b"}
    for name, p in layer.params.items():
        np.testing.assert_array_equal(p, before[name])


def test_a_layer_that_draws_is_checked_with_the_same_draws() -> None:
    class Noise(Layer):
        def forward(self, X, rng=None):
            mask = rng.normal(size=X.shape)
            return X * mask, mask

        def backward(self, dY, cache):
            return dY * cache, {}

    assert check_layer(Noise(), rng.normal(size=(4, 3)), rng=rng)["X"] < 1e-7


def test_a_gradient_that_is_not_a_number_is_infinitely_wrong() -> None:
    assert gradient_error(np.array([1.0, np.nan]), np.ones(2)) == np.inf
    assert gradient_error(np.ones(2), np.array([np.inf, 1.0])) == np.inf


def test_a_missing_gradient_is_a_sentence() -> None:
    class Forgetful(Dense):
        def backward(self, dY, cache):
            dX, grads = super().backward(dY, cache)
            return dX, {"W": grads["W"]}

    with pytest.raises(ValueError, match=r"gradients of \['W', 'b'\], got \['W'\]"):
        check_layer(Forgetful(3, 2, rng=rng), rng.normal(size=(4, 3)), rng=rng)


def test_a_float32_layer_is_checked_in_float64() -> None:
    layer = Dense(3, 2, rng=rng).astype(np.float32)
    X = rng.normal(size=(4, 3)).astype(np.float32)
    assert max(check_layer(layer, X, rng=rng).values()) < 1e-7
