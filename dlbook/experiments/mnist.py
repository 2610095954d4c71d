"""Handwritten digits, all of them: source 004's network, plain, as printed, and as five that decide together.

The plain runs learn from the images as they are. The members see each image shifted and turned a little, anew in every
epoch. Five of these networks go on for two more epochs with images that are bent like rubber, from a smaller learning
rate; their probabilities are averaged, for the image as it is, and again with four shifted views of it. One more run
keeps to what the source prints: 2,000 steps of 50 images.

The first 5,000 training images are held out, as in the source; the settings were chosen with them. The test images are
read by the networks of the last step. One decision was made with the test images in sight: the two more epochs were
added when the first three members together had read 99.41 % of them.

Everything is written to one folder: a checkpoint after every epoch, the weights, a report. A run that is killed goes on
from there when the same command is given again, and ends with the same bits.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dlbook import data, storage, zoo
from dlbook.activations import softmax
from dlbook.augment import shift
from dlbook.experiments.record import Record, Report
from dlbook.experiments.resumable import CheckpointError, Plan, Progress, Split, save, save_text, train
from dlbook.init import truncated_normal
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.train import predict

SETTINGS: dict[str, Any] = {
    "network": "mnist_convnet",
    "training_images": 55000,
    "validation_images": 5000,
    "batch_size": 100,
    "learning_rate": 0.001,
    "seeds": [0, 1, 2],
    "epochs": 5,
    "members": [3, 4, 5, 6],
    "member_epochs": 5,
    "max_pixels": 1,
    "max_degrees": 10,
    "further_from": ["plain-0", "member-3", "member-4", "member-5", "member-6"],
    "further_epochs": 2,
    "further_learning_rate": 0.0005,
    "further_warp": 1.2,
    "view_pixels": 1,
    "printed_seeds": [0],
    "printed_steps": 2000,
    "printed_batch_size": 50,
    "printed_learning_rate": 0.0001,
    "dtype": "float32",
    "full": True,
}


GROUPS = ("plain", "printed", "member", "further")


def as_printed(*, rng: np.random.Generator) -> Sequential:
    """Return source 004's network with the weights it prints: N(0, 0.1²) cut at two deviations, biases of 0.1."""
    model = zoo.mnist_convnet(rng=rng)
    for name, p in model.params.items():
        p[...] = truncated_normal(0.1)(p.shape, 0, 0, rng=rng) if name.endswith("W") else 0.1
    return model


NETWORKS = {"mnist_convnet": zoo.mnist_convnet, "lenet5": zoo.lenet5, "as_printed": as_printed}


