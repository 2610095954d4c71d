"""Losses by their definitions, and where the definitions overflow."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import BinaryCrossEntropy, Dense, MeanSquaredError, SoftmaxCrossEntropy, sigmoid, softmax

rng = np.random.default_rng(0)
Z = rng.normal(size=(7, 3))


def test_mean_squared_error_by_loops() -> None:
    y = rng.normal(size=(7, 3))
    J = sum(0.5 * (Z[i, k] - y[i, k]) ** 2 for i in range(7) for k in range(3)) / 7
    assert MeanSquaredError().forward(Z, y)[0] == pytest.approx(J, rel=1e-12)


def test_binary_cross_entropy_by_definition() -> None:
    y, a = rng.integers(2, size=(7, 3)), sigmoid(Z)
    J = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / 7
    assert BinaryCrossEntropy().forward(Z, y)[0] == pytest.approx(J, rel=1e-12)


def test_softmax_cross_entropy_by_definition() -> None:
    y = rng.integers(3, size=7)
    J = -np.mean([np.log(softmax(Z[i])[y[i]]) for i in range(7)])
    assert SoftmaxCrossEntropy().forward(Z, y)[0] == pytest.approx(J, rel=1e-12)


def test_class_numbers_and_one_hot_are_the_same() -> None:
    y = rng.integers(3, size=7)
    numbers, hot = (SoftmaxCrossEntropy().forward(Z, t) for t in (y, np.eye(3)[y]))
    assert numbers[0] == hot[0]
    np.testing.assert_array_equal(SoftmaxCrossEntropy().backward(numbers[1]), SoftmaxCrossEntropy().backward(hot[1]))


def test_the_worked_gradient_of_the_second_class() -> None:
    _, cache = SoftmaxCrossEntropy().forward(np.array([[1.0, 5, 3]]), np.array([1]))
    np.testing.assert_allclose(SoftmaxCrossEntropy().backward(cache), [[0.015, 0.867 - 1, 0.117]], atol=1e-3)


def test_far_from_zero_nothing_overflows_and_nothing_is_lost() -> None:
    z = np.array([[-1e4], [1e4]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        J, cache = BinaryCrossEntropy().forward(z, np.array([[1], [0]]))
        np.testing.assert_array_equal(BinaryCrossEntropy().backward(cache), [[-0.5], [0.5]])
        assert J == 1e4
        J, cache = SoftmaxCrossEntropy().forward(np.array([[1e4, 0.0, -1e4]]), np.array([2]))
        assert J == 2e4
        np.testing.assert_array_equal(SoftmaxCrossEntropy().backward(cache), [[1, 0, -1]])


@pytest.mark.parametrize("loss", [MeanSquaredError(), BinaryCrossEntropy(), SoftmaxCrossEntropy()])
def test_the_mean_over_the_batch_is_taken_exactly_once(loss: object) -> None:
    """Twice the same examples: the same loss, and the same gradient of the weights."""
    layer, X = Dense(4, 3, rng=np.random.default_rng(1)), rng.normal(size=(5, 4))
    y = rng.integers(3, size=5) if isinstance(loss, SoftmaxCrossEntropy) else rng.integers(2, size=(5, 3))
    results = []
    for times in (1, 2):
        Y, cache = layer.forward(np.concatenate([X] * times))
        J, loss_cache = loss.forward(Y, np.concatenate([y] * times))  # type: ignore[attr-defined]
        results.append((J, layer.param_grads(loss.backward(loss_cache), cache)["W"]))  # type: ignore[attr-defined]
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-12)


def test_confident_and_right_costs_nothing() -> None:
    assert SoftmaxCrossEntropy().forward(np.array([[800.0, 0, 0]]), np.array([0]))[0] == 0
    assert BinaryCrossEntropy().forward(np.array([[800.0]]), np.array([[1]]))[0] == 0


@pytest.mark.parametrize(("dtype", "far"), [(np.float64, 1e308), (np.float32, 3e38)])
def test_differences_that_overflow_count_as_certainty(dtype: type, far: float) -> None:
    J, cache = SoftmaxCrossEntropy().forward(np.array([[far, -far]], dtype=dtype), np.array([0]))
    assert J == 0
    np.testing.assert_array_equal(SoftmaxCrossEntropy().backward(cache), [[0, 0]])
