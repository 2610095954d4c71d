"""No exercise needs anything of a later chapter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.exercises.session import chapters, of_chapter

ROOT = Path(__file__).parents[2]

# What a chapter's exercises may import, beside what the chapters before it may: its own modules (and those that these
# import). The sigmoid is a subject of chapters 1 and 2, the squared error and gradient descent of chapter 3.
# The shapes module knows a tape's Variable when it sees one. A chapter that has exercises needs its line; a module
# stands in the line of the first chapter that tells of it.
MODULES: dict[int, list[str]] = {
    1: ["exercises", "shapes", "perceptron", *(f"tape_{part}" for part in ("variable", "functions", "rules"))],
    2: ["layer", "sequential", "dense", "init", "activations"],
    3: ["check", "losses", "optim", "train"],
    4: [],
    5: ["adaptive", "schedules", "clipping", "tape"],
    6: ["penalties", "dropout", "ensemble", "augment", "adversarial"],
    7: ["convolution", "conv", "pool", "windows", "receptive"],
    8: ["zoo", "architectures", "lenet1998", "accounting", "parts", "blocks", "rows"],
    9: [],
    10: ["recurrent", "unrolled", "bptt", "lstm"],  # recurrent hands on the LSTM
    11: [],
    12: [
        *("binary_units", "restricted", "rbm", "states", "enumeration"),
        *("annealing", "pseudo_likelihood", "train_rbm"),
    ],
    13: ["gaussian_rbm", "boltzmann", "recommend", "ratings", "layered", "dbn", "dbm", "deep_boltzmann"],
    14: ["evaluate", "nearest", "pad"],
    15: ["bridge", "parallel"],
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
        later = len(parts) > 2 and parts[2].startswith("chapter") and int(parts[2][7:]) > int(chapter)
        if parts[1] not in allowed or later:
            raise ImportError(name + " belongs to a later chapter")

sys.meta_path.insert(0, NothingLater())
from dlbook.exercises import check, progress
answers = types.ModuleType("exercises.answers")  # without its __init__ too
answers.__path__ = [tests + "/exercises/answers"]
sys.modules["exercises.answers"] = answers
from importlib import import_module
own = import_module(f"exercises.answers.chapter{int(chapter):02d}")
for exercise_id, solution in own.SOLUTIONS.items():
    for answer in [solution, *own.VARIANTS[exercise_id]]:
        print(exercise_id, check(exercise_id, answer).status)
print(len(progress(int(chapter)).rows))
"""


def solve(chapter: int, allowed: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, str(ROOT), str(ROOT / "tests"), str(chapter), *allowed]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("chapter", chapters())
def test_solutions_run_with_the_modules_up_to_their_chapter(chapter: int) -> None:
    assert chapter in MODULES, f"say in MODULES which modules chapter {chapter} may use"
    ran = solve(chapter, [name for n in MODULES if n <= chapter for name in MODULES[n]])
    assert ran.returncode == 0, ran.stderr
    *answers, rows = ran.stdout.split("\n")[:-1]
    assert {answer.split()[1] for answer in answers} == {"passed"}
    assert int(rows) == len(of_chapter(chapter)) == len({answer.split()[0] for answer in answers})


@pytest.mark.parametrize("chapter", chapters())
def test_modules_of_a_chapter_exist(chapter: int) -> None:
    """A name that no module has would hide that the module has another name now, and is not allowed."""
    paths = [ROOT / "dlbook" / name for name in MODULES[chapter]]
    assert [path.name for path in paths if not (path.with_suffix(".py").exists() or path.is_dir())] == []


def test_the_barrier_holds() -> None:
    ran = solve(3, MODULES[1] + MODULES[2])
    assert ran.returncode != 0
    assert "belongs to a later chapter" in ran.stderr
