"""The chapters as plain Markdown: everything that JupyterLite does not know is written out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
import plain_markdown
import pytest
from book.tiny import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
LEFT = re.compile(r"\{[\w:-]+\}`|^(?:`{3,}|:{3,})\{|\(eq-|^\([\w-]+\)=", re.MULTILINE)
NAMES = plain_markdown.Names({"eq-mse": "3.1"}, {"ada1843": "Lovelace, 1843"})


@cache
def names() -> plain_markdown.Names:
    """The numbers and works of the real book."""
    return plain_markdown.read_names(ROOT / "chapters")


def plain(text: str) -> str:
    return plain_markdown.plain(text, NAMES)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_nothing_is_left_that_only_the_book_knows(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    plain_markdown.make_plain(notebook, names())
    assert [
        found for cell in notebook.cells if cell.cell_type == "markdown" for found in LEFT.findall(cell.source)
    ] == []


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("see {eq}`eq-mse`", "see (3.1)"),
        ("{cite}`ada1843` wrote", "(Lovelace, 1843) wrote"),
        ("{doc}`chapter 2 <02-forward>`", "[chapter 2](02-forward.ipynb)"),
        ("{doc}`Notation <notation>`", "Notation"),
        ("{ref}`erratum 1 <erratum-1>`", "erratum 1"),
        ("[the five](the-five-sources)", "the five"),
        ("(a-place)=\n## Here", "## Here"),
        ("$$\nx = 1\n$$ (eq-mse)", "$$\nx = 1\n\\tag{3.1}\n$$"),
        ("```python\nd = {a}`b`\n```", "```python\nd = {a}`b`\n```"),
        ("```{admonition} Look {eq}`eq-mse`\nThere.\n```", "**Look (3.1)**\n\nThere.\n"),
        ("```{note}\nMind {eq}`eq-mse`.\n```", "**Note**\n\nMind (3.1).\n"),
    ],
)
def test_rules(myst: str, markdown: str) -> None:
    assert plain(myst) == markdown


def test_code_inside_a_folded_solution_stays_code() -> None:
    text = plain("````{solution} ex-1\n:class: dropdown\n\n```python\nx = 1\n```\n````")
    assert text == "<details>\n<summary>Solution</summary>\n\n```python\nx = 1\n```\n\n</details>\n"


def test_question_folds_its_feedback() -> None:
    text = plain("```{quiz} 3.1 A shape\nWhich?\n\n(x) this\n    Yes.\n( ) that\n    No.\n```")
    shown, _, folded = text.partition("<details>")
    assert "- this\n- that" in shown
    assert "Yes." not in shown
    assert "- this (right): Yes." in folded
