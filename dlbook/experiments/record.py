"""What a long run found, and all that is needed to run it again."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from dlbook.atomic import write_text

RECORDS = Path(__file__).parent / "records"

Report: TypeAlias = Callable[[int, int], None]  # report(steps done, steps in all)


@dataclass(frozen=True, slots=True)
class Record:
    """One finished run.

    Attributes:
        experiment: its name, as in ``python -m dlbook.experiments NAME``.
        settings: everything that was chosen, seeds included; running them again gives the results again.
        results: what came out: numbers, and lists of numbers where there are several seeds.
        environment: versions and machine.
        seconds: how long it took, by the clock.
        date: the day, in ISO format.
    """

    experiment: str
    settings: dict[str, Any]
    results: dict[str, Any]
    environment: dict[str, str]
    seconds: float
    date: str

    def provenance(self) -> str:
        """Return one sentence that says where the numbers come from."""
        e = self.environment
        return (
            f"Recorded on {self.date} by `python -m dlbook.experiments {self.experiment}` in "
            f"{_duration(self.seconds)}: "
            f"Python {e['python']}, NumPy {e['numpy']}, {e['machine']}, {e['cores']} cores."
        )


def environment() -> dict[str, str]:
    """Return versions and machine, as far as they can change a result or its time."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
    }


def make(experiment: str, settings: dict[str, Any], results: dict[str, Any], seconds: float) -> Record:
    """Return the record of a run that has just ended here."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Record(experiment, settings, results, environment(), round(seconds, 1), today)


def write(record: Record, path: Path) -> None:
    """Write the record as JSON, under a temporary name first: a file of that name is whole or not there.

    Raises:
        FileNotFoundError: there is no such folder.
        OSError: the disk is full, or the folder may not be written to.
    """
    write_text(path, json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")


def read(name: str, folder: Path = RECORDS) -> Record:
    """Return the record of experiment ``name``, by default the one that the book quotes.

    Raises:
        FileNotFoundError: it was not run yet.
        ValueError: the file is damaged.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(f"there is no record of {name!r} in {folder}: run python -m dlbook.experiments {name}")
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged or no record: {error}") from error


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
