"""One browser and one server per process, for all tests of the built pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.site import SITE, Visit, chromium, served, visit
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


@pytest.fixture(scope="class")
def opened(page: str, http: str, browser: Browser) -> Iterator[Visit]:
    """A page that all tests of a class look at, with networking closed."""
    with visit(browser, http, page) as visited:
        yield visited


@pytest.fixture
def shown(opened: Visit) -> Iterator[Visit]:
    """The page, wide and light; in the test's course nothing may go wrong on it."""
    opened.look()
    yield opened
    assert opened.foreign == []
    assert opened.complaints == []
