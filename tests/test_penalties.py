"""Penalties and constraints: values by hand, derivatives by differences, weights and never biases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import dlbook
from dlbook import (
    L1,
    L2,
    RNN,
    SGD,
    Dense,
    MaxNorm,
    Maxout,
    Penalty,
    PReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
    fit,
)
from dlbook.check import gradient_error, numerical_gradient
from dlbook.penalties import weights

GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "penalties.npz", allow_pickle=False))
rng = np.random.default_rng(0)
PENALTIES = {"L2": L2(0.3), "L1": L1(0.2), "elastic": L1(0.2) + L2(0.3), "three": L1(0.1) + L2(0.2) + L2(0.3)}


def network() -> Sequential:
    """One layer of each kind of weights: W, U, a nested one, Maxout's with three axes; and parameters that are none."""
    model = Sequential(
        Dense(3, 4, rng=rng), PReLU(4), Sequential(Maxout(4, 3, 2, rng=rng), RNN(3, 2, rng=rng)), Dense(2, 2, rng=rng)
    )
    for p in model.params.values():
        p[...] = rng.normal(size=p.shape)
    return model


@pytest.mark.parametrize("name", PENALTIES)
def test_gradients_are_those_of_the_value(name: str) -> None:
    penalty, params = PENALTIES[name], network().params
    grads = penalty.grads(params)
    assert {key: g.shape for key, g in grads.items()} == {key: p.shape for key, p in params.items()}
    for key, p in params.items():
        numeric = numerical_gradient(lambda x, key=key: penalty.value(dict(params) | {key: x}), p)
        assert gradient_error(grads[key], numeric) < 1e-8, key


def test_pytorch_differentiates_to_the_same() -> None:
    params = {"W": GOLDEN["W"]}
    assert PENALTIES["elastic"].value(params) == pytest.approx(float(GOLDEN["R"]), abs=1e-12)
    np.testing.assert_allclose(PENALTIES["elastic"].grads(params)["W"], GOLDEN["dW"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["dense", "convolution"])
def test_pytorch_projects_to_the_same(name: str) -> None:
    W = GOLDEN[f"{name}/before"].copy()
    MaxNorm(1.5).project({"W": W})
    np.testing.assert_allclose(W, GOLDEN[f"{name}/after"], rtol=0, atol=1e-6)  # PyTorch divides by the norm + 1e-7
    assert not np.allclose(W, GOLDEN[f"{name}/before"], atol=0.01)


def test_pytorchs_weight_decay_takes_the_same_path() -> None:
    model = Sequential(Dense(4, 6, rng=rng), Tanh(), Dense(6, 3, rng=rng))
    for name in model.params:
        model.params[name] = GOLDEN[f"path/param.{name}"].copy()
    X, y = GOLDEN["path/X"], GOLDEN["path/y"]
    list(fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, epochs=10, batch_size=20, rng=rng, penalty=L2(0.1)))
    for name in ("W", "b"):
        np.testing.assert_allclose(model.params[f"0.{name}"], GOLDEN[f"path/final.{name}"], rtol=0, atol=1e-10)


def test_every_public_penalty_is_in_the_list() -> None:
    public = {n for n in dlbook.__all__ if isinstance(c := getattr(dlbook, n), type) and issubclass(c, Penalty)}
    assert public - {"Penalty"} == {type(p).__name__ for p in PENALTIES.values()} - {"_Sum"}


def test_values_by_hand() -> None:
    params = {"W": np.array([[3.0, -4.0], [0.0, 1.0]]), "b": np.array([100.0, 100.0])}
    assert L2(0.1).value(params) == pytest.approx(0.1 / 2 * 26)
    assert L1(0.1).value(params) == pytest.approx(0.1 * 8)
    assert (L1(0.1) + L2(0.1)).value(params) == pytest.approx(0.8 + 1.3)
    np.testing.assert_array_equal(L1(0.5).grads(params)["W"], [[0.5, -0.5], [0, 0.5]])


def test_biases_slopes_and_states_are_no_weights() -> None:
    model = network()
    assert list(weights(model.params)) == ["0.W", "2.0.W", "2.1.U", "2.1.W", "3.W"]
    for penalty in PENALTIES.values():
        for name in ("0.b", "1.a", "2.0.b", "2.1.b", "3.b"):  # 2.0.b, Maxout's, is a matrix
            assert not penalty.grads(model.params)[name].any()


