"""The build tells the truth: what is shown was computed, and what would be dead or unproved fails it, again and again.

A build takes seconds: there is one good book and one broken book, and each test looks at one side of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest
from book.tiny import ROOT, build, lay_out, tiny_notebook
from nbformat.v4 import new_code_cell
from verified_page import MARKER

EXPLORER = """
import matplotlib.pyplot as plt
from dlbook.explore import explore
def line(n, m):
    plt.plot([0, n / (m - 2)])
    return {"n": n}
explore(line, n=[1, 2], m=[0, MIDDLE, 4], title="A line", alt="A line to {n}.")
"""
TESTS = '''
from verify import verifies

@verifies("eq-tiny", precision=1e-12)
def test_tiny(rng):
    """Written out twice."""
    w, a, b = rng.normal(size=3)
    yield w * a + b, b + a * w

@verifies("eq-changed", precision=1e-12)
def test_changed(rng):
    """Has not been looked at since."""
    x = rng.normal()
    yield x, x
'''
PINS = {"eq-tiny": "z = w a + b", "eq-changed": "x = y"}
TASK = """
```{exercise} N
:label: exercise-1-N
:nonumber:

Think.
```

````{solution} exercise-1-N
:class: dropdown

Thought.
````

````{prf:theorem} N
Thinking helps.
````
"""
MENTIONS = "\n\nChapter 4 derives it; see chapters 4 and 99, chapter 98, `chapter 4`, and chapter 4 of his book.\n"
EQUATIONS = "\n\n$$\nx = 2 y\n$$ (eq-changed)\n\nThere are {verified-count}`equations`.\n"


class Book(NamedTuple):
    """A built book: its folder, what the build printed, and its pages."""

    folder: Path
    done: CompletedProcess[str]

    @property
    def printed(self) -> str:
        return self.done.stdout + self.done.stderr

    def page(self, name: str) -> str:
        return (self.folder / "_build" / "html" / "chapters" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A chapter with verified and unverified equations and an explorer."""
    folder = tmp_path_factory.mktemp("good")
    lay_out(folder, "verified", "04-next")
    (folder / "chapters" / "04-next.md").write_text("# Next\n\nChapter 4 is this one.\n", encoding="utf-8")
    tests = folder / "tests" / "equations"
    tests.mkdir(parents=True)
    (tests / "test_chapter01.py").write_text(TESTS, encoding="utf-8")
    (tests / "pins.json").write_text(json.dumps(PINS), encoding="utf-8")
    verified = (ROOT / "chapters" / "verified.md").read_text(encoding="utf-8")
    assert MARKER in verified
    (folder / "chapters" / "verified.md").write_text(verified, encoding="utf-8")
    kernel_knows = "import os\nprint('drawn for a page:', os.environ.get('DLBOOK_BOOK_BUILD'))"
    notebook = tiny_notebook(kernel_knows, printed=None)
    notebook.cells[0].source += EQUATIONS + MENTIONS + TASK.replace("N", "1") + TASK.replace("N", "2")
    notebook.cells.append(new_code_cell(EXPLORER.replace("MIDDLE", "1")))
    book = Book(folder, build(folder, notebook))
    assert book.done.returncode == 0, book.printed
    return book


def test_kernel_knows_that_a_page_is_built(good: Book) -> None:
    assert "drawn for a page: 1" in good.page("tiny")


def test_pages_ask_nobody_for_anything(good: Book) -> None:
    html = good.page("tiny")
    sources = re.findall(r'<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"', html)
    assert any("tex-chtml-full.js" in source for source in sources)
    assert [source for source in sources if re.match(r"(https?:)?//", source)] == []
    assert "thebe" not in html.lower()
    fonts = good.folder / "_build/html/_static/mathjax/output/chtml/fonts/woff-v2"
    assert (fonts / "MathJax_Main-Regular.woff").stat().st_size > 10_000


def test_a_chapter_that_exists_is_linked_where_it_is_mentioned(good: Book) -> None:
    plain = re.sub(r"</?span[^>]*>", "", good.page("tiny"))
    links = re.findall(r'<a class="reference internal" href="04-next.html">(.*?)</a>', plain)
    assert [text for text in links if "Next" not in text] == ["Chapter 4", "4"]
    assert "see chapters <a" in plain
    assert "and 99, chapter 98, " in plain
    assert ">Chapter 4</a>" not in re.sub(r"</?span[^>]*>", "", good.page("04-next"))


def test_no_id_stands_twice(good: Book) -> None:
    ids = re.findall(r'<[^>]*\bid="([^"]+)"', good.page("tiny"))
    assert "exercise-1-2" in ids
    assert sorted({own for own in ids if ids.count(own) > 1}) == []


def test_explorer_is_built_and_its_frames_are_kept(good: Book) -> None:
    assert "explorer line: 100%" in good.printed, "the build shows its progress"
    html = good.page("tiny")
    assert html.count('<figure class="dlx" id="explore-line"') == 1
    assert "frame/s" not in html, "progress stays out of the page"
    assert len(list((good.folder / "_build/.explorer-cache").glob("*.frames"))) == 1


def test_equation_bears_its_mark_when_its_test_passed_and_it_is_the_pinned_one(good: Book) -> None:
    chapter = good.page("tiny")
    assert chapter.count('class="eq-verified"') == 1
    assert 'href="verified.html#test-eq-tiny" aria-label="Equation 1 is verified to 1e-12: see the test"' in chapter
    assert ">1 equations<" in chapter
    tests = good.page("verified")
    assert 'id="test-eq-tiny"' in tests
    assert "test_tiny" in tests
    assert "test_changed" not in tests
    assert "Not verified in this build" in tests


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, Book]:
    """A chapter in which much is wrong, built twice."""
    folder = tmp_path_factory.mktemp("broken")
    lay_out(folder)
    notebook = tiny_notebook(EXPLORER.replace("MIDDLE", "1"), printed=None)
    source = notebook.cells[0].source.replace("{eq}`eq-tiny`", "{eq}`eq-nowhere`")
    notebook.cells[0].source = source + "\n\n$$\nx = 3\n$$\n"
    for code in (
        EXPLORER.replace("MIDDLE", "1"),  # of the same name
        "from ipywidgets import interact\ninteract(lambda n: n, n=(1, 3));",
        EXPLORER.replace("MIDDLE", "2"),  # fails in one state
    ):
        notebook.cells.append(new_code_cell(code))
    return Book(folder, build(folder, notebook)), Book(folder, build(folder, notebook))


def test_broken_book_fails_again_and_again(broken: tuple[Book, Book]) -> None:
    first, second = broken
    assert first.done.returncode != 0
    assert second.done.returncode != 0, "the second build forgot the failure of the first"


@pytest.mark.parametrize(
    "says",
    [
        "equation not found: eq-nowhere",
        "a displayed equation needs a label eq-",
        "2 explorers have the name explore-line",
        "an ipywidget is dead in a static page: use dlbook.explore.explore instead",
        "explorer 'line' at n=1, m=2: the function raises ZeroDivisionError: division by zero",
    ],
)
def test_what_is_wrong_is_said(broken: tuple[Book, Book], says: str) -> None:
    assert says in broken[0].printed