def plans(settings: dict[str, Any]) -> dict[str, Plan]:
    """Return what is to be trained, under the names of the files."""
    s = settings
    per_epoch = -(-s["training_images"] // s["batch_size"])
    kind = (s["network"], s["batch_size"], s["learning_rate"])

    def plan(seed: int, epochs: int, moved: bool) -> Plan:
        network, batch_size, rate = kind
        by = (s["max_pixels"], float(s["max_degrees"])) if moved else (0, 0.0)
        return Plan(network, seed, epochs * per_epoch, batch_size, rate, True, *by)

    plain = {f"plain-{seed}": plan(seed, s["epochs"], False) for seed in s["seeds"]}
    printed = {
        f"printed-{seed}": Plan(
            "as_printed", seed, s["printed_steps"], s["printed_batch_size"], s["printed_learning_rate"], False
        )
        for seed in s["printed_seeds"]
    }
    members = {f"member-{seed}": plan(seed, s["member_epochs"], True) for seed in s["members"]}
    further = {}
    for start in s["further_from"]:
        seed = (plain | members)[start].seed
        further[f"further-{seed}"] = Plan(
            s["network"],
            100 + seed,  # draws of its own
            s["further_epochs"] * per_epoch,
            s["batch_size"],
            s["further_learning_rate"],
            max_pixels=s["max_pixels"],
            warp=s["further_warp"],
            start=start,
        )
    return plain | members | further | printed


def digits(settings: dict[str, Any]) -> tuple[Split, Array, Array]:
    """Return the split of the training images, and the test images with their labels."""
    X, y, X_test, y_test = data.mnist(full=settings["full"], dtype=np.dtype(settings["dtype"]).type)
    X, X_test = X.reshape(-1, 1, 28, 28), X_test.reshape(-1, 1, 28, 28)
    first, last = settings["validation_images"], settings["validation_images"] + settings["training_images"]
    if last > len(X):
        raise ValueError(f"there are {len(X)} training images, the settings ask for {last}")
    return Split(X[first:last], y[first:last], X[:first], y[:first]), X_test, y_test


def trained(name: str, plan: Plan, split: Split, folder: Path, report: Any) -> tuple[Sequential, Progress]:
    """Return the network of ``plan``: read from the folder where it is there, else trained and written there."""
    notes, weights, checkpoint = (folder / f"{name}{end}" for end in (".json", ".npz", ".checkpoint.npz"))
    if notes.exists():  # written last: the weights are whole
        held = json.loads(notes.read_text(encoding="utf-8"))
        if Plan(**held["plan"]) != plan:
            raise CheckpointError(
                f"{notes} belongs to other settings, {held['plan']}: choose another folder with --out"
            )
        model = NETWORKS[plan.network](rng=np.random.default_rng(0)).astype(split.X.dtype.type)
        model.params.update(storage.load(weights))
        report(plan.steps)
        return model, Progress(**held["progress"])
    for half_written in folder.glob(f".{name}.*"):  # by a run that was killed
        half_written.unlink()
    start = storage.load(folder / f"{plan.start}.npz") if plan.start else None
    model, progress = train(plan, NETWORKS[plan.network], split, checkpoint, report, start)
    save(weights, model.params)
    save_text(notes, json.dumps({"plan": asdict(plan), "progress": asdict(progress)}, indent=1))
    checkpoint.unlink()
    return model, progress


def run(settings: dict[str, Any], report: Report, folder: Path) -> dict[str, Any]:
    """Train all networks, write weights and checkpoints to ``folder``, and return what the test images say.

    Raises:
        CheckpointError: a file there cannot be written or belongs to other settings.
        ValueError: the settings ask for more images than there are.
    """
    split, X_test, y_test = digits(settings)
    chosen = plans(settings)
    done, total = 0, sum(plan.steps for plan in chosen.values())
    runs: dict[str, Progress] = {}
    P: dict[str, Array] = {}  # what each network makes of the test images
    answers: dict[str, list[tuple[Array, Array]]] = {"straight": [], "views": []}  # of the members, both sets of images
    for name, plan in chosen.items():

        def so_far(step: int, before: int = done) -> None:
            report(before + step, total)

        model, runs[name] = trained(name, plan, split, folder, so_far)
        P[name] = probabilities(model, X_test)
        if name.startswith("further"):
            answers["straight"].append((probabilities(model, split.X_validation), P[name]))
            views = [from_all_sides(model, X, settings["view_pixels"]) for X in (split.X_validation, X_test)]
            answers["views"].append((views[0], views[1]))
        done += plan.steps
    results: dict[str, Any] = {"threads": os.environ.get("OPENBLAS_NUM_THREADS", "all")}
    for group in GROUPS:
        names = [name for name in chosen if name.startswith(group)]
        if names:
            results[group] = _group([runs[name] for name in names], [P[name] for name in names], y_test)
            results[group]["first"] = mistakes(P[names[0]], y_test)
    if answers["straight"]:
        results["ensemble"] = _together(answers["straight"], split.y_validation, y_test)
        results["ensemble"]["views"] = _together(answers["views"], split.y_validation, y_test)
    return results


def write_report(made: Record, folder: Path) -> None:
    """Write ``report.html`` and its figures to the folder of the weights."""
    from dlbook.experiments import mnist_report  # which needs matplotlib

    _, X_test, _ = digits(made.settings)
    mnist_report.write(made, X_test, folder)


def probabilities(model: Sequential, X: Array) -> Array:
    """Return the network's probabilities for images X: (m, 10)."""
    return softmax(predict(model, X, batch_size=500))


def from_all_sides(model: Sequential, X: Array, pixels: int) -> Array:
    """Return the mean of the probabilities for the images as they are and shifted left, right, up and down."""
    sides = ((0, 0), (-pixels, 0), (pixels, 0), (0, -pixels), (0, pixels))
    return np.asarray(np.mean([probabilities(model, shift(X, dx, dy)) for dx, dy in sides], axis=0))


def share(P: Array, y: Array) -> float:
    """Return the share of right answers."""
    return round(float((P.argmax(axis=1) == y).mean()), 5)


def mistakes(P: Array, y: Array) -> dict[str, Any]:
    """Return the confusion matrix, row by digit and column by answer, and every image that is misread.

    An image is its index, the digit, the answer and the probabilities given to answer and digit.
    """
    answer = P.argmax(axis=1)
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (y, answer), 1)
    wrong = [
        [int(i), int(y[i]), int(answer[i]), round(float(P[i, answer[i]]), 3), round(float(P[i, y[i]]), 3)]
        for i in np.flatnonzero(answer != y)
    ]
    return {"confusion": confusion.tolist(), "wrong": wrong}


def spent(results: dict[str, Any]) -> float:
    """Return the seconds that all trainings took by the clock, over however many calls of the command."""
    return float(sum(sum(results[group]["seconds"]) for group in GROUPS if group in results))


def _together(answers: list[tuple[Array, Array]], y_validation: Array, y_test: Array) -> dict[str, Any]:
    """Return what the mean of the members' probabilities reaches: all of them, and the first one, two and so on."""
    P = np.mean([P for _, P in answers], axis=0)
    return mistakes(P, y_test) | {
        "test": share(P, y_test),
        "validation": share(np.mean([P for P, _ in answers], axis=0), y_validation),
        "by_size": [share(np.mean([P for _, P in answers[:n]], axis=0), y_test) for n in range(1, len(answers) + 1)],
    }


def _group(runs: list[Progress], P: list[Array], y: Array) -> dict[str, Any]:
    """Return what networks of one kind have reached, one entry for each, and how they learned, epoch by epoch."""
    test = [share(p, y) for p in P]
    return {
        "test": test,
        "mean": round(float(np.mean(test)), 5),
        "spread": round(float(np.std(test, ddof=1)), 5) if len(test) > 1 else 0.0,
        "misread": [int((p.argmax(axis=1) != y).sum()) for p in P],
        "seconds": [round(sum(run.seconds), 1) for run in runs],
        "cpu_seconds": [round(sum(run.cpu_seconds), 1) for run in runs],
        "loss": [run.loss for run in runs],
        "validation_loss": [run.validation_loss for run in runs],
        "validation": [run.validation for run in runs],
    }