def test_zero_strength_is_no_penalty() -> None:
    params = network().params
    assert L2(0).value(params) == L1(0).value(params) == 0
    assert not any(g.any() for g in (L1(0) + L2(0)).grads(params).values())


def test_l2_with_gradient_descent_is_weight_decay_to_the_bit() -> None:
    """W ← (1 − αλ) W − α ∂J/∂W, in numbers that need no rounding."""
    W, g = np.array([[8.0, -4.0], [2.0, 16.0]]), np.array([[2.0, 6.0], [-4.0, 1.0]])
    params, alpha, strength = {"W": W.copy(), "b": np.array([4.0])}, 0.5, 0.25
    R = L2(strength).grads(params)
    SGD(alpha).step(params, {"W": g + R["W"], "b": np.array([2.0]) + R["b"]})
    np.testing.assert_array_equal(params["W"], (1 - alpha * strength) * W - alpha * g)
    np.testing.assert_array_equal(params["b"], [3.0])


def test_a_shared_weight_counts_once() -> None:
    layer = Dense(2, 2, rng=rng)
    model, alone = Sequential(layer, layer), {"W": layer.params["W"]}
    for penalty in PENALTIES.values():
        assert penalty.value(model.params) == penalty.value(alone)
        grads = penalty.grads(model.params)
        np.testing.assert_array_equal(grads["0.W"] + grads["1.W"], penalty.grads(alone)["W"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_keep_their_type(dtype: type) -> None:
    params = network().astype(dtype).params
    for penalty in PENALTIES.values():
        assert isinstance(penalty.value(params), float)
        assert {g.dtype for g in penalty.grads(params).values()} == {np.dtype(dtype)}
    MaxNorm(0.5).project(params)
    assert {p.dtype for p in params.values()} == {np.dtype(dtype)}


def test_max_norm_takes_the_nearest_point_for_each_unit() -> None:
    params = {"W": np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0], [0.0, -2.0]]), "b": np.array([9.0, 9.0, 9.0, 9.0])}
    W = params["W"]
    MaxNorm(1).project(params)
    assert params["W"] is W
    np.testing.assert_allclose(W, [[0.6, 0.8], [0.3, 0.4], [0, 0], [0, -1]], rtol=1e-15)
    np.testing.assert_array_equal(params["b"], 9)


def test_units_within_the_radius_keep_their_bits() -> None:
    model = network()
    before = {name: p.copy() for name, p in model.params.items()}
    MaxNorm(100).project(model.params)
    for name, p in model.params.items():
        assert p.tobytes() == before[name].tobytes()


@pytest.mark.parametrize(
    ("shape", "units"),
    [((4, 5), 4), ((2, 4, 5), 8), ((4, 3, 2, 2), 4)],
    ids=["dense", "maxout", "convolution"],
)
def test_each_units_vector_is_bounded_by_itself(shape: tuple[int, ...], units: int) -> None:
    W = rng.normal(size=shape)
    before, params = W.reshape(units, -1).copy(), {"0.W": W}
    radius = float(np.median(np.linalg.norm(before, axis=1)))
    MaxNorm(radius).project(params)
    for was, now in zip(before, W.reshape(units, -1), strict=True):
        length = np.linalg.norm(was)
        np.testing.assert_allclose(now, was * min(1, radius / length), rtol=1e-14)


def test_a_projection_does_nothing_the_second_time() -> None:
    params = network().params
    MaxNorm(0.7).project(params)
    once = {name: p.copy() for name, p in params.items()}
    MaxNorm(0.7).project(params)
    for name, p in params.items():
        np.testing.assert_allclose(p, once[name], rtol=1e-15)


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: L2(-1), ValueError, "L2 expects strength >= 0, got -1"),
        (lambda: L1("0.1"), TypeError, "L1 expects strength as a number"),
        (lambda: L1(np.nan), ValueError, "L1 expects strength >= 0, got nan"),
        (lambda: MaxNorm(0), ValueError, "MaxNorm expects radius > 0, got 0"),
        (lambda: L2(1) + 1, TypeError, "unsupported operand"),
    ],
)
def test_bad_strengths_are_refused(make, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        make()
