"""Exercise 3.6: A whole training step."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter03.wrong_steps import (
    by_hand,
    four_gradients,
    one_by_one_example,
    steps_longer,
    training_step,
)
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_0: int, n_1: int, n_2: int) -> Case:
        first, second = (normal(rng, n_1, n_0), nonzero(rng, n_1)), (normal(rng, n_2, n_1), nonzero(rng, n_2))
        Y = rng.integers(2, size=(m, n_2)).astype(float)
        return Case(label, (*first, *second, normal(rng, m, n_0), Y, float(rng.choice([0.5, 2.0, 3.0]))))

    cases = [
        case("one example, one unit in each layer", 1, 1, 1, 1),
        case("two examples, one unit in each layer", 2, 1, 1, 1),
        case("one example", 1, 2, 3, 2),
        case("one example, one hidden unit", 1, 3, 1, 2),
        case("one example, one output unit", 1, 2, 3, 1),
        case("one hidden unit", 3, 2, 1, 2),
        *(case("batch and layers of one size", n, n, n, n) for n in (2, 3)),
        *(case("as many hidden units as inputs", 4, n, n, 1) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=4))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


TRAINING_STEP = Exercise(
    "3.6",
    "A whole training step",
    ("W1", "b1", "W2", "b2", "X", "Y", "eta"),
    ("W1", "b1", "W2", "b2"),
    "the new W1 (n_1, n_0), b1 (n_1,), W2 (n_2, n_1), b2 (n_2,)",
    training_step,
    _step_cases,
    (
        Mistake(
            "W2 is updated before it is used",
            by_hand(early_update=True),
            "δ¹ is carried back through the new W2. The gradient belongs to the old parameters, all of them: compute "
            "every "
            "gradient first, then update.",
        ),
        Mistake(
            "the mean over the batch is missing",
            by_hand(mean=False),
            "Your steps are m times too long: J is the mean over the examples, so every gradient is divided by m.",
        ),
        Mistake(
            "it climbs in place of descending",
            by_hand(scale=(-1, -1, -1, -1)),
            "You add the gradient. Descent subtracts it: W − η dW.",
        ),
        Mistake(
            "the learning rate is missing",
            by_hand(with_eta=False),
            "You take the whole gradient as the step. Multiply it by η.",
        ),
        Mistake(
            "σ' is missing in the hidden layer",
            by_hand(hidden_slope=False),
            "The output layer's parameters are right. δ¹ = (δ² W²) ⊙ σ'(z¹): the factor a¹ (1 − a¹) is missing.",
        ),
        Mistake(
            "σ' is missing in the output layer",
            by_hand(out_slope=False),
            "a − y alone is the δ of cross-entropy. For the squared error it is (a − y) ⊙ a (1 − a).",
        ),
        Mistake(
            "the biases never learn",
            by_hand(scale=(1, 0, 1, 0)),
            "The weights are right. b1 and b2 come back unchanged: each moves by −η times the mean of its δ.",
        ),
        Mistake(
            "only the output layer learns",
            by_hand(scale=(0, 0, 1, 1)),
            "W2 and b2 are right, W1 and b1 come back unchanged: carry δ² one layer back.",
        ),
        Mistake(
            "off by one layer: A1 in place of X",
            by_hand(wrong_input=True),
            "The gradient of W1 pairs δ¹ with what entered layer 1, which is X. A1 is what left it.",
        ),
        Mistake(
            "the sum in the biases, the mean in the weights",
            steps_longer(lambda Y: 1, len),
            "W1 and W2 are right. b1 and b2 move m times too far: their gradient is the mean of δ, with the same 1/m.",
        ),
        Mistake(
            "the mean in the biases, the sum in the weights",
            steps_longer(len, lambda Y: 1),
            "b1 and b2 are right. W1 and W2 move m times too far: δᵀ A adds over the examples, divide by m as well.",
        ),
        Mistake(
            "divided by the entries of Y, not by the examples",
            steps_longer(lambda Y: 1 / Y.shape[1], lambda Y: 1 / Y.shape[1]),
            "Your steps are n_2 times too short: you divide by m · n_2, as Y.size or np.mean over a matrix does. J is "
            "the mean over the m examples alone.",
        ),
        Mistake(
            "the gradients are returned",
            four_gradients,
            "These are dW1, db1, dW2 and db2. Return the new parameters: W1 − η dW1, and so on.",
        ),
        Mistake(
            "an update after each example",
            one_by_one_example,
            "You go on with new parameters after every row of X: that is m steps. One step on a batch takes the mean "
            "gradient at the old parameters.",
        ),
        Mistake(
            "the output layer is linear",
            by_hand(linear_output=True),
            "You take z² as the output and δ² = z² − y. The output layer is a sigmoid one, too: a² = σ(z²), "
            "δ² = (a² − y) ⊙ a² (1 − a²).",
        ),
        Mistake(
            "σ'(a) in place of σ'(z) in the hidden layer",
            by_hand(slope_at_a=True),
            "W2 and b2 are right. In δ¹ the sigmoid is applied twice: σ'(z¹) = a¹ (1 − a¹) is already expressed by a¹.",
        ),
    ),
    {
        "more than one example": lambda W1, b1, W2, b2, X, Y, eta: several(X),
        "more than one output unit": lambda W1, b1, W2, b2, X, Y, eta: several(W2),
        "more than one hidden unit": lambda W1, b1, W2, b2, X, Y, eta: several(W1),
    },
)
