"""A dozen notebooks that somebody handed in, each strange in its own way, and the row that each must get."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlbook.exercises.run import Outcome, Run
from dlbook.exercises.session import chapters, of_chapter
from dlbook.exercises.values import Odd
from dlbook.grade import report, sandbox
from dlbook.grade.__main__ import main
from dlbook.grade.submission import find, read
from dlbook.grade.wire import decode, decode_run, encode, encode_run

ROOT = Path(__file__).parents[1]
IDS = [e.id for e in of_chapter(3)]

IMPORTS = "import numpy as np\nfrom dlbook.exercises import check, progress\ns = lambda z: 1 / (1 + np.exp(-z))"
OUTPUT = "def output_delta(Z, Y):\n    return (s(Z) - Y) * s(Z) * (1 - s(Z))"
HIDDEN = "def hidden_delta(delta_next, W_next, Z):\n    return delta_next @ W_next * s(Z) * (1 - s(Z))"
GRADIENTS = "def gradients(delta, A_prev):\n    return delta.T @ A_prev / len(delta), delta.mean(axis=0)"
SUMMED = "def gradients(delta, A_prev):\n    return delta.T @ A_prev, delta.sum(axis=0)"
WRONG = "def output_delta(Z, Y):\n    return Z * 0.1234"
CHECKS = {"3.3": "output_delta", "3.4": "hidden_delta", "3.5": "gradients"}

PERFECT = [IMPORTS, OUTPUT, HIDDEN, GRADIENTS]
STUBS = [IMPORTS, *(f"def {name}(*args):\n    '''What it returns.'''\n    ..." for name in CHECKS.values())]


def checked(cells: list[str], **names: str) -> list[str]:
    """Put the cells that check behind ``cells``."""
    return [*cells, *(f'check("{i}", {names.get(name, name)})' for i, name in CHECKS.items()), "progress()"]


def cheat(code: str) -> list[str]:
    """Try ``code`` before a wrong answer to 3.3 is checked; 3.4 and 3.5 are right."""
    return checked([IMPORTS, code, WRONG, HIDDEN, GRADIENTS])


FORGE = """
import os, json
for fd in range(3, 50):
    try:
        os.write(fd, b'{"exercise": "3.3", "run": {"passed": true}}\\n{"exercise": "3.6", "run": 3}\\n[1]\\n\\xff\\n')
    except OSError:
        pass
"""
PATCH = """
import dlbook, dlbook.exercises, dlbook.exercises.run, dlbook.exercises.values
class Passed:
    passed, status = True, "passed"
check = dlbook.exercises.check = lambda *a: Passed()
dlbook.exercises.values.close = dlbook.exercises.values.all_close = lambda *a: True
dlbook.Dense.forward = dlbook.Dense.backward = lambda *a: 0
"""
OVERWRITE = """
import dlbook, pathlib
home = pathlib.Path(dlbook.__file__).parent
for path in home.rglob("*.py"):
    path.write_text("raise SystemExit")
