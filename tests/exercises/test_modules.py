"""No exercise needs anything of a later chapter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What a chapter's exercises may import, beside what the chapters before it may: its own modules (and those that these
# import). The sigmoid is a subject of chapters 1 and 2, the squared error and gradient descent of chapter 3.
MODULES = {
    1: ["exercises", "shapes", "perceptron"],
    2: ["layer", "dense", "init", "activations"],
    3: ["check", "losses", "optim", "train"],
}

SCRIPT = """
import importlib.abc, sys, types
root, tests, chapter, *allowed = sys.argv[1:]
sys.path[:0] = [tests]
package = types.ModuleType("dlbook")  # without its __init__, which imports all chapters
package.__path__ = [root + "/dlbook"]
sys.modules["dlbook"] = package

class NothingLater(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        parts = name.split(".")
        if parts[0] != "dlbook" or len(parts) < 2:
            return
        later = parts[-1].startswith("chapter") and int(parts[-1][7:]) > int(chapter)
        if parts[1] not in allowed or later:
            raise ImportError(name + " belongs to a later chapter")

sys.meta_path.insert(0, NothingLater())
from dlbook.exercises import check, progress
from exercises.answers import SOLUTIONS, VARIANTS
for exercise_id, solution in SOLUTIONS.items():
    if exercise_id.startswith(chapter + "."):
        for answer in [solution, *VARIANTS[exercise_id]]:
            print(exercise_id, check(exercise_id, answer).status)
print(len(progress(int(chapter)).rows))
"""


def solve(chapter: int, allowed: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, str(ROOT), str(ROOT / "tests"), str(chapter), *allowed]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("chapter", MODULES)
def test_solutions_run_with_the_modules_up_to_their_chapter(chapter: int) -> None:
    ran = solve(chapter, [name for n in MODULES if n <= chapter for name in MODULES[n]])
    assert ran.returncode == 0, ran.stderr
    *answers, rows = ran.stdout.split("\n")[:-1]
    assert len(answers) >= 12
    assert {answer.split()[1] for answer in answers} == {"passed"}
    assert int(rows) >= 4


def test_the_barrier_holds() -> None:
    ran = solve(3, MODULES[1] + MODULES[2])
    assert ran.returncode != 0
    assert "belongs to a later chapter" in ran.stderr
