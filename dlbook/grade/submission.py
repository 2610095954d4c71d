"""Read a notebook that somebody handed in: its code cells, and which function is meant to answer which exercise."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LARGEST = 50_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """A notebook.

    Attributes:
        path: where it was found.
        cells: the sources of its code cells.
        checks: for every cell, the pairs of ``check("3.3", f)``: the id and the source of the second argument.
        problem: why it cannot be read, if it cannot.
    """

    path: Path
    cells: tuple[str, ...] = ()
    checks: tuple[tuple[tuple[str, str], ...], ...] = ()
    problem: str = ""


def find(paths: Iterable[Path]) -> list[Path]:
    """Return the notebooks among ``paths`` and in the folders among them, each once, or raise ``FileNotFoundError``."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts)
            found |= dict.fromkeys(inside)
        elif path.is_file():
            found[path] = None
        else:
            raise FileNotFoundError(f"there is no folder and no notebook {path}")
    return list(found)


def read(path: Path) -> Submission:
    """Read a notebook; whatever is wrong with the file is written into ``problem``."""
    try:
        if path.stat().st_size > LARGEST:
            return Submission(path, problem=f"the file is larger than {LARGEST // 1_000_000} MB")
        book = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(
            "".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code" and cell["source"]
        )
    except (OSError, UnicodeDecodeError) as error:
        return Submission(path, problem=f"the file cannot be read: {error}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Submission(path, problem=f"this is not a notebook: {type(error).__name__}: {error}"[:200])
    return Submission(path, cells, tuple(_checks(cell) for cell in cells))


def _checks(cell: str) -> tuple[tuple[str, str], ...]:
    """Find ``check("3.3", f)`` and ``….check("3.3", f)``, also where another line of the cell is a magic command."""
    code = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in cell.splitlines())
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "check"]
    return tuple(
        (node.args[0].value, ast.unparse(node.args[1]))
        for node in calls
        if len(node.args) == 2 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    )


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
