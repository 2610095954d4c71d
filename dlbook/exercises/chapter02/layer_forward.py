"""Exercise 2.3: One layer for a batch."""

from __future__ import annotations

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense


def _layer_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_in: int, n_out: int) -> Case:
        return Case(label, (normal(rng, m, n_in), normal(rng, n_out, n_in), nonzero(rng, n_out)))

    cases = [
        case("one example, one unit, one input", 1, 1, 1),
        case("one example", 1, 3, 2),
        case("one unit", 4, 3, 1),
        case("one input", 4, 1, 3),
        *(Case("a bias of zero", (X, W, 0 * b)) for X, W, b in (case("", m, 2, 2).args for m in (2, 3, 3, 4))),
        case("one unit, one input", 3, 1, 1),
        case("one example, one input", 1, 1, 3),
        case("one example, one unit", 1, 3, 1),
        *(case("as many examples, inputs and units", n, n, n) for n in (2, 3, 4)),
        *(case("as many examples as units", n, 5, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


LAYER_FORWARD = Exercise(
    "2.3",
    "One layer for a batch",
    ("X", "W", "b"),
    ("Z",),
    "Z of shape (m, n_out)",
    lambda X, W, b: dense(W, b).forward(X)[0],
    _layer_cases,
    (
        Mistake(
            "W is not transposed",
            lambda X, W, b: X @ W + b,
            "W has shape (n_out, n_in): one row per unit. For rows of examples the product is X Wᵀ, (m, n_in) times "
            "(n_in, n_out). With as many units as inputs X W runs as well, and mixes up who is connected with whom.",
        ),
        Mistake(
            "the bias is forgotten",
            lambda X, W, b: X @ W.T,
            "The product is right; each unit adds its own b.",
        ),
        Mistake(
            "the bias is subtracted",
            lambda X, W, b: X @ W.T - b,
            "The bias is added: z = W a + b. Subtracting would make it a threshold.",
        ),
        Mistake(
            "the result is transposed",
            lambda X, W, b: W @ X.T + b[:, None],
            "This is the text's form, one example per column. Code keeps examples in rows: return its transpose.",
        ),
        Mistake(
            "the bias is added along the wrong axis",
            lambda X, W, b: X @ W.T + b[:, None],
            "b[:, None] gives every example a bias of its own. It is one number per unit, per column of Z: X @ W.T + "
            "b.",
        ),
        Mistake(
            "entry by entry in place of a matrix product",
            lambda X, W, b: X * W + b,
            "X * W multiplies entry with entry and adds nothing up. Each unit sums over all inputs: a matrix product.",
        ),
        Mistake(
            "the bias is added to the input",
            lambda X, W, b: (X + b) @ W.T,
            "The bias comes after the weighted sum: X Wᵀ first, then + b. Before it, b would be weighted, too.",
        ),
        Mistake(
            "the activation is applied already",
            lambda X, W, b: sigmoid(X @ W.T + b),
            "These are the activations a = σ(z). The exercise asks for z, the values before the sigmoid.",
        ),
        Mistake(
            "ReLU is applied already",
            lambda X, W, b: np.maximum(0, X @ W.T + b),
            "Every negative number became 0. The exercise asks for z, the values before any activation.",
        ),
    ),
    {
        "a bias that is not zero": lambda X, W, b: bool(b.any()),
        "more than one example": lambda X, W, b: several(X),
        "more than one unit": lambda X, W, b: several(W),
        "more than one input": lambda X, W, b: X.shape[1] > 1,
    },
)
