"""Gradient clipping: a step can only be as long as the gradient is.

Through many time steps gradients may explode. One such gradient throws the parameters far away, and what was learned
is lost; cut to a limit, it is one step like others.
"""

from __future__ import annotations

import numpy as np

from dlbook.layer import Params
from dlbook.optim import Optimizer
from dlbook.shapes import positive


def global_norm(grads: Params) -> float:
    """Return ‖g‖ = √(Σ g²) over the entries of all gradients together, infinite or NaN if one of them is."""
    largest = float(np.max([np.abs(g).max(initial=0) for g in grads.values()], initial=0))  # NaN wins
    if largest == 0 or not np.isfinite(largest):
        return largest
    with np.errstate(under="ignore"):
        squares = sum(float(np.square(g / largest, dtype=float).sum()) for g in grads.values())
    return largest * float(np.sqrt(squares))  # divided first: the square of an exploded gradient would overflow


def clip_norm(grads: Params, limit: float) -> Params:
    """Return g · min(1, limit / ‖g‖) (eq-clip-norm): shorter, in the same direction (Pascanu et al. 2013).

    Raises:
        ValueError: the norm is not finite, then there is no direction left to keep.
    """
    positive("clip_norm", limit, "limit")
    norm = global_norm(grads)
    if not np.isfinite(norm):
        raise ValueError(
            f"clip_norm expects finite gradients, got a norm of {norm}: the "
            f"gradient has overflowed before it could be clipped; use shorter "
            f"chunks or smaller recurrent weights"
        )
    scale = min(1.0, limit / norm) if norm else 1.0
    return {name: g * scale for name, g in grads.items()}


def clip_value(grads: Params, limit: float) -> Params:
    """Return every entry cut to ±limit (eq-clip-value): bounds each entry, but changes the direction."""
    positive("clip_value", limit, "limit")
    return {name: np.clip(g, -limit, limit) for name, g in grads.items()}


class Clipped(Optimizer):
    """An optimizer that sees clipped gradients: ``fit(model, loss, Clipped(Adam(0.01), norm=1.0), …)``.

    Args:
        optimizer: takes the steps; its learning rate and its state are this one's too.
        norm: limit of the global norm (eq-clip-norm).
        value: limit of every entry (eq-clip-value). Give one of the two.
    """

    def __init__(self, optimizer: Optimizer, *, norm: float | None = None, value: float | None = None) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"Clipped expects an optimizer, got {optimizer!r}: write Clipped(SGD(0.1), norm=1.0)")
        if (norm is None) == (value is None):
            raise ValueError(f"Clipped expects either norm or value, got norm={norm} and value={value}")
        self.optimizer = optimizer
        self.norm = None if norm is None else positive("Clipped", norm, "norm")
        self.value = None if value is None else positive("Clipped", value, "value")

    @property
    def rule(self) -> str:
        """The kind of the optimizer inside too: what it remembers is no other's."""
        return f"Clipped({self.optimizer.rule})"

    @property
    def learning_rate(self) -> float:
        """The learning rate of the optimizer inside."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.optimizer.learning_rate = value

    @property
    def state(self) -> Params:
        """The state of the optimizer inside."""
        return self.optimizer.state

    @state.setter
    def state(self, arrays: Params) -> None:
        self.optimizer.state = arrays

    def _update(self, params: Params, grads: Params) -> None:
        if self.norm is not None:
            grads = clip_norm(grads, self.norm)
        elif self.value is not None:
            grads = clip_value(grads, self.value)
        self.optimizer._update(params, grads)
