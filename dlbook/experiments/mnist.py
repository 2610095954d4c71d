"""Handwritten digits, all of them: source 004's network, plain, as printed, and as five that decide together.

The plain runs learn from the images as they are. The members of the ensemble see each image shifted and turned a
little, anew in every epoch. A third run keeps to what the source prints: 2,000 steps of 50 images. The first 5,000
training images are held out, as in the source. They alone were looked at while settings were chosen; the test images
are read once, by the network of the last step.

Everything is written to one folder: a checkpoint after every epoch, the weights, a report. A run that is killed goes on
from there when the same command is given again, and ends with the same bits.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dlbook import data, storage, zoo
from dlbook.activations import softmax
from dlbook.experiments.record import Report
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
    "members": [3, 4, 5, 6, 7],
    "member_epochs": 6,
    "max_pixels": 2,
    "max_degrees": 15,
    "printed_seeds": [0],
    "printed_steps": 2000,
    "printed_batch_size": 50,
    "printed_learning_rate": 0.0001,
    "dtype": "float32",
    "full": True,
}


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
    return plain | printed | members


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
        if held["plan"] != asdict(plan):
            raise CheckpointError(
                f"{notes} belongs to other settings, {held['plan']}: choose another folder with --out"
            )
        model = NETWORKS[plan.network](rng=np.random.default_rng(0)).astype(split.X.dtype.type)
        model.params.update(storage.load(weights))
        report(plan.steps)
        return model, Progress(**held["progress"])
    model, progress = train(plan, NETWORKS[plan.network], split, checkpoint, report)
    save(weights, model.params)
    save_text(notes, json.dumps({"plan": asdict(plan), "progress": asdict(progress)}, indent=1))
    checkpoint.unlink()
    return model, progress


def run(settings: dict[str, Any], report: Report, folder: Path) -> dict[str, Any]:
    """Train all networks, write weights and checkpoints to ``folder``, and return what the test images say."""
    split, X_test, y_test = digits(settings)
    chosen = plans(settings)
    done, total = 0, sum(plan.steps for plan in chosen.values())
    runs: dict[str, Progress] = {}
    outputs: dict[str, tuple[Array, Array]] = {}  # probabilities for validation and test images
    for name, plan in chosen.items():

        def so_far(step: int, before: int = done) -> None:
            report(before + step, total)

        model, runs[name] = trained(name, plan, split, folder, so_far)
        outputs[name] = tuple(softmax(predict(model, X, batch_size=500)) for X in (split.X_validation, X_test))  # type: ignore[assignment]
        done += plan.steps
    results: dict[str, Any] = {}
    for group in ("plain", "printed", "member"):
        names = [name for name in chosen if name.startswith(group)]
        P = [outputs[name][1] for name in names]
        results[group] = {
            "test": [share(p, y_test) for p in P],
            "misread": [int((p.argmax(axis=1) != y_test).sum()) for p in P],
        } | {key: [asdict(runs[name])[key] for name in names] for key in list(asdict(Progress()))[1:]}
    return results


def share(P: Array, y: Array) -> float:
    """Return the share of right answers."""
    return round(float((P.argmax(axis=1) == y).mean()), 5)
