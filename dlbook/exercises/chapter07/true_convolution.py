"""Exercise 7.4: True convolution, by hand."""

from __future__ import annotations

import numpy as np

from dlbook.convolution import convolve, cross_correlate
from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n: int, k: int) -> Case:
        return Case(label, (nonzero(rng, n), nonzero(rng, k)))

    drawn = [case("random signals", int(rng.integers(4, 8)), int(rng.integers(2, 5))) for _ in range(8)]
    cases = [
        case("one number each", 1, 1),
        case("a kernel of one number", 4, 1),
        case("a signal of one number", 1, 3),
        case("a kernel of two numbers", 5, 2),
        case("equally long", 3, 3),
        case("a kernel longer than the signal", 2, 4),
        Case("whole numbers", (np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, -2.0]))),
        *drawn,
    ]
    return [*cases, in_float32(drawn[-1])]


def _wrapped(x: Array, w: Array) -> Array:
    n, full = max(len(x), len(w)), convolve(x, w)
    result = full[:n].copy()
    result[: len(full) - n] += full[n:]
    return np.asarray(result)


def _negative_indices(x: Array, w: Array) -> Array:
    s = np.zeros(len(x) + len(w) - 1)
    for t, a in np.ndindex(len(s), len(w)):
        if t - a < len(x):
            s[t] += x[t - a] * w[a]
    return s


def _overwritten(x: Array, w: Array) -> Array:
    s = np.zeros(len(x) + len(w) - 1)
    for a in range(len(w)):
        s[a : a + len(x)] = w[a] * x
    return s


def _where_one_fits(x: Array, w: Array, turned: bool) -> Array:
    long, short = (x, w) if len(x) >= len(w) else (w, x)
    return convolve(long, short, "valid") if turned else cross_correlate(long, short)


TRUE_CONVOLUTION = Exercise(
    "7.4",
    "True convolution, by hand",
    ("x", "w"),
    ("s",),
    "a signal of shape (n + k − 1,)",
    convolve,
    _cases,
    (
        Mistake(
            "the kernel is not turned",
            lambda x, w: convolve(x, w[::-1]),
            "This is the cross-correlation, which networks use. In a true convolution the two indices add up to t, so "
            "one of the two runs backward.",
        ),
        Mistake(
            "x is turned first",
            lambda x, w: convolve(x[::-1], w),
            "Nothing has to be reversed beforehand. x(t − a) runs backward by itself, because a is subtracted.",
        ),
        Mistake(
            "the result is turned round",
            lambda x, w: convolve(x, w)[::-1],
            "Your numbers are right, in the wrong order: both signals were reversed, or the result. The first number "
            "is x(0) w(0).",
        ),
        Mistake(
            "only the places where the kernel fits",
            lambda x, w: _where_one_fits(x, w, True),
            "That is the 'valid' mode. Asked are all places where the two touch: outside a signal is zero.",
        ),
        Mistake(
            "cross-correlation, where the kernel fits",
            lambda x, w: _where_one_fits(x, w, False),
            "Two things: the kernel must be turned, and all places count where the two touch, n + k − 1 of them.",
        ),
        Mistake(
            "as many places as the longer one has",
            lambda x, w: np.convolve(x, w, "same"),
            "That is the 'same' mode, the middle of the result. The ends are missing, k − 1 numbers in all.",
        ),
        Mistake(
            "what leaves at the end comes in at the front",
            _wrapped,
            "You wrapped round: a circular convolution, as a product of Fourier transforms of length n gives it. Make "
            "room for n + k − 1 places first.",
        ),
        Mistake(
            "negative indices count from the end",
            _negative_indices,
            "Where a is larger than t, x[t − a] has a negative index, and NumPy reads the end of x. Outside, on both "
            "sides, a signal is zero: 0 ≤ t − a < n.",
        ),
        Mistake(
            "copies are written over each other",
            _overwritten,
            "Each moved copy replaces what stood there. A convolution adds them up: += in place of =.",
        ),
        Mistake(
            "the last place is missing",
            lambda x, w: convolve(x, w)[:-1],
            "The last two numbers meet at t = (n − 1) + (k − 1), so there are n + k − 1 places, counted from 0.",
        ),
        Mistake(
            "one place too many",
            lambda x, w: np.append(convolve(x, w), 0.0),
            "n + k places: the last one is always 0, because nothing meets there. There are n + k − 1.",
        ),
        Mistake(
            "the mean in place of the sum",
            lambda x, w: convolve(x, w) / len(w),
            "You divide by the length of the kernel. A convolution adds the products up and divides by nothing.",
        ),
        Mistake(
            "divided by the sum of the kernel",
            lambda x, w: convolve(x, w) / w.sum(),
            "A normalizer belongs to smoothing filters, and there into the kernel itself. The formula has none.",
        ),
    ),
    {
        "a kernel longer than the signal": lambda x, w: len(w) > len(x),
    },
)
