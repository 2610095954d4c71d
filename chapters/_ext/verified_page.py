"""The text of the page "Verified equations": each equation beside the code that evaluates it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from displayed import Equation
from verify import Verification

PAGE = "chapters/verified"
MARKER = "<!-- equations -->"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Verified(Protocol):
    """An equation and its test."""

    @property
    def equation(self) -> Equation:
        """What the chapter displays."""

    @property
    def test(self) -> Verification:
        """What verifies it."""


def power(precision: float) -> str:
    """Write 1e-12 as 10⁻¹², and 0 in a word."""
    if precision == 0:
        return "exact"
    digit, exponent = f"{precision:.0e}".split("e")
    return ("" if digit == "1" else f"{digit}·") + "10" + str(int(exponent)).translate(RAISED)


def shown_precision(test: Verification) -> str:
    """Return what the mark beside an equation says."""
    return "examples" if test.theorem else power(test.precision)


def spoken_precision(test: Verification) -> str:
    """Return the same as the end of "The equation is verified …"."""
    if test.theorem:
        return "in examples"
    return "exactly" if test.precision == 0 else f"to {test.precision:.0e}".replace("e-0", "e-")


def page_of_tests(verified: Sequence[Verified], others: Sequence[Equation], root: Path, address: str | None) -> str:
    """Return the MyST source: chapters, in them the equations with their tests, then the code that the tests share.

    ``others`` are the equations that bear no mark. ``address`` is where the files of the repository can be read, if it
    is public.
    """
    parts = [_unverified(others)] if others else []
    for _, group in groupby(verified, lambda v: v.equation.page):
        chapter = list(group)
        parts.append(f"## {chapter[0].equation.title}\n")
        parts += [_equation(v, root, address) for v in chapter]
    files = sorted({v.test.path for v in verified})
    helpers = sorted({helper for path in files for helper in _helpers(path)})
    if files:
        parts.append("## What the tests share\n")
    for path in helpers + files:
        parts.append(f"{_place(path, 1, root, address)}\n\n{_code(_without_tests(path.read_text(encoding='utf-8')))}")
    return "\n".join(parts)


def _unverified(equations: Sequence[Equation]) -> str:
    names = ", ".join(f"{{eq}}`{e.label}`" if e.label else "one without a label" for e in equations)
    return f"""```{{warning}}
Not verified in this build, and without a mark: {names}.
```
"""


def _equation(verified: Verified, root: Path, address: str | None) -> str:
    test, label = verified.test, verified.equation.label
    code, line = test.source
    agreement = spoken_precision(test) if test.theorem or test.precision == 0 else f"to {power(test.precision)}"
    doc = " ".join((test.check.__doc__ or "").split())
    return f"""(test-{label})=
### {label}

Equation {{eq}}`{label}` of {{doc}}`{Path(verified.equation.page).stem}`, verified {agreement}. {doc}

$$
{verified.equation.latex}
$$

{_place(test.path, line, root, address)}

{_code(code)}"""


def _helpers(tests: Path) -> Iterator[Path]:
    """Yield the modules beside the tests that their file imports."""
    text = tests.read_text(encoding="utf-8")
    for path in tests.parent.glob("*.py"):
        if f"import {path.stem}\n" in text or f"{path.stem} import" in text:
            yield path


def _without_tests(code: str) -> str:
    """Drop the tests of equations, which stand further up on the page."""
    lines = code.splitlines()
    for node in reversed(ast.parse(code).body):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            first, last = node.decorator_list[0].lineno, node.end_lineno or node.lineno
            while last < len(lines) and not lines[last].strip():
                last += 1
            del lines[first - 1 : last]
    return "\n".join(lines)


def _place(path: Path, line: int, root: Path, address: str | None) -> str:
    name = path.relative_to(root).as_posix()
    shown = f"`{name}`" if line == 1 else f"`{name}`, line {line}"
    return f"[{shown}]({address}/{name}#L{line}):" if address else f"{shown}:"


def _code(text: str) -> str:
    return f"```python\n{text.rstrip()}\n```\n"
