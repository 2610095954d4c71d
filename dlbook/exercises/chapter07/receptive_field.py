"""Exercise 7.7: The receptive field of a stack."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.receptive import Axis

Layers = list[tuple[int, int]]


def _cases(rng: np.random.Generator) -> list[Case]:
    fixed: dict[str, Layers] = {
        "one layer": [(3, 1)],
        "one layer with a stride": [(5, 2)],
        "one pooling layer": [(2, 2)],
        "one larger layer": [(7, 1)],
        "a window of one pixel": [(1, 1)],
        "two layers of 3": [(3, 1), (3, 1)],
        "four layers of 5": [(5, 1)] * 4,
        "a stride, then a window": [(2, 2), (3, 1)],
        "a window, then a stride": [(3, 1), (2, 2)],
        "the chapter's network": [(5, 1), (2, 2), (5, 1), (2, 2)],
        "a stride without a window": [(1, 2), (3, 1)],
    }
    drawn: list[Layers] = [
        [(int(rng.integers(2, 6)), int(rng.integers(1, 4))) for _ in range(rng.integers(2, 5))] for _ in range(9)
    ]
    return [*(Case(k, (v,)) for k, v in fixed.items()), *(Case("a random stack", (v,)) for v in drawn)]


def _field(layers: Layers) -> tuple[int, int]:
    axis = Axis(1)
    for size, stride in layers:
        axis = axis.windows(1, size, stride, 0)
    return axis.field, axis.jump


def _jumps(layers: Layers) -> int:
    return prod(stride for _, stride in layers)


def _walk(layers: Layers, grow: Callable[[int, int, int], int], start: int = 1) -> tuple[int, int]:
    """Add grow(size, stride, jump so far) for each layer."""
    field, jump = start, 1
    for size, stride in layers:
        field += grow(size, stride, jump)
        jump *= stride
    return field, jump


def _strides_added(layers: Layers) -> tuple[int, int]:
    field, jump = 1, 1
    for size, stride in layers:
        field += (size - 1) * jump
        jump += stride - 1
    return field, jump


def _last_stride(layers: Layers) -> tuple[int, int]:
    field, jump = 1, 1
    for size, stride in layers:
        field += (size - 1) * jump
        jump = stride
    return field, jump


def _multiplied(layers: Layers) -> tuple[int, int]:
    return prod(size for size, _ in layers), _jumps(layers)


RECEPTIVE_FIELD = Exercise(
    "7.7",
    "The receptive field of a stack",
    ("layers",),
    ("field", "jump"),
    "field and jump, two whole numbers",
    _field,
    _cases,
    (
        Mistake(
            "the jump is renewed before the field",
            lambda layers: _walk(layers, lambda k, s, j: (k - 1) * j * s),
            "The window of a layer moves over the units of the layer before, so it counts with their jump. The "
            "layer's own stride matters from the next layer on.",
        ),
        Mistake(
            "the layer's own stride in place of the jump",
            lambda layers: _walk(layers, lambda k, s, j: (k - 1) * s),
            "A layer's stride says how far its own windows move. What a window reaches over are units of the layer "
            "before, and these lie one jump apart, the product of all strides below.",
        ),
        Mistake(
            "size and stride are exchanged",
            lambda layers: _field([(stride, size) for size, stride in layers]),
            "Each pair is (size, stride). You read it the other way round.",
        ),
        Mistake(
            "strides do not widen the field",
            lambda layers: _walk(layers, lambda k, s, j: k - 1),
            "Without strides each layer adds k − 1. After a stride the units lie further apart, and each step of a "
            "window is a jump of several pixels.",
        ),
        Mistake(
            "the sizes are added",
            lambda layers: _walk(layers, lambda k, s, j: k, 0),
            "Two windows of 3 see 5 pixels and not 6: neighbours share all but one of theirs.",
        ),
        Mistake(
            "the sizes are multiplied",
            _multiplied,
            "That holds for windows side by side, whose fields do not overlap. With a stride below the size they do.",
        ),
        Mistake(
            "k in place of k − 1",
            lambda layers: _walk(layers, lambda k, s, j: k * j),
            "A window of one unit sees what the unit sees, and adds nothing. From its first unit to its last a window "
            "makes k − 1 jumps.",
        ),
        Mistake(
            "the field begins at 0",
            lambda layers: _walk(layers, lambda k, s, j: (k - 1) * j, 0),
            "Before the first layer a pixel sees itself: one pixel, and not none.",
        ),
        Mistake(
            "the layers are taken from the top",
            lambda layers: _field(layers[::-1]),
            "The list begins with the layer next to the picture. A stride there widens everything above it; at the "
            "top it widens nothing.",
        ),
        Mistake(
            "the strides are added",
            _strides_added,
            "Two layers of stride 2 jump by 4 pixels, three by 8: the strides multiply.",
        ),
        Mistake(
            "only the last stride counts",
            _last_stride,
            "A stride is counted in units of the layer before, which may lie several pixels apart themselves: "
            "multiply by the jump so far.",
        ),
        Mistake(
            "field and jump are exchanged",
            lambda layers: _field(layers)[::-1],
            "Both numbers are right, in the wrong order: the field comes first, then the jump.",
        ),
        Mistake(
            "the last layer alone",
            lambda layers: layers[-1],
            "This is the direct receptive field, in units of the layer before. Asked is the indirect one, in pixels.",
        ),
        Mistake(
            "windows to both sides",
            lambda layers: _walk(layers, lambda k, s, j: 2 * (k - 1) * j),
            "A window of 3 reaches one unit to the left and one to the right, k − 1 in all. You counted k − 1 on each "
            "side.",
        ),
    ),
    {
        "more than one layer": lambda layers: len(layers) > 1,
        "a stride above 1 below the last layer": lambda layers: any(stride > 1 for _, stride in layers[:-1]),
        "a stride above 1": lambda layers: any(stride > 1 for _, stride in layers),
    },
)
