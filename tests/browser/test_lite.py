"""JupyterLite in the built book: every chapter's button leads there; only Pyodide's own files come from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import plain_markdown
import pytest
from browser.site import ROOT, SITE, pages, visit
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID
from playwright.sync_api import Browser

LITE = SITE / "lite"
PAGES = [page for page in pages() if (ROOT / page).with_suffix(".ipynb").exists()]
CHAPTER = "chapters/03-back-propagation.html"
NUMBER = re.compile(r'class="eqno">\(([\d.]+)\).*?href="#equation-(eq-[\w-]+)"')
LOCAL = (LITE / "static/pyodide").exists()


def kernel_settings() -> dict[str, object]:
    config = json.loads((LITE / "jupyter-lite.json").read_text(encoding="utf-8"))
    return config["jupyter-config-data"]["litePluginSettings"][PYODIDE_KERNEL_PLUGIN_ID]


@pytest.mark.parametrize("page", PAGES)
def test_button_and_links_open_the_chapter(page: str, browser: Browser, http: str) -> None:
    with visit(browser, http, page) as visited:
        selector = ".btn-run-in-browser, a.run-it"
        links = visited.page.locator(selector).evaluate_all("all => all.map(a => a.href)")
        assert links
        assert visited.page.locator(".btn-run-in-browser").count() == 1
        for link in links:
            parts = urlsplit(link)
            assert (SITE / parts.path.lstrip("/")).is_file()
            assert (LITE / "files" / parse_qs(parts.query)["path"][0]).is_file()


def test_page_read_as_a_file_has_no_button_and_gives_the_notebook(browser: Browser) -> None:
    with visit(browser, SITE.as_uri(), CHAPTER) as visited:
        assert visited.page.locator(".btn-run-in-browser").count() == 0
        for link in visited.page.locator("a.run-it").evaluate_all("all => all.map(a => a.href)"):
            assert Path(urlsplit(link).path).suffixes[:1] == [".ipynb"]


def test_chapters_carry_the_numbers_of_the_pages() -> None:
    numbers = plain_markdown.read_names(ROOT / "chapters").equations
    for page in PAGES:
        shown = {label: number for number, label in NUMBER.findall((SITE / page).read_text(encoding="utf-8"))}
        assert shown
        assert shown == {label: numbers[label] for label in shown}


def test_outputs_that_are_shown_before_anything_runs_are_whole_texts() -> None:
    for path in (LITE / "files").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            texts = [output.get("text", "") for output in cell.get("outputs", [])]
            assert all(isinstance(text, str) for text in [cell["source"], *texts])


def test_every_listed_package_has_an_address_that_holds() -> None:
    folder = LITE / "static/packages"
    packages = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {"dlbook", "ipywidgets", "comm", "numpy", "matplotlib"} <= set(packages)
    for package in packages.values():
        name = package["file_name"]
        assert name.startswith(f"{PYODIDE_CDN_URL}/") or (folder / name).is_file()


def test_kernel_looks_nowhere_else_for_packages() -> None:
    settings = kernel_settings()
    assert settings["disablePyPIFallback"] is True
    assert ("pyodideUrl" in settings) == LOCAL
    assert {path.name for path in (LITE / "extensions").glob("@*/*")} == {
        "jupyterlab-manager",
        "pyodide-kernel-extension",
    }


def test_starting_asks_for_nothing_but_pyodide(browser: Browser, http: str) -> None:
    """The kernel's worker asks for Pyodide, which is refused here; nothing else was asked of another host by then."""
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{http}/lite/notebooks/index.html?path=03-back-propagation.ipynb")
    page.locator(".jp-CodeCell").first.wait_for()
    base = f"{http}/lite/static/pyodide" if LOCAL else PYODIDE_CDN_URL
    while not any(url.startswith(base) for url in asked):
        context.wait_for_event("request")
    context.close()
    foreign = [url for url in asked if not url.startswith((http, "data:", "blob:"))]
    assert [url for url in foreign if not url.startswith(PYODIDE_CDN_URL)] == []
    assert bool(foreign) != LOCAL
