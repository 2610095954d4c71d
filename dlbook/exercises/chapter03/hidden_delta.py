"""Exercise 3.4: One layer back."""

from __future__ import annotations

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.exercises.chapter03.slopes import slope, slope_of_z
from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _hidden_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_next: int, n: int) -> Case:
        return Case(label, (normal(rng, m, n_next), normal(rng, n_next, n), normal(rng, m, n)))

    cases = [
        case("one example, one unit in each layer", 1, 1, 1),
        case("one example", 1, 2, 3),
        case("one unit in the next layer", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        case("one unit in each layer", 3, 1, 1),
        case("one example, one unit in the next layer", 1, 1, 3),
        case("one example, one hidden unit", 1, 3, 1),
        *(case("layers and batch of one size", n, n, n) for n in (2, 3, 4)),
        *(case("layers equally wide", n + 1, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _hidden_delta(delta_next: Array, W_next: Array, Z: Array) -> Array:
    A, cache = Sigmoid().forward(Z)
    dA, _ = dense(W_next, np.zeros(len(W_next))).backward(delta_next, A)
    return Sigmoid().backward(dA, cache)[0]


HIDDEN_DELTA = Exercise(
    "3.4",
    "One layer back",
    ("delta_next", "W_next", "Z"),
    ("delta",),
    "one row per example, shape (m, n_l)",
    _hidden_delta,
    _hidden_cases,
    (
        Mistake(
            "σ' is missing",
            lambda d, W, Z: d @ W,
            "This is ∂J/∂a of the hidden layer. One more step of the chain rule leads to z: multiply by σ'(z), entry "
            "by entry.",
        ),
        Mistake(
            "σ'(a) in place of σ'(z)",
            lambda d, W, Z: (d @ W) * slope(sigmoid(Z)),
            "The sigmoid is applied twice: σ'(z) = a (1 − a) with a = σ(z). Taken at a, it is the slope at another "
            "point.",
        ),
        Mistake(
            "the activation in place of its derivative",
            lambda d, W, Z: (d @ W) * sigmoid(Z),
            "You multiply by a = σ(z). The chain rule needs the slope, σ'(z) = a (1 − a).",
        ),
        Mistake(
            "W is transposed",
            lambda d, W, Z: (d @ W.T) * slope(Z),
            "The text's Wᵀ δ is for a column. For rows it is δ W, without a transpose: (m, n_{l+1}) times (n_{l+1}, "
            "n_l). "
            "With equally wide layers the wrong product runs, too.",
        ),
        Mistake(
            "the text's order of the product, for rows",
            lambda d, W, Z: (W.T @ d) * slope(Z),
            "Wᵀ δ is right when every column of δ is an example. Here the rows are: turn the product round, δ W.",
        ),
        Mistake(
            "the slope is applied before W",
            lambda d, W, Z: (d * slope(Z)) @ W,
            "σ'(z^l) belongs to the units of layer l, so it comes after W has carried δ there: (δ W) ⊙ σ'(z).",
        ),
        Mistake(
            "entry by entry in place of the matrix product",
            lambda d, W, Z: d * W * slope(Z),
            "A hidden unit acts on every unit of the next layer, and its δ adds up all these ways: a matrix product.",
        ),
        Mistake(
            "divided by the number of examples",
            lambda d, W, Z: _hidden_delta(d, W, Z) / len(Z),
            "Your δ is m times too small. 1/m comes once, with the gradients of W and b; with one in each layer the "
            "first "
            "layers would learn 1/m² as fast.",
        ),
        Mistake(
            "the sign is wrong",
            lambda d, W, Z: -_hidden_delta(d, W, Z),
            "The minus of gradient descent belongs to the update alone, not to the derivatives.",
        ),
        Mistake(
            "z (1 − z) in place of a (1 − a)",
            lambda d, W, Z: (d @ W) * slope_of_z(Z),
            "σ'(z) = σ(z) (1 − σ(z)): the rule a (1 − a) wants the activation. You put in z itself.",
        ),
        Mistake(
            "1 − a²: the slope of tanh, taken at the sigmoid",
            lambda d, W, Z: (d @ W) * (1 - sigmoid(Z) ** 2),
            "1 − a² is the slope where a = tanh(z). For a = σ(z) it is a (1 − a).",
        ),
        Mistake(
            "the slope of tanh",
            lambda d, W, Z: (d @ W) * (1 - np.tanh(Z) ** 2),
            "1 − tanh²(z) belongs to a tanh layer. This layer is a sigmoid one: σ'(z) = a (1 − a).",
        ),
        Mistake(
            "the slope of ReLU",
            lambda d, W, Z: (d @ W) * (Z > 0),
            "You let δ through where z > 0, as a ReLU layer does. The sigmoid's slope is a (1 − a) everywhere.",
        ),
    ),
    {
        "more than one example": lambda d, W, Z: several(Z),
        "more than one unit in the next layer": lambda d, W, Z: several(W),
        "more than one hidden unit": lambda d, W, Z: Z.shape[1] > 1,
    },
)
