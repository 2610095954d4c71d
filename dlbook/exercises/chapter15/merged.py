"""Exercise 15.3: The gradient of the batch from those of its shards."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, sizes: list[int], n: int) -> Case:
        return Case(label, (nonzero(rng, len(sizes), n), np.array(sizes)))

    def unequal(p: int) -> list[int]:
        return [int(k) for k in rng.permutation(np.arange(1, 2 * p + 1))[:p]]

    cases = [
        case("one shard", [3], 2),
        case("two shards of one size", [2, 2], 3),
        case("two shards of one example", [1, 1], 2),
        case("one parameter, shards of one size", [4, 4], 1),
        case("three shards of one size", [5, 5, 5], 2),
        case("one parameter", [1, 3], 1),
        case("two shards", [1, 5], 3),
        case("as many shards as parameters", [1, 2, 6], 3),
        *(case("random shards", unequal(p), int(rng.integers(2, 5))) for p in (2, 3, 4, 2, 3, 4, 5)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(G: Array, sizes: Array) -> Array:
    return np.asarray(sizes / sizes.sum() @ G)


MERGED_GRADIENT = Exercise(
    "15.3",
    "The gradient of the batch from those of its shards",
    ("G", "sizes"),
    ("g",),
    "g of shape (n,)",
    _reference,
    _cases,
    (
        Mistake(
            "every shard counts the same",
            lambda G, sizes: G.mean(axis=0),
            "A shard of one example gets the same say as a shard of five. Each row is a mean over its own examples: "
            "how many examples must it speak for?",
        ),
        Mistake(
            "the gradients are added up without weights",
            lambda G, sizes: G.sum(axis=0),
            "Each row is a mean already. The sum of p means is about p times too long: the learning rate would have to "
            "shrink with the number of machines.",
        ),
        Mistake(
            "the division by m is missing",
            lambda G, sizes: sizes @ G,
            "You have the sum over all examples of the batch. The gradient of J is their mean: 1/m is missing.",
        ),
        Mistake(
            "divided by the number of shards",
            lambda G, sizes: sizes @ G / len(sizes),
            "The weights m_k must add up to one. Their sum is m, the number of examples, not the number of shards.",
        ),
        Mistake(
            "the weights are turned round",
            lambda G, sizes: (1 / sizes) @ G / (1 / sizes).sum(),
            "Here the smallest shard has the most to say. A mean over many examples must weigh more than one over few.",
        ),
        Mistake(
            "only the largest shard counts",
            lambda G, sizes: G[np.argmax(sizes)],
            "That is the gradient of one shard. The examples of the others were computed for nothing.",
        ),
        Mistake(
            "divided by m although the rows are means",
            lambda G, sizes: G.sum(axis=0) / sizes.sum(),
            "1/m_k is in every row already: it belongs to the loss of each worker. Undo it (times m_k) before you "
            "divide by m.",
        ),
        Mistake(
            "squared weights",
            lambda G, sizes: sizes**2 @ G / (sizes**2).sum(),
            "Twice as many examples have twice the say, not four times: the weight is m_k / m.",
        ),
    ),
    {
        "shards of different sizes": lambda G, sizes: len(set(sizes.tolist())) > 1,
    },
)
