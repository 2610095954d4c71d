"""The build tells the truth: a failing cell fails it, however often it is tried; its pages ask nobody for anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from book.tiny import tiny_notebook
from nbformat import NotebookNode

Build = Callable[[NotebookNode], CompletedProcess[str]]


def test_good_book_is_built_without_foreign_files(build: Build, tmp_path: Path) -> None:
    kernel_knows = "import os\nprint('drawn for a page:', os.environ.get('DLBOOK_BOOK_BUILD'))"
    done = build(tiny_notebook(kernel_knows, printed=None))
    assert done.returncode == 0, done.stdout + done.stderr
    html = (tmp_path / "_build/html/chapters/tiny.html").read_text()
    assert "drawn for a page: 1" in html
    sources = re.findall(r'<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"', html)
    assert any("tex-chtml-full.js" in source for source in sources)
    assert [source for source in sources if re.match(r"(https?:)?//", source)] == []
    assert "thebe" not in html.lower()
    fonts = tmp_path / "_build/html/_static/mathjax/output/chtml/fonts/woff-v2"
    assert (fonts / "MathJax_Main-Regular.woff").stat().st_size > 10_000


def test_broken_book_fails_again_and_again(build: Build) -> None:
    broken = tiny_notebook("raise ValueError('planted')")
    broken.cells[0].source = broken.cells[0].source.replace("{eq}`eq-tiny`", "{eq}`eq-nowhere`")
    first, second = build(broken), build(broken)
    assert first.returncode != 0
    assert "planted" in first.stdout + first.stderr
    assert "eq-nowhere" in first.stdout + first.stderr
    assert second.returncode != 0, "the second build forgot the failure of the first"
