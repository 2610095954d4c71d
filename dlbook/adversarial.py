"""Examples made to be misread: a change too small to see, in the direction in which the loss grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Layer
from dlbook.losses import Loss
from dlbook.shapes import Array, as_numbers, not_negative


def input_gradient(model: Layer, loss: Loss, X: Array, y: ArrayLike) -> Array:
    """Return ∂J/∂X, of the shape of X: back-propagation carried on to the input. The model predicts, nothing is drawn.

    J is a mean, so row i is 1/m times the gradient of example i's own loss.
    """
    Y, cache = model.forward(as_numbers("input_gradient", X))
    _, loss_cache = loss.forward(Y, y)
    dX, _ = model.backward(loss.backward(loss_cache), cache)
    return dX


def fgsm(
    model: Layer,
    loss: Loss,
    X: Array,
    y: ArrayLike,
    epsilon: float,
    clip: tuple[float, float] | None = (0, 1),
) -> Array:
    """Fast gradient sign method: X + ε sign(∂J/∂X) (eq-fgsm; Goodfellow, Shlens and Szegedy 2015).

    Among all changes of at most ε per entry, this one raises the loss most as far as the loss is linear in X. Only
    signs count: neither the 1/m in J nor a saturated, tiny gradient makes the step smaller.

    Args:
        X: examples, of any shape that the model takes.
        epsilon: ε ≥ 0, the change of every entry, in units of X.
        clip: the range of the entries, which the result keeps to; None where they have none.

    Raises:
        ValueError: entries of X outside ``clip``.
    """
    X, epsilon = as_numbers("fgsm", X), not_negative("fgsm", epsilon, "epsilon")
    adversarial = X + epsilon * np.sign(input_gradient(model, loss, X, y))
    if clip is None:
        return adversarial
    low, high = clip
    if X.min() < low or X.max() > high:
        raise ValueError(
            f"fgsm expects X between {low} and {high}, got {X.min():g} to {X.max():g}: "
            f"give its range, clip=(low, high), or clip=None"
        )
    return np.clip(adversarial, low, high)
