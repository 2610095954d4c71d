"""Exercise 11.3: One step of an LSTM."""

from __future__ import annotations

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.chapter11.layers import lstm
from dlbook.exercises.chapter11.wrong_steps import blocks_not_transposed, slip
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_in: int, n: int) -> Case:
        states = nonzero(rng, m, n), nonzero(rng, m, n)
        return Case(
            label, (normal(rng, m, n_in), *states, normal(rng, 4 * n, n_in), normal(rng, 4 * n, n), nonzero(rng, 4 * n))
        )

    cases = [
        *(case("one sequence, one input, one unit", 1, 1, 1) for _ in range(2)),
        case("one sequence", 1, 2, 3),
        case("one sequence, one unit", 1, 3, 1),
        case("one input", 3, 1, 2),
        case("one unit", 3, 2, 1),
        case("one input, one unit", 2, 1, 1),
        *(case("batch, inputs and units of one size", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 5, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _step(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> tuple[Array, Array]:
    layer = lstm(U, W, b)
    state = layer.final_state(layer.forward(x[:, None], state=(h, C))[1])
    return state[0], state[1]


LSTM_STEP = Exercise(
    "11.3",
    "One step of an LSTM",
    ("x", "h", "C", "U", "W", "b"),
    ("h", "C"),
    "the new states h and C, each of shape (m, n)",
    _step,
    _cases,
    (
        Mistake(
            "the order f, i, a, o",
            slip(order="fiao"),
            "The forget gate is the second block here, not the first. With the first two exchanged, what should be "
            "written decides what is kept.",
        ),
        Mistake(
            "the order i, f, o, a",
            slip(order="ifoa"),
            "The candidate is the third block and the output gate the fourth. You took them the other way round.",
        ),
        Mistake(
            "the order i, o, f, a",
            slip(order="iofa"),
            "That is the order of the exchange format ONNX. Here the blocks are stacked i, f, a, o.",
        ),
        Mistake(
            "the candidate with a sigmoid",
            slip(candidate=sigmoid),
            "The candidate says what to write, and that may be negative: it is a tanh. The three gates are sigmoids.",
        ),
        Mistake(
            "all four blocks with tanh",
            slip(gate=np.tanh),
            "A gate is a share between 0 and 1, so it is a sigmoid. Only the candidate is a tanh.",
        ),
        Mistake(
            "the tanh of the cell state is missing",
            slip(shown=lambda C: C),
            "The cell state has no bounds. It goes through tanh before the output gate shows it: h = o ⊙ tanh(C).",
        ),
        Mistake(
            "the forget gate taken as what is forgotten",
            slip(cell=lambda i, f, a, C: (1 - f) * C + i * a),
            "f is the share that is kept. At f = 1 the old cell state stays as it is; with 1 − f it would be erased.",
        ),
        Mistake(
            "the input gate is missing",
            slip(cell=lambda i, f, a, C: f * C + a),
            "You write the whole candidate. The input gate decides how much of it: i ⊙ a.",
        ),
        Mistake(
            "the forget gate is missing",
            slip(cell=lambda i, f, a, C: C + i * a),
            "The old cell state is carried over whole. That was the cell of 1997; today's multiplies it by f.",
        ),
        Mistake(
            "1 − f in place of the input gate",
            slip(cell=lambda i, f, a, C: f * C + (1 - f) * a),
            "In a GRU what is not kept is written, in shares that add up to one. The LSTM has an input gate "
            "of its own.",
        ),
        Mistake(
            "the old state is multiplied by the input gate as well",
            slip(cell=lambda i, f, a, C: i * (f * C + a)),
            "The input gate acts on the candidate alone. What is already in the cell is the forget gate's business.",
        ),
        Mistake(
            "h shows the old cell state",
            slip(hidden=lambda o, C, new: o * np.tanh(C)),
            "h comes last: it shows the cell state after this step, not the one before.",
        ),
        Mistake(
            "the output gate is missing",
            slip(hidden=lambda o, C, new: np.tanh(new)),
            "You show the whole cell. The output gate decides how much of it the rest of the network sees.",
        ),
        Mistake(
            "the output gate scales the cell state too",
            slip(answer=lambda h, C, o: (h, o * C)),
            "The output gate hides, it does not erase: C is carried on whole, only h is multiplied by o.",
        ),
        Mistake(
            "tanh(C) is carried on in place of C",
            slip(answer=lambda h, C, o: (h, np.tanh(C))),
            "Your h is right. The cell state itself is not squashed, or it would shrink at every step: return C.",
        ),
        Mistake(
            "h and C are exchanged",
            slip(answer=lambda h, C, o: (C, h)),
            "Both are right and stand in the wrong order: first h, then C.",
        ),
        Mistake(
            "the bias is missing",
            slip(sums=lambda x, h, U, W, b: x @ U.T + h @ W.T),
            "Both products are right. Each of the 4n units has a number of its own besides, and for the forget gate it "
            "decides how long the memory is.",
        ),
        Mistake(
            "the recurrent weights are missing",
            slip(sums=lambda x, h, U, W, b: x @ U.T + b),
            "Your gates see the input alone. They look at h of the step before, too: add h Wᵀ.",
        ),
        Mistake(
            "the blocks of W are not transposed",
            slip(sums=blocks_not_transposed),
            "With examples as rows it is h Wᵀ. Each block is square, so h W_i runs as well, and it is another product.",
        ),
    ),
    {
        "more than one sequence": lambda x, h, C, U, W, b: several(x),
        "more than one unit": lambda x, h, C, U, W, b: h.shape[1] > 1,
        "more than one input": lambda x, h, C, U, W, b: x.shape[1] > 1,
    },
)
