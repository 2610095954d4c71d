"""Settings for all tests, those of the notebooks in chapters/ included."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The same examples in every run, and no clock: a test must not fail by luck or on a busy machine.
settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not their pictures: they are committed without images (nbval knows PNG only)."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
