"""The exercises in the chapters: stubs that are stubs, solutions that solve, and what a reader needs around them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlbook.exercises import check
from dlbook.exercises.session import chapters, find, of_chapter

CHAPTERS = Path(__file__).parents[2] / "chapters"
CALL = re.compile(r'check\("(\d+\.\d+)", (\w+)\)')
BLOCK = re.compile(r"^(`{3,4})\{(exercise|solution|hint|quiz)\} ?(.*?)\n(.*?)^\1$", re.M | re.S)
CODE = re.compile(r"```python\n(.*?)```", re.S)


def cells(number: int) -> list[dict[str, Any]]:
    path = next(CHAPTERS.glob(f"{number:02d}-*.ipynb"))
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def code(number: int) -> list[str]:
    return ["".join(c["source"]) for c in cells(number) if c["cell_type"] == "code"]


def blocks(number: int, kind: str) -> list[tuple[str, str]]:
    text = "\n\n".join("".join(c["source"]) for c in cells(number) if c["cell_type"] == "markdown")
    return [(title, body) for _, name, title, body in BLOCK.findall(text) if name == kind]


def space() -> dict[str, Any]:
    return {"np": np, "__name__": "page"}


each_exercise = pytest.mark.parametrize("exercise_id", [e.id for n in chapters() for e in of_chapter(n)])


@each_exercise
def test_stub_of_the_page_is_a_stub(exercise_id: str) -> None:
    sources = code(int(exercise_id.split(".")[0]))
    name = next(m[2] for source in sources for m in CALL.finditer(source) if m[1] == exercise_id)
    names = space()
    exec([source for source in sources if f"def {name}(" in source and "check(" not in source][-1], names)
    assert check(exercise_id, names[name]).status == "not attempted"
    exercise = find(exercise_id)
    assert exercise is not None
    assert names[name].__code__.co_varnames[: names[name].__code__.co_argcount] == exercise.arguments
    assert names[name].__doc__


@each_exercise
def test_solution_of_the_page_passes(exercise_id: str) -> None:
    number = int(exercise_id.split(".")[0])
    solution = next(
        body for title, body in blocks(number, "solution") if title == "exercise-" + exercise_id.replace(".", "-")
    )
    assert ":class: dropdown" in solution
    names = space()
    for part in CODE.findall(solution):
        exec(part, names)
    name = next(m[2] for source in code(number) for m in CALL.finditer(source) if m[1] == exercise_id)
    assert check(exercise_id, names[name]).passed


@pytest.mark.parametrize("number", chapters())
def test_chapter_has_what_the_standard_asks(number: int) -> None:
    exercises, quizzes = blocks(number, "exercise"), blocks(number, "quiz")
    assert len(quizzes) >= 2
    assert len(exercises) + len(quizzes) >= 5
    assert len(of_chapter(number)) >= 2
    assert "open" in " ".join(title + body for title, body in exercises)
    assert len(blocks(number, "hint")) >= len(of_chapter(number))
    assert all(":class: dropdown" in body for _, body in blocks(number, "hint"))
    labels = {re.search(r":label: (\S+)", body)[1] for _, body in exercises}  # type: ignore[index]
    assert {title for title, _ in blocks(number, "solution")} <= labels
    assert sum("{run-it}" in body for _, body in exercises) >= len(of_chapter(number))


@pytest.mark.parametrize("number", chapters())
def test_committed_answers_are_those_of_the_stubs(number: int) -> None:
    for cell in cells(number):
        call = CALL.search("".join(cell["source"])) if cell["cell_type"] == "code" else None
        if call:
            text = "".join(cell["outputs"][-1]["data"]["text/plain"])
            assert text.startswith(call[1])
            assert text.endswith("not attempted yet.")
