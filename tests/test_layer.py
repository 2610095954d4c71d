"""What every layer has, and the layer that lays out."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Dense, Flatten, Layer, Sequential

rng = np.random.default_rng(0)


def test_a_readers_own_layer_needs_two_methods() -> None:
    class Twice(Layer):
        def forward(self, X, rng=None):
            return 2 * X, None

        def backward(self, dY, cache):
            return 2 * dY, {}

    model, X = Sequential(Twice(), Dense(4, 3, rng=rng)), rng.normal(size=(5, 4))
    dY = np.ones((5, 3))
    dX, grads = model.backward(dY, model.forward(X)[1])
    np.testing.assert_allclose(dX, 2 * dY @ model.params["1.W"])
    assert model.param_grads(dY, model.forward(X)[1]).keys() == grads.keys() == model.params.keys()


def test_weights_are_never_rounded_to_integers() -> None:
    with pytest.raises(TypeError, match="floating-point numbers, got int64"):
        Dense(4, 3, rng=rng).astype(np.int64)  # type: ignore[arg-type]


def test_flatten_wants_a_batch() -> None:
    with pytest.raises(ValueError, match=r"Flatten expects X of shape \(m, …\), got \(4,\)"):
        Flatten().forward(np.ones(4))
