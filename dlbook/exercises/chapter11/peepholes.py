"""Exercise 11.7: Gates that see the cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

States: TypeAlias = tuple[Array, Array]
Step: TypeAlias = Callable[[Array, Array, Array], States]
Gate: TypeAlias = Callable[[Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        return Case(label, (nonzero(rng, m, 4 * n), nonzero(rng, m, n), nonzero(rng, 3, n)))

    cases = [
        *(case("one example, one unit", 1, 1) for _ in range(2)),
        *(case("one example", 1, n) for n in (2, 3)),
        *(case("one unit", m, 1) for m in (2, 3)),
        *(case("as many examples as units", n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=2))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(Z: Array, C: Array, p: Array) -> States:
    z_i, z_f, z_a, z_o = np.split(Z, 4, axis=1)
    i, f = Sigmoid()(z_i + p[0] * C), Sigmoid()(z_f + p[1] * C)
    new = f * C + i * np.tanh(z_a)
    return Sigmoid()(z_o + p[2] * new) * np.tanh(new), new


def _peep(z: Array, p: Array, C: Array) -> Array:
    return sigmoid(z + p * C)


def _slip(
    *,
    rows: tuple[int, ...] = (0, 1, 2),
    order: str = "ifao",
    gate: Gate = _peep,
    output: Callable[[Array, Array, Array, Array], Array] | None = None,
    candidate: Callable[[Array, Array, Array], Array] = lambda z, p, C: np.tanh(z),
    cell: Callable[[Array, Array, Array, Array], Array] = lambda i, f, a, C: f * C + i * a,
    shown: Callable[[Array], Array] = np.tanh,
    answer: Callable[[Array, Array], States] = lambda h, C: (h, C),
) -> Step:
    """Return the step with one thing done in another way; ``output`` takes z_o, p_o, the old and the new cell state."""

    def step(Z: Array, C: Array, p: Array) -> States:
        z = dict(zip(order, np.split(Z, 4, axis=1), strict=True))
        p_i, p_f, p_o = (p[k] for k in rows)
        new = cell(gate(z["i"], p_i, C), gate(z["f"], p_f, C), candidate(z["a"], p_o, C), C)
        o = gate(z["o"], p_o, new) if output is None else output(z["o"], p_o, C, new)
        return answer(o * shown(new), new)

    return step


PEEPHOLE_STEP = Exercise(
    "11.7",
    "Gates that see the cell",
    ("Z", "C", "p"),
    ("h", "C"),
    "the new states h and C, each of shape (m, n)",
    _reference,
    _cases,
    (
        Mistake(
            "the output gate sees the old cell state",
            _slip(output=lambda z, p, C, new: sigmoid(z + p * C)),
            "The output gate comes last, and it looks at the cell state that it is going to show: the new one.",
        ),
        Mistake(
            "no peepholes at all",
            _slip(gate=lambda z, p, C: sigmoid(z)),
            "This is the LSTM of exercise 11.3. Each gate adds p ⊙ C to its weighted sum.",
        ),
        Mistake(
            "the output gate has no peephole",
            _slip(output=lambda z, p, C, new: sigmoid(z)),
            "Input and forget gate are right. The output gate looks at the cell too, at the new state.",
        ),
        Mistake(
            "the peephole behind the sigmoid",
            _slip(gate=lambda z, p, C: sigmoid(z) + p * C),
            "A gate is a share between 0 and 1. The peephole is added to the weighted sum, inside the sigmoid.",
        ),
        Mistake(
            "the weighted sum is multiplied by the peephole",
            _slip(gate=lambda z, p, C: sigmoid(z * p * C)),
            "The peephole is one more input with a weight of its own: it is added, z + p ⊙ C.",
        ),
        Mistake(
            "p is added without the cell state",
            _slip(gate=lambda z, p, C: sigmoid(z + p)),
            "That is a second bias. A peephole looks at the cell: p ⊙ C.",
        ),
        Mistake(
            "the peepholes see tanh(C)",
            _slip(gate=lambda z, p, C: sigmoid(z + p * np.tanh(C))),
            "A peephole sees the cell state itself, without the tanh.",
        ),
        Mistake(
            "the rows of p in the order f, i, o",
            _slip(rows=(1, 0, 2)),
            "The first row belongs to the input gate, the second to the forget gate.",
        ),
        Mistake(
            "the third row belongs to the candidate",
            _slip(candidate=lambda z, p, C: np.tanh(z + p * C), output=lambda z, p, C, new: sigmoid(z)),
            "The candidate has no peephole: the three rows are those of i, f and o.",
        ),
        Mistake(
            "the candidate has a peephole, too",
            _slip(candidate=lambda z, p, C: np.tanh(z + p * C)),
            "The gates are right. The candidate does not look at the cell.",
        ),
        Mistake(
            "the blocks in the order i, f, o, a",
            _slip(order="ifoa"),
            "The candidate is the third block and the output gate the fourth.",
        ),
        Mistake(
            "the blocks in the order f, i, a, o",
            _slip(order="fiao"),
            "The input gate is the first block of Z and the forget gate the second.",
        ),
        Mistake(
            "the candidate with a sigmoid",
            _slip(candidate=lambda z, p, C: sigmoid(z)),
            "What is written may be negative: the candidate is a tanh.",
        ),
        Mistake(
            "the forget gate taken as what is forgotten",
            _slip(cell=lambda i, f, a, C: (1 - f) * C + i * a),
            "f is the share that is kept: at f = 1 the old cell state stays as it is.",
        ),
        Mistake(
            "the forget gate is missing",
            _slip(cell=lambda i, f, a, C: C + i * a),
            "The old cell state is multiplied by f before the new is added.",
        ),
        Mistake(
            "the tanh of the cell state is missing",
            _slip(shown=lambda C: C),
            "h = o ⊙ tanh(C): the cell state goes through tanh before it is shown.",
        ),
        Mistake(
            "h and C are exchanged",
            _slip(answer=lambda h, C: (C, h)),
            "Both are right and stand in the wrong order: first h, then C.",
        ),
    ),
    {
        "more than one example": lambda Z, C, p: several(Z),
        "more than one unit": lambda Z, C, p: C.shape[1] > 1,
    },
)
