"""Witness 2 for every derivative: the tape runs the same forward code and must agree to 1e-10."""

from __future__ import annotations

import numpy as np
import pytest
from cases import LAYERS, LOSSES

from dlbook.check import gradient_error
from dlbook.tape import Variable, gradients, traced

LIMIT = 1e-10


@pytest.mark.parametrize("case", LAYERS)
def test_layer(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(1)
    layer, X = make(rng), rng.normal(size=shape)
    for p in layer.params.values():
        p[...] = rng.normal(size=p.shape)
    Y, cache = layer.forward(X, np.random.default_rng(2))
    dY = rng.normal(size=Y.shape)
    dX, grads = layer.backward(dY, cache)
    net, x = traced(layer), Variable(X)
    y, _ = net.forward(x, np.random.default_rng(2))
    np.testing.assert_array_equal(y.value, Y)
    by_tape = gradients(y, [x, *net.params.values()], dY)
    errors = {
        name: gradient_error(g, right)
        for name, g, right in zip(["X", *grads], by_tape, [dX, *grads.values()], strict=True)
    }
    assert max(errors.values()) < LIMIT, errors


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case: str) -> None:
    loss, shape, targets = LOSSES[case]
    rng = np.random.default_rng(2)
    Z, y = rng.normal(size=shape), targets(rng)
    J, cache = loss.forward(Z, y)
    z = Variable(Z)
    by_tape, _ = loss.forward(z, y)
    assert by_tape.value == J
    assert gradient_error(gradients(by_tape, [z])[0], loss.backward(cache)) < LIMIT
