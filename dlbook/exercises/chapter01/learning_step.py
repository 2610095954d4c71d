"""Exercise 1.5: One learning step."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.draw import halves, in_float32
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import Perceptron, sign
from dlbook.shapes import Array


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n: int, y: float | None = None) -> Case:
        w, b, x = halves(rng, n), float(rng.choice([-1.5, -0.5, 0.5, 1.5])), halves(rng, n)
        return Case(label, (w, b, x, float(rng.choice([-1.0, 1.0])) if y is None else y, 0.25))

    def unbiased(n: int) -> Case:
        w, _, *rest = case("", n).args
        return Case("a bias of zero", (w, 0.0, *rest))

    def near(side: float, y: float) -> tuple[Any, ...]:
        return np.array([1.0, -0.5]), 0.25 * side, np.array([0.5, 1.0]), y, 0.5  # w · x + b is ± 0.25

    def sided(label: str, right: bool) -> Case:
        w, b, x, _, eta = case("", 2).args
        return Case(label, (w, b + 0.25, x, float(sign(w @ x + b + 0.25)) * (1 if right else -1), eta))

    cases = [
        Case("the first step, from w = 0", (np.zeros(2), 0.0, np.array([1.0, -2.0]), -1.0, 0.5)),
        Case("an example exactly on the boundary", (np.array([2.0, 1.0]), -1.0, np.array([1.0, -1.0]), 1.0, 0.5)),
        sided("an example that is classified correctly", True),
        sided("an example that is misclassified", False),
        *(Case("an example that is only just classified correctly", near(y, y)) for y in (1.0, -1.0)),
        *(Case("an example that is only just misclassified", near(y, -y)) for y in (1.0, -1.0)),
        case("one input", 1),
        Case("the bias alone decides", (np.array([1.0, 1.0]), -1.5, np.array([0.5, 0.5]), 1.0, 0.5)),
        Case("the bias alone decides", (np.array([1.0, 1.0]), -1.5, np.array([0.5, 0.5]), -1.0, 0.5)),
        *(sided("a random example, misclassified", False) for _ in range(4)),
        *(case("a random example", int(rng.integers(2, 5))) for _ in range(8)),
        *(unbiased(n) for n in (2, 3, 4)),
    ]
    return [*cases, in_float32(cases[0])]


def _step(w: Array, b: float, x: Array, y: float, eta: float) -> tuple[Array, float]:
    perceptron = Perceptron(len(w))
    perceptron.w, perceptron.b = w, b
    X, rng = x[None, :], np.random.default_rng(0)
    for _ in perceptron.learn(X, np.array([y]), rng=rng, learning_rate=eta, max_steps=1):
        break
    return perceptron.w, perceptron.b


def _rosenblatt(w: Array, b: float, x: Array, y: float, eta: float) -> tuple[Array, float]:
    error = y - float(sign(w @ x + b))
    return w + eta * error * x, b + eta * error


def _bias_without_rate(w: Array, b: float, x: Array, y: float, eta: float) -> tuple[Array, float]:
    return (w + eta * y * x, b + y) if y * (w @ x + b) <= 0 else (w, b)


def _moved(w: Array, b: float, x: Array, y: float, eta: float, when: bool) -> tuple[Array, float]:
    return (w + eta * y * x, b + eta * y) if when else (w, b)


def _without_bias_step(w: Array, b: float, x: Array, y: float, eta: float) -> tuple[Array, float]:
    return _step(w, b, x, y, eta)[0], b


def _without_label(w: Array, b: float, x: Array, y: float, eta: float) -> tuple[Array, float]:
    return (w + eta * x, b + eta) if y * (w @ x + b) <= 0 else (w, b)


LEARNING_STEP = Exercise(
    "1.5",
    "One learning step",
    ("w", "b", "x", "y", "eta"),
    ("w", "b"),
    "the new w (n,) like w and x, and the new b, a number",
    _step,
    _step_cases,
    (
        Mistake(
            "the update goes the wrong way",
            lambda w, b, x, y, eta: _moved(w, b, x, y, -eta, y * (w @ x + b) <= 0),
            "You add the gradient −y x in place of going against it. The update is + η y x: afterwards y (w · x + b) "
            "must be larger, so that the point moves towards its own side.",
        ),
        Mistake(
            "correctly classified examples cause an update too",
            lambda w, b, x, y, eta: _moved(w, b, x, y, eta, True),
            "The perceptron learns from its errors alone. Where y (w · x + b) > 0 nothing changes; else it would never "
            "stop.",
        ),
        Mistake(
            "only correctly classified examples cause an update",
            lambda w, b, x, y, eta: _moved(w, b, x, y, eta, y * (w @ x + b) > 0),
            "The condition is turned round: an example is misclassified where y (w · x + b) ≤ 0, label and side "
            "disagree.",
        ),
        Mistake(
            "the bias never learns",
            _without_bias_step,
            "w is right. b is a parameter as well: it gets + η y, as if it were a weight with the input 1.",
        ),
        Mistake(
            "the learning rate is missing",
            lambda w, b, x, y, eta: _moved(w, b, x, y, 1.0, y * (w @ x + b) <= 0),
            "You take the whole step y x. η says how much of it to take.",
        ),
        Mistake(
            "the label is missing in the update",
            _without_label,
            "An example with y = −1 must push w away from x: the update is + η y x, and + η y for the bias.",
        ),
        Mistake(
            "a point on the boundary causes no update",
            lambda w, b, x, y, eta: _moved(w, b, x, y, eta, y * (w @ x + b) < 0),
            "y (w · x + b) = 0 counts as misclassified. With < in place of ≤ the start w = 0, b = 0 is never left.",
        ),
        Mistake(
            "the bias is missing in the condition",
            lambda w, b, x, y, eta: _moved(w, b, x, y, eta, y * float(w @ x) <= 0),
            "The update is right, but you decide by y (w · x): the side of the boundary is the sign of w · x + b.",
        ),
        Mistake(
            "twice the step: y − prediction in place of y",
            _rosenblatt,
            "Rosenblatt's rule, w + η (y − ŷ) x, is written for outputs 0 and 1, where the error is ±1. With labels "
            "−1 and +1 it is ±2, and your steps are twice as long; on the boundary ŷ = +1 causes no step for y = +1. "
            "Here the update is + η y x.",
        ),
        Mistake(
            "the learning rate is missing in b",
            _bias_without_rate,
            "w is right. b takes the whole step y: it gets + η y, as if it were a weight with the input 1.",
        ),
    ),
    {
        "an example exactly on the boundary": lambda w, b, x, y, eta: w @ x + b == 0,
        "a misclassified example": lambda w, b, x, y, eta: y * (w @ x + b) <= 0,
        "a correctly classified example": lambda w, b, x, y, eta: y * (w @ x + b) > 0,
        "the label −1": lambda w, b, x, y, eta: y < 0,
        "a bias that is not zero": lambda w, b, x, y, eta: b != 0,
    },
)
