"""Exercise 14.7: Say nothing when in doubt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.evaluate import doubt
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Pair = tuple[float, float]


def _cases(rng: np.random.Generator) -> list[Case]:
    def probabilities(m: int, K: int) -> Array:
        P = rng.dirichlet(np.full(K, 0.6), size=m)
        return np.asarray(np.round(P, 3) + (1 - np.round(P, 3).sum(axis=1, keepdims=True)) / K)

    def case(label: str, m: int, K: int, limit: float) -> Case:
        P = probabilities(m, K)
        y = np.where(rng.uniform(size=m) < 0.6, P.argmax(axis=1), rng.integers(K, size=m))
        return Case(label, (P, y, limit))

    exact = np.array([[0.5, 0.25, 0.25], [0.75, 0.125, 0.125], [0.25, 0.25, 0.5], [0.125, 0.75, 0.125]])
    sizes, classes = rng.integers(8, 20, 10), rng.integers(2, 6, 10)
    cases = [
        Case("doubts just at the limit", (exact, np.array([1, 0, 2, 2]), 0.5)),
        Case("doubts just at the limit", (exact, np.array([1, 0, 0, 2]), 0.25)),
        case("one example", 1, 3, 0.95),
        case("every doubt is allowed", 6, 3, 1.0),
        case("every doubt is allowed", 5, 4, 1.0),
        case("every doubt is allowed", 4, 2, 1.0),
        case("every doubt is allowed", 7, 3, 1.0),
        Case("nothing is sure enough", (np.full((4, 3), 1 / 3), np.array([0, 1, 2, 0]), 0.1)),
        case("as many examples as classes", 4, 4, 0.4),
        *(case("random probabilities", int(m), int(K), float(np.round(limit, 2)))
          for m, K, limit in zip(sizes, classes, rng.uniform(0.2, 0.6, 10), strict=True)),
    ]  # fmt: skip
    P, y, limit = cases[-1].args
    return [*cases, Case("single precision, float32", (P.astype(np.float32), y, limit))]


def _parts(P: Array, y: Array, limit: float) -> tuple[Array, Array]:
    """Return which examples are answered, and which answers are wrong."""
    return doubt(P) <= limit, P.argmax(axis=1) != y


def _share(wrong: Array) -> float:
    return float(wrong.mean()) if len(wrong) else 0.0


def _answer(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), _share(wrong[kept])


def _strict(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = doubt(P) < limit, P.argmax(axis=1) != y
    return 1 - float(kept.mean()), _share(wrong[kept])


def _true_class(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = 1 - P[np.arange(len(P)), y] <= limit, P.argmax(axis=1) != y
    return 1 - float(kept.mean()), _share(wrong[kept])


def _of_probability(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = P.max(axis=1) >= limit, P.argmax(axis=1) != y
    return 1 - float(kept.mean()), _share(wrong[kept])


def _unsure_only(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = P.max(axis=1) <= limit, P.argmax(axis=1) != y
    return 1 - float(kept.mean()), _share(wrong[kept])


def _kept_share(P: Array, y: Array, limit: float) -> Pair:
    out, error = _answer(P, y, limit)
    return 1 - out, error


def _rejected_error(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), _share(wrong[~kept])


def _of_all(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), float((wrong & kept).mean())


def _rejected_are_wrong(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), float((wrong | ~kept).mean())


def _right_share(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), 1 - _share(wrong[kept]) if kept.any() else 0.0


def _counts(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return float((~kept).sum()), float(wrong[kept].sum())


def _without_guard(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), float(wrong[kept].mean()) if kept.any() else float("nan")


def _none_is_wrong(P: Array, y: Array, limit: float) -> Pair:
    out, error = _answer(P, y, limit)
    return out, 1.0 if out == 1 else error


def _per_image_left_out(P: Array, y: Array, limit: float) -> Pair:
    kept, wrong = _parts(P, y, limit)
    return 1 - float(kept.mean()), float(wrong[kept].sum() / max((~kept).sum(), 1))


def _expected(P: Array, y: Array, limit: float) -> Pair:
    kept, _ = _parts(P, y, limit)
    return 1 - float(kept.mean()), _share(doubt(P)[kept])


def _by(measure: Callable[[Array], Array]) -> Callable[[Array, Array, float], Pair]:
    """Return the function with another measure of doubt."""

    def reject(P: Array, y: Array, limit: float) -> Pair:
        kept, wrong = measure(P) <= limit, P.argmax(axis=1) != y
        return 1 - float(kept.mean()), _share(wrong[kept])

    return reject


def _runner_up(P: Array) -> Array:
    return np.asarray(np.sort(P, axis=1)[:, -2])


REJECTION = Exercise(
    "14.7",
    "Say nothing when in doubt",
    ("P", "y", "limit"),
    ("left_out", "error"),
    "two numbers, the share of the images that are left out and the share of wrong answers among the others",
    _answer,
    _cases,
    (
        Mistake(
            "wrong answers are divided by all images",
            _of_all,
            "You divide by all images. The error is the share among those that are *answered*; otherwise a network "
            "that never answers would be perfect.",
        ),
        Mistake(
            "what is left out counts as wrong",
            _rejected_are_wrong,
            "An image that is left out is neither right nor wrong: a human reads it. Count among the answered alone.",
        ),
        Mistake(
            "the error among those left out",
            _rejected_error,
            "You look at the images that are left out. Those below the limit are answered.",
        ),
        Mistake(
            "the share that is answered",
            _kept_share,
            "The first number is the share of the images that *are* answered. Asked is the share that is left out.",
        ),
        Mistake(
            "the share of right answers",
            _right_share,
            "The second number is the share of right answers. Asked is that of the wrong ones.",
        ),
        Mistake(
            "a doubt just at the limit is left out",
            _strict,
            "Only doubts exactly at the limit are wrong: up to the limit, and the limit itself, the network answers.",
        ),
        Mistake(
            "the limit is compared with the largest probability",
            _of_probability,
            "You keep an image if its largest probability reaches the limit. The doubt is one minus that.",
        ),
        Mistake(
            "the doubt is taken at the true class",
            _true_class,
            "You use the probability of the true class. Who rejects does not know the label: doubt is what the largest "
            "probability leaves.",
        ),
        Mistake(
            "the sure ones are left out",
            _unsure_only,
            "You answer where the largest probability is at most the limit: where the network is *un*sure. The "
            "doubt is one minus the largest probability.",
        ),
        Mistake(
            "the error over all images",
            lambda P, y, limit: (_answer(P, y, limit)[0], _share(_parts(P, y, limit)[1])),
            "The second number is the error without any rejection. Count wrong answers among the answered alone.",
        ),
        Mistake(
            "counts in place of shares",
            _counts,
            "These are numbers of images. Divide by all images for the first, by the answered ones for the second.",
        ),
        Mistake(
            "the doubt is the distance to the runner-up",
            _by(lambda P: 1 - (P.max(axis=1) - _runner_up(P))),
            "You take one minus the lead of the largest probability over the second largest. The doubt is all that the "
            "largest one leaves, 1 − max.",
        ),
        Mistake(
            "the doubt is the second largest probability",
            _by(_runner_up),
            "The doubt is what the largest probability leaves to *all* other classes together, not to the next one.",
        ),
        Mistake(
            "the doubt is the entropy",
            _by(lambda P: -(P * np.log(np.maximum(P, 1e-12))).sum(axis=1)),
            "The entropy measures how spread out the probabilities are, in nats. Doubt as it is asked for here is a "
            "probability: 1 − max.",
        ),
        Mistake(
            "divided by those left out",
            _per_image_left_out,
            "The wrong answers are divided by the number of images that are left out. The share is asked among those "
            "that are *answered*.",
        ),
        Mistake(
            "the mean doubt in place of the error",
            _expected,
            "The second number is the mean doubt of the answered images: what the network expects. Asked is the share "
            "that really is wrong, from y.",
        ),
        Mistake(
            "nothing answered counts as all wrong",
            _none_is_wrong,
            "Where every image is left out, no answer is wrong: return 0 for the error there.",
        ),
        Mistake(
            "nothing answered gives no number",
            _without_guard,
            "Where every image is left out there are no answers, and 0/0 is no number. Return 0 for the error there.",
        ),
        Mistake(
            "percent in place of shares",
            lambda P, y, limit: tuple(100 * share for share in _answer(P, y, limit)),
            "Both are a hundred times too large: shares lie between 0 and 1.",
        ),
        Mistake(
            "the two are exchanged",
            lambda P, y, limit: _answer(P, y, limit)[::-1],
            "Both numbers are right, in the wrong order: first what is left out, then the error.",
        ),
    ),
    {"images that are left out": lambda P, y, limit: bool((doubt(P) > limit).any())},
)
