"""A vocabulary in which networks are described, without a single weight: what :mod:`dlbook.accounting` adds up.

Parts that consist of parts, branches and sums among them, are in :mod:`dlbook.blocks`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dlbook.receptive import fit
from dlbook.rows import Part, Row, Signal
from dlbook.shapes import positive_int
from dlbook.windows import Padding, Size


def _sides(value: Size, at: Signal) -> tuple[int, ...]:
    """Return one number for all axes, or one for each, as one for each."""
    return value if isinstance(value, tuple) else (value,) * len(at.axes)


def _slide(name: str, at: Signal, channels: int, size: Size, stride: Size, padding: Padding, ceil: bool) -> Signal:
    """Return what comes out when windows slide over every axis."""
    if not at.axes or len(at.shape) != 1 + len(at.axes):
        raise ValueError(f"{name} expects an image of shape (c, H, W), got {at.shape}: put it before Flatten and Full")
    sides = zip(at.axes, _sides(size, at), _sides(stride, at), strict=True)
    axes = tuple(fit(name, axis, k, s, padding, ceil) for axis, k, s in sides)
    return Signal((channels, *(axis.length for axis in axes)), axes)


def _named(kind: str, size: Size, stride: Size, at: Signal) -> str:
    """Return a name such as "conv 3×3 /2": the stride stands there if it is not 1."""
    steps = _sides(stride, at)
    step = str(steps[0]) if len(set(steps)) == 1 else "×".join(map(str, steps))
    return f"{kind} {'×'.join(map(str, _sides(size, at)))}" + (f" /{step}" if set(steps) != {1} else "")


@dataclass(frozen=True)
class Conv(Part):
    """A convolution: ``channels`` kernels of ``size``, each over all maps of its group, or over the maps of ``table``.

    Parameters are k · k for every pair of an input map and an output map that are connected, plus one bias per output
    map; every one of these weights multiplies once at each place of the output, zeros of the border included.

    Args:
        channels: output maps.
        size: k, the side of the window, or one side for each axis.
        padding: zeros on every side, ``"valid"`` for none, ``"same"`` for ⌈n / stride⌉ places.
        groups: split the maps into so many groups that do not see each other (AlexNet on two cards).
        table: for every output map the input maps that it sees (C3 of LeNet-5); all of its group if None.
    """

    channels: int
    size: Size
    stride: Size = 1
    padding: Padding = "valid"
    bias: bool = True
    groups: int = 1
    table: tuple[tuple[int, ...], ...] | None = None
    name: str = ""

    def account(self, at: Signal) -> Row:
        """One row; raises ValueError for a window that does not fit, or maps that cannot be divided so."""
        name = self.name or f"{_named('conv', self.size, self.stride, at)}, {self.channels}"
        after = _slide(name, at, self.channels, self.size, self.stride, self.padding, False)
        window = _sides(self.size, at)
        weights = self._pairs(name, at.shape[0]) * math.prod(window)
        parameters = weights + self.bias * self.channels
        return Row(name, window, parameters, weights * math.prod(after.shape[1:]), after)

    def _pairs(self, name: str, c_in: int) -> int:
        """How many pairs of an input map and an output map are connected."""
        positive_int(name, self.channels, "channels")
        if self.table is not None:
            if len(self.table) != self.channels or not all(0 <= i < c_in for maps in self.table for i in maps):
                raise ValueError(
                    f"{name} expects a table of {self.channels} rows that name input maps 0 to {c_in - 1}, "
                    f"got {self.table}"
                )
            return sum(len(set(maps)) for maps in self.table)
        if c_in % positive_int(name, self.groups, "groups") or self.channels % self.groups:
            raise ValueError(
                f"{name} cannot divide {c_in} input maps and {self.channels} output maps into {self.groups} groups: "
                f"use a number that divides both"
            )
        return c_in * self.channels // self.groups


@dataclass(frozen=True)
class Pool(Part):
    """Pooling of any kind (maximum, mean, L2), map by map: nothing to learn, no weight to multiply with.

    Args:
        stride: ``size`` if None.
        ceil: also take a last window that hangs over the edge, as long as it starts inside (GoogLeNet).
        kind: what it is called.
    """

    size: Size
    stride: Size | None = None
    padding: Padding = "valid"
    ceil: bool = False
    kind: str = "pool"
    name: str = ""

    def account(self, at: Signal) -> Row:
        """One row; raises ValueError for a window that does not fit."""
        stride = self.size if self.stride is None else self.stride
        name = self.name or _named(self.kind, self.size, stride, at)
        after = _slide(name, at, at.shape[0], self.size, stride, self.padding, self.ceil)
        return Row(name, _sides(self.size, at), 0, 0, after)


@dataclass(frozen=True)
class Subsample(Part):
    """LeCun's sub-sampling: the sum of a window times a coefficient plus a bias, both learned, one pair per map."""

    size: Size = 2
    name: str = ""

    def account(self, at: Signal) -> Row:
        """One row: 2 parameters per map, one multiplication per unit."""
        row = Pool(self.size, name=self.name or _named("sub-sample", self.size, self.size, at)).account(at)
        return Row(row.name, row.window, 2 * at.shape[0], math.prod(row.shape), row.after)


@dataclass(frozen=True)
class Full(Part):
    """A fully connected layer of ``n`` units: each sees everything, whatever its shape; n_in n weights and n biases.

    With ``learned=False`` the weights are fixed and do not count (the bitmaps of LeNet-5's output).
    """

    n: int
    bias: bool = True
    learned: bool = True
    name: str = ""

    def account(self, at: Signal) -> Row:
        """One row."""
        name = self.name or f"full, {self.n}"
        weights = math.prod(at.shape) * positive_int(name, self.n, "n")
        after = Signal((self.n,), tuple(axis.whole() for axis in at.axes))
        window = tuple(axis.length for axis in at.axes)
        return Row(name, window, self.learned * (weights + self.bias * self.n), weights, after)


@dataclass(frozen=True)
class BatchNorm(Part):
    """Batch normalization: γ and β of every map are learned, its running mean and variance are not.

    No multiplications are counted: after training γ goes into the weights of the layer before.
    """

    name: str = "batch norm"

    def account(self, at: Signal) -> Row:
        """One row: 2 parameters per map."""
        return Row(self.name, (1,) * len(at.axes), 2 * at.shape[0], 0, at)


@dataclass(frozen=True)
class Same(Part):
    """Whatever changes neither the shape nor what a unit sees, and learns nothing: ReLU, LRN, dropout, softmax."""

    name: str

    def account(self, at: Signal) -> Row:
        """One row."""
        return Row(self.name, (1,) * len(at.axes), 0, 0, at)


@dataclass(frozen=True)
class Flatten(Part):
    """(c, H, W) becomes (c H W,); every unit goes on seeing what it saw."""

    name: str = "flatten"

    def account(self, at: Signal) -> Row:
        """One row."""
        return Row(self.name, (1,) * len(at.axes), 0, 0, Signal((math.prod(at.shape),), at.axes))


@dataclass(frozen=True)
class GlobalAverage(Part):
    """The mean of every map: (c, H, W) becomes (c,)."""

    name: str = "global average"

    def account(self, at: Signal) -> Row:
        """One row."""
        window = tuple(axis.length for axis in at.axes)
        return Row(self.name, window, 0, 0, Signal(at.shape[:1], tuple(axis.whole() for axis in at.axes)))
