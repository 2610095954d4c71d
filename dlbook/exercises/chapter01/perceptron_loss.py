"""Exercise 1.4: The perceptron's loss and its gradient."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter01.wrong_losses import (
    count_of_errors,
    distance,
    hinge,
    hinge_gradient,
    mean_over_wrong,
    misclassified,
    right_loss,
    scaled,
    sums,
    without_label_in_db,
    without_labels,
)
from dlbook.exercises.draw import halves, in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import sign
from dlbook.shapes import Array


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


PERCEPTRON_LOSS = Exercise(
    "1.4",
    "The perceptron's loss and its gradient",
    ("X", "y", "w", "b"),
    ("L", "dw", "db"),
    "L a number, dw (n,), db a number",
    right_loss,
    _loss_cases,
    (
        Mistake(
            "the sum runs over all examples",
            lambda X, y, w, b: sums(X, y, w, b, np.ones(len(X), dtype=bool)),
            "Correctly classified examples contribute too, with a negative loss, so that L can fall below 0 for ever. "
            "Only the misclassified ones, y (w · x + b) ≤ 0, belong to M.",
        ),
        Mistake(
            "the sum runs over the correctly classified examples",
            lambda X, y, w, b: sums(X, y, w, b, ~misclassified(X, y, w, b)),
            "y (w · x + b) is positive where label and side agree. M holds the others: the comparison is turned round.",
        ),
        Mistake(
            "mean over the examples in place of the sum",
            lambda X, y, w, b: scaled(right_loss(X, y, w, b), *[1 / len(X)] * 3),
            "The perceptron's loss is a sum over M, without 1/m: your numbers are m times too small.",
        ),
        Mistake(
            "mean over the misclassified examples in place of the sum",
            mean_over_wrong,
            "The loss is the sum over M. With the mean, it would not fall when one of two equally wrong points is "
            "repaired.",
        ),
        Mistake(
            "the minus sign is missing",
            lambda X, y, w, b: scaled(right_loss(X, y, w, b), -1, -1, -1),
            "For a misclassified point y (w · x + b) is negative. The minus in front makes the loss positive: "
            "it has to be something that is worth making small.",
        ),
        Mistake(
            "the gradient has the wrong sign",
            lambda X, y, w, b: scaled(right_loss(X, y, w, b), 1, -1, -1),
            "L is right. Its derivative keeps the minus: ∂L/∂w = −Σ y x. The plus belongs to the update, "
            "which goes against the gradient.",
        ),
        Mistake(
            "a point on the boundary is left out",
            lambda X, y, w, b: sums(X, y, w, b, np.asarray(y * (X @ w + b) < 0)),
            "y (w · x + b) = 0 counts as misclassified: use ≤. With w = 0 every point is on the boundary, "
            "and learning could never begin.",
        ),
        Mistake(
            "the labels are missing in the gradient",
            without_labels,
            "The derivative of y (w · x + b) with respect to w is y x, not x: a point with y = −1 pulls the other way.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, y, w, b: right_loss(X, y, w, 0.0),
            "The margin is y (w · x + b). Without b other points count as misclassified.",
        ),
        Mistake(
            "the distance in place of the loss",
            distance,
            "You divide by ‖w‖, which gives true distances. The perceptron's loss drops this factor: "
            "it is positive and does not change which points are wrong.",
        ),
        Mistake(
            "margin < 1: that is the hinge loss of the SVM",
            hinge,
            "The support vector machine asks for a margin of 1. The perceptron asks only for the right side: a point "
            "with y (w · x + b) > 0 costs nothing, however near it is.",
        ),
        Mistake(
            "margin < 1 in place of margin ≤ 0",
            lambda X, y, w, b: sums(X, y, w, b, np.asarray(y * (X @ w + b) < 1)),
            "M holds points on the right side as well, those with 0 < y (w · x + b) < 1. That condition belongs to the "
            "hinge loss of the SVM; the perceptron asks only for the right side.",
        ),
        Mistake(
            "margin < 1 in the gradient: that is the hinge loss of the SVM",
            hinge_gradient,
            "L is right. Its gradient runs over the same M: the perceptron asks only for the right side, "
            "y (w · x + b) ≤ 0, not for a margin of 1.",
        ),
        Mistake(
            "the labels are missing in db",
            without_label_in_db,
            "L and dw are right. b acts like a weight with the input 1: ∂L/∂b = −Σ y over M, not −Σ 1.",
        ),
        Mistake(
            "L is the number of errors",
            count_of_errors,
            "The gradient is right. Counting the points of M gives a staircase whose slope is 0: L adds up how far "
            "they are on the wrong side, −y (w · x + b).",
        ),
    ),
    {
        "a point exactly on the boundary": lambda X, y, w, b: bool((X @ w + b == 0).any()),
        "a correctly classified example": lambda X, y, w, b: not misclassified(X, y, w, b).all(),
        "a correctly classified example with a margin below 1": lambda X, y, w, b: bool(
            ((y * (X @ w + b) > 0) & (y * (X @ w + b) < 1)).any()
        ),
        "more than one example": lambda X, y, w, b: several(X),
        "a bias that is not zero": lambda X, y, w, b: b != 0,
    },
)
