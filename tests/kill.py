"""Kills a training with kill -9 at random moments, lets it go on each time, and compares what it ends with.

    PYTHONPATH=. python tests/kill.py FOLDER KILLS [FUNCTION RIGHT WRONG]

The last three plant a bug into a function of the training first, which is then seen to change the weights. Prints one
line: the kills that hit, the updates that the checkpoints held, the files that are left, and whether the weights are
bit-equal to those of a run that nobody disturbed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from mutants import planted

from dlbook import data, storage
from dlbook.experiments import mnist, resumable
from dlbook.experiments.resumable import Plan, Split

PLAN = Plan("lenet5", 0, 33, 20, 0.002, max_pixels=1, max_degrees=5.0)  # 4 steps an epoch, the ninth ends early


def split() -> Split:
    """Return 80 digits to learn from and 20 others."""
    X, y, _, _ = data.mnist(dtype=np.float32)
    X = X[:100].reshape(-1, 1, 28, 28)
    return Split(X[20:], y[20:100], X[:20], y[:20])


def attempt(digits: Split, folder: Path) -> tuple[int, int]:
    """Start the training in a process of its own; return its number and a pipe with a byte for every update."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        status = 1
        try:
            mnist.trained("run", PLAN, digits, folder, lambda step: os.write(into, b"."))
            status = 0
        finally:
            os._exit(status)
    os.close(into)
    return child, out


def killed(digits: Split, folder: Path, kills: int, rng: np.random.Generator) -> list[int]:
    """Train, killed so many times, and return how many updates the checkpoint held each time; −1 for none yet."""
    held: list[int] = []
    while True:
        child, pipe = attempt(digits, folder)
        if len(held) < kills:
            for _ in range(rng.integers(8)):  # so many updates, then a moment: in an update or while a file is written
                os.read(pipe, 1)
            time.sleep(float(rng.uniform(0, 0.01)))
            os.kill(child, signal.SIGKILL)
        else:
            while os.read(pipe, 4096):
                pass
        os.close(pipe)
        _, status = os.waitpid(child, 0)
        if not os.WIFEXITED(status):
            held.append(step(folder))
        elif os.WEXITSTATUS(status):
            raise SystemExit("the training did not go on")
        elif len(held) >= kills:
            return held
        else:
            for path in folder.iterdir():  # over before its turn to be killed: once more, from the beginning
                path.unlink()


def step(folder: Path) -> int:
    """Return how many updates the checkpoint in the folder holds, −1 if there is none."""
    path = folder / "run.checkpoint.npz"
    return int(storage.load(path).get("optimizer/t", 0)) if path.exists() else -1


def main(folder: Path, kills: int, *bug: str) -> None:
    """Compare a run that is killed with one that is not."""
    digits, at_once, by_and_by = split(), folder / "at_once", folder / "by_and_by"
    at_once.mkdir()
    by_and_by.mkdir()
    expected, _ = mnist.trained("run", PLAN, digits, at_once, lambda step: None)
    with ExitStack() as stack:
        if bug:
            stack.enter_context(planted(getattr(resumable, bug[0]), *bug[1:]))
        held = killed(digits, by_and_by, kills, np.random.default_rng(kills))
    weights = storage.load(by_and_by / "run.npz")
    equal = all(np.array_equal(p, weights[name]) for name, p in expected.params.items())
    left = sorted(path.name for path in by_and_by.iterdir())
    sys.stdout.write(f"{len(held)} kills, held {sorted(set(held))}, left {left}, {'equal' if equal else 'different'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
