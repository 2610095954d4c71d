"""Training that survives being killed: after every epoch a checkpoint, and from there it goes on.

A run is described by a :class:`Plan`, which decides every bit of its result on the same machine with as many threads.
The checkpoint holds the plan too, so that a run never goes on from another one's weights.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlbook import atomic, storage
from dlbook.adaptive import Adam
from dlbook.augment import random_rotate, random_shift, random_warp
from dlbook.layer import Params
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.schedules import cosine_decay
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.train import fit, predict


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides the weights at the end, with the data.

    Attributes:
        network: the name of the function that builds it.
        seed: of weights, order, dropout and augmentation.
        steps: updates in all; the last epoch may end early.
        decay: the learning rate falls to 0 along a cosine; otherwise it is constant.
        max_pixels, max_degrees: how far images are shifted and turned at random, 0 and 0 for not at all.
        warp: how far they are bent, in pixels; see :func:`dlbook.augment.random_warp`.
        start: the name of the plan whose weights this one begins with; fresh ones if empty.
    """

    network: str
    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    decay: bool = True
    max_pixels: int = 0
    max_degrees: float = 0.0
    warp: float = 0.0
    start: str = ""


@dataclass(slots=True)
class Progress:
    """How far a run is: updates made and, for every epoch, mean loss, validation loss and accuracy, seconds."""

    step: int = 0
    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Split:
    """Images (m, 1, 28, 28) and labels to learn from, and others to look at after every epoch."""

    X: Array
    y: Array
    X_validation: Array
    y_validation: Array


class CheckpointError(OSError):
    """A checkpoint cannot be written, read or used; the message says what to do."""


def train(
    plan: Plan,
    build: Callable[..., Sequential],
    split: Split,
    checkpoint: Path,
    report: Callable[[int], None],
    weights: Params | None = None,
) -> tuple[Sequential, Progress]:
    """Carry the plan out, or on from ``checkpoint`` where there is one; the bits at the end are the same.

    Args:
        build: returns the network with fresh weights, as the functions of :mod:`dlbook.zoo` do.
        report: is called with the number of updates made so far.
        weights: those of ``plan.start``, if it has one.

    Raises:
        CheckpointError: the file cannot be written, or is damaged or of another plan; the last good one stays.
    """
    rng, loss = np.random.default_rng(plan.seed), SoftmaxCrossEntropy()
    model = build(rng=rng).astype(split.X.dtype.type)
    model.params.update(weights or {})
    optimizer, progress = Adam(plan.learning_rate), Progress()
    if checkpoint.exists():
        progress = resume(checkpoint, plan, model, optimizer, rng)
    else:  # a folder that may not be written to shows now, not after the first epoch
        _write(checkpoint, plan, model, optimizer, rng, progress)

    def moved(X: Array, y: Array, rng: np.random.Generator) -> Array:
        X = random_shift(X, plan.max_pixels, rng=rng)
        X = random_rotate(X, plan.max_degrees, rng=rng) if plan.max_degrees else X
        return random_warp(X, plan.warp, rng=rng) if plan.warp else X

    prepare = moved if plan.max_pixels or plan.max_degrees or plan.warp else None
    while progress.step < plan.steps:
        start, start_cpu = time.perf_counter(), time.process_time()
        report(progress.step)
        losses = []
        for record in fit(
            model, loss, optimizer, split.X, split.y, epochs=1, batch_size=plan.batch_size, rng=rng, prepare=prepare
        ):
            losses.append(record.loss)
            progress.step += 1
            if plan.decay:
                optimizer.learning_rate = plan.learning_rate * cosine_decay(progress.step, plan.steps)
            report(progress.step)
            if progress.step == plan.steps:
                break
        Z = predict(model, split.X_validation, batch_size=500)
        progress.loss.append(round(float(np.mean(losses)), 5))
        progress.validation_loss.append(round(loss.forward(Z, split.y_validation)[0], 5))
        progress.validation.append(round(float((Z.argmax(axis=1) == split.y_validation).mean()), 5))
        progress.seconds.append(round(time.perf_counter() - start, 1))
        progress.cpu_seconds.append(round(time.process_time() - start_cpu, 1))
        _write(checkpoint, plan, model, optimizer, rng, progress)
    report(progress.step)
    return model, progress


def _write(
    path: Path, plan: Plan, model: Sequential, optimizer: Adam, rng: np.random.Generator, progress: Progress
) -> None:
    notes = {"plan": asdict(plan), "progress": asdict(progress)}
    save(path, storage.snapshot(model, optimizer, rng) | {"notes": np.array(json.dumps(notes))})


def save(path: Path, arrays: Params) -> None:
    """Write arrays as :func:`dlbook.storage.save` does; an error says what is left and what to do.

    Raises:
        CheckpointError: the disk is full, or the folder is missing or may not be written to.
    """
    try:
        storage.save(path, arrays)
    except OSError as error:
        raise cannot_write(path, error) from error


def save_text(path: Path, text: str) -> None:
    """Write a text, whole or not at all, with the errors of :func:`save`."""
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> CheckpointError:
    """Return the error that says what could not be written, what is left, and what to do."""
    left = f"the last good {path.name} is still there" if path.exists() else "nothing was written"
    return CheckpointError(
        f"cannot write {path.name} in {path.parent}: {error.strerror or error}; {left}; "
        f"make room there or choose another folder with --out, and give the same command again"
    )


def resume(path: Path, plan: Plan, model: Sequential, optimizer: Adam, rng: np.random.Generator) -> Progress:
    """Put the checkpoint of ``plan`` back into the given objects and return how far it had come."""
    try:
        arrays = storage.load(path)
        notes: dict[str, Any] = json.loads(str(arrays["notes"]))
        held = Plan(**notes["plan"])
        if held == plan:
            storage.restore(arrays, model, optimizer, rng)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"cannot go on from {path}: {error}; delete it to begin anew") from error
    other = [f"{key} {value!r}" for key, value in asdict(held).items() if value != getattr(plan, key)]
    if other:
        raise CheckpointError(
            f"{path} belongs to a run with {', '.join(other)}: choose another folder with --out, or delete it"
        )
    return Progress(**notes["progress"])
