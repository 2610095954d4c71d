"""The reverse sweep through a graph of numbered values, right and wrong (exercise 5.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlbook.shapes import Array
from dlbook.tape import topological_order

Graph = list[list[int]]
Slopes = list[list[float]]


class _Value:
    """What :func:`topological_order` asks for: parents, in pairs with something."""

    def __init__(self) -> None:
        self.parents: list[tuple[_Value, None]] = []


def order(parents: Graph, end: int) -> list[int]:
    """Return the numbers of all values that ``end`` was made of, users first."""
    values: list[Any] = [_Value() for _ in parents]
    for value, own in zip(values, parents, strict=True):
        value.parents = [(values[i], None) for i in own]
    number = {value: i for i, value in enumerate(values)}
    return [number[value] for value in topological_order(values[end])]


def sweep(
    parents: Graph,
    slopes: Slopes,
    bars: Array,
    visits: Iterable[int],
    share: Callable[[float, float, float], float] = lambda bar_v, bar_u, slope: bar_v + bar_u * slope,
) -> Array:
    """Hand down along all edges, in the order of the visits: what v has is set by ``share``."""
    for u in visits:
        for v, slope in zip(parents[u], slopes[u], strict=True):
            bars[v] = share(bars[v], bars[u], slope)
    return bars


def at_end(parents: Graph, end: int) -> Array:
    """Return 1 at the end, else 0."""
    bars = np.zeros(len(parents))
    bars[end] = 1
    return bars


def right(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Return the slope of ``end`` by every value."""
    return sweep(parents, slopes, at_end(parents, end), order(parents, end))


def as_reached(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Visit in the order of discovery, nearest first."""
    visits = [end]
    for u in visits:
        visits += [v for v in dict.fromkeys(parents[u]) if v not in visits]
        if len(visits) > 1000:  # a chain: any order of discovery is right
            return right(parents, slopes, end)
    return sweep(parents, slopes, at_end(parents, end), visits)


def overwriting(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Keep the share of the last user."""
    visits = order(parents, end)
    return sweep(parents, slopes, at_end(parents, end), visits, lambda bar_v, bar_u, slope: bar_u * slope)


def adding(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Add where the chain rule multiplies."""
    visits = order(parents, end)
    return sweep(parents, slopes, at_end(parents, end), visits, lambda bar_v, bar_u, slope: bar_v + bar_u + slope)


def local(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Add up local slopes."""
    visits = order(parents, end)
    return sweep(parents, slopes, at_end(parents, end), visits, lambda bar_v, bar_u, slope: bar_v + slope)


def by_number(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Visit the last number first."""
    return sweep(parents, slopes, at_end(parents, end), reversed(range(len(parents))))


def one_edge(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Keep one slope for each pair of values."""
    edges = [dict(zip(p, s, strict=True)) for p, s in zip(parents, slopes, strict=True)]
    thinned = [list(e) for e in edges], [list(e.values()) for e in edges]
    return right(*thinned, end)


def all_ones(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Begin with 1 everywhere."""
    return sweep(parents, slopes, np.ones(len(parents)), order(parents, end))


def many_ends(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Begin with 1 at every value that has no users."""
    used = {v for own in parents for v in own}
    ends = [i for i in range(len(parents)) if i not in used]
    bars = np.zeros(len(parents))
    bars[ends] = 1
    above = [*parents, ends]  # one value more, made of all ends
    return sweep(parents, slopes, bars, order(above, len(parents))[1:])


def forward(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Hand 1 on from the end to what was made of it."""
    everything = [*parents, list(range(len(parents)))]
    dots = at_end(parents, end)
    for u in reversed(order(everything, len(parents))[1:]):
        for v, slope in zip(parents[u], slopes[u], strict=True):
            dots[u] += dots[v] * slope
    return dots


def one_level(parents: Graph, slopes: Slopes, end: int) -> Array:
    """Visit the end alone."""
    return sweep(parents, slopes, at_end(parents, end), [end])


def used_twice(parents: Graph) -> bool:
    """Tell whether any value has two users or more."""
    return max(Counter(v for own in parents for v in own).values(), default=0) > 1
