"""Witness 1 for every derivative: central differences over every entry, in float64."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from cases import LAYERS, LOSSES

import dlbook
from dlbook.check import check_layer, check_loss

LIMIT = 1e-7


@pytest.mark.parametrize("case", LAYERS)
def test_layer(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(1)
    errors = check_layer(make(rng), rng.normal(size=shape), rng=rng)
    assert max(errors.values()) < LIMIT, errors


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case: str) -> None:
    loss, shape, targets = LOSSES[case]
    rng = np.random.default_rng(2)
    assert check_loss(loss, rng.normal(size=shape), targets(rng)) < LIMIT


@pytest.mark.parametrize(("base", "cases"), [(dlbook.Layer, LAYERS), (dlbook.Loss, LOSSES)])
def test_every_public_class_is_in_the_list(base: type, cases: dict[str, object]) -> None:
    public = {
        name
        for name in dlbook.__all__
        if inspect.isclass(c := getattr(dlbook, name)) and issubclass(c, base) and c is not base
    }
    assert public == {case.split("-")[0] for case in cases}


@pytest.mark.parametrize("case", LAYERS)
def test_backward_keeps_its_arguments_and_its_promises(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(3)
    layer, X = make(rng), rng.normal(size=shape)
    before = {name: p.copy() for name, p in layer.params.items()}
    X.setflags(write=False)
    Y, cache = layer.forward(X)
    kept = Y.copy()
    dY = rng.normal(size=Y.shape)
    dY.setflags(write=False)
    dX, grads = layer.backward(dY, cache)
    again, grads_again = layer.backward(dY, cache)
    np.testing.assert_array_equal(dX, again)
    np.testing.assert_array_equal(Y, kept)
    assert dX.shape == X.shape
    assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in layer.params.items()}
    for name, p in layer.params.items():
        np.testing.assert_array_equal(p, before[name])
        np.testing.assert_array_equal(grads[name], grads_again[name])
        np.testing.assert_array_equal(grads[name], layer.param_grads(dY, cache)[name])


@pytest.mark.parametrize("case", LAYERS)
def test_an_upstream_gradient_of_another_shape_is_refused(case: str) -> None:
    make, shape = LAYERS[case]
    layer = make(np.random.default_rng(3))
    Y, cache = layer.forward(np.random.default_rng(3).normal(size=shape))
    for wrong in (np.ones(()), np.ones(Y.shape[1:]), np.ones((*Y.shape, 1)), np.ones((*Y.shape[:-1], Y.shape[-1] + 1))):
        with pytest.raises(ValueError, match=r"backward expects dY of shape"):
            layer.backward(wrong, cache)


@pytest.mark.parametrize("case", LAYERS)
def test_two_calls_of_one_layer_do_not_disturb_each_other(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(4)
    layer, X1, X2 = make(rng), rng.normal(size=shape), rng.normal(size=shape)
    Y1, cache1 = layer.forward(X1)
    dY = rng.normal(size=Y1.shape)
    alone, _ = layer.backward(dY, cache1)
    layer.forward(X2)
    after, _ = layer.backward(dY, cache1)
    np.testing.assert_array_equal(alone, after)


@pytest.mark.parametrize("case", LAYERS)
def test_float32_in_float32_out(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(5)
    layer, X = make(rng), rng.normal(size=shape)
    Y64, cache = layer.forward(X)
    dY = rng.normal(size=Y64.shape)
    dX64, grads64 = layer.backward(dY, cache)
    layer.astype(np.float32)
    Y, cache = layer.forward(X.astype(np.float32))
    dX, grads = layer.backward(dY.astype(np.float32), cache)
    assert {Y.dtype, dX.dtype, *(g.dtype for g in grads.values())} == {np.dtype(np.float32)}
    np.testing.assert_allclose(Y, Y64, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(dX, dX64, rtol=1e-4, atol=1e-5)
    for name, g in grads.items():
        np.testing.assert_allclose(g, grads64[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", LOSSES)
def test_losses_keep_float32_and_their_arguments(case: str) -> None:
    loss, shape, targets = LOSSES[case]
    rng = np.random.default_rng(6)
    Z, y = rng.normal(size=shape).astype(np.float32), targets(rng)
    Z.setflags(write=False)
    y.setflags(write=False)
    J, cache = loss.forward(Z, y)
    assert isinstance(J, float)
    delta = loss.backward(cache)
    assert delta.dtype == np.float32
    np.testing.assert_array_equal(delta, loss.backward(cache))
    assert loss.forward(Z.astype(float), y)[0] == pytest.approx(J, rel=1e-5)