(home / "exercises" / "judge.py").write_text("def judge(*a): return 'passed'")
"""
STEAL = """
from dlbook.exercises.chapter03 import OUTPUT_DELTA
output_delta = OUTPUT_DELTA.reference
"""

P, M, N, S = "passed", "not in the notebook", "not attempted yet", "not reached"
W = "not right yet"

# name: cells, what 3.3, 3.4 and 3.5 get, and words of the notes
SUBMISSIONS: dict[str, tuple[list[str], tuple[str, str, str], str]] = {
    "perfect": (checked(PERFECT), (P, P, P), ""),
    "stubs": (checked(STUBS), (N, N, N), ""),
    "empty": ([], (M, M, M), ""),
    "known-mistake": (checked([IMPORTS, OUTPUT, HIDDEN, SUMMED]), (P, P, "the mean over the batch is missing"), ""),
    "endless-cell": (
        checked([*PERFECT, "import time\nwhile True:\n    time.sleep(1)"]),
        (P, P, P),
        "cell 5: stopped after 6 s",
    ),
    "endless-function": (
        checked([IMPORTS, OUTPUT, "def hidden_delta(*a):\n    while True: pass", GRADIENTS]),
        (P, "never ends", P),
        "",
    ),
    "endless-and-deaf": (
        [
            *checked(PERFECT)[:5],
            "import time\nwhile True:\n    try:\n        time.sleep(999)\n    except: pass",
            *checked([])[1:],
        ],
        (P, S, S),
        "its time of 18 s was up, in cell 6",
    ),
    "memory-hog": (
        checked([*PERFECT, "hog = np.ones(10**10)"]),
        (P, P, P),
        "MemoryError",
    ),
    "syntax-error": (checked([IMPORTS, OUTPUT, HIDDEN, "def gradients(:"]), (P, P, M), "invalid syntax"),
    "deleted-cells": ([*PERFECT, 'check("3.4", hidden_delta)'], (M, P, M), ""),
    "renamed": (checked([*PERFECT, "mine = output_delta\ndel output_delta"], output_delta="mine"), (P, P, P), ""),
    "other-import": (
        [
            *PERFECT[:1],
            OUTPUT,
            "import dlbook.exercises as ex\ntest = ex.check",
            'for i in ["3.3"]: test(i, output_delta)',
        ],
        (P, M, M),
        "",
    ),
    "exit": (checked([*PERFECT, "exit()", "import sys; sys.exit(1)"]), (P, P, P), "cell 5: it calls exit()"),
    "os-exit": (
        [*checked(PERFECT)[:6], "import os; os._exit(3)", *checked([])[2:]],
        (P, P, S),
        "with code 3, in cell 7",
    ),
    "crash": ([*checked(PERFECT)[:6], "import os; os.kill(os.getpid(), 11)", *checked([])[2:]], (P, P, S), "SIGSEGV"),
    "huge-output": (
        checked([*PERFECT, "print('x' * 10**8)", "for i in range(10**5): print('y' * 100)"]),
        (P, P, P),
        "",
    ),
    "huge-answer": (
        checked([IMPORTS, "def output_delta(Z, Y):\n    return np.zeros(10**7)", HIDDEN, GRADIENTS]),
        (W, P, P),
        "",
    ),
    "magic": (checked([IMPORTS + "\n%matplotlib inline\n!true", *PERFECT[1:]]), (P, P, P), ""),
    "patches-dlbook": (cheat(PATCH), (W, P, P), ""),
    "overwrites-dlbook": (cheat(OVERWRITE), (W, P, P), "it changed its copy of dlbook"),
    "forges-messages": (cheat(FORGE), (W, P, P), ""),
    "steals-the-reference": (cheat(STEAL), (W, P, P), "ModuleNotFoundError"),
    "reads-from-stdin": (checked([*PERFECT, "input('name?')"]), (P, P, P), "cell 5: "),
    "leaves-a-process": (
        checked([*PERFECT, "import subprocess; subprocess.Popen(['sleep', '47114711'])"]),
        (P, P, P),
        "",
    ),
    "=1+1": (checked(PERFECT), (P, P, P), ""),
}
NO_NOTEBOOKS = {
    "not-json": b"{'cells': [",
    "binary": b"\x80\x00\xff",
    "other-json": b"[1, 2]",
    "no-sources": b'{"cells": [{}]}',
}


def notebook(cells: list[str]) -> str:
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c} for c in cells]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# Homework\n", 'check("3.3", text)']}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [text, *code]})


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Mark all of them, from the command line."""
    folder = tmp_path_factory.mktemp("homework")
    handed_in = folder / "handed in"
    handed_in.mkdir()
    for name, (cells, _, _) in SUBMISSIONS.items():
        (handed_in / f"{name}.ipynb").write_text(notebook(cells), encoding="utf-8")
    for name, data in NO_NOTEBOOKS.items():
        (handed_in / f"{name}.ipynb").write_bytes(data)
    before = sandbox.snapshot(ROOT / "dlbook" / "grade")
    command = [sys.executable, "-m", "dlbook.grade", "handed in", "--seconds", "18", "--memory", "1500", "--jobs", "2"]
    start = time.monotonic()
    ran = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SECRET_TOKEN": "4711"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert sandbox.snapshot(ROOT / "dlbook" / "grade") == before
    records = json.loads((handed_in / "marks.json").read_text(encoding="utf-8"))
    with (handed_in / "marks.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {
        "text": ran.stdout,
        "progress": ran.stderr,
        "json": {Path(r["notebook"]).stem: r for r in records},
        "csv": {Path(line["notebook"]).stem: line for line in lines},
        "seconds": time.monotonic() - start,
        "folder": folder,
    }


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_row(marked: dict[str, Any], name: str) -> None:
    _, expected, notes = SUBMISSIONS[name]
    line = marked["csv"][name]
    assert (line["3.3"], line["3.4"], line["3.5"]) == expected, line
    assert {line["3.6"], line["3.7"]} <= {M, "no answer that can be read"}
    assert line["passed"] == str(expected.count(P))
    assert notes in line["notes"]
    if not notes and name not in ("patches-dlbook", "magic", "huge-answer"):
        assert line["notes"] == ""
    record = marked["json"][name]
    assert record["passed"] == expected.count(P)
    assert set(record["exercises"]) == set(IDS)


