"""The table of the marks: for the terminal, as CSV, as JSON."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections import Counter
from collections.abc import Sequence

from dlbook.exercises.answer import Answer
from dlbook.grade.marks import Row

SIGNS = {"passed": "✓", "not attempted": "·", "missing": "–", "not reached": "–"}


def as_text(rows: Sequence[Row]) -> str:
    """Return the table, what is behind its crosses, and the mistakes that more than one notebook makes."""
    ids = [answer.exercise for answer in rows[0].answers]
    names = [str(row.path) for row in rows]
    width = max(len(name) for name in [*names, "notebook"])
    lines = ["  ".join([f"{'notebook':<{width}}", *(f"{i:>4}" for i in ids), "passed"])]
    for name, row in zip(names, rows, strict=True):
        signs = [f"{SIGNS.get(a.status, '✗'):>4}" for a in row.answers]
        lines.append("  ".join([f"{name:<{width}}", *signs, f"{row.passed} of {len(ids)}"]))
        lines += [f"    {a.exercise}: {_reason(a)}" for a in row.answers if a.status not in SIGNS]
        lines += [f"    note: {note}" for note in row.notes]
    lines.append("✓ passed   ✗ not right   · not attempted   – not in the notebook, or not reached")
    made = Counter((a.exercise, a.mistake) for row in rows for a in row.answers if a.mistake)
    often = [f"    {n} × {i}: {mistake}" for (i, mistake), n in made.most_common() if n > 1]
    return "\n".join(lines + (["Made more than once:", *often] if often else []))


def _reason(answer: Answer) -> str:
    """Return a known mistake's name; of any other answer also the first thing that there is to say about it."""
    if answer.mistake or not answer.says:
        return answer.summary
    return f"{answer.summary}. {textwrap.shorten(answer.says[0], 200, placeholder=' …')}"


def as_csv(rows: Sequence[Row]) -> str:
    """Return one line per notebook: its name, how many passed, every exercise in a few words, notes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["notebook", "passed", *(a.exercise for a in rows[0].answers), "notes"])
    for row in rows:
        cells = [str(row.path), str(row.passed), *(a.summary for a in row.answers), "; ".join(row.notes)]
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a file's name or an error message for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_json(rows: Sequence[Row]) -> str:
    """Return everything that was said about every notebook."""
    records = [
        {
            "notebook": str(row.path),
            "passed": row.passed,
            "notes": row.notes,
            "exercises": {
                a.exercise: {"title": a.title, "status": a.status, "mistake": a.mistake, "says": a.says, "case": a.case}
                for a in row.answers
            },
        }
        for row in rows
    ]
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"
