"""Exercise 10.5: Back through time."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter10.layers import rnn
from dlbook.exercises.chapter10.wrong_deltas import (
    by_hand,
    last_step_alone,
    one_step_back,
    slope_of_tanh,
    slope_of_the_step_before,
)
from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _delta_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, T: int, n: int) -> Case:
        H = np.round(rng.uniform(0.2, 0.95, size=(m, T, n)) * rng.choice([-1, 1], size=(m, T, n)), 2)
        return Case(label, (normal(rng, m, T, n), H, normal(rng, n, n)))

    cases = [
        case("one step of one unit", 1, 1, 1),
        case("one step", 2, 1, 3),
        case("one step, one sequence", 1, 1, 2),
        case("one step of one unit, two sequences", 2, 1, 1),
        case("two steps of one unit", 1, 2, 1),
        case("one sequence, two steps", 1, 2, 3),
        case("one sequence, five steps", 1, 5, 2),
        case("one unit", 3, 4, 1),
        *(case("all sizes equal", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 5, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _deltas(G: Array, H: Array, W: Array) -> Array:
    """δ of the package: with U = I it is what the layer passes on to its inputs."""
    n = len(W)
    layer = rnn(np.eye(n, dtype=H.dtype), W, np.zeros(n, H.dtype))
    states = np.concatenate([np.zeros_like(H[:, :1]), H], axis=1).transpose(1, 0, 2)
    return layer.backward(G, (H.transpose(1, 0, 2), (states,), None, None))[0]


BPTT_DELTAS = Exercise(
    "10.5",
    "Back through time",
    ("G", "H", "W"),
    ("deltas",),
    "one δ for each sequence, step and unit, shape (m, T, n)",
    _deltas,
    _delta_cases,
    (
        Mistake(
            "the recurrent term is missing",
            by_hand(carry=lambda delta, dh, slope, W: 0 * delta),
            "Each step knows only of its own output. The state also reaches the loss through the next state: add "
            "Wᵀ δ_{t+1}.",
        ),
        Mistake(
            "W is transposed",
            by_hand(carry=lambda delta, dh, slope, W: delta @ W.T),
            "The text's Wᵀ δ is for a column. For rows it is δ W, without a transpose. W is square, so the other "
            "product runs too.",
        ),
        Mistake(
            "the slope is missing",
            by_hand(slope=np.ones_like),
            "δ is the derivative by z, before the activation. Multiply ∂J/∂h by the slope of tanh, 1 − h².",
        ),
        Mistake(
            "the slope behind Wᵀ",
            by_hand(carry=lambda delta, dh, slope, W: (dh @ W) * slope),
            "The last step is right. On the way back the error first meets the slope of its own step, then W: "
            "(∂J/∂h ⊙ slope) W, and not (∂J/∂h W) ⊙ slope.",
        ),
        Mistake(
            "∂J/∂h in place of δ",
            by_hand(answer=lambda delta, dh: dh),
            "The recursion is right, and you return ∂J/∂h_t. Asked is ∂J/∂z_t, with the slope of step t.",
        ),
        Mistake(
            "the way back leaves out the slope",
            by_hand(carry=lambda delta, dh, slope, W: dh @ W),
            "You carry ∂J/∂h through W. To get from h_{t+1} to h_t one passes z_{t+1}: carry δ, which has the slope.",
        ),
        Mistake(
            "it runs forward in time",
            by_hand(order=list),
            "You start at the first step. δ_t needs δ_{t+1}, so the loop runs from the last step to the first.",
        ),
        Mistake(
            "only the last step has a loss",
            by_hand(direct=last_step_alone),
            "You take G at the last step alone. Every step has an output, and its gradient joins on the way: add "
            "G[:, t] at each t.",
        ),
        Mistake(
            "one step back and no further",
            one_step_back,
            "Each error reaches the step before it and stops there. Carry the whole δ_{t+1}, which holds all that came "
            "from behind.",
        ),
        Mistake(
            "h (1 − h): the slope of the sigmoid",
            by_hand(slope=lambda H: H * (1 - H)),
            "h (1 − h) belongs to a sigmoid. For h = tanh(z) the slope is 1 − h².",
        ),
        Mistake(
            "the slope at h in place of z",
            by_hand(slope=lambda H: slope_of_tanh(np.tanh(H))),
            "H already holds tanh(z). With 1 − tanh²(h) the activation is applied twice: the slope is 1 − h².",
        ),
        Mistake(
            "1 − h in place of 1 − h²",
            by_hand(slope=lambda H: 1 - H),
            "The slope of tanh is 1 − h², with a square; it is never larger than 1.",
        ),
        Mistake(
            "the slope of ReLU",
            by_hand(slope=lambda H: (H > 0).astype(H.dtype)),
            "You let through where h is positive. That is ReLU; for tanh the slope is 1 − h².",
        ),
        Mistake(
            "the slope of the step before",
            slope_of_the_step_before,
            "You are off by one: δ_t takes the slope at its own step, 1 − h_t². H[:, t] is the state after step t.",
        ),
        Mistake(
            "what came from behind is never replaced",
            by_hand(kept=1),
            "You add W's part to the sum of all earlier ones. δ_{t+1} already holds everything from behind: replace, "
            "do not add up.",
        ),
        Mistake(
            "divided by the number of steps",
            lambda G, H, W: _deltas(G, H, W) / H.shape[1],
            "Your δ is T times too small. If the loss is a mean over the steps, G has the 1/T already.",
        ),
    ),
    {
        "more than one step": lambda G, H, W: H.shape[1] > 1,
        "more than one sequence": lambda G, H, W: several(H),
        "more than one unit": lambda G, H, W: several(W),
    },
)
