"""Exercise 14.6: Is one of two readers better."""

from __future__ import annotations

from math import comb, erfc, sqrt

import numpy as np

from dlbook.evaluate import mcnemar
from dlbook.exercises.draw import normal
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, b: int, c: int, both: int, neither: int, K: int = 3) -> Case:
        first = np.array([True] * b + [False] * c + [True] * both + [False] * neither)
        second = np.array([False] * b + [True] * c + [True] * both + [False] * neither)
        order = rng.permutation(len(first))
        y = rng.integers(K, size=len(first))

        def outputs(wrong: Array) -> Array:
            Z = normal(rng, len(y), K)
            answer = (y + np.where(wrong[order], rng.integers(1, K, size=len(y)), 0)) % K
            Z[np.arange(len(y)), answer] = np.round(3.5 + rng.uniform(size=len(y)), 2)
            return Z

        return Case(label, (outputs(first), outputs(second), y))

    cases = [
        case("one example, read by both", 0, 0, 0, 1),
        case("one example, read by one of them", 1, 0, 0, 0),
        case("equally many on both sides", 3, 3, 1, 4),
        case("equally many on both sides", 2, 2, 0, 2),
        case("all others misread by both", 0, 0, 4, 3),
        case("only the first is ever wrong alone", 6, 0, 0, 5),
        case("none misread by both", 2, 5, 0, 3),
        case("only the second is ever wrong alone", 0, 7, 1, 5),
        *(case("random outputs", *(int(n) for n in rng.integers(1, 9, size=4))) for _ in range(8)),
        *(case("a clear difference", 1, 8 + k, 2 + k, 9) for k in range(2)),
    ]
    Z1, Z2, y = cases[-1].args
    return [*cases, Case("single precision, float32", (Z1.astype(np.float32), Z2.astype(np.float32), y))]


def _wrong(Z: Array, y: Array) -> Array:
    return np.asarray(Z.argmax(axis=1) != y)


def _alone(Z1: Array, Z2: Array, y: Array) -> tuple[int, int]:
    b, c, _ = mcnemar(_wrong(Z1, y), _wrong(Z2, y))
    return b, c


def _tail(k: int, n: int) -> float:
    """How often a fair coin shows heads at most k times in n tosses."""
    return float(sum(comb(n, i) for i in range(k + 1)) / 2**n)


def _p(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(min(b, c), b + c))


