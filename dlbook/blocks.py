"""Parts made of parts: blocks, branches that are laid side by side, and sums with a shortcut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dlbook.receptive import union
from dlbook.rows import Part, Row, Signal


def walk(parts: Sequence[Part], at: Signal) -> tuple[Row, ...]:
    """Return a row for each part, each working on what comes out of the one before."""
    rows: list[Row] = []
    for part in parts:
        with placed(rows, at):
            rows.append(part.account(at))
        at = rows[-1].after
    return tuple(rows)


@contextmanager
def placed(rows: Sequence[Row], at: Signal) -> Iterator[None]:
    """Add to an error where in the stack it came up: behind ``rows``."""
    try:
        yield
    except (TypeError, ValueError) as error:
        error.add_note(f"(part {len(rows)} of the stack, after {rows[-1].name if rows else 'its input'} {at.shape})")
        raise


def _end(rows: Sequence[Row], at: Signal) -> Signal:
    """Return what comes out of the last row; without rows, what went in."""
    return rows[-1].after if rows else at


def _sum(name: str, at: Signal, rows: Sequence[Row], after: Signal) -> Row:
    """Return one row for several; its window is what the field grew by, in steps of the units that came in."""
    grown = zip(at.axes, after.axes, strict=True)
    window = tuple(1 + (b.field - a.field) // a.jump if a.jump else 1 for a, b in grown)
    products = sum(row.multiplications for row in rows)
    return Row(name, window, sum(row.parameters for row in rows), products, after, tuple(rows))


def _join(who: str, ends: Sequence[Signal], shape: tuple[int, ...]) -> Signal:
    return Signal(shape, tuple(union(who, axes) for axes in zip(*(end.axes for end in ends), strict=True)))


@dataclass(frozen=True)
class Block(Part):
    """Parts one after another, as one row."""

    name: str
    parts: tuple[Part, ...]

    def account(self, at: Signal) -> Row:
        """Return the sum of the parts."""
        rows = walk(self.parts, at)
        return _sum(self.name, at, rows, _end(rows, at))


@dataclass(frozen=True)
class Branches(Part):
    """Several stacks on the same input, their maps laid one on another (concatenated), as in Inception."""

    paths: tuple[tuple[Part, ...], ...]
    name: str = "branches"

    def account(self, at: Signal) -> Row:
        """Return the sum of the branches; raises ValueError if their maps differ in size."""
        walked = [walk(path, at) for path in self.paths]
        ends = [_end(rows, at) for rows in walked]
        if len({end.shape[1:] for end in ends}) != 1:
            raise ValueError(
                f"{self.name} expects branches with maps of one size, got {[end.shape for end in ends]}: "
                f"give all the same stride, and padding that keeps the size"
            )
        shape = (sum(end.shape[0] for end in ends), *ends[0].shape[1:])
        return _sum(self.name, at, [row for rows in walked for row in rows], _join(self.name, ends, shape))


@dataclass(frozen=True)
class Residual(Part):
    """A body and a shortcut around it, whose outputs are added; the shortcut is the identity if it has no parts."""

    body: tuple[Part, ...]
    shortcut: tuple[Part, ...] = ()
    name: str = "residual"

    def account(self, at: Signal) -> Row:
        """Return the sum of both; raises ValueError if their shapes differ."""
        body, shortcut = walk(self.body, at), walk(self.shortcut, at)
        ends = [_end(body, at), _end(shortcut, at)]
        if ends[0].shape != ends[1].shape:
            raise ValueError(
                f"{self.name} adds body and shortcut, but their shapes are {ends[0].shape} and {ends[1].shape}: "
                f"give the shortcut a convolution of size 1 with the body's channels and stride"
            )
        return _sum(self.name, at, [*body, *shortcut], _join(self.name, ends, ends[0].shape))
