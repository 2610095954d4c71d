"""Stacking layers."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from dlbook import Dense, Flatten, Sequential, Sigmoid
from dlbook.check import check_layer

rng = np.random.default_rng(0)


def network() -> Sequential:
    return Sequential(Flatten(), Dense(4, 3, rng=rng), Sigmoid(), Dense(3, 2, rng=rng))


def test_forward_is_the_composition() -> None:
    model, X = network(), rng.normal(size=(5, 2, 2))
    A = X
    for layer in model.layers:
        A = layer(A)
    np.testing.assert_array_equal(model(X), A)


def test_params_are_the_layers_own_arrays() -> None:
    model = network()
    assert list(model.params) == ["1.W", "1.b", "3.W", "3.b"]
    assert model.params["1.W"] is model.layers[1].params["W"]
    assert model.n_params == 4 * 3 + 3 + 3 * 2 + 2


def test_assigning_to_a_parameter_reaches_the_layer() -> None:
    model, W = network(), rng.normal(size=(3, 4))
    model.params["1.W"] = W
    assert model.layers[1].params["W"] is W
    with pytest.raises(KeyError, match=r"no parameter '0\.W': there are 1\.W"):
        model.params["0.W"] = W


def test_updating_the_parameters_reaches_the_layers() -> None:
    model, arrays = network(), {"1.W": rng.normal(size=(3, 4)), "3.b": rng.normal(size=2)}
    model.params.update(arrays)
    assert model.layers[1].params["W"] is arrays["1.W"]
    assert model.layers[3].params["b"] is arrays["3.b"]
    params = model.params
    params |= {"3.W": rng.normal(size=(2, 3))}
    assert model.layers[3].params["W"] is params["3.W"]


def test_stacks_nest() -> None:
    inner = Sequential(Dense(3, 3, rng=rng), Sigmoid())
    outer = Sequential(Dense(4, 3, rng=rng), inner)
    assert list(outer.params) == ["0.W", "0.b", "1.0.W", "1.0.b"]
    X, dY = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    _, grads = outer.backward(dY, outer.forward(X)[1])
    assert list(grads) == list(outer.params)
    b = rng.normal(size=3)
    outer.params["1.0.b"] = b
    assert inner.layers[0].params["b"] is b


def test_one_layer_twice_in_a_stack_shares_its_weights() -> None:
    layer = Dense(3, 3, rng=rng)
    model, X, dY = Sequential(layer, layer), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    _, cache = model.forward(X)
    dX, grads = model.backward(dY, cache)
    first = layer(X)
    W = layer.params["W"]
    np.testing.assert_allclose(grads["1.W"], dY.T @ first)
    np.testing.assert_allclose(grads["0.W"], (dY @ W).T @ X)
    np.testing.assert_allclose(dX, dY @ W @ W)


def test_copies_are_independent() -> None:
    model = network()
    twin = copy.deepcopy(model)
    twin.params["1.W"][:] = 0
    assert model.params["1.W"].any()


def test_repr_shows_shapes() -> None:
    assert repr(network()) == "Sequential(Flatten(), Dense(W (3, 4), b (3,)), Sigmoid(), Dense(W (2, 3), b (2,)))"


def test_parameters_can_be_replaced_but_not_lost() -> None:
    model = network()
    with pytest.raises(TypeError, match="replaced, not removed"):
        del model.params["1.W"]
    with pytest.raises(ValueError, match=r"1\.b of shape \(3,\), got \(1,\)"):
        model.params["1.b"] = np.ones(1)
    arrays = {name: rng.normal(size=p.shape) for name, p in model.params.items()}
    model.params = arrays
    assert all(p is arrays[name] for name, p in model.params.items())
    with pytest.raises(ValueError, match="Sequential expects the parameters"):
        model.params = {"1.W": arrays["1.W"]}


def test_copies_of_the_parameters_are_plain_dictionaries() -> None:
    model = network()
    twin = copy.deepcopy(model.params)
    assert type(twin) is dict
    twin["1.W"] += 1
    assert not np.array_equal(twin["1.W"], model.params["1.W"])
    assert type(copy.copy(model.params)) is dict


def test_an_array_that_two_layers_share_stays_one_in_another_precision() -> None:
    one, other = Dense(3, 3, rng=rng), Dense(3, 3, rng=rng)
    other.params["W"] = one.params["W"]
    model = Sequential(Sequential(one, Sigmoid()), other)
    assert model.n_params == 9 + 3 + 3
    assert model.astype(np.float32) is model
    assert model.n_params == 9 + 3 + 3
    assert other.params["W"] is one.params["W"]
    assert {p.dtype for p in model.params.values()} == {np.dtype(np.float32)}


def test_shared_weights_count_once_and_pass_the_gradient_check() -> None:
    layer = Dense(3, 3, rng=rng)
    model = Sequential(layer, Sigmoid(), layer)
    assert model.n_params == layer.n_params
    assert max(check_layer(model, rng.normal(size=(4, 3)), rng=rng).values()) < 1e-7
