"""Known mistakes of chapter 1 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.chapter01 import perceptron_loss
from exercises.answers.model import Function, s


def hinge_gradient(X, y, w, b):
    margin = y * (X @ w + b)
    near = margin < 1
    return -margin[margin <= 0].sum(), -(y[near, None] * X[near]).sum(axis=0), -y[near].sum()


def label_missing_in_db(X, y, w, b):
    L, dw, _ = perceptron_loss(X, y, w, b)
    return L, dw, -np.sum(y * (X @ w + b) <= 0)


def counted(X, y, w, b):
    _, dw, db = perceptron_loss(X, y, w, b)
    return np.count_nonzero(y * (X @ w + b) <= 0), dw, db


def rosenblatt(w, b, x, y, eta):
    prediction = 1 if x @ w + b >= 0 else -1
    return w + eta * (y - prediction) * x, b + eta * (y - prediction)


def whole_bias(w, b, x, y, eta):
    if y * (w @ x + b) <= 0:
        w, b = w + eta * y * x, b + y
    return w, b


SLIPS: list[tuple[str, Function, str]] = [
    ("1.3", lambda X, w, b: s(X @ w + b), "the sigmoid in place of the step"),
    ("1.4", hinge_gradient, "margin < 1 in the gradient: that is the hinge loss of the SVM"),
    ("1.4", label_missing_in_db, "the labels are missing in db"),
    ("1.4", counted, "L is the number of errors"),
    ("1.5", rosenblatt, "twice the step: y − prediction in place of y"),
    ("1.5", whole_bias, "the learning rate is missing in b"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("1.3", lambda X, w, b: X @ w + b > 0.1),
    ("1.5", lambda w, b, x, y, eta: rosenblatt(w, b, x, y, 2 * eta)),
]
