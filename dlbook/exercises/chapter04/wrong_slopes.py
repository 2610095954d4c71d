"""Backward passes of PReLU whose ∂J/∂X is wrong, or both."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter04.slopes import altered, terms
from dlbook.exercises.chapter04.wrong_slope_sums import IN_DA
from dlbook.exercises.model import Mistake


def _fixed(slope: float) -> Mistake:
    return Mistake(
        f"a fixed slope of {slope:g}",
        altered(lambda dY, X, a: np.where(X > 0, dY, slope * dY)),
        f"da is right. In dX the slope is {slope:g}, whatever was learned: that is a leaky ReLU. Use the argument a.",
    )


MISTAKES = (
    *IN_DA,
    Mistake(
        "dX and da are divided by the number of examples",
        lambda dY, X, a: (np.where(X > 0, dY, a * dY) / len(X), terms(dY, X, a).mean(axis=0)),
        "Both are m times too small: 1/m is in dY already, from the loss, where it is taken once.",
    ),
    Mistake(
        "dX and da both have the wrong sign",
        lambda dY, X, a: (-np.where(X > 0, dY, a * dY), -terms(dY, X, a).sum(axis=0)),
        "The minus of gradient descent belongs to the update alone, not to the derivatives.",
    ),
    Mistake(
        "dY is missing in dX",
        altered(lambda dY, X, a: np.where(X > 0, 1, a)),
        "da is right. dX holds the slopes alone, 1 and a; the chain rule multiplies them by dY.",
    ),
    Mistake(
        "dY is missing in dX on the left",
        altered(lambda dY, X, a: np.where(X > 0, dY, a)),
        "da is right. On the right dX is dY. On the left it is a dY, and you return a alone.",
    ),
    Mistake(
        "dY is missing in dX on the right",
        altered(lambda dY, X, a: np.where(X > 0, 1, a * dY)),
        "da is right. On the left dX is a dY. On the right it is 1 · dY, and you return the 1 alone.",
    ),
    Mistake(
        "the slope a on both sides",
        altered(lambda dY, X, a: a * dY),
        "da is right. Where x > 0 the output is x, and dY passes unchanged: the slope is 1 there.",
    ),
    Mistake(
        "dX is that of a ReLU",
        altered(lambda dY, X, a: dY * (X > 0)),
        "da is right. On the left PReLU still has the slope a: a dY passes there, and no unit is dead.",
    ),
    Mistake(
        "the two sides are exchanged in dX",
        altered(lambda dY, X, a: np.where(X > 0, a * dY, dY)),
        "da is right. dY passes unchanged where x > 0, and times a elsewhere.",
    ),
    Mistake(
        "the value in place of the slope in dX",
        altered(lambda dY, X, a: dY * np.where(X > 0, X, a * X)),
        "da is right. You multiply dY by the output y. The chain rule needs its slope: 1 on the right, a on the left.",
    ),
    Mistake(
        "a x in place of a in dX",
        altered(lambda dY, X, a: np.where(X > 0, dY, a * X * dY)),
        "da is right, and dX on the right. On the left the derivative of a x with respect to x is a: the x is gone.",
    ),
    Mistake(
        "the slope is 1 at x = 0",
        altered(lambda dY, X, a: np.where(X >= 0, dY, a * dY)),
        "It differs only where x is exactly 0. There the left slope a counts, as the chapter has it: y = x where x > 0 "
        "and a x elsewhere.",
    ),
    Mistake(
        "the sign of dY decides in place of that of X",
        lambda dY, X, a: (np.where(dY > 0, dY, a * dY), (dY * np.where(dY > 0, 0, X)).sum(axis=0)),
        "Which side an example is on was decided in the forward pass, by x. What comes back can have either sign on "
        "both sides.",
    ),
    Mistake(
        "the sign of dY decides in dX",
        altered(lambda dY, X, a: np.where(dY > 0, dY, a * dY)),
        "da is right. In dX, too, the side is decided by x, as in the forward pass, not by the sign of dY.",
    ),
    Mistake(
        "one slope for all channels",
        altered(lambda dY, X, a: np.where(X > 0, dY, a[0] * dY)),
        "da is right, dX only in the first channel. Each channel has its own slope: a broadcasts along the rows.",
    ),
    *(_fixed(slope) for slope in (0.25, 0.01)),
    Mistake(
        "max(x, a x) decides the side in dX",
        altered(lambda dY, X, a: np.where(a * X < X, dY, a * dY)),
        "y = max(x, a x) only as long as a ≤ 1. A slope that is learned may pass 1: the sign of x decides.",
    ),
    Mistake(
        "the sign of the output decides",
        lambda dY, X, a: (
            np.where(np.where(X > 0, X, a * X) > 0, dY, a * dY),
            (dY * np.where(np.where(X > 0, X, a * X) > 0, 0, X)).sum(axis=0),
        ),
        "A negative slope turns the left side up: y > 0 there as well. The sign of the input x decides, not that of y.",
    ),
    Mistake(
        "the forward pass is returned in place of dX",
        altered(lambda dY, X, a: np.where(X > 0, X, a * X)),
        "da is right. In place of dX you return the layer's output y. Its slopes, 1 and a, multiply dY.",
    ),
)
