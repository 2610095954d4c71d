"""Exercise 15.5: A layer cut in pieces."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, widths: list[int], n: int) -> Case:
        Xs, Ws = [nonzero(rng, m, k) for k in widths], [nonzero(rng, n, k) for k in widths]
        return Case(label, (Xs, Ws, nonzero(rng, n)))

    cases = [
        case("one example, one worker", 1, [2], 2),
        *(case("one worker", 3, [n], n) for n in (2, 3)),
        case("one worker, one input", 2, [1], 1),
        *(case("one example", 1, widths, n) for widths, n in (([2, 1], 3), ([1, 3], 2), ([2, 2, 1], 2))),
        case("one unit", 3, [2, 2], 1),
        case("one input for each worker", 2, [1, 1], 2),
        *(case("everything of one size", n, [n, n], n) for n in (2, 3)),
        *(
            case("random pieces", int(rng.integers(2, 5)), rng.integers(1, 4, size=p).tolist(), int(rng.integers(2, 5)))
            for p in (2, 3, 4, 2, 3)
        ),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(Xs: list[Array], Ws: list[Array], b: Array) -> Array:
    return dense(np.hstack(Ws), b)(np.hstack(Xs))


def _parts(Xs: list[Array], Ws: list[Array]) -> list[Array]:
    return [X @ W.T for X, W in zip(Xs, Ws, strict=True)]


CUT_LAYER = Exercise(
    "15.5",
    "A layer cut in pieces",
    ("Xs", "Ws", "b"),
    ("Z",),
    "Z of shape (m, n_out)",
    _reference,
    _cases,
    (
        Mistake(
            "every worker adds the bias",
            lambda Xs, Ws, b: sum(Z + b for Z in _parts(Xs, Ws)),
            "Each worker computed a whole layer, bias included, so that the sum holds b once per worker. The bias is "
            "added once, after the sum.",
        ),
        Mistake(
            "the bias is missing",
            lambda Xs, Ws, b: sum(_parts(Xs, Ws)),
            "The products are right. z = W a + b still lacks b.",
        ),
        Mistake(
            "the mean in place of the sum",
            lambda Xs, Ws, b: sum(_parts(Xs, Ws)) / len(Xs) + b,
            "Gradients of shards are averaged, because J is a mean. A weighted sum over inputs is a sum: each worker "
            "holds a part of its terms.",
        ),
        Mistake(
            "only the first worker",
            lambda Xs, Ws, b: _parts(Xs, Ws)[0] + b,
            "Every worker sees a part of the inputs. Without the others' products the sum is not finished.",
        ),
        Mistake(
            "the first input meets all weights",
            lambda Xs, Ws, b: sum(np.resize(Xs[0], (len(Xs[0]), W.shape[1])) @ W.T for W in Ws) + b,
            "Worker k holds the columns of W that belong to its own inputs. Its product is that of X_k and W_k.",
        ),
        Mistake(
            "the largest of the parts",
            lambda Xs, Ws, b: np.max(_parts(Xs, Ws), axis=0) + b,
            "A weighted sum was cut in pieces, and pieces of a sum are added up.",
        ),
        Mistake(
            "b is subtracted",
            lambda Xs, Ws, b: sum(_parts(Xs, Ws)) - b,
            "The layer is z = W a + b, as in chapter 2: the bias is added.",
        ),
    ),
    {
        "more than one worker": lambda Xs, Ws, b: several(Xs),
        "more than one example": lambda Xs, Ws, b: several(Xs[0]),
    },
)
