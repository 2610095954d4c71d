"""What the layers that draw promise: their distribution, in training; nothing at all, in prediction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dlbook import Dense, Dropout, GaussianNoise, Layer, Sequential
from dlbook.check import check_layer


@pytest.mark.parametrize("layer", [Dropout(0.5), GaussianNoise(0.5)])
def test_prediction_hands_on_the_very_array(layer: Layer) -> None:
    X = np.random.default_rng(0).normal(size=(5, 4))
    Y, cache = layer.forward(X)
    assert Y is X
    dX, grads = layer.backward(X, cache)
    np.testing.assert_array_equal(dX, X)
    assert grads == {}


@pytest.mark.parametrize("layer", [Dropout(0.5), GaussianNoise(0.5)])
def test_every_call_draws_anew_and_the_same_for_the_same_seed(layer: Layer) -> None:
    X, rng = np.ones((5, 40)), np.random.default_rng(0)
    one, two = layer.forward(X, rng)[0], layer.forward(X, rng)[0]
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(one, layer.forward(X, np.random.default_rng(0))[0])
    assert (X == 1).all()


@pytest.mark.parametrize("layer", [Dropout(0.4), GaussianNoise(0.5)])
def test_float32_draws_what_float64_draws(layer: Layer) -> None:
    X = np.random.default_rng(0).normal(size=(5, 4))
    Y64, _ = layer.forward(X, np.random.default_rng(1))
    Y32, cache = layer.forward(X.astype(np.float32), np.random.default_rng(1))
    dX, _ = layer.backward(Y32, cache)
    assert Y32.dtype == dX.dtype == np.float32
    np.testing.assert_allclose(Y32, Y64, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_dropout_zeroes_a_share_p_and_scales_the_rest(p: float) -> None:
    m = 100_000
    Y, _ = Dropout(p).forward(np.ones((m, 1)), np.random.default_rng(0))
    assert set(np.unique(Y)) <= {0, 1 / (1 - p)}
    assert (Y == 0).mean() == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / m))  # five standard deviations


def test_the_mean_over_all_masks_is_what_prediction_computes() -> None:
    """Two units, four masks: enumerate them instead of drawing. Linear layers after dropout need no other weights."""
    p, rng = 0.3, np.random.default_rng(0)
    x, after = rng.normal(size=(1, 2)), Dense(2, 3, rng=rng)
    mean = np.zeros((1, 3))
    for mask in ([0, 0], [0, 1], [1, 0], [1, 1]):
        probability = np.prod(np.where(mask, 1 - p, p))
        mean += probability * after(x * mask / (1 - p))
    np.testing.assert_allclose(mean, Sequential(Dropout(p), after)(x), rtol=1e-14)


def test_every_entry_of_a_batch_draws_for_itself() -> None:
    Y, _ = Dropout(0.5).forward(np.ones((64, 64)), np.random.default_rng(0))
    assert len(np.unique(Y, axis=0)) == len(np.unique(Y, axis=1).T) == 64


def test_noise_has_the_standard_deviation_that_was_asked_for() -> None:
    m = 100_000
    Y, _ = GaussianNoise(0.3).forward(np.full((m, 1), 2.0), np.random.default_rng(0))
    assert Y.mean() == pytest.approx(2, abs=5 * 0.3 / np.sqrt(m))
    assert Y.std() == pytest.approx(0.3, abs=5 * 0.3 / np.sqrt(2 * m))


def test_finite_differences_see_through_a_stack_that_draws() -> None:
    rng = np.random.default_rng(0)
    model = Sequential(GaussianNoise(0.1), Dense(4, 5, rng=rng), Dropout(0.5), Dense(5, 3, rng=rng), Dropout(0.2))
    assert max(check_layer(model, rng.normal(size=(6, 4)), rng=rng).values()) < 1e-7


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: Dropout(1), ValueError, "Dropout expects p from 0 to below 1, got 1"),
        (lambda: Dropout(-0.1), ValueError, "Dropout expects p >= 0, got -0.1"),
        (lambda: Dropout("half"), TypeError, "Dropout expects p as a number"),
        (lambda: GaussianNoise(-1), ValueError, "GaussianNoise expects sigma >= 0"),
        (lambda: Dropout(0.5).forward(np.ones((2, 2), dtype=int)), TypeError, "got int64"),
        (lambda: Dropout(0.5).forward(np.ones((2, 2)), True), TypeError, "Dropout expects rng as a numpy Generator"),
        (lambda: GaussianNoise(1).forward(np.ones((2, 2)), 0), TypeError, "GaussianNoise expects rng as .* got 0"),
    ],
)
def test_bad_settings_are_refused(make: Callable[[], object], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        make()
