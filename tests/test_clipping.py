from __future__ import annotations

import numpy as np
import pytest

from dlbook import (
    SGD,
    Clipped,
    Dense,
    MeanSquaredError,
    Momentum,
    Sequential,
    clip_norm,
    clip_value,
    fit,
    global_norm,
    restore,
    snapshot,
)


def grads(*scale: float) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {f"{k}.W": s * rng.normal(size=(3, k + 1)) for k, s in enumerate(scale)}


def flat(g: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([a.ravel() for a in g.values()])


def test_the_norm_is_that_of_all_gradients_together() -> None:
    assert global_norm({"a": np.array([3.0]), "b": np.array([[0.0, 4.0]])}) == 5
    g = grads(1, 10, 0.1)
    assert global_norm(g) == pytest.approx(np.linalg.norm(flat(g)), rel=1e-14)
    assert global_norm({}) == global_norm(grads(0, 0)) == 0


@pytest.mark.parametrize("exponent", [-200, -160, 160, 300])
def test_the_norm_of_huge_and_tiny_gradients(exponent: int) -> None:
    g = grads(1, 2)
    scaled = {name: a * 10.0**exponent for name, a in g.items()}
    assert global_norm(scaled) == pytest.approx(global_norm(g) * 10.0**exponent, rel=1e-12)
    assert global_norm(clip_norm(scaled, 1e-250)) == pytest.approx(1e-250, rel=1e-12)


def test_float32_squares_do_not_overflow() -> None:
    g = {"W": np.full(4, 1e30, dtype=np.float32)}
    assert global_norm(g) == pytest.approx(2e30, rel=1e-6)
    clipped = clip_norm(g, 1.0)["W"]
    assert clipped.dtype == np.float32
    np.testing.assert_allclose(clipped, 0.5, rtol=1e-6)


def test_a_long_gradient_is_shortened_in_its_direction() -> None:
    g = grads(1, 10)
    before = {name: a.copy() for name, a in g.items()}
    clipped = clip_norm(g, 0.5)
    assert global_norm(clipped) == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_allclose(flat(clipped) / 0.5, flat(g) / global_norm(g), rtol=1e-13)
    for name, a in g.items():
        np.testing.assert_array_equal(a, before[name])


def test_a_short_gradient_stays() -> None:
    g = grads(1, 10)
    for limit in (global_norm(g), 1e6):
        np.testing.assert_array_equal(flat(clip_norm(g, limit)), flat(g))
    np.testing.assert_array_equal(flat(clip_norm(grads(0, 0), 1.0)), 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("first", [True, False])
def test_a_gradient_without_a_direction_is_refused(bad: float, first: bool) -> None:
    pair = [np.zeros(2), np.array([1.0, bad])]
    g = dict(zip("ab", pair[::-1] if first else pair, strict=True))
    assert not np.isfinite(global_norm(g))
    with pytest.raises(ValueError, match=r"clip_norm expects finite gradients, got a norm of (nan|inf)"):
        clip_norm(g, 1.0)


def test_values_are_cut_on_both_sides() -> None:
    g = {"a": np.array([-3.0, -0.5, 0.2, 7.0])}
    np.testing.assert_array_equal(clip_value(g, 0.5)["a"], [-0.5, -0.5, 0.2, 0.5])
    assert g["a"][3] == 7


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize("limit", [0, -1, np.nan])
def test_limits_are_positive(clip, limit: float) -> None:
    with pytest.raises(ValueError, match="limit > 0"):
        clip(grads(1), limit)


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_the_optimizer_sees_clipped_gradients(kind: str) -> None:
    g = grads(1, 10)
    params, expected = ({name: np.ones_like(a) for name, a in g.items()} for _ in range(2))
    Clipped(SGD(0.1), **{kind: 0.5}).step(params, g)
    SGD(0.1).step(expected, {"norm": clip_norm, "value": clip_value}[kind](g, 0.5))
    np.testing.assert_array_equal(flat(params), flat(expected))
    assert not np.array_equal(flat(params), flat(expected) * 0 + 1)


def test_learning_rate_and_state_are_those_of_the_optimizer_inside() -> None:
    """So schedules, and saving and resuming, work as without clipping."""
    rng = np.random.default_rng(0)
    inside = SGD(0.1)
    optimizer, model = Clipped(inside, norm=1.0), Dense(2, 1, rng=rng)
    optimizer.learning_rate = 0.2
    assert inside.learning_rate == optimizer.learning_rate == 0.2
    inside.state["v"] = np.ones(3)
    saved = snapshot(model, optimizer, rng)
    fresh = SGD(0.5)
    restore(saved, model, Clipped(fresh, norm=1.0), rng)
    assert fresh.learning_rate == 0.2
    np.testing.assert_array_equal(fresh.state["v"], 1)
    wanted = r"snapshot holds the memory of Clipped\(SGD\), the optimizer is Clipped\(Momentum\)"
    with pytest.raises(ValueError, match=wanted):
        restore(saved, model, Clipped(Momentum(0.5), norm=1.0), rng)


def test_fit_takes_it_for_an_optimizer() -> None:
    rng = np.random.default_rng(0)
    model, X = Dense(2, 1, rng=rng), rng.normal(size=(20, 2))
    y = 1000 * X[:, :1]
    before = model.params["W"].copy()
    list(fit(model, MeanSquaredError(), Clipped(SGD(1.0), norm=0.01), X, y, epochs=1, batch_size=20, rng=rng))
    moved = np.append(model.params["W"] - before, model.params["b"])
    assert np.linalg.norm(moved) == pytest.approx(0.01, rel=1e-9)


def test_the_gradients_of_a_shared_parameter_are_added_before_they_are_clipped() -> None:
    layer = Dense(2, 2, rng=np.random.default_rng(0))
    stack = Sequential(layer, layer)
    before = {name: p.copy() for name, p in layer.params.items()}
    Clipped(SGD(1.0), norm=5.0).step(stack.params, {name: np.full(p.shape, 50.0) for name, p in stack.params.items()})
    moved = np.concatenate([(layer.params[name] - before[name]).ravel() for name in before])
    np.testing.assert_allclose(moved, -5 / np.sqrt(6), rtol=1e-12)


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match=r"Clipped expects an optimizer, got 0\.1: write Clipped\(SGD"):
        Clipped(0.1, norm=1.0)  # type: ignore[arg-type]
    for both_or_none in ({}, {"norm": 1.0, "value": 1.0}):
        with pytest.raises(ValueError, match="either norm or value"):
            Clipped(SGD(0.1), **both_or_none)
    with pytest.raises(ValueError, match="norm > 0"):
        Clipped(SGD(0.1), norm=-1.0)
