"""What an exercise is: a reference, cases to try, and the mistakes that people make."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlbook.shapes import Array

SEED = 1958  # of the cases of check(); a teacher may grade with another one


@dataclass(frozen=True, slots=True)
class Case:
    """One call of the student's function: what makes it worth trying, in words, and its arguments."""

    label: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that people really give.

    Attributes:
        name: what it is, as a phrase: "the mean over the batch is missing".
        make: the function that makes it.
        hint: what to understand, not what to type.
    """

    name: str
    make: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Exercise:
    """A question that is answered with a function.

    Attributes:
        id: chapter and number, "3.2".
        title: what the page calls it.
        arguments, outputs: their names; two outputs and more are a tuple.
        shapes: what comes back, in words.
        reference: the answer, made of the package's own functions.
        draw: gives the cases, random ones and edges, from a generator.
        mistakes: the catalogue.
        conditions: phrases such as "more than one example", each with a function of the arguments that says whether it
            holds. They are the vocabulary for "wrong only with …".
        observe: where many answers are right (weights of a network): what to look at in place of the answer itself, as
            a function of the case's arguments and the outputs. ``observed`` names it.
        quiet: NumPy must not warn of an overflow, a division by zero or an invalid value, even where the numbers are
            right.
        praise: what to say of a right answer, where "it agrees in all cases" says too little.
    """

    id: str
    title: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: str
    reference: Callable[..., Any]
    draw: Callable[[np.random.Generator], list[Case]]
    mistakes: tuple[Mistake, ...]
    conditions: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    observe: Callable[[tuple[Any, ...], tuple[Any, ...]], Array] | None = None
    observed: str = ""
    quiet: bool = False
    praise: str = ""

    @property
    def chapter(self) -> int:
        """The number before the dot."""
        return int(self.id.split(".")[0])

    def cases(self, seed: int = SEED) -> list[Case]:
        """Draw the cases: the same ones for the same seed, other ones for every exercise."""
        return self.draw(np.random.default_rng([seed, zlib.crc32(self.id.encode())]))

    def mistake(self, name: str) -> Mistake:
        """Return the mistake of this name, or raise ``KeyError``."""
        return {m.name: m for m in self.mistakes}[name]
