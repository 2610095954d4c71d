"""The text for language models is the book's own, complete and unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlbook import datafiles, prose
from dlbook.data import DataError


def test_it_is_the_text_of_the_first_chapters() -> None:
    text = prose.prose()
    assert len(text) == 71_289
    assert text.isascii()
    assert text.startswith("Two switches control a lamp.")
    assert text.endswith("\n")
    assert len(set(text.lower())) == 49
    assert not set("$`{}\\|<>=@_\r\t") & set(text)  # no formula, no markup


def test_other_ends_of_lines_are_the_same_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = prose.prose()
    monkeypatch.setattr(prose, "ASSETS", tmp_path)
    (tmp_path / "prose.txt").write_bytes(text.encode().replace(b"\n", b"\r\n"))
    assert prose.prose() == text


@pytest.mark.parametrize(("cut", "message"), [(None, "is missing"), (70_000, "is damaged or was edited")])
def test_missing_or_damaged(cut: int | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = prose.prose()
    monkeypatch.setattr(prose, "ASSETS", tmp_path)
    if cut is not None:
        (tmp_path / "prose.txt").write_text(text[:cut], encoding="ascii")
    with pytest.raises(DataError, match=rf"prose\.txt {message}.*: install the package again"):
        prose.prose()


def test_it_names_its_source() -> None:
    note = (datafiles.ASSETS / "PROSE.txt").read_text(encoding="utf-8")
    assert "chapters 1 to 6" in note
    assert "LICENSE-prose" in note
