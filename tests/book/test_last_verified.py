"""The page "Last verified" names the build's time and versions."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from book.tiny import ROOT
from last_verified import MARKER, PAGE, now, read_again, table, write


def test_table_holds_time_and_versions() -> None:
    rows = dict(
        line.strip("| ").split(" | ") for line in table(datetime(2026, 11, 22, 8, 5, tzinfo=UTC)).splitlines()[2:]
    )
    assert rows["date"] == "2026-11-22, 08:05 UTC"
    assert rows["Python"] == platform.python_version()
    assert rows["numpy"] == np.__version__


def test_marker_is_on_the_page_and_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    source = [(ROOT / f"{PAGE}.md").read_text(encoding="utf-8")]
    assert MARKER in source[0]
    app: Any = None
    write(app, PAGE, source)
    assert MARKER not in source[0]
    assert "| 1970-01-01, 00:00 UTC |" in source[0]


def test_without_a_fixed_time_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert abs((datetime.now(UTC) - now()).total_seconds()) < 60


def test_page_is_read_again_with_any_other() -> None:
    app: Any = None
    env: Any = SimpleNamespace(found_docs={PAGE, "chapters/index"})
    assert read_again(app, env, set(), {"chapters/index"}, set()) == [PAGE]
    assert read_again(app, env, set(), set(), set()) == []
    empty: Any = SimpleNamespace(found_docs={"chapters/index"})
    assert read_again(app, empty, {"chapters/index"}, set(), set()) == []
