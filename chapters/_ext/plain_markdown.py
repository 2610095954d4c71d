"""Chapters as plain Markdown, for the notebooks that run in the browser: JupyterLite knows no directives.

Numbers of equations, names of cited works and titles of linked chapters are written out. Boxes become a bold title,
what is folded in the book is folded here, and a quick question has its feedback folded below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import displayed
import quiz
from nbformat import NotebookNode
from pybtex.database import Person, parse_file

FENCE = re.compile(r"(`{3,}|:{3,})(?:\{([\w:-]+)\} *(.*)|\w*)")
OPTION = re.compile(r":[\w-]+:")
ROLE = re.compile(r"\{([\w:-]+)\}`([^`<]*?)(?: *<([^`>]*)>)?`")
LABELLED = re.compile(r"\$\$ *\((eq-[\w-]+)\)")
PLACE = re.compile(r"\([\w-]+\)=")
INNER_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(#?[a-z][a-z0-9-]*\)")
TITLES = {"note": "Note", "hint": "Hint", "solution": "Solution", "exercise": "Exercise", "prf:algorithm": "Algorithm"}
FOLDED = {"hint", "solution"}


@dataclass(frozen=True, slots=True)
class Names:
    """What the book shows for a label: numbers of equations, and works by their author and year."""

    equations: Mapping[str, str]
    works: Mapping[str, str]


def read_names(chapters: Path) -> Names:
    """Give each equation the number that the book shows (2.3 is the third of chapter 2), and each work its authors."""
    counts: Counter[int] = Counter()
    equations = {}
    for equation in displayed.read_chapters(chapters):
        number = re.match(r"\d+", equation.page)
        if number and equation.label:
            chapter = int(number[0])
            counts[chapter] += 1
            equations[equation.label] = f"{chapter}.{counts[chapter]}"
    entries = parse_file(str(chapters / "references.bib")).entries
    works = {
        key: ", ".join(filter(None, [_authors(entry.persons["author"]), entry.fields.get("year")]))
        for key, entry in entries.items()
        if "author" in entry.persons
    }
    return Names(equations, works)


def _authors(people: list[Person]) -> str:
    names = [re.sub(r"[{}]", "", " ".join(person.prelast_names + person.last_names)) for person in people]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def make_plain(notebook: NotebookNode, names: Names) -> None:
    """Write the Markdown cells of a notebook anew."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, names)


def plain(text: str, names: Names) -> str:
    """Return MyST Markdown as plain Markdown with formulas."""
    lines, out = text.split("\n"), []
    while lines:
        line = lines.pop(0)
        fence = FENCE.fullmatch(line.strip())
        if fence is None:
            if not PLACE.fullmatch(line.strip()):
                out.append(_inline(line, names))
            continue
        body = _until(fence[1], lines)
        out += _box(fence, body, names) if fence[2] else [line, *body, fence[1]]
    return _tagged("\n".join(out), names)


def _until(fence: str, lines: list[str]) -> list[str]:
    """Take the lines before the closing fence, and the fence."""
    body = []
    while lines and lines[0].strip() != fence:
        body.append(lines.pop(0))
    del lines[:1]
    return body


def _box(fence: re.Match[str], body: list[str], names: Names) -> list[str]:
    kind, argument = fence[2], fence[3]
    while body and OPTION.match(body[0]):
        body = body[1:]
    if kind == "quiz":
        return _quiz(argument, "\n".join(body), names)
    content = ["", plain("\n".join(body).strip(), names), ""]
    if kind in FOLDED:
        return ["<details>", f"<summary>{TITLES[kind]}</summary>", *content, "</details>", ""]
    return [f"**{' '.join([TITLES.get(kind, ''), _inline(argument, names)]).strip()}**", *content]


def _quiz(title: str, body: str, names: Names) -> list[str]:
    question = quiz.parse(body)
    choices = [f"- {plain(reply.text, names)}" for reply in question.replies] if question.kind == "choice" else []
    answers = []
    for reply in question.replies:
        said = plain(reply.text, names) or "another number"
        mark = " (right)" if reply.right else ""
        answers += ["", f"- {said}{mark}: {' '.join(plain(reply.feedback, names).split())}"]
    head = [f"**Quick question {title}**", "", plain(question.text, names), "", *choices, ""]
    return [*head, "<details>", "<summary>Answers</summary>", *answers, "", "</details>", ""]


def _inline(line: str, names: Names) -> str:
    line = ROLE.sub(lambda role: _role(role, names), line)
    return INNER_LINK.sub(r"\1", line)


def _role(role: re.Match[str], names: Names) -> str:
    name, text, target = role[1], role[2], role[3]
    if name == "eq":
        return f"({names.equations.get(text, text)})"  # an unknown label: the pages' build complains of it
    if name == "cite":
        return f"({'; '.join(names.works[key.strip()] for key in text.split(','))})"
    if name == "doc" and re.match(r"\d\d-", target or text):
        return f"[{text}]({target or text}.ipynb)"
    if name == "prf:ref" and not target:
        return "the algorithm"
    return "" if name == "run-it" else text


def _tagged(text: str, names: Names) -> str:
    """Turn the label behind a formula into a tag with its number."""

    def tag(label: re.Match[str]) -> str:
        return rf"\tag{{{names.equations[label[1]]}}}" + "\n$$"

    text = LABELLED.sub(tag, text)
    return re.sub(r"\\(begin|end)\{align\*?\}(?=[^$]*\\tag)", r"\\\1{aligned}", text)
