"""Settings for all tests, those of the notebooks in chapters/ included."""

from __future__ import annotations

import os

import pytest
from book.budgets import Budgets
from book.unchanged import Unchanged
from hypothesis import settings

# The same examples in every run, and no clock: a test must not fail by luck or on a busy machine.
settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")

# The files that take longest begin first, so that no process is left alone with one of them at the end.
LONGEST = ("tests/test_grade.py", "tests/book/test_build.py", "chapters", "tests/book", "tests/test_explore.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to run every notebook, and to change what one may use."""
    parser.addoption("--fresh", action="store_true", help="run notebooks that are unchanged since they passed, too")
    parser.addini("notebook_seconds", "processor time that a notebook may use", default="30")
    parser.addini("notebook_megabytes", "memory that a notebook may use", default="1000")


def pytest_configure(config: pytest.Config) -> None:
    """Where notebooks are run, print what is committed, and leave out those that passed as they are."""
    os.environ["DLBOOK_TEXT_ONLY"] = "1"
    if config.getoption("nbval", default=False):
        config.pluginmanager.register(Unchanged(config), "unchanged")
        config.pluginmanager.register(Budgets(config), "budgets")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what notebooks print, not their pictures: they are committed without images (nbval knows PNG only)."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, and leave the order within each as it is."""

    def place(item: pytest.Item) -> int:
        return next((i for i, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))

    items.sort(key=place)
