"""Truncated back-propagation through time: what is cut, what is carried, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

import dlbook
from dlbook import (
    LSTM,
    RNN,
    SGD,
    Dense,
    LastStep,
    MeanSquaredError,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
    fit,
    fit_truncated,
    forward_states,
)
from dlbook.check import gradient_error, numerical_gradient
from dlbook.memory import peak_memory

M, T = 3, 10


def network(rng: np.random.Generator) -> Sequential:
    """Two recurrent layers, one of them in a stack inside the stack."""
    return Sequential(RNN(2, 4, rng=rng), Sequential(Tanh(), LSTM(4, 3, rng=rng)), Dense(3, 2, rng=rng))


def data() -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng, rng.normal(size=(M, T, 2)), rng.normal(size=(M, T, 2))


def updates(model: dlbook.Layer, chunk: int, X: np.ndarray, y: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Return the gradient of every chunk, for parameters that stay where they are."""

    class Watch(SGD):
        def _update(self, params, grads):
            seen.append({name: g.copy() for name, g in grads.items()})

    seen: list[dict[str, np.ndarray]] = []
    rng = np.random.default_rng(0)
    list(fit_truncated(model, MeanSquaredError(), Watch(0.1), X, y, chunk=chunk, epochs=1, rng=rng))
    return seen


@pytest.mark.parametrize("chunk", [T, T + 5])
def test_one_chunk_is_full_back_propagation_through_time(chunk: int) -> None:
    rng, X, y = data()
    model = network(rng)
    [grads] = updates(model, chunk, X, y)
    Y, cache = model.forward(X)
    loss = MeanSquaredError()
    _, full = model.backward(loss.backward(loss.forward(Y, y)[1]), cache)
    for name, g in full.items():
        np.testing.assert_allclose(grads[name], g, rtol=0, atol=1e-14)


def test_one_chunk_trains_like_fit() -> None:
    losses = []
    for train, size in ((fit_truncated, {"chunk": T}), (fit, {"batch_size": M})):
        rng, X, y = data()
        model = network(rng)
        losses.append([s.loss for s in train(model, MeanSquaredError(), SGD(0.3), X, y, epochs=5, rng=rng, **size)])
    np.testing.assert_allclose(*losses, rtol=1e-10)
    assert losses[0][-1] < losses[0][0]


@pytest.mark.parametrize("chunk", [1, 4, 7])
def test_gradients_of_chunks_are_differences_with_the_state_held(chunk: int) -> None:
    rng, X, y = data()
    model, loss = network(rng), MeanSquaredError()
    grads = updates(model, chunk, X, y)
    assert len(grads) == -(-T // chunk)
    states = None
    for start, g in zip(range(0, T, chunk), grads, strict=True):
        now = slice(start, start + chunk)
        for name, p in model.params.items():

            def J(value: np.ndarray, p: np.ndarray = p, now: slice = now, states=states) -> float:
                kept = p.copy()
                p[...] = value
                Y, _, _ = forward_states(model, X[:, now], states=states)
                p[...] = kept
                return loss.forward(Y, y[:, now])[0]

            assert gradient_error(g[name], numerical_gradient(J, p)) < 1e-7, (start, name)
        _, _, states = forward_states(model, X[:, now], states=states)


@pytest.mark.parametrize("chunk", [1, 4])
def test_the_outputs_of_chunks_are_those_of_the_whole(chunk: int) -> None:
    rng, X, _ = data()
    model, states, pieces = network(rng), None, []
    for start in range(0, T, chunk):
        Y, _, states = forward_states(model, X[:, start : start + chunk], states=states)
        pieces.append(Y)
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), model(X), rtol=0, atol=1e-13)


def test_every_epoch_starts_from_zero_states() -> None:
    rng, X, y = data()
    steps = list(fit_truncated(network(rng), MeanSquaredError(), SGD(1e-300), X, y, chunk=4, epochs=2, rng=rng))
    assert [(s.epoch, s.step) for s in steps] == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    np.testing.assert_allclose([s.loss for s in steps[:3]], [s.loss for s in steps[3:]], rtol=1e-12)


def test_lengths_reach_every_recurrent_layer() -> None:
    rng, X, _ = data()
    model = Sequential(LSTM(2, 4, rng=rng), RNN(4, 3, rng=rng), LastStep(), Dense(3, 2, rng=rng))
    lengths, dY = np.array([4, 10, 1]), rng.normal(size=(M, 2))
    Y, cache, _ = forward_states(model, X, lengths=lengths)
    dX, grads = model.backward(dY, cache)
    total = dict.fromkeys(grads, 0.0)
    for k, length in enumerate(lengths):
        Y_alone, cache = model.forward(X[k : k + 1, :length])
        dX_alone, alone = model.backward(dY[k : k + 1], cache)
        np.testing.assert_allclose(Y[k], Y_alone[0], rtol=0, atol=1e-13)
        np.testing.assert_allclose(dX[k, :length], dX_alone[0], rtol=0, atol=1e-13)
        total = {name: total[name] + g for name, g in alone.items()}
    for name, g in grads.items():
        np.testing.assert_allclose(g, total[name], rtol=0, atol=1e-12)


