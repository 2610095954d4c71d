"""Exercises of chapter 1: the threshold neuron, the perceptron's loss and learning rule, XOR."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.draw import halves, in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import Perceptron, sign, step
from dlbook.shapes import Array

Loss = tuple[float, Array, float]


# 1.3 --------------------------------------------------------------------------------------------------------------
def _neuron_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        return Case(label, (halves(rng, m, n), halves(rng, n), float(rng.choice([-2.5, -1.5, 0.5, 1.5, 2.5]))))

    def unbiased(m: int, n: int) -> Case:
        return Case("a bias of zero", (halves(rng, m, n), halves(rng, n), 0.0))

    one = np.array([[1.0, -0.5]])
    near = np.array([[0.5, 0.25], [1.0, -1e-6], [1.0, 1e-6], [1.0, 0.25]])
    cases = [
        Case("one example, exactly on the boundary", (one, np.array([0.5, 1.0]), 0.0)),
        Case("one example, a positive bias alone", (np.zeros((1, 2)), np.array([0.5, 1.0]), 0.5)),
        Case("one example, a negative bias alone", (np.zeros((1, 2)), np.array([0.5, 1.0]), -0.5)),
        Case("two examples, one on the boundary", (np.array([[1.0, 1.0], [0.0, 0.5]]), np.array([1.0, 1.0]), -2.0)),
        Case("on both sides of the boundary, very near", (near, np.ones(2), -1.0)),
        case("one input", 4, 1),
        case("as many examples as inputs", 3, 3),
        *(case("a random batch", int(rng.integers(2, 9)), int(rng.integers(2, 6))) for _ in range(8)),
        *(case("one random example", 1, 3) for _ in range(2)),
        *(unbiased(2, 3) for _ in range(3)),
    ]
    return [*cases, in_float32(cases[-1])]


def _neuron(X: Array, w: Array, b: float) -> Array:
    return step(X @ w + b)


THRESHOLD_NEURON = Exercise(
    "1.3",
    "The threshold neuron for a batch",
    ("X", "w", "b"),
    ("outputs",),
    "one 0 or 1 per example, shape (m,)",
    _neuron,
    _neuron_cases,
    (
        Mistake(
            "it fires at v > 0 in place of v ≥ 0",
            lambda X, w, b: np.where(X @ w + b > 0, 1.0, 0.0),
            "A point exactly on the boundary, v = 0, belongs to the side that fires: the threshold function is 1 where "
            "v ≥ 0. The text says which side; the two conventions differ only there.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, w, b: step(X @ w),
            "Without b every boundary runs through the origin, and x = 0 always gives v = 0. Add b to the weighted "
            "sum.",
        ),
        Mistake(
            "the bias is subtracted",
            lambda X, w, b: step(X @ w - b),
            "You treat b as a threshold that the sum must reach. As a bias it is added: v = w · x + b, so b = "
            "−threshold.",
        ),
        Mistake(
            "the outputs are −1 and 1",
            lambda X, w, b: sign(X @ w + b),
            "This is the other form of the threshold function. The neuron of this exercise gives 0 where it does not "
            "fire.",
        ),
        Mistake(
            "np.sign has three values",
            lambda X, w, b: np.sign(X @ w + b),
            "np.sign gives −1, 0 and 1, and 0 exactly on the boundary. The threshold function has the values 0 and 1 "
            "only.",
        ),
        Mistake(
            "the threshold function is missing",
            lambda X, w, b: X @ w + b,
            "These are the values v before the threshold function. The neuron answers 1 or 0: compare v with 0.",
        ),
        Mistake(
            "0 and 1 are exchanged",
            lambda X, w, b: np.where(X @ w + b >= 0, 0.0, 1.0),
            "It fires where v < 0. The comparison, or the order of the two values, is the wrong way round.",
        ),
        Mistake(
            "the sum runs over the examples",
            lambda X, w, b: step((X * w).sum(axis=0) + b),
            "X * w has one row per example. The neuron adds over its inputs, which are the columns: axis 1, or X @ w.",
        ),
        Mistake(
            "one output for the whole batch",
            lambda X, w, b: float((X @ w).sum() + b >= 0),
            "You add over the examples too. Each row of X is an example of its own and gets an answer of its own.",
        ),
        Mistake(
            "the sigmoid in place of the step",
            lambda X, w, b: 1 / (1 + np.exp(-(X @ w + b))),
            "σ(v) climbs smoothly from 0 to 1. The threshold neuron jumps: 1 where v ≥ 0, else 0, and nothing between.",
        ),
    ),
    {
        "a point exactly on the boundary": lambda X, w, b: bool((X @ w + b == 0).any()),
        "more than one example": lambda X, w, b: several(X),
        "a bias that is not zero": lambda X, w, b: b != 0,
    },
)


# 1.4 --------------------------------------------------------------------------------------------------------------
def _labels(rng: np.random.Generator, m: int) -> Array:
    return rng.choice([-1.0, 1.0], size=m)


def _loss_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        X, w, b = halves(rng, m, n), halves(rng, n), float(rng.choice([-1.5, -0.5, 0.5, 1.5]))
        return Case(label, (X, _labels(rng, m), w, b))

    def sorted_case(label: str, right: bool, m: int, n: int) -> Case:
        X, _, w, b = case("", m, n).args
        b += 0.25  # never on the boundary
        return Case(label, (X, sign(X @ w + b) * (1 if right else -1), w, b))

    near = np.array([[0.0, 0.0], [0.5, 0.5], [-1.0, 0.0], [0.65, 0.0]])  # margins of 0.25, 0.5, 0.75 and 0.9
    right = np.array([1.0, 1.0, -1.0, 1.0])
    on_boundary = (np.array([[1.0, 2.0]]), np.array([1.0]), np.array([2.0, -1.0]), 0.0)
    cases = [
        Case("one example, exactly on the boundary", on_boundary),
        Case("one misclassified example", (np.array([[1.0, 2.0]]), np.array([-1.0]), np.array([1.0, 0.5]), 0.5)),
        Case("correctly classified, but only just", (near, right, np.array([1.0, -0.5]), 0.25)),
        Case("misclassified, but only just", (near, -right, np.array([1.0, -0.5]), 0.25)),
        sorted_case("no example is misclassified", True, 4, 2),
        sorted_case("all examples are misclassified", False, 4, 2),
        Case("weights still zero", (halves(rng, 3, 2), _labels(rng, 3), np.zeros(2), 0.0)),
        case("as many examples as inputs", 3, 3),
        *(case("a random batch", int(rng.integers(4, 10)), int(rng.integers(2, 5))) for _ in range(8)),
        *(sorted_case("all examples are misclassified", False, m, 3) for m in (1, 1, 2)),
        *(Case("a bias of zero", (*case("", 4, 2).args[:3], 0.0)) for _ in range(3)),
    ]
    return [*cases, in_float32(cases[-1])]


def _loss(X: Array, y: Array, w: Array, b: float) -> Loss:
    perceptron = Perceptron(len(w))
    perceptron.w, perceptron.b = w, b
    return perceptron.loss(X, y), *perceptron.gradients(X, y)


def _sums(X: Array, y: Array, w: Array, b: float, M: Array) -> Loss:
    """Sum the loss and its gradient over the examples M."""
    return -float((y * (X @ w + b))[M].sum()), -(y[M] @ X[M]), -float(y[M].sum())


def _wrong(X: Array, y: Array, w: Array, b: float) -> Array:
    return np.asarray(y * (X @ w + b) <= 0)


def _scaled(loss: Loss, *c: float) -> Loss:
    return c[0] * loss[0], c[1] * loss[1], c[2] * loss[2]


def _without_labels(X: Array, y: Array, w: Array, b: float) -> Loss:
    M = _wrong(X, y, w, b)
    return _loss(X, y, w, b)[0], -X[M].sum(axis=0), -float(M.sum())


def _hinge(X: Array, y: Array, w: Array, b: float) -> Loss:
    margin = y * (X @ w + b)
    return float(np.maximum(0, 1 - margin).sum()), *_sums(X, y, w, b, margin < 1)[1:]


def _hinge_gradient(X: Array, y: Array, w: Array, b: float) -> Loss:
    return _loss(X, y, w, b)[0], *_hinge(X, y, w, b)[1:]


def _without_label_in_db(X: Array, y: Array, w: Array, b: float) -> Loss:
    return *_loss(X, y, w, b)[:2], -float(_wrong(X, y, w, b).sum())


def _count_of_errors(X: Array, y: Array, w: Array, b: float) -> Loss:
    return float(_wrong(X, y, w, b).sum()), *_loss(X, y, w, b)[1:]


def _distance(X: Array, y: Array, w: Array, b: float) -> Loss:
    return _scaled(_loss(X, y, w, b), 1 / max(float(np.linalg.norm(w)), 1e-300), 1, 1)


def _mean_over_wrong(X: Array, y: Array, w: Array, b: float) -> Loss:
    return _scaled(_loss(X, y, w, b), *[1 / max(int(_wrong(X, y, w, b).sum()), 1)] * 3)


PERCEPTRON_LOSS = Exercise(
    "1.4",
    "The perceptron's loss and its gradient",
    ("X", "y", "w", "b"),
    ("L", "dw", "db"),
    "L a number, dw (n,), db a number",
    _loss,
    _loss_cases,
    (
        Mistake(
            "the sum runs over all examples",
            lambda X, y, w, b: _sums(X, y, w, b, np.ones(len(X), dtype=bool)),
            "Correctly classified examples contribute too, with a negative loss, so that L can fall below 0 for ever. "
            "Only the misclassified ones, y (w · x + b) ≤ 0, belong to M.",
        ),
        Mistake(
            "the sum runs over the correctly classified examples",
            lambda X, y, w, b: _sums(X, y, w, b, ~_wrong(X, y, w, b)),
            "y (w · x + b) is positive where label and side agree. M holds the others: the comparison is turned round.",
        ),
        Mistake(
            "mean over the examples in place of the sum",
            lambda X, y, w, b: _scaled(_loss(X, y, w, b), *[1 / len(X)] * 3),
            "The perceptron's loss is a sum over M, without 1/m: your numbers are m times too small.",
        ),
        Mistake(
            "mean over the misclassified examples in place of the sum",
            _mean_over_wrong,
            "The loss is the sum over M. With the mean, it would not fall when one of two equally wrong points is "
            "repaired.",
        ),
        Mistake(
            "the minus sign is missing",
            lambda X, y, w, b: _scaled(_loss(X, y, w, b), -1, -1, -1),
            "For a misclassified point y (w · x + b) is negative. The minus in front makes the loss positive: "
            "it has to be something that is worth making small.",
        ),
        Mistake(
            "the gradient has the wrong sign",
            lambda X, y, w, b: _scaled(_loss(X, y, w, b), 1, -1, -1),
            "L is right. Its derivative keeps the minus: ∂L/∂w = −Σ y x. The plus belongs to the update, "
            "which goes against the gradient.",
        ),
        Mistake(
            "a point on the boundary is left out",
            lambda X, y, w, b: _sums(X, y, w, b, np.asarray(y * (X @ w + b) < 0)),
            "y (w · x + b) = 0 counts as misclassified: use ≤. With w = 0 every point is on the boundary, "
            "and learning could never begin.",
        ),
        Mistake(
            "the labels are missing in the gradient",
            _without_labels,
            "The derivative of y (w · x + b) with respect to w is y x, not x: a point with y = −1 pulls the other way.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, y, w, b: _loss(X, y, w, 0.0),
            "The margin is y (w · x + b). Without b other points count as misclassified.",
        ),
        Mistake(
            "the distance in place of the loss",
            _distance,
            "You divide by ‖w‖, which gives true distances. The perceptron's loss drops this factor: "
            "it is positive and does not change which points are wrong.",
        ),
        Mistake(
            "margin < 1: that is the hinge loss of the SVM",
            _hinge,
            "The support vector machine asks for a margin of 1. The perceptron asks only for the right side: a point "
            "with y (w · x + b) > 0 costs nothing, however near it is.",
        ),
        Mistake(
            "margin < 1 in place of margin ≤ 0",
            lambda X, y, w, b: _sums(X, y, w, b, np.asarray(y * (X @ w + b) < 1)),
            "M holds points on the right side as well, those with 0 < y (w · x + b) < 1. That condition belongs to the "
            "hinge loss of the SVM; the perceptron asks only for the right side.",
        ),
        Mistake(
            "margin < 1 in the gradient: that is the hinge loss of the SVM",
            _hinge_gradient,
            "L is right. Its gradient runs over the same M: the perceptron asks only for the right side, "
            "y (w · x + b) ≤ 0, not for a margin of 1.",
        ),
        Mistake(
            "the labels are missing in db",
            _without_label_in_db,
            "L and dw are right. b acts like a weight with the input 1: ∂L/∂b = −Σ y over M, not −Σ 1.",
        ),
        Mistake(
            "L is the number of errors",
            _count_of_errors,
            "The gradient is right. Counting the points of M gives a staircase whose slope is 0: L adds up how far "
            "they are on the wrong side, −y (w · x + b).",
        ),
    ),
    {
        "a point exactly on the boundary": lambda X, y, w, b: bool((X @ w + b == 0).any()),
        "a correctly classified example": lambda X, y, w, b: not _wrong(X, y, w, b).all(),
        "a correctly classified example with a margin below 1": lambda X, y, w, b: bool(
            ((y * (X @ w + b) > 0) & (y * (X @ w + b) < 1)).any()
        ),
        "more than one example": lambda X, y, w, b: several(X),
        "a bias that is not zero": lambda X, y, w, b: b != 0,
    },
)


# 1.5 --------------------------------------------------------------------------------------------------------------
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


# 1.6 --------------------------------------------------------------------------------------------------------------
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _look_up(*table: float) -> tuple[Array, Array, Array, float]:
    """Return the weights of a network that gives ``table`` on the four corners: one hidden unit for each corner."""
    return 2 * CORNERS - 1, 0.5 - CORNERS.sum(axis=1), np.array(table), -0.5


def _four_outputs(args: tuple[Any, ...], weights: tuple[Any, ...]) -> Array:
    W1, b1, w2, b2 = weights
    for name, array in zip(("W1", "b1", "w2", "b2"), weights, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or an infinity")
    if W1.ndim != 2 or W1.shape[1] != 2:
        raise ValueError(f"W1 should have one row per hidden unit and two columns, and has shape {W1.shape}")
    for name, array, n in (("b1", b1, len(W1)), ("w2", w2, len(W1)), ("b2", b2, 1)):
        if array.size != n:
            raise ValueError(
                f"with W1 of shape {W1.shape}, {name} should hold {n} number{'s' * (n > 1)}, and holds {array.size}"
            )
    return step(step(CORNERS @ W1.T + b1.reshape(-1)) @ w2.reshape(-1) + b2.reshape(-1)[0])


def _table(*table: float) -> Any:
    return lambda: _look_up(*table)


XOR_WEIGHTS = Exercise(
    "1.6",
    "XOR with your own weights",
    (),
    ("W1", "b1", "w2", "b2"),
    "W1 (k, 2), b1 (k,), w2 (k,), b2 a number",
    _table(0, 1, 1, 0),
    lambda rng: [Case("the four corners", ())],
    (
        Mistake(
            "it computes OR",
            _table(0, 1, 1, 1),
            "Only (1, 1) is wrong. The output unit must be held down where both inputs are 1: give a hidden unit that "
            "computes AND a negative weight.",
        ),
        Mistake(
            "it computes AND",
            _table(0, 0, 0, 1),
            "The output fires only at (1, 1), the one corner besides (0, 0) where XOR is silent.",
        ),
        Mistake(
            "it computes NAND",
            _table(1, 1, 1, 0),
            "Only (0, 0) is wrong: XOR is NAND and, at the same time, OR. One more hidden unit is needed, or a lower "
            "b2.",
        ),
        Mistake(
            "it computes XNOR",
            _table(1, 0, 0, 1),
            "Every output is the wrong one: you have built 'equal' in place of 'different'. Change the sign of w2 and "
            "b2, "
            "and look at what happens at v = 0.",
        ),
        Mistake(
            "it computes NOR",
            _table(1, 0, 0, 0),
            "It fires at (0, 0) alone. Weights for units that fire at v > 0 do this: here v = 0 fires, too. "
            "Put the biases halfway, at −0.5 and −1.5, so that v is never 0.",
        ),
        Mistake(
            "it is only the half with x₁ = 1",
            _table(0, 0, 1, 0),
            "(1, 0) is found, (0, 1) is not: a second hidden unit must fire where x₂ is 1 and x₁ is not.",
        ),
        Mistake(
            "it is only the half with x₂ = 1",
            _table(0, 1, 0, 0),
            "(0, 1) is found, (1, 0) is not: a second hidden unit must fire where x₁ is 1 and x₂ is not.",
        ),
        Mistake(
            "the output never fires",
            _table(0, 0, 0, 0),
            "v stays below 0 at every corner. Compute the hidden units by hand for (0, 1), then w2 · h + b2.",
        ),
        Mistake(
            "the output always fires",
            _table(1, 1, 1, 1),
            "The output's v is ≥ 0 at all four corners; lower b2 until (0, 0) and (1, 1) are silent.",
        ),
    ),
    observe=_four_outputs,
    observed="outputs at (0,0), (0,1), (1,0), (1,1)",
    praise="It computes XOR at all four corners.",
)

EXERCISES = (THRESHOLD_NEURON, PERCEPTRON_LOSS, LEARNING_STEP, XOR_WEIGHTS)
