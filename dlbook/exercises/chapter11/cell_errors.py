"""Exercise 11.4: The error of the cell state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import Tanh
from dlbook.exercises.draw import in_float32, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Direct: TypeAlias = Callable[[Array, Array, Array], Array]
Function: TypeAlias = Callable[[Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, *shape: int) -> Case:
        f, o = (np.round(rng.uniform(0.1, 0.9, size=shape), 2) for _ in range(2))
        return Case(label, (normal(rng, *shape), f, o, normal(rng, *shape)))

    cases = [
        *(case("one sequence, one step, one unit", 1, 1, 1) for _ in range(2)),
        case("one sequence, two steps, one unit", 1, 2, 1),
        case("one step", 3, 1, 2),
        *(case("one sequence", 1, T, 2) for T in (2, 3)),
        *(case("one unit", 2, T, 1) for T in (3, 4)),
        case("one step, one unit", 2, 1, 1),
        *(case("sequences, steps and units of one size", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _from_h(dh: Array, o: Array, C: Array) -> Array:
    return np.asarray(dh * o * (1 - np.tanh(C) ** 2))


def _slip(direct: Direct = _from_h, factor: Callable[[Array], Array] = lambda f: f, *, shift: int = 1) -> Function:
    """Return the recursion with one thing done in another way; step t takes the factor of step t + shift."""

    def errors(dh: Array, f: Array, o: Array, C: Array) -> Array:
        dC, keep = direct(dh, o, C).copy(), factor(f)
        for t in reversed(range(C.shape[1] - 1)):
            dC[:, t] += dC[:, t + 1] * keep[:, t + shift]
        return dC

    return errors


def _reference(dh: Array, f: Array, o: Array, C: Array) -> Array:
    dC, _ = Tanh().backward(dh * o, np.tanh(C))
    for t in reversed(range(C.shape[1] - 1)):
        dC[:, t] += dC[:, t + 1] * f[:, t + 1]
    return dC


def _one_step_only(dh: Array, f: Array, o: Array, C: Array) -> Array:
    direct = _from_h(dh, o, C)
    dC = direct.copy()
    dC[:, :-1] += direct[:, 1:] * f[:, 1:]
    return dC


def _forward(dh: Array, f: Array, o: Array, C: Array) -> Array:
    dC = _from_h(dh, o, C)
    for t in range(1, C.shape[1]):
        dC[:, t] += dC[:, t - 1] * f[:, t]
    return dC


def _replaced(dh: Array, f: Array, o: Array, C: Array) -> Array:
    dC = _from_h(dh, o, C)
    for t in reversed(range(C.shape[1] - 1)):
        dC[:, t] = dC[:, t + 1] * f[:, t + 1]
    return dC


def _along_the_batch(dh: Array, f: Array, o: Array, C: Array) -> Array:
    dC = _from_h(dh, o, C)
    for t in reversed(range(len(C) - 1)):
        dC[t] += dC[t + 1] * f[t + 1]
    return dC


CELL_ERRORS = Exercise(
    "11.4",
    "The error of the cell state",
    ("dh", "f", "o", "C"),
    ("dC",),
    "δ_C of all steps, shape (m, T, n)",
    _reference,
    _cases,
    (
        Mistake(
            "the forget gate of the wrong step",
            _slip(shift=0),
            "C_t enters C_{t+1} = f_{t+1} ⊙ C_t + …, so its error comes back with the forget gate of step t + 1. You "
            "took that of step t.",
        ),
        Mistake(
            "nothing comes along the belt",
            lambda dh, f, o, C: _from_h(dh, o, C),
            "This is the error that comes from h of the same step. The cell state has a second way out, into the next "
            "cell state: add what comes back from there.",
        ),
        Mistake(
            "the forget gate is missing",
            _slip(factor=np.ones_like),
            "You carry the error back whole. What the forget gate has erased is not to blame: multiply by f of step "
            "t + 1.",
        ),
        Mistake(
            "1 − f in place of f",
            _slip(factor=lambda f: 1 - f),
            "f is the share that is kept, forward and backward.",
        ),
        Mistake(
            "only one step back",
            _one_step_only,
            "Each step passes on its complete error, with all that came from behind it. You pass on the share from h "
            "alone. Go from the last step to the first and use what you have just computed.",
        ),
        Mistake(
            "from the first step to the last",
            _forward,
            "Errors travel backward: step t needs the error of step t + 1, so the loop begins at the last step.",
        ),
        Mistake(
            "the belt replaces what comes from h",
            _replaced,
            "The two ways out of the cell state add up. You overwrite the one with the other: += in place of =.",
        ),
        Mistake(
            "the steps are taken along the batch",
            _along_the_batch,
            "The first axis holds the sequences, the second the steps: dC[:, t], not dC[t].",
        ),
        Mistake(
            "the slope of tanh is missing",
            _slip(lambda dh, o, C: dh * o),
            "h = o ⊙ tanh(C). Between h and C stands a tanh; its slope is 1 − tanh²(C).",
        ),
        Mistake(
            "1 − C² in place of 1 − tanh²(C)",
            _slip(lambda dh, o, C: dh * o * (1 - C**2)),
            "The slope of tanh is one minus the square of its *value*, tanh(C). You put in C itself.",
        ),
        Mistake(
            "the square is missing in the slope",
            _slip(lambda dh, o, C: dh * o * (1 - np.tanh(C))),
            "The slope of tanh is 1 − tanh², with a square.",
        ),
        Mistake(
            "tanh(C) in place of its slope",
            _slip(lambda dh, o, C: dh * o * np.tanh(C)),
            "You multiply by the value of the tanh, as on the way forward. Back it is the slope, 1 − tanh²(C).",
        ),
        Mistake(
            "the output gate is missing",
            _slip(lambda dh, o, C: dh * (1 - np.tanh(C) ** 2)),
            "Only the part of the cell that the output gate shows reaches h: the way back has the factor o, too.",
        ),
        Mistake(
            "the slope of the output gate",
            _slip(lambda dh, o, C: dh * o * (1 - o) * (1 - np.tanh(C) ** 2)),
            "o is a factor here, not a function of C: no slope of its sigmoid. That belongs to the error of the gate.",
        ),
        Mistake(
            "divided by the number of sequences",
            lambda dh, f, o, C: _reference(dh, f, o, C) / len(C),
            "Your error is m times too small. The mean over the batch is taken once, in the loss.",
        ),
    ),
    {
        "more than one step": lambda dh, f, o, C: C.shape[1] > 1,
        "more than two steps": lambda dh, f, o, C: C.shape[1] > 2,
        "more than one sequence": lambda dh, f, o, C: several(C),
    },
)
