"""Exercise 5.6: The reverse sweep."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.exercises.chapter05 import wrong_sweeps
from dlbook.exercises.model import Case, Exercise, Mistake

LONG = 3000  # deeper than Python's recursion


class _Long(list[Any]):
    """A list that nobody wants to read to the end."""

    def __str__(self) -> str:
        return f"[{self[0]}, {self[1]}, {self[2]}, …, {self[-1]}]"


def _random_graph(rng: np.random.Generator, n: int, *, shuffled: bool) -> Case:
    """Draw a graph of n values; where it is shuffled, a value's number says nothing about when it was made."""
    name = rng.permutation(n) if shuffled else np.arange(n)
    parents: list[list[int]] = [[] for _ in range(n)]
    slopes: list[list[float]] = [[] for _ in range(n)]
    for made in range(2, n):
        for old in rng.integers(max(0, made - 4), made, size=2):
            parents[name[made]].append(int(name[old]))
            slopes[name[made]].append(_slope(rng))
    kind = "shuffled numbers" if shuffled else "numbers in the order in which values were made"
    return Case(f"{n} values, {kind}", (parents, slopes, int(name[n - 1])))


def _slope(rng: np.random.Generator) -> float:
    return float(rng.choice([-3, -2, -1.5, 0.5, 2, 3]))


def _graph_cases(rng: np.random.Generator) -> list[Case]:
    p, q, r, s = (_slope(rng) for _ in range(4))
    chain = _Long([[], *([i] for i in range(LONG - 1))]), _Long([[], *([1.001] for _ in range(LONG - 1))])
    return [
        Case("one value, made of nothing", ([[]], [[]], 0)),
        Case("one step", ([[], [0]], [[], [p]], 1)),
        Case("one step, the end has number 0", ([[1], []], [[q], []], 0)),
        Case("a chain", ([[], [0], [1], [2]], [[], [p], [q], [r]], 3)),
        Case("used twice by one operation, such as x · x", ([[], [0, 0]], [[], [p, p + 1]], 1)),
        Case("two ways", ([[], [0], [0], [1, 2]], [[], [p], [q], [r, s]], 3)),
        Case("a short and a long way", ([[], [0], [1], [2, 0]], [[], [p], [q], [r, s]], 3)),
        Case("a long and a short way", ([[], [0], [1], [0, 2]], [[], [p], [q], [r, s]], 3)),
        Case("a value that the end is not made of", ([[], [0], [0]], [[], [p], [q]], 1)),
        Case("a value that was made of the end", ([[], [0], [1]], [[], [p], [q]], 1)),
        Case("the chapter's J = c − x", ([[], [], [0, 1], [2, 1], [2, 3], [4, 0]],
             [[], [], [3.0, 2.0], [1.0, 1.0], [9.0, 6.0], [1.0, -1.0]], 5)),
        *(_random_graph(rng, int(n), shuffled=False) for n in rng.integers(5, 9, size=3)),
        *(_random_graph(rng, int(n), shuffled=True) for n in rng.integers(5, 10, size=6)),
        Case(f"a chain of {LONG:,} values", (*chain, LONG - 1)),
    ]  # fmt: skip


REVERSE_SWEEP = Exercise(
    "5.6",
    "The reverse sweep, without recursion",
    ("parents", "slopes", "end"),
    ("bars",),
    "one slope for every value, shape (number of values,)",
    wrong_sweeps.right,
    _graph_cases,
    (
        Mistake(
            "a value is visited as soon as it is reached",
            wrong_sweeps.as_reached,
            "Where a short and a long way lead to a value, it passes on what the short one brought, and what comes "
            "later stays behind. Count the users of each value first; it is ready when all of them are done.",
        ),
        Mistake(
            "one user overwrites the other",
            wrong_sweeps.overwriting,
            "A value that is used twice gets two shares. Add them: bars[v] += …, not bars[v] = ….",
        ),
        Mistake(
            "slopes are added along a way",
            wrong_sweeps.adding,
            "Along a way the chain rule multiplies, bar of u times ∂u/∂v. Sums are for ways that meet.",
        ),
        Mistake(
            "the slope of the end is missing",
            lambda parents, slopes, end: np.zeros(len(parents)),
            "Everything is 0: there must be something to hand down. ∂J/∂J = 1 at the end.",
        ),
        Mistake(
            "the local slopes alone",
            wrong_sweeps.local,
            "You add up ∂u/∂v and leave out what u itself owes the end: each share is bar of u times ∂u/∂v.",
        ),
        Mistake(
            "the numbers are taken for an order",
            wrong_sweeps.by_number,
            "You go through the values from the last number to the first. Where numbers are shuffled, a value comes "
            "before its users. Find the order from the graph.",
        ),
        Mistake(
            "an operation that uses a value twice counts once",
            wrong_sweeps.one_edge,
            "In x · x the value x stands twice among the parents, with a slope each. A dictionary keeps only one of "
            "them.",
        ),
        Mistake(
            "every slope starts at 1",
            wrong_sweeps.all_ones,
            "Only the end starts at 1. All others start at 0 and get what their users hand down.",
        ),
        Mistake(
            "every value that nobody uses counts as an end",
            wrong_sweeps.many_ends,
            "You start from all values without users. The slopes asked for are those of one end; what it was not made "
            "of has 0.",
        ),
        Mistake(
            "from the bottom up",
            wrong_sweeps.forward,
            "You start with 1 at the end and hand it on to the values that were made of it: those are ∂u/∂end. The "
            "sweep goes the other way, from the end to its parents.",
        ),
        Mistake(
            "only the parents of the end",
            wrong_sweeps.one_level,
            "The slopes one step away are right. Go on: a parent hands down to its own parents.",
        ),
    ),
    {
        "a value that is used twice": lambda parents, slopes, end: wrong_sweeps.used_twice(parents),
        "more than 1,000 values in a row": lambda parents, slopes, end: len(parents) > 1000,
    },
)
