"""Timing two ways of doing the same thing, fairly."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def side_by_side(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int, per_round: int
) -> tuple[float, float]:
    """Return the median seconds per call of both.

    The two take turns, so that a machine that slows down slows both; each turn begins with one call that is not
    counted, which fills the caches.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, times in zip((ours, theirs), seconds, strict=True):
            call()
            start = time.perf_counter()
            for _ in range(per_round):
                call()
            times.append((time.perf_counter() - start) / per_round)
    return float(np.median(seconds[0])), float(np.median(seconds[1]))
