"""Exercise 10.4: Through the whole sequence."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter10.layers import rnn
from dlbook.exercises.chapter10.wrong_forwards import (
    by_hand,
    first_state_counted,
    last_step_alone,
    softmax_of,
    time_first,
)
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _forward_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, T: int, n_in: int, n: int, n_out: int) -> Case:
        layer = normal(rng, n, n_in), normal(rng, n, n), nonzero(rng, n)
        output = normal(rng, n_out, n), nonzero(rng, n_out)
        return Case(label, (normal(rng, m, T, n_in), nonzero(rng, m, n), *layer, *output))

    cases = [
        case("one sequence of one step, all sizes 1", 1, 1, 1, 1, 1),
        case("one step", 2, 1, 2, 3, 2),
        case("one step, one unit", 3, 1, 2, 1, 2),
        case("one sequence of two steps, all sizes 1", 1, 2, 1, 1, 1),
        case("one sequence", 1, 3, 2, 3, 2),
        case("one sequence of one step", 1, 1, 3, 2, 3),
        case("one unit", 2, 3, 2, 1, 3),
        case("one input, one output", 2, 3, 1, 3, 1),
        *(case("all sizes equal", n, n, n, n, n) for n in (2, 3)),
        *(case("inputs, units and outputs of one size", 2, 4, n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 5, size=5))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _forward(X: Array, h0: Array, U: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
    H, _ = rnn(U, W, b).forward(X, state=h0)
    return H, dense(V, c)(H)


RNN_FORWARD = Exercise(
    "10.4",
    "Through the whole sequence",
    ("X", "h0", "U", "W", "b", "V", "c"),
    ("H", "O"),
    "H of shape (m, T, n), O of shape (m, T, n_out)",
    _forward,
    _forward_cases,
    (
        Mistake(
            "the first state is taken as zero",
            by_hand(first=np.zeros_like),
            "h0 is given and is not zero. It enters step 1 through W, like any other state.",
        ),
        Mistake(
            "the state is not carried on",
            by_hand(carried="nothing"),
            "Every step starts from h0. What step t computes is what step t + 1 starts from: replace the state.",
        ),
        Mistake(
            "z is carried on in place of h",
            by_hand(carried="z"),
            "The sum before tanh goes into the next step. W reads the state, h = tanh(z).",
        ),
        Mistake(
            "H starts with h0",
            first_state_counted,
            "H holds the states after each step, T of them. You have h0 in front, and the last step is cut off.",
        ),
        Mistake(
            "the output reads the state before the step",
            by_hand(reads="before"),
            "H is right. O belongs to the new state: o_t = V h_t + c, and x_t has its part in it.",
        ),
        Mistake(
            "c is missing",
            by_hand(output_bias=False),
            "H is right. The output layer has a bias of its own: o_t = V h_t + c.",
        ),
        Mistake(
            "b is missing",
            by_hand(bias=False),
            "Each step adds the bias b before tanh. All steps share it.",
        ),
        Mistake(
            "the activation of the states is missing",
            by_hand(slope=lambda z: z),
            "Your states are the sums z. h_t = tanh(z_t); without tanh they grow without limit.",
        ),
        Mistake(
            "W is not transposed",
            by_hand(transpose=False),
            "For one sequence per row the text's W h becomes H Wᵀ. W is square, so the other product runs too.",
        ),
        Mistake(
            "tanh of the outputs",
            by_hand(output=np.tanh),
            "H is right. The output layer is linear: whatever follows, softmax or nothing, is left to the loss.",
        ),
        Mistake(
            "softmax of the outputs",
            by_hand(output=softmax_of),
            "H is right. Asked is O before the softmax: the loss of this book takes the softmax itself, safely.",
        ),
        Mistake(
            "the sequence is read from its end",
            by_hand(backwards=True),
            "The first input you read is the last one. Step 1 reads X[:, 0].",
        ),
        Mistake(
            "the time is the first axis",
            time_first,
            "The numbers are right, and the axes are exchanged: sequences are the first axis, their steps the second. "
            "np.stack(…, axis=1) puts the steps there.",
        ),
        Mistake(
            "only the last step is returned",
            last_step_alone,
            "This is the state after the whole sequence, and its output. Asked are all steps, T of each.",
        ),
    ),
    {
        "more than one step": lambda X, h0, U, W, b, V, c: X.shape[1] > 1,
        "more than one sequence": lambda X, h0, U, W, b, V, c: several(X),
        "more than one unit": lambda X, h0, U, W, b, V, c: several(b),
    },
)
