"""The training loop: what it visits, what it reports, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlbook import SGD, Dense, MeanSquaredError, Sequential, Sigmoid, SoftmaxCrossEntropy, accuracy, fit, predict


def problem(seed: int = 0, m: int = 10) -> tuple[Sequential, np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    model = Sequential(Dense(4, 5, rng=rng), Sigmoid(), Dense(5, 3, rng=rng))
    return model, rng.normal(size=(m, 4)), rng.integers(3, size=m), rng


def run(**changes: Any) -> list[Any]:
    model, X, y, rng = problem()
    settings = {"epochs": 2, "batch_size": 4, "rng": rng} | changes
    return list(fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, **settings))


def test_steps_and_epochs_are_counted() -> None:
    assert [(s.epoch, s.step) for s in run()] == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    assert [(s.epoch, s.step) for s in run(every="epoch")] == [(1, 3), (2, 6)]


def test_the_record_of_an_epoch_is_the_mean_over_its_examples() -> None:
    steps, epochs = run(), run(every="epoch")
    for e, record in enumerate(epochs):
        a, b, c = (s.loss for s in steps[3 * e : 3 * e + 3])
        assert record.loss == pytest.approx((4 * a + 4 * b + 2 * c) / 10, rel=1e-12)


@pytest.mark.parametrize("batch_size", [1, 4, 10, 1000])
def test_full_batches_of_any_size_reach_every_example(batch_size: int) -> None:
    assert len(run(batch_size=batch_size, epochs=1)) == -(-10 // min(batch_size, 10))


def test_the_same_seed_gives_the_same_bits() -> None:
    ends = []
    for _ in range(2):
        model, X, y, rng = problem()
        list(fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, epochs=3, batch_size=4, rng=rng))
        ends.append(model.params["0.W"].tobytes())
    assert ends[0] == ends[1]


def test_breaking_out_stops_training() -> None:
    model, X, y, rng = problem()
    for s in fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, epochs=100, batch_size=4, rng=rng):
        if s.step == 5:
            break
    twin, X, y, rng = problem()
    five = zip(
        range(5), fit(twin, SoftmaxCrossEntropy(), SGD(0.5), X, y, epochs=2, batch_size=4, rng=rng), strict=False
    )
    list(five)
    np.testing.assert_array_equal(model.params["2.W"], twin.params["2.W"])


def test_the_loss_reported_is_the_loss_differentiated() -> None:
    """The first step of batch gradient descent lowers J by α ‖∇J‖², up to second order in α."""
    model, X, y, rng = problem()
    loss, alpha = SoftmaxCrossEntropy(), 1e-5
    Y, cache = model.forward(X)
    J, loss_cache = loss.forward(Y, y)
    squared = sum(float((g**2).sum()) for g in model.param_grads(loss.backward(loss_cache), cache).values())
    [step] = fit(model, loss, SGD(alpha), X, y, epochs=1, batch_size=10, rng=rng)
    assert step.loss == pytest.approx(J, rel=1e-12)
    assert J - loss.forward(model(X), y)[0] == pytest.approx(alpha * squared, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"epochs": 0}, ValueError, "epochs >= 1, got 0"),
        ({"epochs": 1.5}, TypeError, "epochs as a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size >= 1, got 0"),
        ({"batch_size": -3}, ValueError, "batch_size >= 1, got -3"),
        ({"rng": 0}, TypeError, "default_rng"),
        ({"every": "hour"}, ValueError, 'every="step" or every="epoch", got \'hour\''),
    ],
)
def test_bad_settings_are_refused_before_the_first_step(
    changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    model, X, y, rng = problem()
    with pytest.raises(error, match=sentence):
        fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, **({"epochs": 2, "batch_size": 4, "rng": rng} | changes))


def test_examples_and_targets_must_agree_in_number() -> None:
    model, X, y, rng = problem()
    with pytest.raises(ValueError, match=r"10 examples and y of shape \(9,\)"):
        fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y[:9], epochs=1, batch_size=4, rng=rng)


def test_integer_images_are_refused_at_once() -> None:
    model, _, y, rng = problem()
    with pytest.raises(TypeError, match="X / 255"):
        fit(
            model, SoftmaxCrossEntropy(), SGD(0.5), np.ones((10, 4), dtype=np.uint8), y, epochs=1, batch_size=4, rng=rng
        )


def test_divergence_is_a_sentence_not_a_silent_nan() -> None:
    rng = np.random.default_rng(0)
    model, X = Sequential(Dense(1, 1, rng=rng), Dense(1, 1, rng=rng)), rng.normal(size=(10, 1)) * 1e3
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="lower the learning rate"):
        list(fit(model, MeanSquaredError(), SGD(1e3), X, X, epochs=100, batch_size=10, rng=rng))


def test_predict_in_batches_equals_predict_at_once() -> None:
    model, X, y, _ = problem(m=23)
    np.testing.assert_allclose(predict(model, X, batch_size=5), model(X), rtol=1e-12)
    assert accuracy(model, X, y) == (model(X).argmax(axis=1) == y).mean()
    with pytest.raises(ValueError, match=r"class numbers of shape \(23,\), got float64 of shape \(23, 3\)"):
        accuracy(model, X, np.eye(3)[y])


def test_accuracy_refuses_what_it_cannot_judge() -> None:
    rng = np.random.default_rng(0)
    one, X = Dense(4, 1, rng=rng), rng.normal(size=(6, 4))
    with pytest.raises(ValueError, match=r"got one output: use \(\(Y"):
        accuracy(one, X, np.zeros(6, dtype=int))
    with pytest.raises(ValueError, match="got float64"):
        accuracy(Dense(4, 3, rng=rng), X, np.zeros(6))


@pytest.mark.parametrize(
    ("place", "wrong", "sentence"),
    [
        (0, Dense, "fit expects as model something like Sequential"),
        (1, SGD(0.1), "fit expects as loss something like SoftmaxCrossEntropy"),
        (2, MeanSquaredError(), r"fit expects as optimizer something like SGD\(0\.1\)"),
    ],
)
def test_swapped_arguments_are_named(place: int, wrong: Any, sentence: str) -> None:
    model, X, y, rng = problem()
    arguments: list[Any] = [model, SoftmaxCrossEntropy(), SGD(0.5), X, y]
    arguments[place] = wrong
    with pytest.raises(TypeError, match=sentence):
        fit(*arguments, epochs=1, batch_size=4, rng=rng)


def test_targets_that_are_not_numbers_are_refused_before_the_first_step() -> None:
    model, X, y, rng = problem()
    y = np.eye(3)[y]
    y[-1] = np.nan
    with pytest.raises(ValueError, match="NaN in y"):
        fit(model, MeanSquaredError(), SGD(0.5), X, y, epochs=1, batch_size=4, rng=rng)
