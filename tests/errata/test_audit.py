"""The audit of the sources is complete and well formed, and every mistake in it has a test.

The sources are not part of the repository. Where they are at hand (in the folder that DLBOOK_SOURCES names, or in
../shared/sources), the recorded counts are compared with them; everything else is checked against the record.
"""

from __future__ import annotations

import ast
import copy
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from audit import SOURCES, Row, count, problems, read_rows

ROOT = Path(__file__).parents[2]
AUDIT = ROOT / "chapters" / "audit"
COUNTS: dict[str, Row] = yaml.safe_load((AUDIT / "counts.yml").read_text(encoding="utf-8"))


def sources_at_hand() -> dict[str, str]:
    """The source texts that can be found here, by number; none in a plain clone."""
    folder = Path(os.environ.get("DLBOOK_SOURCES") or ROOT.parent / "shared" / "sources")
    found = {path.name[:3]: path.read_bytes().decode() for path in folder.glob("00?_*.txt")}
    if os.environ.get("DLBOOK_SOURCES"):
        assert set(found) == set(SOURCES), f"DLBOOK_SOURCES={folder} holds {sorted(found)}, expected {SOURCES}"
    return found


def names_of_tests(source: str) -> set[str]:
    """The names of the test functions about a source."""
    names: set[str] = set()
    for path in sorted(Path(__file__).parent.glob(f"test_source_{source}*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


@pytest.mark.parametrize("source", SOURCES)
def test_audit_is_complete_and_well_formed(source: str) -> None:
    """One row for every displayed formula and picture, every field filled, every mistake with its test."""
    assert problems(source, read_rows(AUDIT, source), COUNTS[source], names_of_tests(source)) == []


@pytest.mark.parametrize("source", SOURCES)
def test_every_test_belongs_to_an_erratum(source: str) -> None:
    """No erratum lost its row while its test stayed."""
    named = {row["erratum"]["test"] for row in read_rows(AUDIT, source) if "erratum" in row}
    about_mistakes = names_of_tests(source) - names_of_tests(f"{source}_right")
    assert about_mistakes <= named


def test_record_agrees_with_the_sources_at_hand() -> None:
    """The record of each source that is at hand is what a recount gives."""
    for source, text in sources_at_hand().items():
        assert count(text) == COUNTS[source], f"source {source} is not the text that was audited"


def test_formulas_are_quoted_as_printed() -> None:
    """The TeX of each row is that of the block in the source, up to spaces and line ends."""
    for source, text in sources_at_hand().items():
        blocks = ["".join(block.split()) for block in text.split("$$")[1::2]]
        rows = [row for row in read_rows(AUDIT, source) if row["kind"] == "formula" and "image" not in row]
        quoted = ["".join(row["tex"].split()) for row in sorted(rows, key=lambda row: int(row["line"]))]
        assert quoted == blocks


def test_record_has_every_source() -> None:
    """The five records add up: as many lines as formulas and pictures."""
    assert tuple(COUNTS) == SOURCES
    for counted in COUNTS.values():
        assert len(counted["formula_lines"]) == counted["formulas"]
        assert len(counted["picture_lines"]) == counted["pictures"]


def test_recount_sees_every_change() -> None:
    """A formula more, a picture more, a line more: the recount differs."""
    text = "words\n$$a = b$$\n![](img/x.png)\n$$c\n= d$$\n"
    counted = count(text)
    assert (counted["formula_lines"], counted["picture_lines"]) == ([2, 4], [3])
    for changed in (text + "$$e$$", text + "![](img/y.png)", "\n" + text):
        assert count(changed) != counted


def _mistake() -> Row:
    erratum = {"title": "t", "printed": "a", "correct": "b", "why": "w", "test": "test_x"}
    common = {"id": "009-001", "line": 2, "place": "p", "kind": "formula", "tex": "a", "says": "s", "chapter": 1}
    return {**common, "verdict": "mistake", "note": "n", "erratum": erratum}


BROKEN: dict[str, Callable[[Row], object]] = {
    "the field place is missing": lambda row: row.pop("place"),
    "the field colour is unknown": lambda row: row.update(colour="red"),
    "the id is 009-002": lambda row: row.update(id="009-002"),
    "the verdict wrong is unknown": lambda row: row.update(verdict="wrong"),
    "the kind poem is unknown": lambda row: row.update(kind="poem"),
    "a formula needs its TeX": lambda row: row.pop("tex"),
    "needs a note": lambda row: row.pop("note"),
    "has an erratum": lambda row: row.pop("erratum"),
    "the erratum has no why": lambda row: row["erratum"].pop("why"),
    "there is no test test_y": lambda row: row["erratum"].update(test="test_y"),
    "line 2, 3 differs": lambda row: row.update(line=3),
    "pictures and rows": lambda row: row.update(image="x"),
}


@pytest.mark.parametrize("complaint", BROKEN)
def test_every_defect_is_named(complaint: str) -> None:
    """A well-formed row gives no complaint; each defect gives one that names it."""
    row, counted = _mistake(), {"formula_lines": [2], "picture_lines": []}
    assert problems("009", [copy.deepcopy(row)], counted, {"test_x"}) == []
    BROKEN[complaint](row)
    assert any(complaint in sentence for sentence in problems("009", [row], counted, {"test_x"}))


def test_missing_and_double_rows_are_named() -> None:
    """A formula without a row, and one with two."""
    counted = {"formula_lines": [2, 7], "picture_lines": []}
    second = {**_mistake(), "id": "009-002"}
    assert any("line 7 differs" in text for text in problems("009", [_mistake()], counted, {"test_x"}))
    counted["formula_lines"] = [2]
    assert any("line 2 differs" in text for text in problems("009", [_mistake(), second], counted, {"test_x"}))