def _chi_square(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return erfc(abs(b - c) / sqrt(2 * (b + c))) if b + c else 1.0


def _all_errors(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = int(_wrong(Z1, y).sum()), int(_wrong(Z2, y).sum())
    return min(1.0, 2 * _tail(min(b, c), b + c))


def _of_all_examples(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(min(b, c), len(y)))


def _different_answers(Z1: Array, Z2: Array, y: Array) -> float:
    differ = Z1.argmax(axis=1) != Z2.argmax(axis=1)
    b = int((differ & _wrong(Z1, y)).sum())
    c = int((differ & _wrong(Z2, y)).sum())
    return min(1.0, 2 * _tail(min(b, c), b + c))


def _doubled(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return 2 * _tail(min(b, c), b + c)


def _one_sided(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return _tail(min(b, c), b + c)


def _corrected(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return erfc(max(abs(b - c) - 1, 0) / sqrt(2 * (b + c))) if b + c else 1.0


def _half_of_the_seen(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(min(b, c), b + c) - comb(b + c, b) * 0.5 ** (b + c))


def _right_answers(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = int((~_wrong(Z1, y)).sum()), int((~_wrong(Z2, y)).sum())
    return min(1.0, 2 * _tail(min(b, c), b + c))


def _two_samples(Z1: Array, Z2: Array, y: Array) -> float:
    """Compare the two shares as if they came from different images, by the normal distribution."""
    first, second = float(_wrong(Z1, y).mean()), float(_wrong(Z2, y).mean())
    mean = (first + second) / 2
    deviation = sqrt(2 * mean * (1 - mean) / len(y))
    return erfc(abs(first - second) / deviation / sqrt(2)) if deviation else 1.0


def _second_side(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(c, b + c))


def _first_side(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(b, b + c))


def _larger_side(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(max(b, c), b + c))


def _one_split(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return float(min(1.0, 2 * comb(b + c, b) / 2 ** (b + c)))


def _without_last(Z1: Array, Z2: Array, y: Array) -> float:
    b, c = _alone(Z1, Z2, y)
    return min(1.0, 2 * _tail(min(b, c) - 1, b + c))


TWO_READERS = Exercise(
    "14.6",
    "Is one of two readers better?",
    ("Z1", "Z2", "y"),
    ("p",),
    "one number, a probability",
    _p,
    _cases,
    (
        Mistake(
            "only one side of the coin",
            _one_sided,
            "This is half of it. A split as uneven in the *other* direction would surprise as much: both tails count.",
        ),
        Mistake(
            "larger than 1 where both sides are equal",
            _doubled,
            "Twice the tail is right, except where b and c are equal: the middle is then counted in both tails, and "
            "the sum passes 1. A probability is at most 1.",
        ),
        Mistake(
            "images that both misread count, too",
            _all_errors,
            "You compare all errors of one with all errors of the other. An image that both misread says nothing about "
            "who reads better: leave it out on both sides.",
        ),
        Mistake(
            "a coin is tossed for every image",
            _of_all_examples,
            "The coin is tossed for each image that exactly one of them misreads, b + c times, not for every image.",
        ),
        Mistake(
            "different answers, both wrong",
            _different_answers,
            "You count images with different answers. Where both are wrong in different ways neither is better: "
            "exactly one of the two has to be wrong.",
        ),
        Mistake(
            "the chi-square approximation",
            _chi_square,
            "(b − c)²/(b + c) with the chi-square table is an approximation for large b + c. With few tosses sum the "
            "binomial probabilities themselves.",
        ),
        Mistake(
            "only the split that was seen",
            _one_split,
            "This is the probability of just this split. Splits that are still more uneven belong to it: sum from k = "
            "0.",
        ),
        Mistake(
            "the split that was seen is left out",
            _without_last,
            "The sum ends one too early: k runs from 0 to min(b, c), that one included. range stops before its end.",
        ),
        Mistake(
            "always the errors of the first",
            _first_side,
            "The sum runs to b, the first one's errors. Where the first is the worse one, that is the long tail: take "
            "the smaller of the two.",
        ),
        Mistake(
            "always the errors of the second",
            _second_side,
            "The sum runs to c, the second one's errors. Where the second is the worse one, that is the long tail: "
            "take the smaller of the two.",
        ),
        Mistake(
            "always 1",
            _larger_side,
            "What you return is 1 in every case. Either the sum runs to max(b, c), takes in nearly everything, and its "
            "double is cut at 1: the uneven splits are those with at most min(b, c) on the smaller side. Or the factor "
            "2^−(b + c), the probability of one sequence of tosses, is missing.",
        ),
        Mistake(
            "the chi-square approximation, corrected",
            _corrected,
            "(|b − c| − 1)²/(b + c) comes closer than (b − c)²/(b + c), and is still an approximation for large b + c. "
            "Sum the binomial probabilities themselves.",
        ),
        Mistake(
            "the split that was seen counts half",
            _half_of_the_seen,
            "That is the mid-p value, which counts the split that was seen half. The exact test asks for splits *at "
            "least* as uneven, so that it counts in full.",
        ),
        Mistake(
            "the right answers are compared",
            _right_answers,
            "You count all right answers of one and of the other. Most of these images both read, and they say nothing "
            "about who reads better: count those that one of the two misreads alone.",
        ),
        Mistake(
            "two shares of different images",
            _two_samples,
            "That compares two shares as if each network had met images of its own. Both met the same images: only "
            "those that exactly one of them misreads tell them apart.",
        ),
        Mistake(
            "one minus the probability",
            lambda Z1, Z2, y: 1 - _p(Z1, Z2, y),
            "This is how often a coin splits less unevenly. Small p means: hardly a coin.",
        ),
        Mistake(
            "the difference of the error shares",
            lambda Z1, Z2, y: abs(float(_wrong(Z1, y).mean() - _wrong(Z2, y).mean())),
            "This is how far the two accuracies are apart. How often would chance alone do that, with a fair coin?",
        ),
    ),
    {
        "images that both misread": lambda Z1, Z2, y: bool((_wrong(Z1, y) & _wrong(Z2, y)).any()),
        "different numbers on the two sides": lambda Z1, Z2, y: _alone(Z1, Z2, y)[0] != _alone(Z1, Z2, y)[1],
    },
)
