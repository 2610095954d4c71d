"""What a part of a network says about itself: the rows that :mod:`dlbook.accounting` adds up.

A part says what it makes of a signal: the shape that comes out, how many numbers it learns, how many multiplications
one example costs, and which pixels of the image each of its units can see.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from dlbook.receptive import Axis
from dlbook.shapes import positive_int


@dataclass(frozen=True)
class Signal:
    """What passes between two parts: its shape (c, H, W) or (n,), and what its units see along each axis."""

    shape: tuple[int, ...]
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, shape: Sequence[int]) -> Signal:
        """Return an input of shape (c, H, W), (c, length) or (n,): every unit sees itself."""
        shape = tuple(positive_int("describe", n, "every length of the input's shape") for n in shape)
        if not shape:
            raise ValueError("describe expects the shape of one example, such as (1, 28, 28), got ()")
        return cls(shape, tuple(Axis(n) for n in shape[1:]))


@dataclass(frozen=True)
class Row:
    """What one part costs and what comes out of it.

    Attributes:
        window: the direct receptive field, in units of the layer before, along each axis.
        parameters: numbers that are learned.
        multiplications: products of a weight and an input, for one example.
        after: the signal that comes out.
        inside: the rows of the parts of which this one consists, if any.
    """

    name: str
    window: tuple[int, ...]
    parameters: int
    multiplications: int
    after: Signal
    inside: tuple[Row, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """What comes out: (c, H, W), or (n,)."""
        return self.after.shape

    @property
    def field(self) -> tuple[int, ...]:
        """The indirect receptive field: pixels of the image that a unit sees through the whole stack, by axis."""
        return tuple(axis.field for axis in self.after.axes)

    @property
    def jump(self) -> tuple[int, ...]:
        """Pixels from one unit's field to its neighbour's, by axis; 0 where every unit sees everything."""
        return tuple(axis.jump for axis in self.after.axes)


class Part(ABC):
    """One layer, or a group of layers, as a description."""

    name: str

    @abstractmethod
    def account(self, at: Signal) -> Row:
        """Return what this part costs on the signal ``at``, and what comes out."""
