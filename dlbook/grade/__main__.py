"""The command: ``python -m dlbook.grade FOLDER_OR_NOTEBOOKS``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from dlbook.atomic import write_text
from dlbook.exercises.model import SEED
from dlbook.exercises.session import chapters, of_chapter
from dlbook.grade import report
from dlbook.grade.marks import Marker, Row
from dlbook.grade.sandbox import snapshot
from dlbook.grade.submission import Submission, find, read


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    options = argparse.ArgumentParser(prog="python -m dlbook.grade", description="Run and mark students' notebooks.")
    options.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_NOTEBOOK", help="what was handed in")
    options.add_argument("--chapter", type=int, choices=chapters(), help="mark this chapter (default: those checked)")
    options.add_argument("--seconds", type=float, default=120, help="time for one notebook (default: %(default)s)")
    options.add_argument("--memory", type=int, default=2048, help="memory for one notebook, MB (default: %(default)s)")
    options.add_argument("--jobs", type=int, default=1, help="notebooks at a time (default: %(default)s)")
    options.add_argument("--seed", type=int, default=SEED, help="draw other cases than check() does")
    options.add_argument("--out", type=Path, help="write OUT.csv and OUT.json (default: marks, beside the notebooks)")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Mark the notebooks and return the exit code: 0, or 2 where there is nothing to mark or nowhere to write."""
    options = parser().parse_args(arguments)
    if find_spec("IPython") is None:
        return _fail("marking runs notebooks and needs IPython: pip install -r requirements.txt brings it")
    out: Path = options.out or _beside(options.paths[0])
    if options.out and not out.parent.is_dir():
        return _fail(f"the folder {out.parent} for --out does not exist")
    if min(options.seconds, options.memory, options.jobs) <= 0:
        return _fail("--seconds, --memory and --jobs must be above 0")
    try:
        submissions = [read(path) for path in find(options.paths)]
    except FileNotFoundError as error:
        return _fail(str(error))
    if not submissions:
        return _fail("there is no notebook (*.ipynb) to mark")
    if not os.access(out.parent, os.W_OK):
        return _fail(f"the marks cannot be written into {out.parent}: name another place with --out")
    rows = _mark_all(submissions, options)
    sys.stdout.write(report.as_text(rows) + "\n")
    for suffix, text in ((".csv", report.as_csv(rows)), (".json", report.as_json(rows))):
        write_text(out.with_name(out.name + suffix), text)
    sys.stdout.write(f"Written to {out}.csv and {out}.json.\n")
    return 0


def _beside(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / "marks"


def _mark_all(submissions: Sequence[Submission], options: argparse.Namespace) -> list[Row]:
    numbers = [options.chapter] if options.chapter else _chapters_checked(submissions)
    exercises = [exercise for number in numbers for exercise in of_chapter(number)]
    files = snapshot()
    marker = Marker(exercises, files, options.seconds, options.memory * 1_000_000, options.seed)
    rows = []
    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            for submission, ran in zip(submissions, pool.map(marker.run, submissions), strict=True):
                rows.append(marker.mark(submission, ran))
                sys.stderr.write(f"[{len(rows)}/{len(submissions)}] {submission.path}\n")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    if snapshot() != files:
        sys.stderr.write("dlbook's own files changed meanwhile: the marks are safe, but look at the installation\n")
    return rows


def _chapters_checked(submissions: Sequence[Submission]) -> list[int]:
    """Return the chapters of all exercises that some notebook checks; all chapters if none does."""
    ids = {exercise_id for s in submissions for checks in s.checks for exercise_id, _ in checks}
    checked = [n for n in chapters() if any(e.id in ids for e in of_chapter(n))]
    return checked or chapters()


def _fail(sentence: str) -> int:
    sys.stderr.write(f"dlbook.grade: {sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
