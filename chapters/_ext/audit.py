"""The audit of the five sources: reading its files and saying what is wrong with them.

The rows are in chapters/audit/source-NNN.yml, what a recount of the sources gave is in chapters/audit/counts.yml.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]

SOURCES = ("000", "001", "002", "003", "004")
VERDICTS = ("right", "convention", "mistake", "uncheckable")
KINDS = ("formula", "number", "code", "claim", "figure")
REQUIRED = ("id", "line", "place", "kind", "says", "verdict", "chapter")
OPTIONAL = ("tex", "image", "note", "erratum")
ERRATUM = ("title", "printed", "correct", "why", "test")
PICTURE = re.compile(r"!\[\]\(\S*?([^/()\s]+)\)")


def read_rows(folder: Path, source: str) -> list[Row]:
    """Return the audit of one source."""
    rows: list[Row] = yaml.safe_load((folder / f"source-{source}.yml").read_text(encoding="utf-8"))
    return rows


def count(text: str) -> Row:
    """Return what a source text holds: the lines of its displayed formulas and pictures, and its checksum."""
    marks = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(re.escape("$$"), text)]
    pictures = [text.count("\n", 0, found.start()) + 1 for found in PICTURE.finditer(text)]
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "formulas": len(marks) // 2,
        "pictures": len(pictures),
        "formula_lines": marks[::2],
        "picture_lines": pictures,
    }


def problems(source: str, rows: list[Row], counted: Row, tests: set[str]) -> list[str]:
    """Return a sentence for everything that is wrong with the audit of a source; ``tests`` are the tests there are."""
    found = [sentence for i, row in enumerate(rows, 1) for sentence in _row_problems(f"{source}-{i:03d}", row, tests)]
    formulas = [row["line"] for row in rows if row.get("kind") == "formula" and "image" not in row]
    if sorted(formulas) != counted["formula_lines"]:
        found.append(f"source {source}: {_difference(formulas, counted['formula_lines'])} displayed formulas and rows")
    pictures = [row["line"] for row in rows if "image" in row]
    if sorted(pictures) != counted["picture_lines"]:
        found.append(f"source {source}: {_difference(pictures, counted['picture_lines'])} pictures and rows")
    return found


def _difference(have: list[int], want: list[int]) -> str:
    lines = sorted(set(have) ^ set(want)) or sorted(line for line in set(want) if have.count(line) != want.count(line))
    return f"line {', '.join(map(str, lines))} differs between"


def _row_problems(expected: str, row: Row, tests: set[str]) -> list[str]:
    found = [f"the field {name} is missing" for name in REQUIRED if row.get(name) in (None, "")]
    found += [f"the field {name} is unknown" for name in row if name not in REQUIRED + OPTIONAL]
    if row.get("id") != expected:
        found.append(f"the id is {row.get('id')}")
    if row.get("verdict") not in VERDICTS:
        found.append(f"the verdict {row.get('verdict')} is unknown")
    if row.get("kind") not in KINDS:
        found.append(f"the kind {row.get('kind')} is unknown")
    if row.get("kind") == "formula" and "tex" not in row and "image" not in row:
        found.append("a formula needs its TeX")
    if row.get("verdict") != "right" and not row.get("note"):
        found.append("a verdict other than right needs a note")
    if (row.get("verdict") == "mistake") != ("erratum" in row):
        found.append("a mistake, and nothing else, has an erratum")
    erratum = row.get("erratum", dict.fromkeys(ERRATUM, "-"))
    found += [f"the erratum has no {name}" for name in ERRATUM if not erratum.get(name)]
    if "erratum" in row and erratum.get("test") not in tests:
        found.append(f"there is no test {erratum.get('test')}")
    return [f"{expected}: {sentence}" for sentence in found]
