"""What a function may return: arrays, lists, tuples, plain numbers. All become arrays; the rest is described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbook.shapes import Array

DOUBLE, SINGLE = 1e-9, 1e-5  # accepted differences, relative to the largest entry (or to 1 where that is smaller)
MOST = 1_000_000  # numbers that an answer may have


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer that is no array of numbers; ``what`` says what it is."""

    what: str

    @property
    def is_none(self) -> bool:
        """Whether nothing was returned, or the ``...`` of a stub."""
        return self.what in ("None", "...")


def as_outputs(value: Any, n: int) -> tuple[Array, ...] | Odd:
    """Return ``value`` as ``n`` arrays. Lists, tuples, Booleans, integers and numbers without a shape are all right."""
    if value is None or value is ...:
        return Odd("None" if value is None else "...")
    if n == 1:
        array = _as_array(value)
        return array if isinstance(array, Odd) else (array,)
    if not isinstance(value, (list, tuple)):
        return Odd(describe(value))
    if len(value) != n:
        return Odd(f"{len(value)} value{'s' * (len(value) != 1)}")
    arrays = [_as_array(v) for v in value]
    for place, array in enumerate(arrays, 1):
        if isinstance(array, Odd):
            return Odd(f"a tuple whose value number {place} is {array.what}")
    return tuple(a for a in arrays if not isinstance(a, Odd))


def _as_array(value: Any) -> Array | Odd:
    try:
        array = np.array(value)
    except (TypeError, ValueError):
        return Odd(f"{describe(value)} whose rows have different lengths")
    if array.dtype.kind not in "biuf":
        return Odd(describe(value))
    if array.size > MOST:
        return Odd(f"an array with {array.size:,} numbers")
    return array


def describe(value: Any) -> str:
    """Say what ``value`` is, with an article."""
    if value is None:
        return "None"
    name = type(value).__name__
    if isinstance(value, np.ndarray):
        return f"an array of {'text' if value.dtype.kind in 'US' else value.dtype}"
    if callable(value):
        return "a function: it lacks the brackets of a call"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def close(got: Array, expected: Array) -> bool:
    """Tell whether two arrays have one shape and the same numbers, up to rounding in the coarser of their types."""
    if got.shape != expected.shape:
        return False
    if not got.size:
        return True
    coarse = np.float32 in (got.dtype, expected.dtype) or np.float16 == got.dtype
    scale = max(1.0, float(np.abs(expected.astype(float)).max()))
    with np.errstate(all="ignore"):
        difference = np.abs(got.astype(float) - expected.astype(float))
    return bool((difference <= (SINGLE if coarse else DOUBLE) * scale).all())  # NaN compares as False


def all_same(got: tuple[Array, ...], other: tuple[Array, ...]) -> bool:
    """Tell whether two wrong answers are the same one: :func:`close`, and nan or infinite in the same places."""
    return len(got) == len(other) and all(_same(g, o) for g, o in zip(got, other, strict=True))


def _same(got: Array, other: Array) -> bool:
    if got.shape != other.shape:
        return False
    finite = np.isfinite(other)
    return np.array_equal(got[~finite], other[~finite], equal_nan=True) and close(got[finite], other[finite])


def all_close(got: tuple[Array, ...], expected: tuple[Array, ...]) -> bool:
    """:func:`close` for every output."""
    return len(got) == len(expected) and all(close(g, e) for g, e in zip(got, expected, strict=True))
