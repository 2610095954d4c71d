"""One browser and one server per process, for all tests of the built pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.site import SITE, chromium, served
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def http() -> Iterator[str]:
    """The address of the built site over http."""
    with served() as address:
        yield address


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest) -> str:
    """The address of the built site, over http and as files."""
    return request.getfixturevalue("http") if request.param == "http" else SITE.as_uri()
