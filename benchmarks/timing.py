"""Timing several ways of doing the same thing, fairly."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def side_by_side(*calls: Callable[[], object], rounds: int, per_round: int) -> tuple[float, ...]:
    """Return the median seconds of each call.

    They take turns, so that a machine that slows down slows all; each turn begins with one call that is not counted,
    which fills the caches.
    """
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, seconds, strict=True):
            call()
            start = time.perf_counter()
            for _ in range(per_round):
                call()
            times.append((time.perf_counter() - start) / per_round)
    return tuple(float(np.median(times)) for times in seconds)
