"""Gradient descent, momentum, and what all optimizers have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlbook import (
    FTRL,
    SGD,
    Adagrad,
    Adam,
    Dense,
    MeanSquaredError,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
    fit,
    load,
    restore,
    save,
    snapshot,
)

RULES: dict[str, Callable[[], Optimizer]] = {
    "SGD": lambda: SGD(0.1),
    "Momentum": lambda: Momentum(0.1),
    "Nesterov": lambda: Nesterov(0.1),
    "Adagrad": lambda: Adagrad(0.1),
    "RMSProp": lambda: RMSProp(0.1),
    "Adam": lambda: Adam(0.1),
    "FTRL": lambda: FTRL(0.1, l1=0.01, l2=0.1),
}
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES)
SHAPES = {"W": (3, 4), "b": (3,), "kernel": (2, 1, 3, 3), "one": (1,), "scalar": ()}


def draw(rng: np.random.Generator, dtype: type = np.float64) -> dict[str, np.ndarray]:
    return {name: np.array(rng.normal(size=shape), dtype=dtype) for name, shape in SHAPES.items()}


def test_one_step_is_the_formula_and_happens_in_place() -> None:
    rng = np.random.default_rng(0)
    theta, g = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    params, before = {"W": theta}, theta.copy()
    SGD(0.3).step(params, {"W": g})
    assert params["W"] is theta
    np.testing.assert_array_equal(theta, before - 0.3 * g)


def test_a_quadratic_shrinks_by_one_minus_the_learning_rate() -> None:
    params = {"x": np.array([1.0])}
    for _ in range(20):
        SGD(0.1).step(params, {"x": params["x"].copy()})  # J = x²/2
    assert params["x"][0] == pytest.approx(0.9**20)


@pytest.mark.parametrize(
    ("rule", "sign", "factor"),
    [
        (Momentum(0.1), 1, 1 / (1 - 0.9)),
        (Momentum(0.1), -1, 1 / (1 + 0.9)),
        (Nesterov(0.1), 1, 1 / (1 - 0.9)),
        (Nesterov(0.1), -1, 1 + 0.9 / (1 + 0.9)),  # its θ lies ahead, and is thrown to and fro
    ],
)
def test_a_steady_gradient_is_followed_faster_and_a_flipping_one_slower(
    rule: Momentum, sign: int, factor: float
) -> None:
    params = {"x": np.zeros(1)}
    for t in range(400):
        before = params["x"].copy()
        rule.step(params, {"x": np.array([float(sign) ** t])})
    assert abs(params["x"] - before)[0] == pytest.approx(0.1 * factor, rel=1e-12)


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_nesterov_is_the_gradient_at_the_point_ahead(momentum: float) -> None:
    """Sutskever's form, with θ' = θ − α μ v: v ← μ v + g(θ'), θ ← θ − α v."""
    rng = np.random.default_rng(2)
    A = np.diag(rng.uniform(1, 5, size=4))
    theta, v = rng.normal(size=4), np.zeros(4)
    params, rule = {"x": theta.copy()}, Nesterov(0.05, momentum)
    for _ in range(50):
        rule.step(params, {"x": A @ params["x"]})
        v = momentum * v + A @ (theta - 0.05 * momentum * v)
        theta = theta - 0.05 * v
        np.testing.assert_allclose(params["x"], theta - 0.05 * momentum * v, rtol=0, atol=1e-13)


def test_without_momentum_both_are_gradient_descent() -> None:
    rng = np.random.default_rng(3)
    start, grads = draw(rng), [draw(rng) for _ in range(5)]
    ends = []
    for rule in (SGD(0.1), Momentum(0.1, 0), Nesterov(0.1, 0)):
        params = {name: p.copy() for name, p in start.items()}
        for g in grads:
            rule.step(params, g)
        ends.append(params)
    for name in SHAPES:
        np.testing.assert_array_equal(ends[0][name], ends[1][name])
        np.testing.assert_array_equal(ends[0][name], ends[2][name])


@every_rule
def test_each_number_goes_its_own_way_in_place(make: Callable[[], Optimizer]) -> None:
    """Whatever the shape: the same as one optimizer for each single number. Gradients are not written to."""
    rng = np.random.default_rng(5)
    params, grads = draw(rng), [draw(rng) for _ in range(5)]
    start, arrays = {name: p.copy() for name, p in params.items()}, dict(params)
    rule = make()
    for g in grads:
        for a in g.values():
            a.setflags(write=False)
        rule.step(params, g)
    for name in SHAPES:
        assert params[name] is arrays[name]
        for index in np.ndindex(SHAPES[name]):
            single, alone = make(), {"x": np.array(start[name][index])}
            for g in grads:
                single.step(alone, {"x": np.array(g[name][index])})
            np.testing.assert_allclose(params[name][index], alone["x"], rtol=1e-14)


@every_rule
def test_float32_in_float32_out(make: Callable[[], Optimizer]) -> None:
    rng = np.random.default_rng(6)
    params = draw(rng, np.float32)
    exact = {name: p.astype(float) for name, p in params.items()}
    single, double = make(), make()
    single.learning_rate = np.float64(0.05)  # as a schedule may compute it
    double.learning_rate = 0.05
    for _ in range(5):
        grads = draw(rng, np.float32)
        single.step(params, grads)
        double.step(exact, {name: g.astype(float) for name, g in grads.items()})
    assert isinstance(single.learning_rate, float)
    assert {a.dtype for key, a in single.state.items() if key != "t"} <= {np.dtype(np.float32)}
    for name, p in params.items():
        assert p.dtype == np.float32
        np.testing.assert_allclose(p, exact[name], rtol=1e-4, atol=1e-6)


@every_rule
def test_no_gradient_no_step(make: Callable[[], Optimizer]) -> None:
    """A unit that is dead from the start stays where it is: 0 / (√0 + ε) is 0."""
    params = {"W": np.array([0.5, -2.0])}
    rule = FTRL(0.1) if isinstance(make(), FTRL) else make()  # penalties move a parameter without any gradient
    for _ in range(3):
        rule.step(params, {"W": np.zeros(2)})
    np.testing.assert_array_equal(params["W"], [0.5, -2.0])


@every_rule
def test_a_shared_parameter_moves_by_the_sum_of_its_gradients(make: Callable[[], Optimizer]) -> None:
    rng = np.random.default_rng(7)
    W = rng.normal(size=(3, 3))
    shared, alone = {"0.W": W, "1.W": W}, {"W": W.copy()}
    rule, twin = make(), make()
    for _ in range(4):
        g, h = rng.normal(size=(2, 3, 3))
        rule.step(shared, {"0.W": g, "1.W": h})
        twin.step(alone, {"W": g + h})
    np.testing.assert_array_equal(W, alone["W"])


@every_rule
def test_killed_and_resumed_ends_with_the_same_bits(make: Callable[[], Optimizer], tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(20, 4)).astype(np.float32), rng.integers(3, size=20)

    def start(seed: int) -> tuple[Sequential, Optimizer, np.random.Generator]:
        rng = np.random.default_rng(seed)
        model = Sequential(Dense(4, 5, rng=rng), Tanh(), Dense(5, 3, rng=rng)).astype(np.float32)
        return model, make(), rng

    def train(model: Sequential, rule: Optimizer, rng: np.random.Generator, epochs: int, done: int = 0) -> None:
        """The learning rate falls on the way."""
        for s in fit(model, SoftmaxCrossEntropy(), rule, X, y, epochs=epochs, batch_size=6, rng=rng):
            rule.learning_rate = 0.1 * 0.97 ** (s.step + done)

    whole, first, second = start(1), start(1), start(2)
    train(*whole, epochs=5)
    train(*first, epochs=2)
    save(tmp_path / "run.npz", snapshot(*first))
    second[1].step(second[0].params, {name: np.ones_like(p) for name, p in second[0].params.items()})
    restore(load(tmp_path / "run.npz"), *second)  # other weights, memory and generator: all must come from the file
    train(*second, epochs=3, done=8)
    for name, p in whole[0].params.items():
        assert p.tobytes() == second[0].params[name].tobytes()
    assert whole[1].state.keys() == second[1].state.keys()
    for key, a in whole[1].state.items():
        np.testing.assert_array_equal(a, second[1].state[key], strict=True)


@pytest.mark.parametrize("name", [name for name in RULES if name != "SGD"])
def test_the_memory_of_another_model_is_refused(name: str) -> None:
    rule = RULES[name]()
    rule.step({"W": np.ones((2, 3))}, {"W": np.ones((2, 3))})
    with pytest.raises(ValueError, match=rf"{name}, which remembers another model, expects W of shape \(2, 3\), got"):
        rule.step({"W": np.ones(3)}, {"W": np.ones(3)})


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -0.1])
def test_a_schedule_cannot_set_nonsense(rate: float) -> None:
    rule = SGD(0.1)
    with pytest.raises(ValueError, match="SGD expects learning_rate >= 0, got"):
        rule.learning_rate = rate
    assert rule.learning_rate == 0.1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SGD(0), "SGD expects learning_rate > 0, got 0"),
        (lambda: Momentum(0.1, 1), "Momentum expects momentum from 0 to below 1, got 1"),
        (lambda: Nesterov(0.1, -0.1), "Nesterov expects momentum >= 0, got -0.1"),
        (lambda: Adagrad(0.1, eps=0), "Adagrad expects eps > 0, got 0"),
        (lambda: RMSProp(0.1, rho=1.0), "RMSProp expects rho from 0 to below 1, got 1.0"),
        (lambda: RMSProp(0.1, eps=-1), "RMSProp expects eps > 0, got -1"),
        (lambda: Adam(0.1, beta1=1.5), "Adam expects beta1 from 0 to below 1, got 1.5"),
        (lambda: Adam(0.1, beta2=-1), "Adam expects beta2 >= 0, got -1"),
        (lambda: Adam(0.1, eps=float("nan")), "Adam expects eps > 0, got nan"),
        (lambda: FTRL(0.1, beta=0), "FTRL expects beta > 0, got 0"),
        (lambda: FTRL(0.1, l1=-1), "FTRL expects l1 >= 0, got -1"),
        (lambda: FTRL(0.1, l2=float("inf")), "FTRL expects l2 >= 0, got inf"),
    ],
)
def test_hyperparameters_are_checked(make: Callable[[], Optimizer], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize(
    ("grads", "sentence"),
    [
        ({}, "one gradient per parameter"),
        ({"W": np.zeros(2), "b": np.zeros(2)}, "one gradient per parameter"),
        ({"W": np.zeros((1, 2))}, r"gradient 'W' of shape \(2,\), got \(1, 2\)"),
    ],
)
def test_gradients_must_fit_and_nothing_moves_if_they_do_not(grads: dict[str, np.ndarray], sentence: str) -> None:
    params = {"W": np.ones(2)}
    with pytest.raises(ValueError, match=sentence):
        SGD(0.1).step(params, grads)
    assert (params["W"] == 1).all()


@pytest.mark.parametrize(
    ("w", "kind"), [(1.0, "float"), (np.float64(1), "float64"), ([1.0, 2.0], "list"), (np.ones(2, int), "int64")]
)
def test_what_cannot_be_changed_in_place_is_refused(w: object, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"SGD changes arrays of floats in place, got 'w' as {kind}: use np\.array"):
        SGD(0.1).step({"w": w}, {"w": np.ones(np.shape(w))})  # type: ignore[dict-item]


def test_gradients_may_be_lists_and_parameters_single_numbers() -> None:
    params = {"w": np.ones(2), "b": np.array(1.0)}
    SGD(0.5).step(params, {"w": [2.0, 4.0], "b": 2.0})  # type: ignore[dict-item]
    np.testing.assert_array_equal(params["w"], [0, -1])
    assert params["b"] == 0


def test_the_plane_of_source_004_is_learned() -> None:
    """y = 2 x₁ + 4 x₂ + 1 by mini-batch gradient descent, to the last digit that float64 gives."""
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(200, 2))
    y = (2 * X[:, 0] + 4 * X[:, 1] + 1)[:, None]
    model = Dense(2, 1, rng=rng)
    list(fit(model, MeanSquaredError(), SGD(0.5), X, y, epochs=400, batch_size=20, rng=rng))
    np.testing.assert_allclose(model.params["W"], [[2, 4]], atol=1e-10)
    np.testing.assert_allclose(model.params["b"], [1], atol=1e-10)
