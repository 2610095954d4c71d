"""Exercise 3.3: The δ of the output layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.exercises.chapter03.slopes import slope, slope_of_z
from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.losses import MeanSquaredError
from dlbook.shapes import Array


def _output_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        Y = np.zeros((m, n))
        Y[np.arange(m), rng.integers(n, size=m)] = 1
        return Case(label, (normal(rng, m, n), Y if n > 1 else rng.integers(2, size=(m, 1)).astype(float)))

    cases = [
        case("one example, one unit", 1, 1),
        case("one example", 1, 3),
        case("two examples, one unit", 2, 1),
        case("three examples, one unit", 3, 1),
        *(case("one example", 1, n) for n in (2, 4)),
        Case("a saturated unit", (np.array([[6.0], [-6.0]]), np.array([[0.0], [0.0]]))),
        *(case("as many examples as units", n, n) for n in (2, 3, 4)),
        *(case("a random batch", int(rng.integers(2, 7)), int(rng.integers(2, 5))) for _ in range(6)),
        Case("targets between 0 and 1", (normal(rng, 3, 2), np.round(rng.uniform(size=(3, 2)), 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _output_delta(Z: Array, Y: Array) -> Array:
    """δ without 1/m: the package's δ times m."""
    A, cache = Sigmoid().forward(Z)
    loss = MeanSquaredError()
    return Sigmoid().backward(loss.backward(loss.forward(A, Y)[1]) * len(Z), cache)[0]


def _with_activation(activation: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Callable[..., Array]:
    """δ of the output layer with another activation a, and its slope as a function of a."""
    return lambda Z, Y: (activation(Z) - Y) * slope(activation(Z))


OUTPUT_DELTA = Exercise(
    "3.3",
    "The δ of the output layer",
    ("Z", "Y"),
    ("delta",),
    "one row per example, shape (m, n)",
    _output_delta,
    _output_cases,
    (
        Mistake(
            "σ' is missing",
            lambda Z, Y: sigmoid(Z) - Y,
            "You have ∂J/∂a = a − y. The chain rule goes on to z with the factor σ'(z) = a (1 − a). (Without it you "
            "have the δ "
            "of cross-entropy, where this factor cancels.)",
        ),
        Mistake(
            "σ'(a) in place of σ'(z)",
            lambda Z, Y: (sigmoid(Z) - Y) * slope(sigmoid(Z)),
            "The sigmoid is applied twice: the derivative is taken at z, and σ'(z) = a (1 − a) is already expressed by "
            "a.",
        ),
        Mistake(
            "the sign is wrong",
            lambda Z, Y: (Y - sigmoid(Z)) * slope(Z),
            "The derivative of ½ (a − y)² with respect to a is a − y. With y − a the network would climb.",
        ),
        Mistake(
            "the factor ½ of the loss is missing",
            lambda Z, Y: 2 * _output_delta(Z, Y),
            "Your δ is twice too large: it belongs to ‖a − y‖². The loss here is ½ ‖a − y‖², so that the 2 cancels.",
        ),
        Mistake(
            "the mean over the batch is taken already",
            lambda Z, Y: _output_delta(Z, Y) / len(Z),
            "Your δ is m times too small. This δ belongs to one example's own loss; 1/m comes once, with the gradients "
            "of W and b. (The package's dZ includes it: there it must not come again later.)",
        ),
        Mistake(
            "divided by the number of entries",
            lambda Z, Y: _output_delta(Z, Y) / Z.size,
            "You divide by m · n, as np.mean does over a whole matrix. δ is the derivative of one example's loss: no "
            "mean.",
        ),
        Mistake(
            "the examples are averaged",
            lambda Z, Y: _output_delta(Z, Y).mean(axis=0),
            "One δ for the whole batch is too little: the gradient of W pairs each example's δ with that example's "
            "input.",
        ),
        Mistake(
            "a matrix product in place of ⊙",
            lambda Z, Y: (sigmoid(Z) - Y) @ slope(Z),
            "a − y and σ'(z) belong together entry by entry: each unit has its own slope. Use *, not @.",
        ),
        Mistake(
            "the error is taken before the activation",
            lambda Z, Y: (Z - Y) * slope(Z),
            "You compare z with y. The loss compares the output, a = σ(z), with y.",
        ),
        Mistake(
            "z (1 − z) in place of a (1 − a)",
            lambda Z, Y: (sigmoid(Z) - Y) * slope_of_z(Z),
            "σ'(z) = σ(z) (1 − σ(z)): the rule a (1 − a) wants the activation. You put in z itself.",
        ),
        Mistake(
            "the slope of tanh",
            _with_activation(sigmoid, lambda a: 1 - a**2),
            "1 − a² is the slope of tanh. The sigmoid's is a (1 − a).",
        ),
        Mistake(
            "tanh in place of the sigmoid",
            _with_activation(np.tanh, lambda a: 1 - a**2),
            "This is the δ of a tanh layer. Here a = σ(z) = 1 / (1 + e^−z), and its slope is a (1 − a).",
        ),
        Mistake(
            "1 / 1 + e^−z: brackets are missing",
            _with_activation(lambda Z: 1 + np.exp(-Z), lambda a: a * (1 - a)),
            "Python reads 1 / 1 + np.exp(-Z) as (1 / 1) + e^−z, which is larger than 1. Write 1 / (1 + np.exp(-Z)).",
        ),
        Mistake(
            "e^+z in the sigmoid",
            _with_activation(lambda Z: sigmoid(-Z), lambda a: a * (1 - a)),
            "1 / (1 + e^z) falls where the sigmoid climbs: it is σ(−z). The exponent carries a minus.",
        ),
    ),
    {"more than one example": lambda Z, Y: several(Z), "more than one unit": lambda Z, Y: Z.shape[1] > 1},
)
