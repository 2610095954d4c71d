"""Activation functions at both ends, and the identities that tie them together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook import LeakyReLU, Maxout, PReLU, ReLU, Sigmoid, Tanh, relu, sigmoid, softmax, softplus

FAR = np.array([-1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4])
Z = np.random.default_rng(0).normal(size=(6, 4)) * 5
numbers = st.lists(st.floats(-700, 700), min_size=1, max_size=8).map(np.array)


def test_nothing_overflows() -> None:
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(sigmoid(FAR)[[0, 1, 3, 5, 6]], [0, sigmoid(FAR)[1], 0.5, 1, 1])
        assert 0 < sigmoid(FAR)[2] == pytest.approx(np.exp(-40.0), rel=1e-12)
        np.testing.assert_array_equal(softplus(FAR)[[0, 5, 6]], [0, 800, 1e4])
        assert softplus(FAR)[2] == pytest.approx(np.exp(-40.0), rel=1e-12)
        np.testing.assert_array_equal(softmax(FAR), [0, 0, 0, 0, 0, 0, 1])


@given(numbers)
def test_sigmoid_by_definition(z: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=1e-12)


@given(numbers)
def test_softmax_sums_to_one_and_ignores_a_shift(z: np.ndarray) -> None:
    assert softmax(z).sum() == pytest.approx(1)
    np.testing.assert_allclose(softmax(z), softmax(z + 3), rtol=1e-9, atol=1e-300)


def test_softmax_of_the_worked_example() -> None:
    np.testing.assert_allclose(softmax(np.array([3.0, 1, -3])), [0.88, 0.12, 0.00], atol=0.005)


def test_tanh_is_a_scaled_sigmoid() -> None:
    np.testing.assert_allclose(Tanh()(Z), 2 * sigmoid(2 * Z) - 1, rtol=1e-12)


def test_softplus_lies_above_relu_by_at_most_ln_2() -> None:
    gap = softplus(Z) - relu(Z)
    assert (gap > 0).all()
    assert (gap <= np.log(2)).all()
    assert softplus(np.zeros(1))[0] == pytest.approx(np.log(2))


def test_slope() -> None:
    np.testing.assert_allclose(Sigmoid(2.5)(Z), sigmoid(2.5 * Z))


def test_prelu_generalises_relu_and_leaky_relu() -> None:
    np.testing.assert_array_equal(PReLU(4, start=0)(Z), ReLU()(Z))
    np.testing.assert_array_equal(PReLU(4, start=0.01)(Z), LeakyReLU(0.01)(Z))


def test_prelu_has_one_slope_per_channel() -> None:
    layer, images = PReLU(2), -np.ones((3, 2, 5, 5))
    layer.params["a"][:] = [0.1, 0.2]
    np.testing.assert_allclose(layer(images)[:, 0], -0.1)
    np.testing.assert_allclose(layer(images)[:, 1], -0.2)


@pytest.mark.parametrize(("slope", "expected"), [(0.0, ReLU()), (0.01, LeakyReLU(0.01))])
def test_maxout_contains_relu_and_leaky_relu(slope: float, expected: ReLU) -> None:
    layer = Maxout(4, 4, rng=np.random.default_rng(0))
    layer.params["W"][:] = [np.eye(4), slope * np.eye(4)]
    np.testing.assert_allclose(layer(Z), expected(Z))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, np.int64])
def test_integers_are_taken_for_real_numbers(dtype: type) -> None:
    z = np.array([0, 1, 100]).astype(dtype)
    for function in (sigmoid, relu, softplus, softmax):
        np.testing.assert_array_equal(function(z), function(z.astype(float)), strict=True)


@pytest.mark.parametrize("layer", [Sigmoid(np.float64(1.7)), LeakyReLU(np.float64(0.1))])
def test_a_slope_from_numpy_keeps_float32(layer: Sigmoid) -> None:
    Y, cache = layer.forward(Z.astype(np.float32))
    assert Y.dtype == layer.backward(Y, cache)[0].dtype == np.float32
