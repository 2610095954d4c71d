"""The built site: its pages, a server for them, and a browser in which all other networking is closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser.installed import ARGUMENTS, CHROMIUM, FIREFOX
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

THEMES = ("light", "dark")
# WebDriver BiDi, by which Firefox is driven, cannot change what the system prefers.
NOT_EMULATED = dict.fromkeys(["color_scheme", "reduced_motion", "forced_colors", "contrast"], "null")
ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
WIDE, NARROW = 1280, 320  # pixels; a screen of 1280 at 400 % zoom has room for 320


def pages() -> list[str]:
    """Return the site's pages, chapters first, without Sphinx's own index pages."""
    if not (SITE / "index.html").exists():
        raise FileNotFoundError(f"there is no book in {SITE}: run `make book` first")
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("chapters/*.html"))


def each_page(paths: list[str]) -> pytest.MarkDecorator:
    """Run a class of tests for each of these pages; one process opens a page once for all of them."""
    marked = [pytest.param(path, marks=pytest.mark.xdist_group(path)) for path in paths]
    return pytest.mark.parametrize("page", marked, scope="class")


@dataclass
class Visit:
    """An open page, what it asked of other hosts, and what it complained about."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dark: bool = False

    def settle(self) -> None:
        """Wait until formulas are typeset and every picture is decoded or has failed."""
        self.page.evaluate(
            """async () => {
                await window.MathJax?.startup?.promise;
                await document.fonts.ready;
                for (const img of document.images) { img.loading = "eager"; await img.decode().catch(() => {}); }
            }"""
        )

    def look(self, *, width: int = WIDE, dark: bool = False) -> None:
        """Change the window's width and the system's theme, and wait until the page has followed."""
        self.page.set_viewport_size({"width": width, "height": 800})
        if dark != self.dark:
            self.dark = dark
            self.page.emulate_media(color_scheme=THEMES[dark])
        self.page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=THEMES[dark])


_RUNNING: list[Playwright] = []


@contextmanager
def driver() -> Iterator[Playwright]:
    """Start Playwright, or use the one that runs: a process can have only one."""
    if _RUNNING:
        yield _RUNNING[0]
        return
    with sync_playwright() as playwright:
        _RUNNING.append(playwright)
        yield playwright
        _RUNNING.clear()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    with driver() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.path(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def firefox() -> Iterator[Browser]:
    """Start the system's Firefox, unchanged as it is installed: it speaks WebDriver BiDi."""
    with driver() as playwright:
        browser = playwright.firefox.launch(channel="moz-firefox", executable_path=FIREFOX.path())
        yield browser
        browser.close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the browser reports what fails."""


@contextmanager
def served(folder: Path = SITE) -> Iterator[str]:
    """Serve ``folder`` on a free port of this machine and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def visit(
    browser: Browser, base: str, page: str, *, width: int = WIDE, dark: bool = False, touch: bool = False
) -> Iterator[Visit]:
    """Open ``page`` below the address ``base`` in a fresh context; a request that leaves it is refused and noted."""
    if browser.browser_type.name == "firefox":
        context = browser.new_context(viewport={"width": width, "height": 800}, **NOT_EMULATED)
    else:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=THEMES[dark],
            service_workers="block",
            has_touch=touch,
            is_mobile=touch,
        )
    opened = Visit(context.new_page(), dark=dark)

    def judge(route: Route) -> None:
        url = route.request.url
        if url.startswith((base + "/", "data:", "blob:")):
            route.continue_()
        else:
            opened.foreign.append(url)
            route.abort()

    context.route("**/*", judge)
    opened.page.on("console", lambda message: message.type == "error" and opened.complaints.append(message.text))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("requestfailed", lambda request: opened.complaints.append(f"failed: {request.url}"))
    opened.page.goto(f"{base}/{page}")
    if page == "index.html":  # it leads on to the first chapter
        opened.page.wait_for_url("**/chapters/**")
    opened.settle()
    yield opened
    context.close()
