"""The cache of executed notebooks is keyed by everything that they depend on."""

from __future__ import annotations

from pathlib import Path

import pytest
from book.tiny import build, build_again, lay_out, tiny_notebook
from dependencies import fingerprint
from fresh import WATCHED


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package with one module, one data file and one compiled leftover."""
    for name in ("dlbook/dense.py", "dlbook/assets/digits.npz", "dlbook/__pycache__/dense.pyc", "constraints.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", ["dlbook/dense.py", "dlbook/assets/digits.npz", "constraints.txt"])
def test_changed_file_changes_the_fingerprint(project: Path, name: str) -> None:
    before = fingerprint(project, WATCHED)
    (project / name).write_text("changed")
    assert fingerprint(project, WATCHED) != before


def test_new_and_renamed_modules_change_the_fingerprint(project: Path) -> None:
    before = fingerprint(project, WATCHED)
    (project / "dlbook" / "dense.py").rename(project / "dlbook" / "linear.py")
    renamed = fingerprint(project, WATCHED)
    (project / "dlbook" / "new.py").touch()
    assert len({before, renamed, fingerprint(project, WATCHED)}) == 3


def test_compiled_files_do_not_count(project: Path) -> None:
    before = fingerprint(project, WATCHED)
    (project / "dlbook/__pycache__/dense.pyc").write_text("changed")
    assert fingerprint(project, WATCHED) == before


def test_a_changed_style_sheet_reaches_the_pages_of_the_next_build(tmp_path: Path) -> None:
    lay_out(tmp_path)
    first = build(tmp_path, tiny_notebook())
    sheet, built = (tmp_path / folder / "dlbook.css" for folder in ("chapters/_static", "_build/html/_static"))
    assert built.read_text() == sheet.read_text(), first.stderr
    sheet.write_text("body { margin: 0 }")
    second = build_again(tmp_path)
    assert built.read_text() == "body { margin: 0 }", second.stderr
