"""A place to run things."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from book.tiny import Run, run_in


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module of this Python in the temporary folder, and return what it printed."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run_in(tmp_path, *arguments)

    return run
