"""The training loop: what it visits, what it reports, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlbook import (
    L1,
    L2,
    SGD,
    Dense,
    Dropout,
    GaussianNoise,
    MaxNorm,
    MeanSquaredError,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    accuracy,
    fit,
    predict,
    restore,
    snapshot,
)


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


def test_a_penalty_is_part_of_what_is_reported_and_differentiated() -> None:
    """The first step lowers J + R by α ‖∇(J + R)‖², up to second order in α."""
    model, X, y, rng = problem()
    loss, penalty, alpha = SoftmaxCrossEntropy(), L1(0.01) + L2(0.1), 1e-5

    def J() -> float:
        return loss.forward(model(X), y)[0] + penalty.value(model.params)

    Y, cache = model.forward(X)
    grads, more = model.param_grads(loss.backward(loss.forward(Y, y)[1]), cache), penalty.grads(model.params)
    squared = sum(float(((g + more[name]) ** 2).sum()) for name, g in grads.items())
    before = J()
    [step] = fit(model, loss, SGD(alpha), X, y, epochs=1, batch_size=10, rng=rng, penalty=penalty)
    assert step.loss == pytest.approx(before, rel=1e-12)
    assert before - J() == pytest.approx(alpha * squared, rel=1e-3)


def test_a_constraint_holds_after_every_step() -> None:
    model, X, y, rng = problem()
    touched = 0
    for _ in fit(
        model, SoftmaxCrossEntropy(), SGD(5.0), X, y, epochs=5, batch_size=4, rng=rng, constraint=MaxNorm(0.8)
    ):
        for name in ("0.W", "2.W"):
            lengths = np.linalg.norm(model.params[name], axis=1)
            assert lengths.max() < 0.8 + 1e-12
            touched += int((lengths > 0.8 - 1e-12).sum())
    assert touched > 0


def test_prepare_stands_between_the_data_and_the_model() -> None:
    model, X, y, rng = problem()
    kept, seen = X.copy(), []

    def prepare(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        seen.append((X.copy(), y))
        X += rng.normal(size=X.shape)  # allowed: it is a copy
        return X

    settings: dict[str, Any] = {"epochs": 1, "batch_size": 10}
    [step] = fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, rng=rng, prepare=prepare, **settings)
    np.testing.assert_array_equal(X, kept)
    twin, X, y, rng = problem()
    order = rng.permutation(10)
    np.testing.assert_array_equal(seen[0][0], X[order])
    np.testing.assert_array_equal(seen[0][1], y[order])
    noisy = X[order] + rng.normal(size=X.shape)
    assert step.loss == SoftmaxCrossEntropy().forward(twin(noisy), y[order])[0]


def test_noise_of_higher_precision_does_not_make_training_slow() -> None:
    model, X, y, rng = problem()
    seen: list[np.dtype] = []

    class Watching(Sequential):
        def forward(self, X: np.ndarray, rng: np.random.Generator | None = None) -> Any:
            seen.append(X.dtype)
            return super().forward(X, rng)

    watching = Watching(model.astype(np.float32))
    settings: dict[str, Any] = {
        "epochs": 1,
        "batch_size": 10,
        "prepare": lambda X, y, rng: X + rng.normal(size=X.shape),
    }
    list(fit(watching, SoftmaxCrossEntropy(), SGD(0.5), X.astype(np.float32), y, rng=rng, **settings))
    assert seen == [np.float32]


def test_nothing_changes_without_penalty_constraint_and_prepare() -> None:
    ends = []
    for extras in ({}, {"penalty": L2(0), "constraint": MaxNorm(1e9), "prepare": lambda X, y, rng: X}):
        model, X, y, rng = problem()
        losses = [
            s.loss for s in fit(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, epochs=3, batch_size=4, rng=rng, **extras)
        ]
        ends.append((losses, model.params["0.W"].tobytes()))
    assert ends[0] == ends[1]


def test_a_run_with_everything_that_draws_resumes_with_the_same_bits() -> None:
    def start(seed: int) -> tuple[Sequential, SGD, np.random.Generator]:
        rng = np.random.default_rng(seed)
        layers = (GaussianNoise(0.1), Dense(4, 5, rng=rng), Sigmoid(), Dropout(0.5), Dense(5, 3, rng=rng))
        return Sequential(*layers), SGD(0.5), rng

    def train(model: Sequential, optimizer: SGD, rng: np.random.Generator, epochs: int) -> list[float]:
        settings: dict[str, Any] = {"penalty": L1(0.01), "constraint": MaxNorm(1)}
        settings["prepare"] = lambda X, y, rng: X + 0.1 * rng.normal(size=X.shape)
        loss = SoftmaxCrossEntropy()
        return [s.loss for s in fit(model, loss, optimizer, X, y, epochs=epochs, batch_size=4, rng=rng, **settings)]

    _, X, y, _ = problem()
    whole, first, second = start(1), start(1), start(2)
    losses = train(*whole, epochs=4)
    before = train(*first, epochs=1)
    restore(snapshot(*first), *second)
    assert before + train(*second, epochs=3) == losses
    assert whole[0].params["1.W"].tobytes() == second[0].params["1.W"].tobytes()


def test_early_stopping_is_a_few_lines_of_the_caller() -> None:
    """Keep the parameters that were best on other examples; stop when they have not been beaten for a while."""
    model, X, y, rng = problem(m=40)
    X_other, y_other = rng.normal(size=(40, 4)), rng.integers(3, size=40)  # pure noise: it can only get worse
    loss, optimizer, patience = SoftmaxCrossEntropy(), SGD(1.0), 3
    history: list[float] = []

    lowest, waited = np.inf, 0
    for _ in fit(model, loss, optimizer, X, y, epochs=100, batch_size=10, rng=rng, every="epoch"):
        validation, _ = loss.forward(predict(model, X_other), y_other)
        history.append(validation)
        if validation < lowest:
            lowest, waited, best = validation, 0, snapshot(model, optimizer, rng)
        elif (waited := waited + 1) == patience:
            break
    restore(best, model, optimizer, rng)

    assert len(history) < 100
    assert history[-patience - 1] == min(history) == lowest == loss.forward(predict(model, X_other), y_other)[0]


@pytest.mark.parametrize(
    ("extra", "error", "sentence"),
    [
        ({"penalty": 0.1}, TypeError, r"fit expects as penalty something like L2\(0\.01\), got 0\.1"),
        ({"penalty": L2}, TypeError, "fit expects as penalty something like"),
        ({"penalty": MaxNorm(1)}, TypeError, "fit expects as penalty something like"),
        ({"constraint": L2(0.1)}, TypeError, r"fit expects as constraint something like MaxNorm\(3\)"),
        ({"prepare": 3}, TypeError, "fit expects prepare as a function of X, y and rng, got 3"),
    ],
)
def test_swapped_extras_are_named(extra: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        run(**extra)


@pytest.mark.parametrize(
    ("prepare", "error", "sentence"),
    [
        (lambda X, y, rng: None, TypeError, "what prepare returns as floating-point numbers, got object"),
        (lambda X, y, rng: X[:2], ValueError, "one example per target, 4, got 2"),
        (lambda X, y, rng: X * np.nan, ValueError, "NaN in what prepare returns"),
    ],
)
def test_what_prepare_returns_must_be_a_batch(prepare: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        run(prepare=prepare)
