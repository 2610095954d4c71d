"""Schedules: by what factor to multiply the first learning rate after so many steps.

Each is a plain function of ``step``, the number of updates made so far, and returns a factor from 0 to 1. Factors
multiply, and :func:`dlbook.train.fit` waits after every update, so the loop over it is the place to set the rate::

    def rate(step):
        return 0.1 * warm_up(step, 100) * cosine_decay(step, 2000)

    optimizer = SGD(rate(0))
    for record in fit(model, loss, optimizer, X, y, epochs=20, batch_size=100, rng=rng):
        optimizer.learning_rate = rate(record.step)

The rate set after ``record`` is that of the next update. A constant rate needs no schedule. A resumed run counts its
steps anew: add those made before.
"""

from __future__ import annotations

import math
from numbers import Integral

from dlbook.shapes import fraction, positive_int


def step_decay(step: int, every: int, factor: float = 0.1) -> float:
    """γ^⌊t / s⌋ (eq-step-decay): constant for ``every`` = s steps, then lower by the ``factor`` γ."""
    times = _step("step_decay", step) // positive_int("step_decay", every, "every")
    return fraction("step_decay", factor, "factor") ** times


def exponential_decay(step: int, factor: float) -> float:
    """γ^t (eq-exponential-decay): lower by the same ``factor`` γ at every step."""
    return fraction("exponential_decay", factor, "factor") ** _step("exponential_decay", step)


def cosine_decay(step: int, steps: int) -> float:
    """½ (1 + cos(π t / T)) (eq-cosine-decay; Loshchilov and Hutter 2017), and 0 from step T = ``steps`` on."""
    done = min(_step("cosine_decay", step) / positive_int("cosine_decay", steps, "steps"), 1)
    return (1 + math.cos(math.pi * done)) / 2


def warm_up(step: int, steps: int) -> float:
    """min(1, (t + 1) / T) (eq-warm-up): the first update has 1 / T of the rate, update T = ``steps`` all of it."""
    return min(1.0, (_step("warm_up", step) + 1) / positive_int("warm_up", steps, "steps"))


def _step(who: str, step: int) -> int:
    if isinstance(step, bool) or not isinstance(step, Integral) or step < 0:
        raise ValueError(f"{who} expects step as the number of updates so far, 0 or more, got {step!r}")
    return int(step)
