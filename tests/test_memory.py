from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from dlbook.memory import peak_memory

MB = 1_000_000


def test_the_peak_is_what_was_held_at_once() -> None:
    assert peak_memory(lambda: np.ones(MB)) == pytest.approx(8 * MB, rel=0.01)
    assert peak_memory(lambda: [np.ones(MB), np.ones(MB)]) == pytest.approx(16 * MB, rel=0.01)
    assert peak_memory(lambda: [np.ones(MB).sum(), np.ones(MB).sum()]) == pytest.approx(8 * MB, rel=0.01)


def test_earlier_arrays_and_earlier_peaks_do_not_count() -> None:
    tracemalloc.start()
    try:
        kept = np.ones(2 * MB)
        np.ones(4 * MB)
        assert peak_memory(lambda: np.ones(MB)) == pytest.approx(8 * MB, rel=0.01)
        assert tracemalloc.is_tracing()
        assert kept[0] == 1
    finally:
        tracemalloc.stop()


def test_tracing_ends_even_when_the_call_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        peak_memory(lambda: 1 // 0)
    assert not tracemalloc.is_tracing()
