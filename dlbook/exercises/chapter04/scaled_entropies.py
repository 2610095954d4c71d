"""Cross-entropies and gradients with a factor or a sign too much, or one too few."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter04.entropies import altered, picked
from dlbook.exercises.model import Mistake

SCALED = (
    Mistake(
        "the mean over the batch is missing in dZ",
        altered(dZ=lambda A, Y: A - Y),
        "J is right. dZ is its derivative, so it carries the same 1/m: here it is m times too large.",
    ),
    Mistake(
        "the mean over the batch is missing in J",
        altered(J=lambda log_A, y: -picked(log_A, y).sum()),
        "dZ is right. J adds the losses of the examples: divide by m, as in dZ, so that batches can be compared.",
    ),
    Mistake(
        "the mean over the batch is missing in both",
        altered(lambda log_A, y: -picked(log_A, y).sum(), lambda A, Y: A - Y),
        "Both are m times too large: J is the mean over the examples, and dZ is the derivative of that mean.",
    ),
    Mistake(
        "dZ is divided by the number of entries",
        altered(dZ=lambda A, Y: (A - Y) / A.size),
        "J is right, dZ is K times too small. The mean runs over the m examples, not over the m · K entries.",
    ),
    Mistake(
        "J is divided by the number of entries",
        altered(J=lambda log_A, y: -picked(log_A, y).sum() / log_A.size),
        "J is K times too small: np.mean over the (m, K) table of −y ln a counts the zeros of the other classes.",
    ),
    Mistake(
        "both are divided by the number of entries",
        altered(lambda log_A, y: -picked(log_A, y).sum() / log_A.size, lambda A, Y: (A - Y) / A.size),
        "Both are K times too small: the mean runs over the m examples, not over the m · K entries.",
    ),
    Mistake(
        "the sign of dZ is wrong",
        altered(dZ=lambda A, Y: (Y - A) / len(A)),
        "J is right. More score for the true class makes the loss smaller: its gradient a − 1 is negative. With y − a "
        "descent would climb.",
    ),
    Mistake(
        "the sign of J is wrong",
        altered(J=lambda log_A, y: picked(log_A, y).mean()),
        "Probabilities are below 1, so their logarithms are negative. The loss is minus the logarithm.",
    ),
    Mistake(
        "both signs are wrong",
        altered(lambda log_A, y: picked(log_A, y).mean(), lambda A, Y: (Y - A) / len(A)),
        "This is the log-likelihood, which one maximizes. The loss is minus that, and so is its gradient, a − y.",
    ),
    Mistake(
        "J has no mean",
        altered(J=lambda log_A, y: -picked(log_A, y)),
        "You return one loss per example, shape (m,). J is their mean, one number.",
    ),
    Mistake(
        "log2 in place of the natural logarithm",
        altered(J=lambda log_A, y: -picked(log_A, y).mean() / np.log(2)),
        "Your J is in bits, 1.44 times too large, and dZ is not its derivative any more: np.log.",
    ),
    Mistake(
        "log10 in place of the natural logarithm",
        altered(J=lambda log_A, y: -picked(log_A, y).mean() / np.log(10)),
        "Your J is 2.3 times too small, and dZ is not its derivative any more: the loss has the natural one, np.log.",
    ),
    Mistake(
        "dZ is divided by the number of classes",
        altered(dZ=lambda A, Y: (A - Y) / A.shape[1]),
        "J is right. dZ is divided by K, the columns: the mean runs over the m examples, which are the rows.",
    ),
    Mistake(
        "both are divided by the number of classes",
        altered(lambda log_A, y: -picked(log_A, y).sum() / log_A.shape[1], lambda A, Y: (A - Y) / A.shape[1]),
        "You divide by K, the columns. The mean runs over the m examples, which are the rows.",
    ),
)