def test_a_loss_over_real_steps_is_the_mean_over_all_sequences_alone() -> None:
    """The lines in the docstring of forward_states."""
    rng, X, _ = data()
    model, loss, lengths = network(rng), SoftmaxCrossEntropy(), np.array([4, 10, 1])
    y = rng.integers(2, size=(M, T))
    Y, cache, _ = forward_states(model, X, lengths=lengths)
    real = np.arange(X.shape[1]) < lengths[:, None]
    J, loss_cache = loss.forward(Y[real], y[real])
    dY = np.zeros_like(Y)
    dY[real] = loss.backward(loss_cache)
    grads, total, J_alone = model.param_grads(dY, cache), dict.fromkeys(model.params, 0.0), 0.0
    for k, length in enumerate(lengths):
        Y_k, cache = model.forward(X[k : k + 1, :length])
        J_k, loss_cache = loss.forward(Y_k, y[k : k + 1, :length])
        share = length / lengths.sum()
        J_alone += share * J_k
        for name, g in model.param_grads(share * loss.backward(loss_cache), cache).items():
            total[name] = total[name] + g
    assert pytest.approx(J_alone, abs=1e-12) == J
    for name, g in grads.items():
        np.testing.assert_allclose(g, total[name], rtol=0, atol=1e-12)


def test_class_numbers_as_targets_and_rng_for_training() -> None:
    rng, X, _ = data()
    given = []

    class Noise(dlbook.Layer):
        def forward(self, X, rng=None):
            given.append(rng)
            return X, None

        def backward(self, dY, cache):
            return dY, {}

    model, y = Sequential(Noise(), RNN(2, 4, rng=rng)), rng.integers(4, size=(M, T))
    losses = [s.loss for s in fit_truncated(model, SoftmaxCrossEntropy(), SGD(0.5), X, y, chunk=5, epochs=20, rng=rng)]
    assert np.mean(losses[-2:]) < np.mean(losses[:2])
    assert all(one is rng for one in given)
    forward_states(model, X)
    assert given[-1] is None


@pytest.mark.parametrize("kind", [RNN, LSTM])
def test_memory_grows_with_the_chunk_and_not_with_the_length(kind: type) -> None:
    rng = np.random.default_rng(0)
    model = Sequential(kind(2, 32, rng=rng), Dense(32, 1, rng=rng))

    def epoch(length: int, chunk: int) -> int:
        X, y = np.ones((4, length, 2)), np.ones((4, length, 1))
        steps = fit_truncated(model, MeanSquaredError(), SGD(1e-6), X, y, chunk=chunk, epochs=1, rng=rng)
        return peak_memory(lambda: list(steps))

    epoch(200, 200)  # what is allocated once
    full = [epoch(length, length) for length in (200, 400, 800)]
    truncated = [epoch(length, 50) for length in (200, 400, 800)]
    assert 1.8 < full[1] / full[0] < 2.2
    assert 1.8 < full[2] / full[1] < 2.2
    assert truncated[2] < 1.1 * truncated[0]
    assert truncated[0] < 0.4 * full[0]


def test_bad_input() -> None:
    rng, X, y = data()
    model, loss, optimizer = network(rng), MeanSquaredError(), SGD(0.1)

    def start(X=X, y=y, chunk=4, epochs=1, rng=rng):
        return fit_truncated(model, loss, optimizer, X, y, chunk=chunk, epochs=epochs, rng=rng)

    for wrong, kind, message in (
        ({"X": X[0]}, ValueError, r"X of shape \(m, T, n_in\), got \(10, 2\)"),
        ({"y": y[:, 0]}, ValueError, r"one target per step, \(3, 10\), got y of shape \(3, 2\)"),
        ({"chunk": 0}, ValueError, "chunk >= 1"),
        ({"epochs": 1.5}, TypeError, "epochs as a whole number"),
        ({"rng": 0}, TypeError, "rng as a numpy Generator"),
    ):
        with pytest.raises(kind, match=message):  # before the first step
            start(**wrong)
    for place, name in enumerate(("model", "loss", "optimizer")):
        parts: list = [model, loss, optimizer]
        parts[place] = 0.1
        with pytest.raises(TypeError, match=f"as {name} a dlbook .*, got 0.1"):
            fit_truncated(*parts, X, y, chunk=4, epochs=1, rng=rng)
    spoilt = X.copy()
    spoilt[0, 6] = np.nan
    steps = start(X=spoilt)
    next(steps)
    with pytest.raises(ValueError, match="got NaN in X"):  # when it is reached: long sequences are not read twice
        next(steps)


def test_states_of_another_model_are_refused() -> None:
    rng, X, _ = data()
    _, _, states = forward_states(network(rng), X)
    for other, foreign in ((Sequential(RNN(2, 4, rng=rng)), states), (RNN(2, 4, rng=rng), states), (network(rng), 1.0)):
        with pytest.raises(ValueError, match="as an earlier call for the same model returned them"):
            forward_states(other, X, states=foreign)
