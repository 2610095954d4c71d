"""Exercise 6.7: The vote."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dlbook.ensemble import vote
from dlbook.exercises.draw import in_float32, normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.exercises.networks import dense
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, N: int, m: int, K: int) -> Case:
        return Case(label, (normal(rng, N, m, K),))

    def clear(N: int, m: int, K: int) -> Case:
        """Every network chooses the same class for an example, so that nobody is overruled."""
        outputs = normal(rng, N, m, K)
        outputs[:, np.arange(m), rng.integers(K, size=m)] = 4 + np.round(rng.uniform(size=(N, m)), 2)
        return Case("networks that agree", (outputs,))

    tie = np.array([[[0.9, 0.1, 0.3]], [[0.2, 0.1, 0.7]]])  # one vote each for classes 0 and 2
    sure = np.array([[[9.0, 0.0]], [[0.4, 0.5]], [[0.4, 0.5]]])  # one is very sure, two lean the other way
    spread = np.array([[[1.0, 0.0, 0.0, 0.0]], [[1.0, 0.5, 0.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]]])  # classes 0, 0, 3
    cases = [
        case("one network, one example", 1, 1, 3),
        case("one network", 1, 4, 3),
        *(clear(N, m, K) for N, m, K in ((3, 1, 2), (4, 3, 3), (2, 2, 4))),
        Case("as many votes for 0 as for 2", (tie,)),
        Case("one network is very sure, two are not", (sure,)),
        Case("votes for 0, 0 and 3", (spread,)),
        case("one example", 5, 1, 3),
        case("two networks", 2, 5, 3),
        *(case("as many networks as examples", n, n, 3) for n in (3, 4)),
        *(case("as many examples as classes", 5, n, n) for n in (2, 3)),
        *(case("random outputs", int(N), int(m), int(K)) for N, m, K in rng.integers(3, 7, size=(8, 3))),
    ]
    return [*cases, in_float32(cases[-1])]


def _majority(outputs: Array) -> Array:
    m = outputs.shape[1]
    return vote([dense(Y.T, np.zeros(len(Y.T))) for Y in outputs], np.eye(m))


def _votes(outputs: Array) -> Array:
    choices = outputs.argmax(axis=2)
    return np.asarray((choices[:, :, None] == np.arange(outputs.shape[2])).sum(axis=0))


def _last_of_equals(outputs: Array) -> Array:
    votes = _votes(outputs)
    return np.asarray(votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1))


def _over_examples(outputs: Array) -> Array:
    choices = outputs.argmax(axis=2)
    return np.asarray((choices[:, :, None] == np.arange(outputs.shape[2])).sum(axis=1).argmax(axis=1))


def _weighted(outputs: Array) -> Array:
    chosen = outputs.argmax(axis=2)[:, :, None] == np.arange(outputs.shape[2])
    return np.asarray((outputs * chosen).sum(axis=0).argmax(axis=1))


def _first_voter(outputs: Array) -> Array:
    """Among equals the class that was chosen by an earlier network, as collections.Counter has it."""
    return np.array([Counter(c.tolist()).most_common(1)[0][0] for c in outputs.argmax(axis=2).T])


MAJORITY = Exercise(
    "6.7",
    "The vote",
    ("outputs",),
    ("classes",),
    "a class number for each example, shape (m,)",
    _majority,
    _cases,
    (
        Mistake(
            "the mean in place of the vote",
            lambda outputs: outputs.mean(axis=0).argmax(axis=1),
            "This averages the outputs. One network that is very sure then outweighs two that are not. In a vote every "
            "network counts once.",
        ),
        Mistake(
            "the surest network decides",
            lambda outputs: outputs.max(axis=0).argmax(axis=1),
            "You take the class with the largest single output, whoever gave it. Each network has one vote.",
        ),
        Mistake(
            "votes weighted by the output",
            _weighted,
            "Each network votes for its class with its output as weight. A vote is 1, however sure the network is.",
        ),
        Mistake(
            "the last of equals wins",
            _last_of_equals,
            "Only ties are wrong: among classes with equally many votes the first one wins.",
        ),
        Mistake(
            "among equals the first voter's class wins",
            _first_voter,
            "Only ties are wrong: Counter.most_common names the class that it met first, so the order of the networks "
            "decides. Among equals the class with the smallest number wins.",
        ),
        Mistake(
            "the largest class number",
            lambda outputs: outputs.argmax(axis=2).max(axis=0),
            "You take the largest of the chosen class numbers. They are names: count how often each is chosen.",
        ),
        Mistake(
            "the class with fewest votes",
            lambda outputs: _votes(outputs).argmin(axis=1),
            "The votes are counted correctly. Take the largest count, not the smallest.",
        ),
        Mistake(
            "votes for the smallest output",
            lambda outputs: _majority(-outputs),
            "Each network votes against its favourite: argmin in place of argmax.",
        ),
        Mistake(
            "the mean of the class numbers",
            lambda outputs: np.round(outputs.argmax(axis=2).mean(axis=0)).astype(int),
            "Two votes for 0 and one for 3 make 1 in the mean, for which nobody voted. Class numbers are names: count "
            "them, do not average them.",
        ),
        Mistake(
            "the median of the class numbers",
            lambda outputs: np.median(outputs.argmax(axis=2), axis=0),
            "The median depends on the order of the classes, which means nothing. Count votes.",
        ),
        Mistake(
            "the first network decides",
            lambda outputs: outputs[0].argmax(axis=1),
            "Only outputs[0] is asked. All N networks vote.",
        ),
        Mistake(
            "the number of votes in place of the class",
            lambda outputs: _votes(outputs).max(axis=1),
            "This says how many votes the winner has, not who it is: argmax in place of max.",
        ),
        Mistake(
            "all counts are returned",
            _votes,
            "These are the votes for every class, (m, K). One step is left: the class with most of them.",
        ),
        Mistake(
            "classes are counted from 1",
            lambda outputs: _majority(outputs) + 1,
            "The first class has the number 0, and argmax counts from 0: add nothing.",
        ),
        Mistake(
            "the votes of one network over all examples",
            _over_examples,
            "You count along the examples and get one class per network. Count along the networks, axis 0.",
        ),
    ),
    {
        "networks that disagree": lambda outputs: bool((outputs.argmax(axis=2) != outputs[0].argmax(axis=1)).any()),
        "more than one example": lambda outputs: outputs.shape[1] > 1,
    },
)
