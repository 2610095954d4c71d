r"""What the chapters display: every equation with its label, read by the parser that also reads the pages.

The tests of the equations and the marks in the pages both start from here, so they cannot disagree about what a
chapter says. An equation without a label is found in whichever way it was written: ``$$ … $$``, a ``math`` directive,
an ``align`` environment, ``\[ … \]`` (which would stay raw TeX), or as the output of a code cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

SYNTAX = {"amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "html_image"}
TITLE = re.compile(r"^# +(.+?) *$", re.MULTILINE)
LABEL = re.compile(r"eq-[a-z0-9]+(-[a-z0-9]+)*")
DIRECTIVE = re.compile(r"\{([\w:+-]+)\}")
VERBATIM = {"code", "code-block", "code-cell", "eval-rst", "literalinclude", "raw", "sourcecode"}
OPTION = re.compile(r":([\w-]+):[ \t]*(.*)\n?")
CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
RAW_DISPLAY = re.compile(r"\$\$|\\\[|\\begin\{")


@dataclass(frozen=True, slots=True)
class Equation:
    """A displayed equation.

    Attributes:
        label: such as ``eq-mse``; None when it has none, or none of this form.
        latex: its source, with every run of white space as one space.
        page: the file's name in the folder of chapters.
        title: the page's first heading.
        cell: number of the notebook's cell, counted from 1; 0 in a Markdown page.
    """

    label: str | None
    latex: str
    page: str
    title: str = ""
    cell: int = 0

    def __str__(self) -> str:
        place = f"{self.page}, cell {self.cell}" if self.cell else self.page
        return f"{self.label or 'an equation without a label eq-…'} ({place}): {self.latex}"


def read_chapters(folder: Path) -> list[Equation]:
    """Return the displayed equations of all notebooks and Markdown pages in ``folder``, in reading order."""
    pages = sorted(path for path in folder.iterdir() if path.suffix in {".ipynb", ".md"})
    return [equation for page in pages for equation in read_page(page)]


def read_page(path: Path) -> list[Equation]:
    """Return the displayed equations of one file."""
    text = path.read_text(encoding="utf-8")
    cells = [{"cell_type": "markdown", "source": text}] if path.suffix == ".md" else json.loads(text)["cells"]
    title = TITLE.search("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"))
    return [
        Equation(
            label=label if LABEL.fullmatch(label or "") else None,
            latex=" ".join(latex.split()),
            page=path.name,
            title=title[1] if title else path.stem,
            cell=0 if path.suffix == ".md" else number,
        )
        for number, cell in enumerate(cells, 1)
        for label, latex in _in_cell(cell)
    ]


def _in_cell(cell: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    if cell["cell_type"] == "markdown":
        yield from _displayed(_parser(), "".join(cell["source"]))
    for output in cell.get("outputs", []):
        if "text/latex" in output.get("data", {}):
            yield None, "".join(output["data"]["text/latex"])


def _parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions=SYNTAX), RendererHTML)


def _displayed(parser: MarkdownIt, text: str) -> Iterator[tuple[str | None, str]]:
    """Yield label and LaTeX of what ``text`` displays, the insides of directives included."""
    for token in parser.parse(text):
        if token.type == "math_block_label":
            yield token.info, token.content
        elif token.type in {"math_block", "amsmath"}:
            yield None, token.content
        elif token.type in {"fence", "colon_fence"}:
            yield from _in_directive(parser, token)
        elif token.type == "inline" and RAW_DISPLAY.search(CODE_SPAN.sub("", token.content)):
            yield None, token.content


def _in_directive(parser: MarkdownIt, token: Token) -> Iterator[tuple[str | None, str]]:
    name = DIRECTIVE.match(token.info.strip())
    if name is None or name[1] in VERBATIM:
        return
    if name[1] != "math":
        yield from _displayed(parser, token.content)
        return
    options, content = {}, token.content
    while option := OPTION.match(content):
        options[option[1]] = option[2].strip()
        content = content[option.end() :]
    yield options.get("label"), token.info.strip()[name.end() :] + content
