"""Witness 4 for the dense layer: loops over every index."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Dense
from dlbook.init import zeros


@pytest.mark.parametrize(("m", "n_in", "n_out"), [(1, 1, 1), (1, 4, 3), (5, 1, 3), (5, 4, 1), (6, 3, 5)])
def test_forward_and_backward_by_loops(m: int, n_in: int, n_out: int) -> None:
    rng = np.random.default_rng(m + n_in + n_out)
    layer = Dense(n_in, n_out, rng=rng)
    W, b = layer.params["W"], layer.params["b"]
    b[:] = rng.normal(size=n_out)
    X, dZ = rng.normal(size=(m, n_in)), rng.normal(size=(m, n_out))
    Z, dX, dW, db = np.zeros((m, n_out)), np.zeros((m, n_in)), np.zeros((n_out, n_in)), np.zeros(n_out)
    for i in range(m):
        for j in range(n_out):
            Z[i, j] = b[j]
            db[j] += dZ[i, j]
            for k in range(n_in):
                Z[i, j] += W[j, k] * X[i, k]
                dX[i, k] += W[j, k] * dZ[i, j]
                dW[j, k] += dZ[i, j] * X[i, k]
    Y, cache = layer.forward(X)
    got_dX, grads = layer.backward(dZ, cache)
    for got, wanted in [(Y, Z), (got_dX, dX), (grads["W"], dW), (grads["b"], db)]:
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def test_leading_axes_are_examples() -> None:
    rng = np.random.default_rng(0)
    layer, X = Dense(4, 3, rng=rng), rng.normal(size=(2, 5, 4))
    np.testing.assert_allclose(layer(X).reshape(10, 3), layer(X.reshape(10, 4)))


def test_the_same_seed_gives_the_same_bits_and_biases_start_at_zero() -> None:
    a, b = (Dense(4, 3, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(a.params["W"], b.params["W"])
    assert not a.params["b"].any()


def test_init_is_used() -> None:
    assert not Dense(4, 3, rng=np.random.default_rng(0), init=zeros).params["W"].any()
