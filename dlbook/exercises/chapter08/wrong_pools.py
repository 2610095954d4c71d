"""Max-pooling with one of its parts replaced, as people write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbook.shapes import Array

Pooled = tuple[Array, Array]


@dataclass(frozen=True, slots=True)
class Winner:
    """Where the winner of one window stands.

    Attributes:
        r, c: the window's row and column among the windows.
        i, j: the winner's row and column in the window.
        k, stride: side and step of the windows.
        H, W: height and width of the map.
    """

    r: int
    c: int
    i: int
    j: int
    k: int
    stride: int
    H: int
    W: int

    @property
    def top(self) -> int:
        """The row of the map where the window starts."""
        return self.r * self.stride

    @property
    def left(self) -> int:
        """The column of the map where the window starts."""
        return self.c * self.stride


def in_the_map(w: Winner) -> int:
    """Return the place that is asked for."""
    return (w.top + w.i) * w.W + w.left + w.j


def pooled(
    *,
    place: Callable[[Winner], int] = in_the_map,
    pick: Callable[[Array], Any] = lambda window: window,
    y: Callable[[Array], float] | None = None,
    last: bool = False,
) -> Callable[[Array, int, int], Pooled]:
    """Return the answer with another place, another measure of size, another y, or the last among equals."""

    def answer(x: Array, k: int, stride: int) -> Pooled:
        (H, W), (rows, columns) = x.shape, ((n - k) // stride + 1 for n in x.shape)
        values, places = np.zeros((rows, columns), x.dtype), np.zeros((rows, columns), dtype=int)
        for r, c in np.ndindex(rows, columns):
            window = x[r * stride : r * stride + k, c * stride : c * stride + k]
            sizes = pick(window).ravel()
            best = sizes.size - 1 - sizes[::-1].argmax() if last else sizes.argmax()
            i, j = divmod(int(best), k)
            values[r, c] = y(window) if y else window[i, j]
            places[r, c] = place(Winner(r, c, i, j, k, stride, H, W))
        return values, places

    return answer
