"""Cross-entropies whose formula is right in theory, and fails for scores far from 0 or far apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.activations import softmax
from dlbook.exercises.chapter04.entropies import altered, one_hot, picked
from dlbook.exercises.model import Mistake
from dlbook.shapes import Array

EPS = float(np.finfo(float).eps)  # 2.2e-16


def _unfused(
    probabilities: Callable[[Array], Array], protected: Callable[[Array], Array] = lambda a: a
) -> Callable[[Array, Array], tuple[Any, Any]]:
    """Return the loss as the logarithm of probabilities, which may be protected from being 0."""

    def both(Z: Array, y: Array) -> tuple[Any, Any]:
        A = probabilities(Z)
        return -np.log(protected(picked(A, y))).mean(), (A - one_hot(Z, y)) / len(Z)

    return both


def _naive(Z: Array) -> Array:
    e = np.exp(Z)
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _shifted_by_batch(Z: Array) -> Array:
    return _naive(Z - Z.max())


def _bound(epsilon: float) -> str:
    return (
        f"The loss cannot exceed −ln {epsilon:g} = {-np.log(epsilon):.1f}, and its slope there is not a − y. Where the "
        "true class lies 740 below the best one, the loss is 740. Do not protect the logarithm, avoid it: "
        "−ln a_y = ln Σ e^z − z_y."
    )


def _added(epsilon: float) -> Mistake:
    return Mistake(
        f"{epsilon:g} is added under the logarithm", _unfused(softmax, lambda a: a + epsilon), _bound(epsilon)
    )


def _clipped(epsilon: float) -> Mistake:
    return Mistake(
        f"the probabilities are clipped at {epsilon:g}",
        _unfused(softmax, lambda a: np.clip(a, epsilon, 1 - epsilon)),
        _bound(epsilon),
    )


def _yes_or_no(epsilon: float) -> Mistake:
    def both(Z: Array, y: Array) -> tuple[Any, Any]:
        A, Y = softmax(Z), one_hot(Z, y)
        J = -(Y * np.log(A + epsilon) + (1 - Y) * np.log(1 - A + epsilon)).sum() / len(Z)
        return J, (A - Y) / len(Z)

    return Mistake(
        f"a yes-or-no cross-entropy for every class, with {epsilon:g}",
        both,
        "−(1 − y) ln(1 − a) belongs to sigmoid units, whose answers do not exclude each other, and then dZ would be "
        "another one. With softmax −ln a of the true class says all. And it needs no ε: −ln a_y = ln Σ e^z − z_y.",
    )


def _scores_clipped(end: int) -> Mistake:
    return Mistake(
        f"the scores are clipped at ±{end}",
        lambda Z, y: _unfused(_naive)(np.clip(Z, -end, end), y),
        f"Clipping avoids the overflow and changes the scores: beyond ±{end} all are equal. Subtracting the row's "
        "largest score changes no probability.",
    )


def _also(unsafe: str, probabilities: Callable[[Array], Array], why: str) -> list[Mistake]:
    """Return the forgotten means, on top of a loss that is not safe."""

    def without(in_J: bool, in_dZ: bool) -> Callable[[Array, Array], tuple[Any, Any]]:
        def both(Z: Array, y: Array) -> tuple[Any, Any]:
            J, dZ = _unfused(probabilities)(Z, y)
            return J * (len(Z) if in_J else 1), dZ * (len(Z) if in_dZ else 1)

        return both

    return [
        Mistake(
            f"the mean over the batch is missing in {where}, and {unsafe}",
            without(*which),
            f"Two things. J is the mean over the examples and dZ its derivative: both have 1/m, and {where} "
            f"{'lack' if all(which) else 'lacks'} it. And {why}",
        )
        for where, which in (("J", (True, False)), ("dZ", (False, True)), ("both", (True, True)))
    ]


def _by_table(Z: Array, y: Array) -> tuple[Any, Any]:
    A, Y = softmax(Z), one_hot(Z, y)
    return -(Y * np.log(A)).sum() / len(Z), (A - Y) / len(Z)


def _all_classes(Z: Array, y: Array) -> tuple[Any, Any]:
    A, Y = softmax(Z), one_hot(Z, y)
    return -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum() / len(Z), (A - Y) / len(Z)


def _only_to_probabilities(Z: Array, y: Array) -> tuple[Any, Any]:
    return altered()(Z, y)[0], -one_hot(Z, y) / softmax(Z) / len(Z)


UNSAFE = (
    Mistake(
        "0 · ln 0 in the wrong classes",
        _by_table,
        "y ln a over all classes takes the logarithm of probabilities that are 0, and 0 · (−∞) is not a number. Only "
        "the true class's logarithm is wanted, and it comes from the scores: −ln a_y = ln Σ e^z − z_y.",
    ),
    Mistake(
        "a yes-or-no cross-entropy for every class",
        _all_classes,
        "−(1 − y) ln(1 − a) belongs to sigmoid units, whose answers do not exclude each other, and then dZ would be "
        "another one. With softmax −ln a of the true class says all. (And 1 − a is 0 where a class is certain.)",
    ),
    Mistake(
        "dZ stops at the probabilities",
        _only_to_probabilities,
        "J is right. −y/a is ∂J/∂a, infinite where a is 0. One more step of the chain rule leads back through the "
        "softmax to the scores, and both together are a − y.",
    ),
    Mistake(
        "the mean of the row is subtracted",
        _unfused(lambda Z: _naive(Z - Z.mean(axis=1, keepdims=True))),
        "With scores (0, −2000) the mean is −1000, and e^1000 is still ∞. The largest score leaves no exponent "
        "above 0.",
    ),
    Mistake(
        "e^z is taken of the scores as they are",
        _unfused(_naive),
        "The formula is right, and fails where scores are far from 0: at 710 e^z is ∞ and ∞/∞ not a number, at −746 "
        "all are 0 and so is their sum; near −740 digits are missing already. Subtract the row's largest score first, "
        "which changes no probability.",
    ),
    Mistake(
        "the largest score of the whole batch is subtracted",
        _unfused(_shifted_by_batch),
        "Z.max() without an axis is one number for all examples. In a row that lies 740 below it, the exponentials "
        "have lost their digits, and further down all are 0, and 0/0 is not a number. Each row needs its own largest.",
    ),
    Mistake(
        "the logarithm of a rounded probability",
        _unfused(softmax),
        "Your softmax is safe, its logarithm is not: where the true class lies 740 below the best one, a has few "
        "digits left, and from 746 on it is 0 and the loss ∞. Fuse them: −ln a_y = ln Σ e^z − z_y, so that scores "
        "(1000, 0) have the loss 1000.",
    ),
    *(_added(epsilon) for epsilon in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, EPS, 1e-20, 1e-30, 1e-300)),
    *(_clipped(epsilon) for epsilon in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-300)),
    *(_yes_or_no(epsilon) for epsilon in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
    *(_scores_clipped(end) for end in (500, 700)),
    *_also(
        "e^z overflows",
        _naive,
        "e^z of a score far from 0 is ∞ or has no digits left: subtract the row's largest score first.",
    ),
    *_also(
        "the logarithm is that of a rounded probability",
        softmax,
        "a loss of 740 and more comes out wrong, because a is nearly 0: −ln a_y = ln Σ e^z − z_y.",
    ),
)
