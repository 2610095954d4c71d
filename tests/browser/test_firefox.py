"""Explorers in Firefox: the tests that need neither touch nor another preference of the system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.site import each_page, firefox
from browser.test_explorers import PAGES
from browser.test_explorers import TestPage as InChromium
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Firefox, in place of Chromium."""
    with firefox() as started:
        yield started


@each_page(PAGES)
class TestPageInFirefox:
    test_has_its_explorers = InChromium.test_has_its_explorers
    test_every_control_shows_what_the_code_computes = InChromium.test_every_control_shows_what_the_code_computes
    test_works_as_a_file = InChromium.test_works_as_a_file
    test_play_runs_to_the_end_and_reset_returns = InChromium.test_play_runs_to_the_end_and_reset_returns
