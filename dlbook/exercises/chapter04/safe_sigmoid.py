"""Exercise 4.3: A sigmoid for both ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.chapter04.wrong_sigmoids import MISTAKES
from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise
from dlbook.shapes import Array

ENDS = (40.0, 100.0, 700.0, 705.0, 720.0, 800.0, 1e4)  # e^709 is the last that is finite, e^−745 the last above 0


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, *shape: int) -> Case:
        return Case(label, (nonzero(rng, *shape),))

    both = np.array([-1e4, -720.0, -100.0, -0.5, 0.0, 0.5, 100.0, 720.0, 1e4])
    return [
        Case("the number 0", (np.array(0.0),)),
        Case("one positive number", (np.abs(nonzero(rng)),)),
        Case("one negative number", (-np.abs(nonzero(rng)),)),
        case("an array of one number", 1),
        *(Case(f"one number, z = {z:g}", (np.array(z),)) for end in ENDS for z in (-end, end)),
        Case("positive numbers", (np.abs(nonzero(rng, 3)),)),
        Case("negative numbers", (-np.abs(nonzero(rng, 3)),)),
        case("one example", 1, 3),
        case("as many examples as units", 2, 2),
        case("a batch", 2, 3),
        case("three axes", 2, 3, 4),
        Case("both ends in one array", (both,)),
        in_float32(Case("", (np.array([[-80.0, -40.0, -1.5], [0.0, 0.5, 80.0]]),))),
    ]


def _sigmoid(z: Array) -> Array:
    return sigmoid(z)


def logarithm(args: tuple[Any, ...], outputs: tuple[Any, ...]) -> Array:
    """Return ln of the answer, in which 4e-44 and 0 differ as they should. Nothing below the smallest float counts.

    Raises:
        ValueError: the answer is negative: it has no logarithm.
    """
    z, sigma = args[0], outputs[0].astype(float)
    bad = sigma < 0
    if bad.any():
        where = f" where z = {z[bad][0]:g}" if z.shape == sigma.shape else ""
        raise ValueError(f"it has {sigma[bad][0]:.3g}{where}; σ lies between 0 and 1")
    return np.asarray(np.log(np.maximum(sigma, np.finfo(z.dtype).smallest_subnormal)))


SAFE_SIGMOID = Exercise(
    "4.3",
    "A sigmoid for both ends",
    ("z",),
    ("sigma",),
    "an array with the shape of z",
    _sigmoid,
    _sigmoid_cases,
    MISTAKES,
    {
        "more than one number in z": lambda z: z.size > 1,
        "negative numbers in z": lambda z: bool((z < 0).any()),
        "z beyond ±30": lambda z: bool((np.abs(z) > 30).any()),
        "z below −30": lambda z: bool((z < -30).any()),
        "z above 30": lambda z: bool((z > 30).any()),
        "z beyond ±709, where an exponential overflows": lambda z: bool((np.abs(z) > 709).any()),
        "z below −709, where e^−z overflows": lambda z: bool((z < -709).any()),
        "z above 709, where e^z overflows": lambda z: bool((z > 709).any()),
    },
    observe=logarithm,
    observed="ln σ(z)",
    quiet=True,
    praise="All digits are there from z = −720 to z = 10000: the logarithms of your numbers agree as well.",
)
