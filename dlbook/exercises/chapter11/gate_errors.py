"""Exercise 11.5: The errors of the gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from dlbook.activations import Sigmoid, Tanh, sigmoid
from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Block: TypeAlias = Callable[..., Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        i, f, o = (np.round(rng.uniform(0.1, 0.9, size=(m, n)), 2) for _ in range(3))
        a = np.round(rng.uniform(0.2, 0.9, size=(m, n)) * rng.choice([-1, 1], size=(m, n)), 2)
        dh, dC, before, after = (nonzero(rng, m, n) for _ in range(4))
        return Case(label, (dh, dC, i, f, a, o, before, after))

    cases = [
        *(case("one example, one unit", 1, 1) for _ in range(2)),
        *(case("one example", 1, n) for n in (2, 3)),
        *(case("one unit", m, 1) for m in (2, 3)),
        *(case("as many examples as units", n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=2))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(dh: Array, dC: Array, i: Array, f: Array, a: Array, o: Array, C_before: Array, C: Array) -> Array:
    blocks = [
        Sigmoid().backward(dC * a, i)[0],
        Sigmoid().backward(dC * C_before, f)[0],
        Tanh().backward(dC * i, a)[0],
        Sigmoid().backward(dh * np.tanh(C), o)[0],
    ]
    return np.concatenate(blocks, axis=1)


def _slip(*, order: tuple[int, ...] = (0, 1, 2, 3), **changed: Block) -> Block:
    """Return the four blocks, some of them made in another way."""
    right: dict[str, Block] = {
        "i": lambda dh, dC, i, f, a, o, old, C: dC * a * i * (1 - i),
        "f": lambda dh, dC, i, f, a, o, old, C: dC * old * f * (1 - f),
        "a": lambda dh, dC, i, f, a, o, old, C: dC * i * (1 - a**2),
        "o": lambda dh, dC, i, f, a, o, old, C: dh * np.tanh(C) * o * (1 - o),
    }
    blocks = list((right | changed).values())

    def errors(*args: Any) -> Array:
        return np.concatenate([blocks[k](*args) for k in order], axis=1)

    return errors


def _with_slopes(gate: Callable[[Array], Array], candidate: Callable[[Array], Array]) -> Block:
    return _slip(
        i=lambda dh, dC, i, f, a, o, old, C: dC * a * gate(i),
        f=lambda dh, dC, i, f, a, o, old, C: dC * old * gate(f),
        a=lambda dh, dC, i, f, a, o, old, C: dC * i * candidate(a),
        o=lambda dh, dC, i, f, a, o, old, C: dh * np.tanh(C) * gate(o),
    )


GATE_ERRORS = Exercise(
    "11.5",
    "The errors of the gates",
    ("dh", "dC", "i", "f", "a", "o", "C_before", "C"),
    ("dz",),
    "the four blocks side by side, in the order i, f, a, o, shape (m, 4n)",
    _reference,
    _cases,
    (
        Mistake(
            "the slopes are missing",
            _with_slopes(np.ones_like, np.ones_like),
            "These are the errors of the gates' values. One more step leads to the weighted sums: the slope of each "
            "sigmoid and of the tanh.",
        ),
        Mistake(
            "the candidate with the slope of a sigmoid",
            _slip(a=lambda dh, dC, i, f, a, o, old, C: dC * i * a * (1 - a)),
            "The candidate is a tanh: its slope is 1 − a². Only the three gates have g (1 − g).",
        ),
        Mistake(
            "the gates with the slope of tanh",
            _with_slopes(lambda g: 1 - g**2, lambda a: 1 - a**2),
            "1 − g² is the slope of a tanh. The gates are sigmoids: g (1 − g).",
        ),
        Mistake(
            "the sigmoid is applied a second time",
            _with_slopes(lambda g: sigmoid(g) * (1 - sigmoid(g)), lambda a: 1 - a**2),
            "i, f and o are the values behind the sigmoid already, so the slope is g (1 − g).",
        ),
        Mistake(
            "the square is missing in the candidate's slope",
            _slip(a=lambda dh, dC, i, f, a, o, old, C: dC * i * (1 - a)),
            "The slope of tanh is 1 − a², with a square.",
        ),
        Mistake(
            "the output gate with the error of the cell",
            _slip(o=lambda dh, dC, i, f, a, o, old, C: dC * np.tanh(C) * o * (1 - o)),
            "The output gate acts on h alone, h = o ⊙ tanh(C). So δ_h reaches it, not δ_C.",
        ),
        Mistake(
            "all gates with the error of h",
            lambda dh, dC, i, f, a, o, old, C: _reference(dh, dh, i, f, a, o, old, C),
            "Input gate, forget gate and candidate act through the cell state. Their error is δ_C.",
        ),
        Mistake(
            "the forget gate with the new cell state",
            _slip(f=lambda dh, dC, i, f, a, o, old, C: dC * C * f * (1 - f)),
            "f multiplies the cell state *before* the step. Its factor on the way back is C_{t−1}.",
        ),
        Mistake(
            "the output gate with the old cell state",
            _slip(o=lambda dh, dC, i, f, a, o, old, C: dh * np.tanh(old) * o * (1 - o)),
            "The output gate shows the cell state after the step: tanh(C_t).",
        ),
        Mistake(
            "the old cell state is missing at the forget gate",
            _slip(f=lambda dh, dC, i, f, a, o, old, C: dC * f * (1 - f)),
            "How much it matters what is kept depends on what was there: the factor C_{t−1}.",
        ),
        Mistake(
            "i and a are exchanged",
            _slip(
                i=lambda dh, dC, i, f, a, o, old, C: dC * i * i * (1 - i),
                a=lambda dh, dC, i, f, a, o, old, C: dC * a * (1 - a**2),
            ),
            "In i ⊙ a each is multiplied by the other one: the error of i has the factor a, that of a the factor i.",
        ),
        Mistake(
            "the tanh is missing at the output gate",
            _slip(o=lambda dh, dC, i, f, a, o, old, C: dh * C * o * (1 - o)),
            "h = o ⊙ tanh(C): what o is multiplied by is tanh(C), not C.",
        ),
        Mistake(
            "the slope of tanh(C) at the output gate",
            _slip(o=lambda dh, dC, i, f, a, o, old, C: dh * (1 - np.tanh(C) ** 2) * o * (1 - o)),
            "1 − tanh²(C) belongs to the way into the cell. For the gate, tanh(C) is a factor and stays as it is.",
        ),
        Mistake(
            "the order f, i, a, o",
            _slip(order=(1, 0, 2, 3)),
            "All four blocks are right; the first two have to change places: i, f, a, o.",
        ),
        Mistake(
            "the order i, f, o, a",
            _slip(order=(0, 1, 3, 2)),
            "All four blocks are right; the last two have to change places: i, f, a, o.",
        ),
        Mistake(
            "divided by the number of examples",
            lambda dh, *rest: _reference(dh, *rest) / len(dh),
            "Your errors are m times too small. The mean over the batch is taken once, in the loss.",
        ),
    ),
    {
        "more than one example": lambda dh, *rest: several(dh),
        "more than one unit": lambda dh, *rest: dh.shape[1] > 1,
    },
)
