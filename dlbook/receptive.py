"""Where the units of a layer look: receptive fields, axis by axis.

One unit sees an interval of the image; its neighbour sees the same interval, moved on. Three numbers tell everything:
how long the interval is, how far it moves from one unit to the next, and where it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlbook.shapes import positive_int
from dlbook.windows import Padding, as_padding, spans


@dataclass(frozen=True)
class Axis:
    """The units of a layer along one axis: unit i sees the pixels from start + i·jump on, ``field`` of them.

    Pixels before the first and after the last of the image are zeros of the border: a field may be larger than the
    image. Between its first and its last pixel a field can have gaps, where a stride leaps over units.

    Attributes:
        length: how many units there are.
        field: pixels that a unit sees, from the first to the last: its (indirect) receptive field.
        jump: pixels between the fields of neighbours; 0 where one unit sees everything.
        start: the first pixel that unit 0 sees, negative in the border.
    """

    length: int
    field: int = 1
    jump: int = 1
    start: int = 0

    def windows(self, count: int, size: int, stride: int, before: int) -> Axis:
        """Let ``count`` windows of ``size`` units slide by ``stride``, with ``before`` zeros in front.

        The field grows by (size − 1) jumps (eq-receptive-field), the jump becomes stride times as long (eq-jump).
        """
        field = self.field + (size - 1) * self.jump
        return Axis(count, field, self.jump * stride, self.start - before * self.jump)

    def whole(self) -> Axis:
        """Let one unit see all units."""
        return self.windows(1, self.length, 0, 0)


def fit(who: str, axis: Axis, size: int, stride: int, padding: Padding, ceil: bool = False) -> Axis:
    """Let windows slide along ``axis``, as many as fit (eq-conv-output-size); see :func:`dlbook.windows.spans`.

    With ``ceil`` there is one more if something is left over at the end, as long as it starts before the border there
    (as in PyTorch).

    Raises:
        ValueError: the window is larger than axis and border together, or another kind of padding.
        TypeError: a size or a stride that is no whole number.
    """
    size, stride = positive_int(who, size, "size"), positive_int(who, stride, "stride")
    [span] = spans(who, (axis.length,), (size,), (stride,), as_padding(who, padding))
    left = (span.out - 1) * stride + size < span.before + axis.length + span.after
    one_more = ceil and left and span.out * stride < span.before + axis.length
    return axis.windows(span.out + one_more, size, stride, span.before)


def union(who: str, ends: Sequence[Axis]) -> Axis:
    """Join branches that end in units of the same places: a unit sees what any branch sees.

    Fields that lie around the same centre give the largest of them.

    Raises:
        ValueError: the branches do not end with the same number of units, or their fields do not step alike.
    """
    if len({(axis.length, axis.jump) for axis in ends}) > 1:
        steps = ", ".join(f"{axis.length} units every {axis.jump} pixels" for axis in ends)
        raise ValueError(f"{who} expects branches that end alike, got {steps}: give all the same strides and padding")
    start = min(axis.start for axis in ends)
    stop = max(axis.start + axis.field for axis in ends)
    return Axis(ends[0].length, stop - start, ends[0].jump, start)
