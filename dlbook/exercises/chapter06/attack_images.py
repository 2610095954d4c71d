"""Exercise 6.6: The fast gradient sign method."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int, epsilon: float | None = None, *, inner: bool = False) -> Case:
        X = np.round(rng.uniform(0.4, 0.6, size=(m, n)), 2)
        if not inner:
            X = np.clip(np.round(rng.uniform(-0.2, 1.2, size=(m, n)), 2), 0, 1)  # many are 0 or 1
        dX = normal(rng, m, n)
        dX.flat[-1] = 0.0 if dX.size > 1 else dX.flat[-1]
        return Case(label, (X, dX, float(rng.choice([0.05, 0.1, 0.3])) if epsilon is None else epsilon))

    cases = [
        case("one pixel", 1, 1, inner=True),
        case("grey pixels, none reaches a limit", 1, 3, 0.1, inner=True),
        case("grey pixels, two images", 2, 3, 0.25, inner=True),
        case("grey pixels, as many images as pixels", 3, 3, 0.3, inner=True),
        case("grey pixels, one per image", 3, 1, 0.3, inner=True),
        case("one image", 1, 5),
        Case("black and white pixels", (np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[2.0, -0.5, 0.1, -3.0]]), 0.25)),
        case("as many images as pixels", 3, 3),
        case("a large ε", 2, 4, 0.8),
        *(case("random images", int(m), int(n)) for m, n in rng.integers(2, 6, size=(7, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _attack(X: Array, dX: Array, epsilon: float) -> Array:
    return np.asarray(np.clip(X + epsilon * np.sign(dX), 0, 1))


def _length(dX: Array) -> Array:
    return np.asarray(np.maximum(np.sqrt((dX**2).sum(axis=1, keepdims=True)), 1e-12))


ATTACK_IMAGES = Exercise(
    "6.6",
    "The fast gradient sign method",
    ("X", "dX", "epsilon"),
    ("images",),
    "images of shape (m, n), between 0 and 1",
    _attack,
    _cases,
    (
        Mistake(
            "nothing is clipped",
            lambda X, dX, epsilon: X + epsilon * np.sign(dX),
            "Some pixels are below 0 or above 1: blacker than black is no image. Clip the result.",
        ),
        Mistake(
            "the gradient in place of its sign",
            lambda X, dX, epsilon: np.clip(X + epsilon * dX, 0, 1),
            "Each pixel moves by ε times its slope, which may be tiny or huge. The method moves each by ε, and takes "
            "only the direction from the slope.",
        ),
        Mistake(
            "the loss falls in place of growing",
            lambda X, dX, epsilon: np.clip(X - epsilon * np.sign(dX), 0, 1),
            "You go down the gradient, as in training. The attacker goes up.",
        ),
        Mistake(
            "only the upper limit is kept",
            lambda X, dX, epsilon: np.minimum(X + epsilon * np.sign(dX), 1),
            "Pixels below 0 remain. The range has two ends.",
        ),
        Mistake(
            "only the lower limit is kept",
            lambda X, dX, epsilon: np.maximum(X + epsilon * np.sign(dX), 0),
            "Pixels above 1 remain. The range has two ends.",
        ),
        Mistake(
            "the gradient is divided by its length",
            lambda X, dX, epsilon: np.clip(X + epsilon * dX / _length(dX), 0, 1),
            "That is a step of length ε in the gradient's direction. Here every single pixel may move by ε.",
        ),
        Mistake(
            "the gradient is divided by its largest entry",
            lambda X, dX, epsilon: np.clip(X + epsilon * dX / max(np.abs(dX).max(), 1e-12), 0, 1),
            "Only the pixel with the steepest slope moves by ε, the others by less. The sign moves all of them fully.",
        ),
        Mistake(
            "the sign of the pixels",
            lambda X, dX, epsilon: np.clip(X + epsilon * np.sign(X), 0, 1),
            "np.sign(X) is 1 wherever there is ink and says nothing about the loss. Take the sign of dX.",
        ),
        Mistake(
            "the change alone is returned",
            lambda X, dX, epsilon: epsilon * np.sign(dX),
            "This is what is to be added. Asked are the attacked images.",
        ),
        Mistake(
            "the change alone, clipped",
            lambda X, dX, epsilon: np.clip(epsilon * np.sign(dX), 0, 1),
            "X is missing: the change is added to the images, and then clipped.",
        ),
        Mistake(
            "ε is missing",
            lambda X, dX, epsilon: np.clip(X + np.sign(dX), 0, 1),
            "Every pixel with a slope ends at 0 or 1. The change per pixel is ε.",
        ),
        Mistake(
            "a slope of 0 counts as negative",
            lambda X, dX, epsilon: np.clip(X + np.where(dX > 0, epsilon, -epsilon), 0, 1),
            "Where dX is 0 the pixel does not matter for the loss and stays as it is. sign(0) = 0.",
        ),
        Mistake(
            "a slope of 0 counts as positive",
            lambda X, dX, epsilon: np.clip(X + np.where(dX >= 0, epsilon, -epsilon), 0, 1),
            "Where dX is 0 the pixel does not matter for the loss and stays as it is. sign(0) = 0.",
        ),
        Mistake(
            "the gradient is clipped at ε",
            lambda X, dX, epsilon: np.clip(X + np.clip(dX, -epsilon, epsilon), 0, 1),
            "Pixels with a slope below ε move by less than they may. The sign ignores how steep it is.",
        ),
    ),
    {
        "a pixel that reaches a limit": lambda X, dX, epsilon: bool(
            ((X + epsilon * np.sign(dX) < 0) | (X + epsilon * np.sign(dX) > 1)).any()
        ),
        "more than one image": lambda X, dX, epsilon: several(X),
    },
)
