"""What a network costs: output shapes, parameters, multiplications and receptive fields, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dlbook import parts
from dlbook.activations import LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from dlbook.blocks import placed
from dlbook.conv import Conv2D
from dlbook.dense import Dense
from dlbook.dropout import Dropout, GaussianNoise
from dlbook.layer import Flatten, Layer
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.rows import Part, Row, Signal
from dlbook.sequential import Sequential

UNIT_BY_UNIT = (ReLU, LeakyReLU, Sigmoid, Tanh, ScaledTanh, Softplus, Softmax, Dropout, GaussianNoise)


@dataclass(frozen=True)
class Description:
    """The rows of a stack, one for each of its layers or blocks, and their totals. ``print`` shows a table."""

    input_shape: tuple[int, ...]
    rows: tuple[Row, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """What comes out at the end."""
        return self.rows[-1].shape

    @property
    def parameters(self) -> int:
        """All numbers that are learned."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiplications(self) -> int:
        """Products of a weight and an input for one example: what the literature calls multiply-adds."""
        return sum(row.multiplications for row in self.rows)

    def __getitem__(self, name: str) -> Row:
        """Return the first row of this name."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"no row {name!r}: there are {', '.join(row.name for row in self.rows)}")

    def __str__(self) -> str:
        cells = [("layer", "output", "parameters", "multiplications", "window", "field", "jump")]
        cells.append(("input", _times(self.input_shape), "", "", "", "", ""))
        for row in self.rows:
            sees = (_times(row.window), _times(row.field), _times(row.jump) if any(row.jump) else "–")
            cells.append((row.name, _times(row.shape), f"{row.parameters:,}", f"{row.multiplications:,}", *sees))
        cells.append(("total", "", f"{self.parameters:,}", f"{self.multiplications:,}", "", "", ""))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join([c[0].ljust(widths[0]), *map(str.rjust, c[1:], widths[1:])]).rstrip() for c in cells]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:-1], "-" * len(lines[0]), lines[-1]])


def describe(stack: Layer | Iterable[Part | Layer], input_shape: Sequence[int]) -> Description:
    """Account for a stack of parts, or for the layers of a network, on one example of ``input_shape``.

    Args:
        stack: a network such as ``Sequential``, or parts (:mod:`dlbook.parts`, :mod:`dlbook.blocks`) and layers.
        input_shape: (c, H, W) or (n,), without the batch.

    Raises:
        ValueError: a part cannot take what the one before gives.
        TypeError: a layer of which it is not known what it costs.
    """
    at, rows, counted = Signal.of(input_shape), list[Row](), set[int]()
    for item in _flat([stack] if isinstance(stack, Layer) else stack):
        with placed(rows, at):
            row = (item if isinstance(item, Part) else part_of(item, at)).account(at)
        if isinstance(item, Layer):  # a layer that stands twice learns once
            own = {id(p): p.size for p in item.params.values() if id(p) not in counted}
            row = replace(row, parameters=sum(own.values()))
            counted.update(own)
        rows.append(row)
        at = row.after
    if not rows:
        raise ValueError("describe expects at least one layer, got none")
    return Description(tuple(input_shape), tuple(rows))


def part_of(layer: Layer, at: Signal) -> Part:
    """Return the description of one layer; raises as :func:`describe` if it is not known or cannot take ``at``."""
    takes: tuple[int, ...] = at.shape
    part: Part
    match layer:
        case Conv2D():
            takes, part = (layer.c_in, *at.shape[1:]), parts.Conv(layer.c_out, layer.size, layer.stride, layer.padding)
        case TableConv2D():
            takes, part = (layer.conv.c_in, *at.shape[1:]), parts.Conv(layer.c_out, layer.size, table=layer.table)
        case Subsample2D():
            takes, part = (len(layer.params["a"]), *at.shape[1:]), parts.Subsample(layer.size)
        case MaxPool2D() | AvgPool2D() | L2Pool2D():
            kind = "max" if isinstance(layer, MaxPool2D) else "average" if isinstance(layer, AvgPool2D) else "L2"
            part = parts.Pool(layer.size, layer.stride, layer.padding, kind=f"{kind} pool")
        case Dense():
            takes, part = (layer.n_in,), parts.Full(layer.n_out)
        case RadialBasis():
            classes, n_in = layer.centres.shape
            takes, part = (n_in,), parts.Full(classes, bias=False, learned=False)
        case PReLU():
            takes, part = (layer.n_channels, *at.shape[1:]), parts.Same("PReLU")
        case Flatten():
            part = parts.Flatten()
        case _ if isinstance(layer, UNIT_BY_UNIT):
            part = parts.Same(type(layer).__name__)
        case _:
            raise TypeError(f"describe does not know what {layer!r} costs: put a part of dlbook.parts in its place")
    if at.shape != takes:
        hint = ": put a Flatten() in front" if len(at.shape) > len(takes) else ""
        raise ValueError(f"{layer!r} takes {takes}, got {at.shape}{hint}")
    return part


def _flat(items: Iterable[Part | Layer]) -> Iterator[Part | Layer]:
    """Yield the parts and layers, those of nested networks in their place."""
    for item in items:
        if isinstance(item, Sequential):
            yield from _flat(item.layers)
        elif isinstance(item, Part | Layer):
            yield item
        else:
            raise TypeError(f"describe expects parts and layers, got {item!r}")


def _times(lengths: Sequence[int]) -> str:
    return "×".join(map(str, lengths))
