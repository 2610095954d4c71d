"""A penalized loss with its gradient, and the wrong ones that people write."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.networks import dense
from dlbook.losses import MeanSquaredError
from dlbook.penalties import L2
from dlbook.shapes import Array

Answer = tuple[float, Array, float]


def penalized(X: Array, y: Array, w: Array, b: float, lam: float) -> Answer:
    """Return J + R and its derivatives by the package's layer, loss and penalty, in the precision of X."""
    unit, loss, price = dense(w[None], np.array([b])), MeanSquaredError(), L2(lam)
    A, cache = unit.forward(X)
    J, error = loss.forward(A, y[:, None])
    grads, own = unit.param_grads(loss.backward(error), cache), price.grads(unit.params)
    return X.dtype.type(J + price.value(unit.params)), (grads["W"] + own["W"])[0], (grads["b"] + own["b"])[0]


def priced(
    J: Callable[[Array, float, int], float] | None = None,
    dw: Callable[[Array, float, int], Array] | None = None,
) -> Callable[..., Answer]:
    """Return the right answer with another penalty in the loss or in the gradient, functions of w, λ and m."""

    def answer(X: Array, y: Array, w: Array, b: float, lam: float) -> Answer:
        bare_J, bare_dw, db = penalized(X, y, w, b, 0.0)
        whole_J, whole_dw, _ = penalized(X, y, w, b, lam)
        return (
            whole_J if J is None else bare_J + J(w, lam, len(y)),
            whole_dw if dw is None else bare_dw + dw(w, lam, len(y)),
            db,
        )

    return answer


def data_times(
    of_J: Callable[[int], float],
    of_dw: Callable[[int], float],
    of_db: Callable[[int], float] | None = None,
) -> Callable[..., Answer]:
    """Return the right penalty, with factors of m before the loss of the data and before its gradients.

    Without a factor of its own db has that of dw.
    """

    def answer(X: Array, y: Array, w: Array, b: float, lam: float) -> Answer:
        J, dw, db = penalized(X, y, w, b, 0.0)
        c, d, e = (factor(len(y)) for factor in (of_J, of_dw, of_db or of_dw))
        return c * J + lam / 2 * float((w**2).sum()), d * dw + lam * w, e * db

    return answer


def bias_priced(J: float, db: float) -> Callable[..., Answer]:
    """Return the right answer with a price on the bias, as large as given, in the loss and in db."""

    def answer(X: Array, y: Array, w: Array, b: float, lam: float) -> Answer:
        right = penalized(X, y, w, b, lam)
        return right[0] + J * lam / 2 * b**2, right[1], right[2] + db * lam * b

    return answer
