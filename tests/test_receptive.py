"""Receptive fields, against sets of pixels that are carried through naive windows one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dlbook.blocks import Branches, Residual, walk
from dlbook.parts import Conv, Flatten, Full, GlobalAverage, Pool, Same
from dlbook.receptive import Axis, fit, union
from dlbook.rows import Part, Signal

Units = list[set[int]]  # for every unit of a layer the pixels that it sees


def naive_windows(n: int, size: int, stride: int, padding: int | str, ceil: bool = False) -> list[list[int]]:
    """The units in each window, found by sliding until nothing fits; zeros of the border left out."""
    before = after = 0 if padding == "valid" else padding
    if padding == "same":
        total = next(p for p in range(size + stride) if len(range(0, n + p - size + 1, stride)) == -(-n // stride))
        before, after = total // 2, total - total // 2
    windows, first = [], -before
    while first + size <= n + after or (ceil and first < n and first - stride + size < n + after):
        windows.append([i for i in range(first, first + size) if 0 <= i < n])
        first += stride
    return windows


def naive(part: Part, units: Units) -> Units:
    if isinstance(part, Conv | Pool):
        ceil = isinstance(part, Pool) and part.ceil
        stride = part.size if part.stride is None else part.stride
        windows = naive_windows(len(units), part.size, stride, part.padding, ceil)
        return [set().union(*(units[i] for i in window)) for window in windows]
    if isinstance(part, Full | GlobalAverage):
        return [set().union(*units)]
    if isinstance(part, Branches):
        return [set().union(*seen) for seen in zip(*(naive_stack(path, units) for path in part.paths), strict=True)]
    if isinstance(part, Residual):
        ends = naive_stack(part.body, units), naive_stack(part.shortcut, units)
        return [a | b for a, b in zip(*ends, strict=True)]
    return units


def naive_stack(parts: tuple[Part, ...], units: Units) -> Units:
    for part in parts:
        units = naive(part, units)
    return units


def random_part(rng: np.random.Generator, depth: int = 0) -> Part:
    size, stride = int(rng.integers(1, 6)), int(rng.integers(1, 3))
    kinds = ["conv", "pool", "same", "branches", "residual"][: 3 if depth else 5]
    match rng.choice(kinds):
        case "conv":
            return Conv(2, size, stride, rng.choice([0, 1, 2]).item() if rng.random() < 0.7 else "same")
        case "pool":
            return Pool(size, stride, min(1, size // 2), ceil=bool(rng.random() < 0.5))
        case "same":
            return Same("ReLU")
        case "branches":  # all with padding "same" and one stride: their maps lie on each other
            sizes = rng.integers(1, 6, size=3).tolist()
            paths = [(Conv(2, k, 1, "same"), Conv(1, j, stride, "same")) for k, j in itertools.pairwise(sizes)]
            return Branches((*paths, (Pool(sizes[0], stride, "same"),)))
        case _:
            return Residual((Conv(2, size, 1, "same"), Same("ReLU"), Conv(2, 3, 1, "same")), (Conv(2, 1),))


@pytest.mark.parametrize("seed", range(60))
def test_a_unit_sees_what_carried_pixels_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stack = (Conv(2, 3, 1, "same"), *(random_part(rng) for _ in range(rng.integers(1, 6))))
    n = int(rng.integers(400, 440))
    units: Units = [{i} for i in range(n)]
    for part, row in zip(stack, walk(stack, Signal.of((1, n))), strict=True):
        units = naive(part, units)
        [axis] = row.after.axes
        assert row.shape[1:] == (len(units),) == (axis.length,)
        middle = len(units) // 2  # far from the border, where nothing is cut off
        first = axis.start + middle * axis.jump
        assert first > 0
        assert first + axis.field < n
        assert (min(units[middle]), max(units[middle])) == (first, first + axis.field - 1)
        for i, seen in enumerate(units):  # at the border, no more than that
            assert seen <= set(range(axis.start + i * axis.jump, axis.start + i * axis.jump + axis.field))


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("padding", [0, 1, 2, "valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_as_many_windows_as_fit(size: int, stride: int, padding: int | str, ceil: bool) -> None:
    for n in range(5, 18):
        if isinstance(padding, int) and padding > size // 2:
            continue
        axis, windows = fit("pool", Axis(n), size, stride, padding, ceil), naive_windows(n, size, stride, padding, ceil)
        assert axis.length == len(windows)
        assert max(axis.start, 0) == windows[0][0]


def test_a_column_through_the_whole_image() -> None:
    """An image that is not square: each axis has its own field; a full layer sees every unit of both."""
    rows = walk((Conv(4, 3, 2), Pool(2), Flatten(), Full(5), Full(3)), Signal.of((1, 20, 30)))
    assert [row.field for row in rows] == [(3, 3), (5, 5), (5, 5), (17, 29), (17, 29)]
    assert [row.jump for row in rows] == [(2, 2), (4, 4), (4, 4), (0, 0), (0, 0)]
    assert [row.window for row in rows] == [(3, 3), (2, 2), (1, 1), (4, 7), (1, 1)]


def test_direct_and_indirect_interaction() -> None:
    """Source 002, the figure of sparse interactions: two layers of kernels of 3 make 3 direct and 5 indirect inputs."""
    rows = walk((Conv(1, 3, 1, 1), Conv(1, 3, 1, 1)), Signal.of((1, 5)))
    assert [row.window for row in rows] == [(3,), (3,)]
    assert [row.field for row in rows] == [(3,), (5,)]


def test_branches_around_one_centre_give_the_largest_field() -> None:
    paths = ((Conv(1, 1),), (Conv(1, 3, 1, 1),), (Conv(1, 5, 1, 2),))
    [row] = walk((Branches(paths),), Signal.of((1, 9)))
    assert (row.field, row.window) == ((5,), (5,))


def test_branches_off_centre_see_more_than_the_largest() -> None:
    assert union("sum", [Axis(9, 3, 1, -2), Axis(9, 2, 1, 0)]) == Axis(9, 4, 1, -2)


def test_branches_that_step_differently_are_refused() -> None:
    with pytest.raises(ValueError, match="5 units every 1 pixels, 5 units every 2 pixels: give all the same strides"):
        union("sum", [Axis(5, 3, 1), Axis(5, 3, 2)])


@pytest.mark.parametrize(
    ("size", "stride", "padding", "message"),
    [
        (6, 1, 0, "pool expects an image at least as large as the window, 6, got 5"),
        (8, 1, 1, "window, 8, got 5 with padding 1"),
        (2, 1, -1, 'expects padding as "valid", "same" or a whole number >= 0, got -1'),
        (2, 1, "full", "got 'full'"),
        (0, 1, 0, "expects size >= 1, got 0"),
        (2, 0, 0, "expects stride >= 1, got 0"),
    ],
)
def test_a_window_that_cannot_slide_is_explained(size: int, stride: int, padding: int | str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit("pool", Axis(5), size, stride, padding)
