"""Backward passes of PReLU whose ∂J/∂a is wrong."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter04.slopes import altered, terms
from dlbook.exercises.model import Mistake

IN_DA = (
    Mistake(
        "da counts the positive inputs as well",
        altered(da=lambda dY, X, a: (dY * X).sum(axis=0)),
        "dX is right. Where x > 0 the output is x, whatever a is: such an input adds nothing to ∂J/∂a.",
    ),
    Mistake(
        "x is missing in da",
        altered(da=lambda dY, X, a: (dY * (X <= 0)).sum(axis=0)),
        "dX is right. On the left y = a x, and its derivative with respect to a is x, not 1.",
    ),
    Mistake(
        "dY is missing in da",
        altered(da=lambda dY, X, a: np.where(X > 0, 0, X).sum(axis=0)),
        "dX is right. da adds ∂y/∂a = x alone; the chain rule multiplies it by ∂J/∂y, which is dY.",
    ),
    Mistake(
        "da is a mean",
        altered(da=lambda dY, X, a: terms(dY, X, a).mean(axis=0)),
        "dX is right, da is m times too small. 1/m is in dY already, from the loss: the examples' contributions are "
        "added.",
    ),
    Mistake(
        "da is one number for all channels",
        altered(da=lambda dY, X, a: terms(dY, X, a).sum()),
        "dX is right. Without an axis the sum runs over the channels, too. Each has a slope of its own: axis 0.",
    ),
    Mistake(
        "da is not summed over the examples",
        altered(da=terms),
        "dX is right. da has shape (m, n), a has (n,). All examples share the slope: their contributions add up.",
    ),
    Mistake(
        "da is summed over the channels",
        altered(da=lambda dY, X, a: terms(dY, X, a).sum(axis=1)),
        "dX is right. You have one number per example. There is one slope per channel: add over the examples, axis 0.",
    ),
    Mistake(
        "da keeps an axis of length one",
        altered(da=lambda dY, X, a: terms(dY, X, a).sum(axis=0, keepdims=True)),
        "dX is right. A gradient has the shape of its parameter: da is (n,) like a, not (1, n). Leave out keepdims.",
    ),
    Mistake(
        "the output in place of the input in da",
        altered(da=lambda dY, X, a: (a * terms(dY, X, a)).sum(axis=0)),
        "dX is right. ∂y/∂a is x, the input; a x is the output. A slope of 0 would never learn with it.",
    ),
    Mistake(
        "the positive inputs in place of the others in da",
        altered(da=lambda dY, X, a: (dY * np.where(X > 0, X, 0)).sum(axis=0)),
        "dX is right. The slope a acts where x ≤ 0; you add over the inputs where it does not.",
    ),
    Mistake(
        "|x| in place of x in da",
        altered(da=lambda dY, X, a: -terms(dY, X, a).sum(axis=0)),
        "dX is right, da has the wrong sign. ∂(a x)/∂a is x itself, which is negative here.",
    ),
    Mistake(
        "the negative dY in place of the negative X in da",
        altered(da=lambda dY, X, a: (np.minimum(dY, 0) * X).sum(axis=0)),
        "dX is right. In da the sign of dY does not matter: X says which inputs are on the left, min(X, 0).",
    ),
    Mistake(
        "dX · X in place of dY · X in da",
        altered(da=lambda dY, X, a: (np.where(X > 0, dY, a * dY) * X).sum(axis=0)),
        "dX is right. da has two faults: dX carries the slope a already, which ∂y/∂a = x does not, and positive inputs "
        "do not count.",
    ),
    Mistake(
        "the slope in place of the input in da",
        altered(da=lambda dY, X, a: np.where(X > 0, 0, a * dY).sum(axis=0)),
        "dX is right. a is the derivative of a x with respect to x. With respect to a it is x.",
    ),
    Mistake(
        "a product of sums in da",
        altered(da=lambda dY, X, a: np.where(X > 0, 0, dY).sum(axis=0) * np.where(X > 0, 0, X).sum(axis=0)),
        "dX is right. Each example's dY belongs to its own x: multiply first, then add.",
    ),
    Mistake(
        "1 in place of 0 for positive inputs in da",
        altered(da=lambda dY, X, a: (dY * np.where(X > 0, 1, X)).sum(axis=0)),
        "dX is right. Where x > 0 the output does not depend on a: its derivative there is 0. The 1 is that of ∂y/∂x.",
    ),
    Mistake(
        "da is a mean over the negative inputs",
        altered(da=lambda dY, X, a: terms(dY, X, a).sum(axis=0) / np.maximum((X <= 0).sum(axis=0), 1)),
        "dX is right. da is divided by the number of inputs on the left. 1/m is in dY already: the contributions "
        "are added.",
    ),
    Mistake(
        "the inputs on the left are counted",
        altered(da=lambda dY, X, a: (X <= 0).sum(axis=0)),
        "dX is right. da counts the examples on the left. Each contributes dY times x.",
    ),
    Mistake(
        "the last example alone in da",
        altered(da=lambda dY, X, a: terms(dY, X, a)[-1]),
        "dX is right. da holds the last example's contribution only: does a loop overwrite it in place of adding?",
    ),
    Mistake(
        "the update is returned in place of da",
        altered(da=lambda dY, X, a: a - terms(dY, X, a).sum(axis=0)),
        "dX is right. You return a − da, a new slope. The backward pass gives the gradient; the optimizer updates.",
    ),
)
