"""Schedules by hand, and at work in the loop over fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dlbook import SGD, Dense, MeanSquaredError, fit
from dlbook.schedules import cosine_decay, exponential_decay, step_decay, warm_up


def test_by_hand() -> None:
    assert [step_decay(t, 3, 0.5) for t in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert [exponential_decay(t, 0.5) for t in range(4)] == [1, 0.5, 0.25, 0.125]
    assert [warm_up(t, 4) for t in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    np.testing.assert_allclose(
        [cosine_decay(t, 4) for t in range(6)], [1, 0.5 + 0.5**0.5 / 2, 0.5, 0.5 - 0.5**0.5 / 2, 0, 0], atol=1e-15
    )


SCHEDULES: dict[str, Callable[[int], float]] = {
    "step_decay": lambda t: step_decay(t, 7),
    "exponential_decay": lambda t: exponential_decay(t, 0.9),
    "cosine_decay": lambda t: cosine_decay(t, 50),
    "warm_up": lambda t: warm_up(t, 10),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_factors_are_plain_floats_from_0_to_1_and_go_one_way(schedule: Callable[[int], float]) -> None:
    factors = [schedule(t) for t in range(100)]
    assert all(type(f) is float for f in factors)
    assert all(0 <= f <= 1 for f in factors)
    assert (np.diff(factors) <= 0).all() or (np.diff(factors) >= 0).all()
    assert schedule(np.int64(3)) == schedule(3)


def test_the_rate_that_the_loop_sets_is_that_of_the_next_update() -> None:
    """As in the module's example: update number t, counted from 0, is made with rate(t)."""
    used: list[float] = []

    class Watched(SGD):
        def _update(self, params, grads):
            used.append(self.learning_rate)
            super()._update(params, grads)

    def rate(step: int) -> float:
        return 0.1 * warm_up(step, 3) * cosine_decay(step, 12)

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    optimizer = Watched(rate(0))
    for record in fit(Dense(2, 1, rng=rng), MeanSquaredError(), optimizer, X, y, epochs=4, batch_size=4, rng=rng):
        optimizer.learning_rate = rate(record.step)
    assert used == [rate(t) for t in range(12)]
    assert optimizer.learning_rate == 0

    used.clear()  # once per epoch: all updates of an epoch have the same rate
    optimizer = Watched(1.0)
    settings = {"epochs": 3, "batch_size": 4, "rng": rng, "every": "epoch"}
    for record in fit(Dense(2, 1, rng=rng), MeanSquaredError(), optimizer, X, y, **settings):
        optimizer.learning_rate = exponential_decay(record.epoch, 0.5)
    assert used == [1.0] * 3 + [0.5] * 3 + [0.25] * 3


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: warm_up(-1, 10), "warm_up expects step as the number of updates so far, 0 or more, got -1"),
        (lambda: cosine_decay(0.5, 10), "cosine_decay expects step .* got 0.5"),
        (lambda: exponential_decay(3, 1.5), "exponential_decay expects factor from 0 to below 1, got 1.5"),
        (lambda: step_decay(3, 0), "step_decay expects every >= 1, got 0"),
        (lambda: step_decay(3, 1, -0.1), "step_decay expects factor >= 0, got -0.1"),
        (lambda: cosine_decay(3, 0), "cosine_decay expects steps >= 1, got 0"),
    ],
)
def test_bad_numbers_are_named(call: Callable[[], float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
