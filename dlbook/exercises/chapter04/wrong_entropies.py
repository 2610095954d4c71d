"""Losses and gradients of a softmax layer that are not those of its cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.chapter04.entropies import altered, fused, one_hot, picked
from dlbook.exercises.chapter04.scaled_entropies import SCALED
from dlbook.exercises.chapter04.unsafe_entropies import UNSAFE
from dlbook.exercises.model import Mistake
from dlbook.shapes import Array


def _columns(Z: Array, y: Array) -> tuple[Any, Any]:
    J, A, dZ = -fused(Z)[:, y].mean(), np.exp(fused(Z)), np.exp(fused(Z))
    dZ[:, y] = A[:, y] - 1
    return J, dZ / len(Z)


def _dZ(Z: Array, y: Array) -> Any:
    return altered()(Z, y)[1]


MISTAKES = (
    *SCALED,
    Mistake(
        "the gradient of the wrong classes is 0",
        altered(dZ=lambda A, Y: (A - Y) * Y / len(A)),
        "You keep a − 1 for the true class and set the others to 0, as source 000 says (erratum 000-064). But every "
        "score stands in the denominator of the true class's probability: a wrong class has the gradient a, and "
        "learns to be smaller.",
    ),
    Mistake(
        "the 1 of the true class is not subtracted",
        altered(dZ=lambda A, Y: A / len(A)),
        "J is right. dZ holds the probabilities alone, a/m: every score would be told to fall. At the true class the "
        "gradient is a − 1.",
    ),
    Mistake(
        "a slope a (1 − a) is multiplied in",
        altered(dZ=lambda A, Y: (A - Y) * A * (1 - A) / len(A)),
        "a − y is ∂J/∂z already: the slope has cancelled against the 1/a of the logarithm. With a (1 − a) a class that "
        "is surely wrong would learn nothing.",
    ),
    Mistake(
        "softmax over the examples",
        lambda Z, y: (
            -picked(fused(Z, axis=0), y).mean(),
            (np.exp(fused(Z, axis=0)) - one_hot(Z, y)) / len(Z),
        ),
        "Your probabilities sum to 1 in every column. The classes of one example share the 1: each row, axis 1.",
    ),
    Mistake(
        "whole columns in place of one entry per row",
        _columns,
        "Z[:, y] takes the columns y from every row, an (m, m) table. Z[np.arange(m), y] takes one entry per row.",
    ),
    Mistake(
        "whole columns in J",
        altered(J=lambda log_A, y: -log_A[:, y].mean()),
        "dZ is right. In J, [:, y] takes the columns y from every row, an (m, m) table: the other examples' classes "
        "are counted as well. [np.arange(m), y] takes one entry per row.",
    ),
    Mistake(
        "whole columns in dZ",
        lambda Z, y: (altered()(Z, y)[0], _columns(Z, y)[1]),
        "J is right. dZ[:, y] -= 1 subtracts 1 in the columns y of every row, the other examples' classes as well. "
        "[np.arange(m), y] takes one entry per row.",
    ),
    Mistake(
        "the classes are counted from 1",
        lambda Z, y: altered()(Z, y - 1),
        "You use y − 1. The classes are 0 … K − 1, as Python counts; class 0 became −1, which is the last column.",
    ),
    Mistake(
        "the class with the largest score in place of y",
        lambda Z, y: altered()(Z, Z.argmax(axis=1)),
        "You compare the network with its own answer, so that it is always right. The true classes are in y.",
    ),
    Mistake(
        "the logarithm is missing in J",
        altered(J=lambda log_A, y: -np.exp(picked(log_A, y)).mean()),
        "You average the probabilities of the true classes. The loss is minus their logarithm, and without a bound.",
    ),
    Mistake(
        "the squared error in place of the logarithm",
        altered(lambda log_A, y: ((np.exp(log_A) - one_hot(log_A, y)) ** 2).sum() / (2 * len(y))),
        "dZ is right, J is ½ (a − y)², whose derivative is another one. The loss is −ln a of the true class.",
    ),
    Mistake(
        "dZ is made from ln a in place of a",
        lambda Z, y: (-picked(fused(Z), y).mean(), (fused(Z) - one_hot(Z, y)) / len(Z)),
        "J is right. dZ starts from the probabilities, and you have their logarithms: exponentiate once more.",
    ),
    Mistake(
        "ln Σ e^z is missing in J",
        lambda Z, y: (-picked(Z, y).mean(), _dZ(Z, y)),
        "You average −z_y. −ln softmax(z)_y is ln Σ e^z − z_y: without the sum the loss could fall for ever.",
    ),
    Mistake(
        "ln Σ e^z is missing behind the subtraction of the largest",
        lambda Z, y: (-picked(Z - Z.max(axis=1, keepdims=True), y).mean(), _dZ(Z, y)),
        "You average M − z_y, which is 0 as soon as the true class leads. ln Σ e^{z − M} is still to be added.",
    ),
    Mistake(
        "the largest score is not added back in J",
        lambda Z, y: ((np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1)) - picked(Z, y)).mean(), _dZ(Z, y)),
        "dZ is right. ln Σ e^{z − M} − z_y lacks M: subtract M from both, or add it again.",
    ),
    Mistake(
        "z_y is added in J",
        lambda Z, y: ((np.logaddexp.reduce(Z, axis=1) + picked(Z, y)).mean(), _dZ(Z, y)),
        "dZ is right. −ln softmax(z)_y is ln Σ e^z − z_y: a larger score of the true class makes the loss smaller.",
    ),
    Mistake(
        "a factor a too much in dZ",
        altered(dZ=lambda A, Y: (A - Y) * A / len(A)),
        "J is right. a − y is ∂J/∂z already, with the softmax behind it: no further factor.",
    ),
    *UNSAFE,
)
