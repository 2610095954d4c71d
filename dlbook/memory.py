"""How much memory a computation needs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable


def peak_memory(call: Callable[[], object]) -> int:
    """Return the bytes that ``call()`` held at its peak, beyond what was held before.

    Python's own count, which NumPy's arrays take part in: the same on every machine, unlike what the operating system
    says about the process.

    >>> import numpy as np
    >>> peak_memory(lambda: [np.ones(1_000_000), np.ones(1_000_000)]) // 1_000_000  # MB
    16
    """
    started_here = not tracemalloc.is_tracing()
    if started_here:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if started_here:
            tracemalloc.stop()
    return peak - before