@pytest.mark.parametrize("name", NO_NOTEBOOKS)
def test_file_that_is_no_notebook_is_a_row(marked: dict[str, Any], name: str) -> None:
    line = marked["csv"][name]
    assert (line["passed"], line["3.3"]) == ("0", M)
    assert "not a notebook" in line["notes"] or "cannot be read" in line["notes"]


def test_table_in_the_terminal(marked: dict[str, Any]) -> None:
    text = marked["text"]
    assert len(marked["csv"]) == len(SUBMISSIONS) + len(NO_NOTEBOOKS)
    assert f"{Path('handed in', 'perfect.ipynb')}" in text
    assert "3.5: the mean over the batch is missing" in text
    assert "3 of 5" in text
    assert f"[1/{len(marked['csv'])}]" in marked["progress"]
    assert [p.name for p in marked["folder"].iterdir()] == ["handed in"]
    others = {p.name for p in (marked["folder"] / "handed in").iterdir() if p.suffix != ".ipynb"}
    assert others == {"marks.csv", "marks.json"}
    assert "3.3: not right yet. The numbers of the result differ from the right ones in no simple way." in text
    assert "3.4: never ends. Your function did not return in time" in text


def test_hints_are_in_the_record(marked: dict[str, Any]) -> None:
    answer = marked["json"]["known-mistake"]["exercises"]["3.5"]
    assert answer["status"] == "mistake"
    assert "m times too large" in " ".join(answer["says"])
    assert "expected" in answer["case"]


def test_a_name_is_no_formula(marked: dict[str, Any]) -> None:
    assert all(not line["notebook"].startswith(("=", "+", "-", "@")) for line in marked["csv"].values())
    assert report._harmless("=1+1") == "'=1+1"


