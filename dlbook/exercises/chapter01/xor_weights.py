"""Exercise 1.6: XOR with your own weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.perceptron import step
from dlbook.shapes import Array

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _look_up(*table: float) -> tuple[Array, Array, Array, float]:
    """Return the weights of a network that gives ``table`` on the four corners: one hidden unit for each corner."""
    return 2 * CORNERS - 1, 0.5 - CORNERS.sum(axis=1), np.array(table), -0.5


def _four_outputs(args: tuple[Any, ...], weights: tuple[Any, ...]) -> Array:
    W1, b1, w2, b2 = weights
    for name, array in zip(("W1", "b1", "w2", "b2"), weights, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or an infinity")
    if W1.ndim != 2 or W1.shape[1] != 2:
        raise ValueError(f"W1 should have one row per hidden unit and two columns, and has shape {W1.shape}")
    for name, array, n in (("b1", b1, len(W1)), ("w2", w2, len(W1)), ("b2", b2, 1)):
        if array.size != n:
            raise ValueError(
                f"with W1 of shape {W1.shape}, {name} should hold {n} number{'s' * (n > 1)}, and holds {array.size}"
            )
    return step(step(CORNERS @ W1.T + b1.reshape(-1)) @ w2.reshape(-1) + b2.reshape(-1)[0])


def _table(*table: float) -> Any:
    return lambda: _look_up(*table)


XOR_WEIGHTS = Exercise(
    "1.6",
    "XOR with your own weights",
    (),
    ("W1", "b1", "w2", "b2"),
    "W1 (k, 2), b1 (k,), w2 (k,), b2 a number",
    _table(0, 1, 1, 0),
    lambda rng: [Case("the four corners", ())],
    (
        Mistake(
            "it computes OR",
            _table(0, 1, 1, 1),
            "Only (1, 1) is wrong. The output unit must be held down where both inputs are 1: give a hidden unit that "
            "computes AND a negative weight.",
        ),
        Mistake(
            "it computes AND",
            _table(0, 0, 0, 1),
            "The output fires only at (1, 1), the one corner besides (0, 0) where XOR is silent.",
        ),
        Mistake(
            "it computes NAND",
            _table(1, 1, 1, 0),
            "Only (0, 0) is wrong: XOR is NAND and, at the same time, OR. One more hidden unit is needed, or a lower "
            "b2.",
        ),
        Mistake(
            "it computes XNOR",
            _table(1, 0, 0, 1),
            "Every output is the wrong one: you have built 'equal' in place of 'different'. Change the sign of w2 and "
            "b2, "
            "and look at what happens at v = 0.",
        ),
        Mistake(
            "it computes NOR",
            _table(1, 0, 0, 0),
            "It fires at (0, 0) alone. Weights for units that fire at v > 0 do this: here v = 0 fires, too. "
            "Put the biases halfway, at −0.5 and −1.5, so that v is never 0.",
        ),
        Mistake(
            "it is only the half with x₁ = 1",
            _table(0, 0, 1, 0),
            "(1, 0) is found, (0, 1) is not: a second hidden unit must fire where x₂ is 1 and x₁ is not.",
        ),
        Mistake(
            "it is only the half with x₂ = 1",
            _table(0, 1, 0, 0),
            "(0, 1) is found, (1, 0) is not: a second hidden unit must fire where x₁ is 1 and x₂ is not.",
        ),
        Mistake(
            "the output never fires",
            _table(0, 0, 0, 0),
            "v stays below 0 at every corner. Compute the hidden units by hand for (0, 1), then w2 · h + b2.",
        ),
        Mistake(
            "the output always fires",
            _table(1, 1, 1, 1),
            "The output's v is ≥ 0 at all four corners; lower b2 until (0, 0) and (1, 1) are silent.",
        ),
    ),
    observe=_four_outputs,
    observed="outputs at (0,0), (0,1), (1,0), (1,1)",
    praise="It computes XOR at all four corners.",
)
