"""Exercise 11.6: One step of a GRU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array

Step: TypeAlias = Callable[[Array, Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_in: int, n: int) -> Case:
        weights = normal(rng, 3 * n, n_in), normal(rng, 3 * n, n), nonzero(rng, 3 * n)
        return Case(label, (normal(rng, m, n_in), nonzero(rng, m, n), *weights))

    cases = [
        *(case("one example, one input, one unit", 1, 1, 1) for _ in range(2)),
        case("one example", 1, 2, 3),
        case("one example, one unit", 1, 3, 1),
        case("one input", 3, 1, 2),
        case("one unit", 3, 2, 1),
        case("one input, one unit", 2, 1, 1),
        *(case("batch, inputs and units of one size", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 5, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(x: Array, h: Array, U: Array, W: Array, b: Array) -> Array:
    layers = [
        dense(np.hstack([u, w]), c) for u, w, c in zip(np.split(U, 3), np.split(W, 3), np.split(b, 3), strict=True)
    ]
    r, u = (Sigmoid()(layer(np.hstack([x, h]))) for layer in layers[:2])
    a = np.tanh(layers[2](np.hstack([x, r * h])))
    return np.asarray(u * h + (1 - u) * a)


def _slip(
    *,
    order: str = "rua",
    activation: Callable[[Array], Array] = np.tanh,
    seen: Callable[[Array, Array, Array], Array] = lambda r, h, W: (r * h) @ W.T,
    result: Callable[[Array, Array, Array, Array], Array] = lambda u, h, a, r: u * h + (1 - u) * a,
    times: Callable[[Array, Array], Array] = lambda h, W: h @ W.T,
    bias: float = 1.0,
) -> Step:
    """Return the step with one thing done in another way; ``seen`` is what the candidate sees of the old state."""

    def step(x: Array, h: Array, U: Array, W: Array, b: Array) -> Array:
        blocks = dict(zip(order, np.split(W, 3), strict=True))
        from_x = dict(zip(order, np.split(x @ U.T + b * np.float32(bias), 3, axis=1), strict=True))
        r, u = (sigmoid(from_x[gate] + times(h, blocks[gate])) for gate in "ru")
        a = activation(from_x["a"] + seen(r, h, blocks["a"]))
        return np.asarray(result(u, h, a, r))

    return step


GRU_STEP = Exercise(
    "11.6",
    "One step of a GRU",
    ("x", "h", "U", "W", "b"),
    ("h",),
    "the new state, shape (m, n)",
    _reference,
    _cases,
    (
        Mistake(
            "u and 1 − u are exchanged",
            _slip(result=lambda u, h, a, r: (1 - u) * h + u * a),
            "In this book u is the share that is kept. Other texts call the share that is *written* the update gate; "
            "there the two change places.",
        ),
        Mistake(
            "the reset gate behind the product",
            _slip(seen=lambda r, h, W: r * (h @ W.T)),
            "r ⊙ (W h) is PyTorch's variant. Here the state is reset first, W (r ⊙ h), so that every unit of the "
            "candidate sees the same reset state.",
        ),
        Mistake(
            "the reset gate is missing",
            _slip(seen=lambda r, h, W: h @ W.T),
            "The candidate sees the whole old state. It should see what the reset gate leaves of it: r ⊙ h.",
        ),
        Mistake(
            "1 − r in place of r",
            _slip(seen=lambda r, h, W: ((1 - r) * h) @ W.T),
            "At r = 1 the candidate sees the whole old state, at r = 0 nothing of it. You turned it round.",
        ),
        Mistake(
            "the candidate does not see the old state",
            _slip(seen=lambda r, h, W: np.zeros_like(h)),
            "The candidate has recurrent weights too: add W_a (r ⊙ h).",
        ),
        Mistake(
            "the order u, r, a",
            _slip(order="ura"),
            "The reset gate is the first block, the update gate the second. You took them the other way round.",
        ),
        Mistake(
            "the order a, r, u",
            _slip(order="aru"),
            "The candidate is the last of the three blocks: r, u, a.",
        ),
        Mistake(
            "the candidate with a sigmoid",
            _slip(activation=sigmoid),
            "What is written may be negative: the candidate is a tanh. The two gates are sigmoids.",
        ),
        Mistake(
            "the whole candidate is written",
            _slip(result=lambda u, h, a, r: u * h + a),
            "The shares add up to one: what is not kept is written, (1 − u) ⊙ a.",
        ),
        Mistake(
            "the whole old state is kept",
            _slip(result=lambda u, h, a, r: h + (1 - u) * a),
            "Of the old state only the share u stays: u ⊙ h, not h itself.",
        ),
        Mistake(
            "the old state is reset before it is kept",
            _slip(result=lambda u, h, a, r: u * r * h + (1 - u) * a),
            "The reset gate changes what the candidate *sees*. What is kept is a share of the old state itself, u ⊙ h.",
        ),
        Mistake(
            "the reset gate as an input gate",
            _slip(result=lambda u, h, a, r: u * h + r * a),
            "A GRU has no input gate: what is written has the share 1 − u.",
        ),
        Mistake(
            "a tanh around the new state",
            _slip(result=lambda u, h, a, r: np.tanh(u * h + (1 - u) * a)),
            "The state of a GRU is not squashed again. It is a mixture of two states and keeps their bounds.",
        ),
        Mistake(
            "the bias is missing",
            _slip(bias=0.0),
            "Each of the 3n units adds a number of its own, b, to its weighted sum.",
        ),
        Mistake(
            "W is not transposed",
            _slip(times=lambda h, W: h @ W, seen=lambda r, h, W: (r * h) @ W),
            "With examples as rows it is h Wᵀ. Each block is square, so h W runs as well, and it is another product.",
        ),
    ),
    {
        "more than one example": lambda x, h, U, W, b: several(x),
        "more than one unit": lambda x, h, U, W, b: h.shape[1] > 1,
        "more than one input": lambda x, h, U, W, b: x.shape[1] > 1,
    },
)
