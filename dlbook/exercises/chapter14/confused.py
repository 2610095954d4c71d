"""Exercise 14.4: The confusion matrix."""

from __future__ import annotations

import numpy as np

from dlbook.evaluate import confusion
from dlbook.exercises.draw import normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, K: int) -> Case:
        return Case(label, (normal(rng, m, K), rng.integers(K, size=m)))

    def without(m: int, K: int) -> Case:
        """Leave the last class out, among the labels and among the answers."""
        Z = normal(rng, m, K)
        Z[:, -1] = -9
        return Case("a class that does not occur", (Z, rng.integers(K - 1, size=m)))

    def different(K: int) -> Case:
        """No pair of label and answer comes twice."""
        Z = np.eye(K)[(np.arange(K) + 1) % K] * 2 + np.round(rng.uniform(0, 0.5, size=(K, K)), 2)
        return Case("no pair twice", (Z, np.arange(K)))

    cases = [
        case("one example", 1, 3),
        different(3),
        different(4),
        different(5),
        case("two classes", 7, 2),
        without(9, 4),
        *(case("as many examples as classes", n, n) for n in (3, 4)),
        *(
            case("random outputs", int(m), int(K))
            for m, K in zip(rng.integers(9, 25, 9), rng.integers(3, 6, 9), strict=True)
        ),
    ]
    Z, y = cases[-1].args
    return [*cases, Case("single precision, float32", (Z.astype(np.float32), y))]


def _answer(Z: Array, y: Array) -> Array:
    return confusion(y, Z.argmax(axis=1), Z.shape[1])


def _each_pair_once(Z: Array, y: Array) -> Array:
    C = np.zeros((Z.shape[1],) * 2, dtype=int)
    C[y, Z.argmax(axis=1)] += 1
    return C


def _only_seen(Z: Array, y: Array) -> Array:
    guess = Z.argmax(axis=1)
    return confusion(y, guess, int(max(y.max(), guess.max())) + 1)


def _shares(C: Array, axis: int) -> Array:
    return np.asarray(C / np.maximum(C.sum(axis=axis, keepdims=True), 1))


def _sums(Z: Array, y: Array) -> Array:
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = powers / powers.sum(axis=1, keepdims=True)
    return np.array([P[y == k].sum(axis=0) for k in range(Z.shape[1])])


CONFUSED = Exercise(
    "14.4",
    "The confusion matrix",
    ("Z", "y"),
    ("C",),
    "C of shape (K, K), whole numbers",
    _answer,
    _cases,
    (
        Mistake(
            "rows and columns are exchanged",
            lambda Z, y: _answer(Z, y).T,
            "The counts are right, the axes are not. A row stands for what is true, a column for what was answered.",
        ),
        Mistake(
            "pairs that come several times count once",
            _each_pair_once,
            "C[y, guess] += 1 adds once to each place that is named, however often it is named. np.add.at, np.bincount "
            "or a loop counts them all.",
        ),
        Mistake(
            "the right answers are left out",
            lambda Z, y: _answer(Z, y) * (1 - np.eye(Z.shape[1], dtype=int)),
            "The errors are counted, the diagonal is empty. What was read correctly belongs there; without it a row "
            "does not say how many there were.",
        ),
        Mistake(
            "only the right answers are counted",
            lambda Z, y: _answer(Z, y) * np.eye(Z.shape[1], dtype=int),
            "Only the diagonal is filled. An example of class i that was taken for j counts at row i, column j.",
        ),
        Mistake(
            "classes that do not occur have no row",
            _only_seen,
            "The matrix is smaller than K × K where the last class occurs neither as label nor as answer. K is the "
            "number of outputs.",
        ),
        Mistake(
            "shares of each row",
            lambda Z, y: _shares(_answer(Z, y), 1),
            "Each row is divided by its sum: this is how often class i was taken for j, a share. Counts are asked.",
        ),
        Mistake(
            "shares of each column",
            lambda Z, y: _shares(_answer(Z, y), 0),
            "Each column is divided by its sum: of all answers j, the share that was class i. Counts are asked.",
        ),
        Mistake(
            "shares of all examples",
            lambda Z, y: _answer(Z, y) / len(y),
            "All counts are divided by the number of examples. Leave them as they are, whole numbers.",
        ),
        Mistake(
            "the smallest output is the answer",
            lambda Z, y: _answer(-Z, y),
            "The network answers with the class of its *largest* output: argmax, not argmin.",
        ),
        Mistake(
            "sums of probabilities",
            _sums,
            "You add up probabilities for each true class. The confusion matrix counts answers: one for each example, "
            "at the class with the largest output.",
        ),
        Mistake(
            "counted from class 1",
            lambda Z, y: np.roll(_answer(Z, y), (1, 1), axis=(0, 1)),
            "All counts stand one row too low and one column too far right. Class 0 has row 0.",
        ),
    ),
    {
        "a pair of label and answer that comes twice": lambda Z, y: bool((_answer(Z, y) > 1).any()),
    },
)
