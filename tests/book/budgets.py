"""What a notebook may use: as much time and memory as the smallest free service gives a reader.

The time is the processor's, so that a busy machine changes nothing. Both are read from Linux; elsewhere nothing is
measured.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time and megabytes of memory at the highest point."""

    seconds: float
    megabytes: float


def usage(pid: int, proc: Path = Path("/proc")) -> Usage | None:
    """Return what a process and its finished children have used, or None where the system does not tell."""
    if not (proc / str(pid) / "stat").exists():
        return None
    # The second field, the program's name in parentheses, may hold spaces; utime is field 14.
    fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    seconds = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    lines = (proc / str(pid) / "status").read_text().splitlines()
    [peak] = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return Usage(seconds, peak / 1024)


def within(notebook: str, used: Usage, budget: Usage) -> None:
    """Raise an error when a notebook has used more than it may."""
    if used.seconds > budget.seconds:
        raise AssertionError(
            f"{notebook} has used {used.seconds:.1f} s of processor time by the end of this cell, and its budget is "
            f"{budget.seconds:g} s: compute less, or make it a recorded run (dlbook/experiments)"
        )
    if used.megabytes > budget.megabytes:
        raise AssertionError(
            f"{notebook} has used {used.megabytes:.0f} MB of memory by the end of this cell, and its budget is "
            f"{budget.megabytes:g} MB: work on batches, or in float32"
        )


class Budgets:
    """The plugin: after each cell, look at what the notebook's kernel has used since it began."""

    def __init__(self, config: pytest.Config) -> None:
        self.budget = Usage(float(config.getini("notebook_seconds")), float(config.getini("notebook_megabytes")))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Run a cell, then judge."""
        yield
        if item.path.suffix == ".ipynb":
            used = usage(item.parent.kernel.km.provisioner.pid)  # type: ignore[union-attr]
            if used is not None:
                within(item.path.name, used, self.budget)
