"""Bugs for the equations of chapter 6: what people get wrong about penalties, ensembles, dropout and attacks."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import L1, L2, Dropout, GaussianNoise, MaxNorm, average, rotate
from dlbook.penalties import weights


def price_without_half(self: L2, params: Any) -> float:
    """λ Σ w² in place of λ/2 Σ w²."""
    return self.strength * sum(float((W**2).sum()) for W in weights(params).values())


def proportional_pull(self: L1 | L2, params: Any) -> Any:
    """λ w for everything: biases, too, and in place of the sign."""
    return {name: self.strength * p for name, p in params.items()}


def columns_in_place_of_rows(self: MaxNorm, params: Any) -> None:
    """The outgoing weights of each input are bounded."""
    for W in weights(params).values():
        W *= self.radius / np.maximum(np.linalg.norm(W, axis=0), self.radius)


def without_scaling(self: Dropout, X: Any, rng: Any = None) -> Any:
    """What stays is not divided by 1 − p."""
    r = 1.0 if rng is None else rng.random(X.shape) >= self.p
    return X * r, r


def multiplied(self: GaussianNoise, X: Any, rng: Any = None) -> Any:
    """Noise as a factor."""
    return X if rng is None else X * (1 + self.sigma * rng.standard_normal(X.shape)), X.shape


BUGS: dict[str, tuple[Any, str | None, Any]] = {
    "eq-l2-penalty": (L2, "value", price_without_half),
    "eq-weight-decay": (L2, "grads", proportional_pull),
    "eq-l2-shrinkage": (L2, "grads", lambda self, params: {"W": 2 * self.strength * params["W"]}),
    "eq-l1-penalty": (L1, "grads", proportional_pull),
    "eq-max-norm": (MaxNorm, "project", columns_in_place_of_rows),
    "eq-bootstrap-share": ("dlbook.ensemble.bootstrap", None, lambda X, y, *, rng: (X, y)),
    "eq-bagging-average": ("dlbook.average", None, lambda members, X: sum(member(X) for member in members)),
    "eq-bagging-vote": ("dlbook.vote", None, lambda members, X: average(members, X).argmax(axis=-1)),
    "eq-inverted-dropout": (Dropout, "forward", without_scaling),
    "eq-dropout-backward": (Dropout, "backward", lambda self, dY, cache: (dY, {})),
    "eq-dropout-penalty": (Dropout, "forward", without_scaling),
    "eq-rotation": ("dlbook.rotate", None, lambda X, degrees: rotate(X, -degrees)),
    "eq-gaussian-noise": (GaussianNoise, "forward", multiplied),
    "eq-noise-penalty": (GaussianNoise, "forward", multiplied),
    "eq-fgsm": ("dlbook.fgsm", None, lambda model, loss, X, y, epsilon, clip=(0, 1): X + epsilon * np.sign(X)),
}