def test_nothing_is_left_running(marked: dict[str, Any]) -> None:
    processes = [p for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    assert not any(b"47114711" in p.read_bytes() for p in processes if p.exists())


# The command -------------------------------------------------------------------------------------------------------
def test_command_with_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no notebook" in capsys.readouterr().err
    assert main([str(tmp_path / "absent")]) == 2
    assert "absent" in capsys.readouterr().err
    assert main([str(tmp_path), "--out", str(tmp_path / "no" / "marks")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main([str(tmp_path), "--seconds", "0"]) == 2


def test_marks_lie_beside_the_notebooks_or_where_out_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = tmp_path / "homework", tmp_path / "elsewhere"
    for path in (folder, elsewhere):
        path.mkdir()
    (folder / "a.ipynb").write_bytes(b"no notebook")
    monkeypatch.chdir(elsewhere)
    assert main([str(folder / "a.ipynb")]) == 0
    assert main([str(folder), "--out", str(tmp_path / "table")]) == 0
    assert list(elsewhere.iterdir()) == []
    assert {p.name for p in folder.iterdir()} == {"a.ipynb", "marks.csv", "marks.json"}
    assert {p.name for p in tmp_path.iterdir()} >= {"table.csv", "table.json"}


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.ipynb").write_bytes(b"no notebook")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main([str(tmp_path)]) == 2
    assert "--out" in capsys.readouterr().err


def test_notebooks_are_found_once_and_checkpoints_are_not(tmp_path: Path) -> None:
    for name in ("b.ipynb", "a/c.ipynb", ".ipynb_checkpoints/b.ipynb", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    found = find([tmp_path, tmp_path / "b.ipynb"])
    assert sorted(p.relative_to(tmp_path).as_posix() for p in found) == ["a/c.ipynb", "b.ipynb"]


def test_checks_are_found_in_the_source(tmp_path: Path) -> None:
    cells = ['%time\ncheck("3.3", f)', 'x = ex.check("3.4", lambda Z: Z + 1)', "check(1, 2)", "check(", 'check("3.5")']
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(cells))
    found = read(path).checks
    assert found == ((("3.3", "f"),), (("3.4", "lambda Z: Z + 1"),), (), (), ())


@pytest.mark.parametrize("number", chapters())
def test_no_chapter_gives_its_answers_away(number: int) -> None:
    own = [name for name in sandbox.snapshot() if name.startswith(f"exercises/chapter{number:02d}/")]
    assert own
    assert all(map(sandbox._is_secret, own))
    assert not sandbox._is_secret("exercises/run.py")


# What the processes say to each other ------------------------------------------------------------------------------
def test_everything_arrives_as_it_was_sent() -> None:
    for exercise in (e for n in chapters() for e in of_chapter(n)):
        for case in exercise.cases():
            sent = json.loads(json.dumps(encode(case.args)))
            np.testing.assert_equal(decode(sent), case.args)
    values = (np.float32([1, np.nan]), np.array(True), np.zeros((0, 2), dtype=np.int8))
    run = Run(
        (Outcome("value", values), Outcome("value", Odd("a str")), Outcome("raised", (), "E", ("X",))), wrote=True
    )
    back = decode_run(json.loads(json.dumps(encode_run(run))), 3, 3)
    np.testing.assert_equal(back.outcomes[0].value, values)
    assert [v.dtype for v in back.outcomes[0].value] == [v.dtype for v in values]
    assert back.outcomes[1:] == run.outcomes[1:]
    assert back.wrote


GOOD = encode_run(Run((Outcome("value", (np.ones(2),)),)))


@pytest.mark.parametrize(
    "change",
    [
        {"outcomes": []},
        {"outcomes": None},
        {"outcomes": [3]},
        {"outcomes": [GOOD["outcomes"][0] | {"kind": "perfect"}]},
        {"outcomes": [GOOD["outcomes"][0] | {"value": {"tuple": []}}]},
        {"outcomes": [GOOD["outcomes"][0] | {"value": {"pickle": "x"}}]},
        {"outcomes": [GOOD["outcomes"][0] | {"value": {"tuple": [{"dtype": "O", "shape": [1], "data": ""}]}}]},
        {"outcomes": [GOOD["outcomes"][0] | {"value": {"tuple": [{"dtype": "<f8", "shape": [9], "data": ""}]}}]},
        {"outcomes": [GOOD["outcomes"][0] | {"value": {"tuple": [{"dtype": "<f8", "shape": "x", "data": "%"}]}}]},
        {"reads": 3},
        {"printed": "many"},
    ],
)
def test_a_message_that_is_not_ours_is_refused(change: dict[str, Any]) -> None:
    assert decode_run(GOOD, 1, 1).outcomes[0].kind == "value"
    with pytest.raises(ValueError, match=r"."):
        decode_run(GOOD | change, 1, 1)
