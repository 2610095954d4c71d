"""Exercise 7.3: How many places? The output size of a convolution."""

from __future__ import annotations

from math import ceil

import numpy as np

from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.windows import spans


def _cases(rng: np.random.Generator) -> list[Case]:
    fixed = {
        "one pixel": (1, 1, 1, 0),
        "a window as large as the row": (4, 4, 2, 0),
        "nothing but a window": (5, 3, 1, 0),
        "windows side by side": (8, 2, 2, 0),
        "a step that leaves a gap": (9, 2, 4, 0),
        "something is left over": (8, 3, 2, 0),
        "padding that keeps the size": (7, 5, 1, 2),
        "padding and stride": (7, 3, 2, 1),
        "padding and stride, something left over": (28, 5, 3, 2),
    }
    drawn = []
    for _ in range(12):
        size, stride, padding = int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(0, 3))
        drawn.append(Case("a random row", (int(rng.integers(size, 30)), size, stride, padding)))
    return [*(Case(label, args) for label, args in fixed.items()), *drawn]


def _places(n: int, size: int, stride: int, padding: int) -> int:
    [along] = spans("the exercise", (n,), (size,), (stride,), padding)
    return along.out


OUTPUT_SIZE = Exercise(
    "7.3",
    "How many places?",
    ("n", "size", "stride", "padding"),
    ("places",),
    "a whole number",
    _places,
    _cases,
    (
        Mistake(
            "the first place is not counted",
            lambda n, k, s, p: (n + 2 * p - k) // s,
            "You count steps. A window that cannot move at all still has one place: places are steps plus one.",
        ),
        Mistake(
            "the padding on one side only",
            lambda n, k, s, p: (n + p - k) // s + 1,
            "The zeros stand on each side, in front and behind: the row becomes longer by twice the padding.",
        ),
        Mistake(
            "the padding is ignored",
            lambda n, k, s, p: (n - k) // s + 1,
            "The zeros belong to the row on which the window moves. With them it is longer than n.",
        ),
        Mistake(
            "the stride is ignored",
            lambda n, k, s, p: n + 2 * p - k + 1,
            "These are the places of stride 1. With a larger stride the window takes fewer steps to the end.",
        ),
        Mistake(
            "rounded up",
            lambda n, k, s, p: ceil((n + 2 * p - k) / s) + 1,
            "A last step that is too short is not taken: the window would hang over the end. Round down.",
        ),
        Mistake(
            "the last place that fits is missing",
            lambda n, k, s, p: ceil((n + 2 * p - k) / s),
            "A window that begins n + 2p − size pixels from the front just fits, and counts. A range has to end one "
            "behind it.",
        ),
        Mistake(
            "1 is added before the division",
            lambda n, k, s, p: (n + 2 * p - k + 1) // s,
            "Every s-th of the places of stride 1, beginning with the first, are more than their number over s. "
            "Divide the way to go into steps, and add the first place afterwards.",
        ),
        Mistake(
            "the size of the window is not subtracted",
            lambda n, k, s, p: (n + 2 * p) // s + 1,
            "The window must lie on the row as a whole: its last place begins a window's length before the end.",
        ),
        Mistake(
            "n divided by the stride",
            lambda n, k, s, p: n // s,
            "That holds for windows side by side, when the size is the stride and nothing is left over.",
        ),
        Mistake(
            "'same' padding in place of the one given",
            lambda n, k, s, p: ceil(n / s),
            "⌈n / stride⌉ is what 'same' gives, which chooses the zeros to fit. Here their number is given.",
        ),
        Mistake(
            "not rounded",
            lambda n, k, s, p: (n + 2 * p - k) / s + 1,
            "There are no halves of places. What is left over at the end, less than a step, is not looked at.",
        ),
        Mistake(
            "the padding makes the row shorter",
            lambda n, k, s, p: (n - 2 * p - k) // s + 1,
            "Padding adds zeros around the row. It becomes longer, and there are more places.",
        ),
    ),
    {
        "a stride above 1": lambda n, size, stride, padding: stride > 1,
        "padding": lambda n, size, stride, padding: padding > 0,
    },
)
