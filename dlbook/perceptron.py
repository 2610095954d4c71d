"""The McCulloch–Pitts neuron and Rosenblatt's perceptron."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlbook.shapes import Array, as_batch, generator, positive, positive_int, same_shape


def step(v: Array) -> Array:
    """Threshold with values 0 and 1: 1 where v ≥ 0 (eq-threshold-01)."""
    return np.where(np.asarray(v) >= 0, 1.0, 0.0)


def sign(v: Array) -> Array:
    """Threshold with values −1 and 1: 1 where v ≥ 0 (eq-threshold-sign). ``np.sign`` has a third value, 0 at 0."""
    return np.where(np.asarray(v) >= 0, 1.0, -1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One learning step: which example was wrong, and the line after the step.

    Attributes:
        step: number of this update, from 1.
        example: index of the misclassified example that caused it.
        w, b: copies of the weights (n,) and the bias after the update.
        loss: J over all examples after the update.
    """

    step: int
    example: int
    w: Array
    b: float
    loss: float


class Perceptron:
    """f(x) = sign(w · x + b) (eq-perceptron): a hyperplane that sorts points into +1 and −1 (Rosenblatt 1958).

    Shapes: w (n,), b a number; X (m, n), y (m,) with values −1 and +1.
    """

    def __init__(self, n_in: int) -> None:
        self.w = np.zeros(positive_int("Perceptron", n_in, "n_in"))
        self.b = 0.0

    def score(self, X: Array) -> Array:
        """Return w · x + b for every example (m,)."""
        return as_batch("Perceptron", X, self.w.size) @ self.w + self.b

    def predict(self, X: Array) -> Array:
        """Return −1 or +1 for every example (m,)."""
        return sign(self.score(X))

    def misclassified(self, X: Array, y: Array) -> Array:
        """Return the indices of M: the examples with y (w · x + b) ≤ 0.

        A point on the line itself counts as wrong; otherwise learning could not leave w = 0.
        """
        return np.flatnonzero(_labels(y, len(X)) * self.score(X) <= 0)

    def loss(self, X: Array, y: Array) -> float:
        """Return L = −Σ_M y (w · x + b) (eq-perceptron-loss), the misclassified points' distances times ‖w‖."""
        M = self.misclassified(X, y)
        return float(np.abs(self.score(X)[M]).sum())

    def gradients(self, X: Array, y: Array) -> tuple[Array, float]:
        """Return ∂L/∂w = −Σ_M y x and ∂L/∂b = −Σ_M y (eq-perceptron-gradient)."""
        M = self.misclassified(X, y)
        y = np.asarray(y, dtype=float)
        return -(y[M] @ np.asarray(X)[M]), -float(y[M].sum())

    def learn(
        self, X: Array, y: Array, *, rng: np.random.Generator, learning_rate: float = 1.0, max_steps: int = 1000
    ) -> Iterator[Update]:
        """Correct one random misclassified example at a time (eq-perceptron-rule), yielding every update.

        Stops when nothing is misclassified, which happens for every linearly separable set (Novikoff 1962), or after
        ``max_steps``, which is all that can be said for the others.
        """
        positive("Perceptron.learn", learning_rate, "learning_rate")
        positive_int("Perceptron.learn", max_steps, "max_steps")
        generator("Perceptron.learn", rng)
        X, y = as_batch("Perceptron.learn", X, self.w.size), _labels(y, len(X))
        return self._updates(X, y, rng, learning_rate, max_steps)

    def _updates(
        self, X: Array, y: Array, rng: np.random.Generator, learning_rate: float, max_steps: int
    ) -> Iterator[Update]:
        for number in range(1, max_steps + 1):
            M = self.misclassified(X, y)
            if M.size == 0:
                return
            i = int(rng.choice(M))
            self.w = self.w + learning_rate * y[i] * X[i]
            self.b += learning_rate * float(y[i])
            yield Update(number, i, self.w.copy(), self.b, self.loss(X, y))


def _labels(y: Array, m: int) -> Array:
    y = np.asarray(y, dtype=float)
    same_shape("Perceptron", y, (m,), "y")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(
            f"Perceptron expects y with the values −1 and +1, got {np.unique(y)[:5].tolist()}: "
            f"labels 0 and 1 become 2 * y − 1"
        )
    return y
