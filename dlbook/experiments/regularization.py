"""Few images, many weights: what each method of chapter 6 brings on the same digits.

A network 784-100-10 learns from few images per digit. The strength of each method is chosen on validation images, with
seeds of its own; only then the test images are looked at, with other seeds and other training images.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import data
from dlbook.activations import ReLU
from dlbook.adversarial import fgsm
from dlbook.augment import random_rotate, random_shift
from dlbook.dense import Dense
from dlbook.dropout import Dropout, GaussianNoise
from dlbook.ensemble import average, bagging, vote
from dlbook.experiments.record import Report
from dlbook.init import he_normal
from dlbook.layer import Layer, Params
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.optim import Momentum
from dlbook.penalties import L1, L2, MaxNorm
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.train import accuracy, fit

# What the number means: L2, L1 λ · max-norm the radius c · dropout p of the hidden layer · noise σ at the input ·
# augmentation the largest angle in degrees, with shifts of up to 2 pixels · adversarial training ε · bagging the number
# of networks · early stopping after so many epochs without a better loss on validation images.
CHOICES: dict[str, list[float]] = {
    "none": [0],
    "L2": [0.001, 0.003, 0.01, 0.03],
    "L1": [0.00003, 0.0001, 0.0003, 0.001],
    "max-norm": [0.5, 1, 1.5, 2],
    "dropout": [0.2, 0.4, 0.6, 0.8],
    "noise": [0.2, 0.4, 0.7, 1.0],
    "augmentation": [10, 15, 20, 30],
    "adversarial": [0.03, 0.1, 0.2, 0.3],
    "early stopping": [5],
    "bagging": [10],
    "augmentation and dropout": [20],
}

SETTINGS: dict[str, Any] = {
    "training_images": 300,
    "validation_images": 2000,
    "hidden": 100,
    "epochs": 100,
    "batch_size": 50,
    "learning_rate": 0.02,
    "momentum": 0.9,
    "tuning_seeds": [100, 101, 102],
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "test_noise": 0.5,
    "test_epsilon": 0.05,
    "choices": CHOICES,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return, for each method, the chosen strength and all measures, one number per seed."""
    X, y, X_test, y_test = data.mnist()
    held_out = settings["validation_images"]
    pool, validation = (X[:-held_out], y[:-held_out]), (X[-held_out:], y[-held_out:])
    tuned = {method: strengths for method, strengths in settings["choices"].items() if len(strengths) > 1}
    total = len(settings["tuning_seeds"]) * sum(map(len, tuned.values())) + len(settings["seeds"]) * len(
        settings["choices"]
    )
    done = 0
    results: dict[str, Any] = {}
    for method, strengths in settings["choices"].items():
        scores = []
        for strength in strengths if method in tuned else ():
            right = []
            for seed in settings["tuning_seeds"]:
                few = few_images(pool, settings["training_images"], rng=np.random.default_rng(seed))
                right.append(_share_right(train(method, strength, few, validation, seed, settings), *validation))
                done += 1
                report(done, total)
            scores.append(round(float(np.mean(right)), 4))
        best = strengths[int(np.argmax(scores))] if scores else strengths[0]
        measures: list[dict[str, float]] = []
        for seed in settings["seeds"]:
            few = few_images(pool, settings["training_images"], rng=np.random.default_rng(seed))
            members = train(method, best, few, validation, seed, settings)
            measures.append(_measure(members, few, X_test, y_test, seed, settings))
            done += 1
            report(done, total)
        results[method] = {"strength": best, "validation": scores}
        results[method] |= {name: [m[name] for m in measures] for name in measures[0]}
    return results


def few_images(pool: tuple[Array, Array], n: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return ``n`` images of the pool, n/10 of each digit."""
    X, y = pool
    chosen = np.concatenate([rng.permutation(np.flatnonzero(y == digit))[: n // 10] for digit in range(10)])
    return X[chosen], y[chosen]


def train(
    method: str,
    strength: float,
    few: tuple[Array, Array],
    validation: tuple[Array, Array],
    seed: int,
    settings: dict[str, Any],
) -> list[Layer]:
    """Return the trained network, alone in a list, or the networks of an ensemble."""
    rng, (X, y) = np.random.default_rng([1, seed]), few  # not the generator that chose the images

    def one(X: Array, y: Array, rng: np.random.Generator) -> Layer:
        return _network(method, strength, X, y, validation, settings, rng=rng)

    return bagging(one, X, y, n_members=int(strength), rng=rng) if method == "bagging" else [one(X, y, rng)]


def _network(
    method: str,
    strength: float,
    X: Array,
    y: Array,
    validation: tuple[Array, Array],
    settings: dict[str, Any],
    *,
    rng: np.random.Generator,
) -> Layer:
    hidden, loss = settings["hidden"], SoftmaxCrossEntropy()
    model = Sequential(
        *([GaussianNoise(strength)] if method == "noise" else []),
        Dense(784, hidden, init=he_normal, rng=rng),
        ReLU(),
        *([Dropout(strength)] if method == "dropout" else []),
        *([Dropout(0.5)] if method == "augmentation and dropout" else []),
        Dense(hidden, 10, init=he_normal, rng=rng),
    )

    def turned(X: Array, y: Array, rng: np.random.Generator) -> Array:
        return random_rotate(random_shift(X, 2, rng=rng), strength, rng=rng)

    def attacked(X: Array, y: Array, rng: np.random.Generator) -> Array:
        attacked = X.copy()
        half = len(X) // 2  # half of the batch stays clean
        attacked[:half] = fgsm(model, loss, X[:half], y[:half], strength)
        return attacked

    epochs = fit(
        model,
        loss,
        Momentum(settings["learning_rate"], settings["momentum"]),
        X,
        y,
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        rng=rng,
        every="epoch",
        penalty={"L2": L2, "L1": L1}[method](strength) if method in ("L2", "L1") else None,
        constraint=MaxNorm(strength) if method == "max-norm" else None,
        prepare=attacked if method == "adversarial" else turned if method.startswith("augmentation") else None,
    )
    best, kept, waited = np.inf, _copy(model.params), 0
    for _ in epochs:
        if method == "early stopping":
            J = loss.forward(model(validation[0]), validation[1])[0]
            best, kept, waited = (J, _copy(model.params), 0) if best > J else (best, kept, waited + 1)
            if waited == strength:
                break
    if method == "early stopping":
        model.params.update(kept)
    return model


def _copy(params: Params) -> Params:
    return {name: p.copy() for name, p in params.items()}


def _share_right(members: list[Layer], X: Array, y: Array) -> float:
    return float((average(members, X).argmax(axis=1) == y).mean())


def _attack(members: list[Layer], X: Array, y: Array, epsilon: float) -> Array:
    """Return what the fast gradient sign method makes of X against the mean of all members' outputs."""
    ran = [member.forward(X) for member in members]
    loss = SoftmaxCrossEntropy()
    delta = loss.backward(loss.forward(np.mean([Y for Y, _ in ran], axis=0), y)[1])
    dX = sum(member.backward(delta, cache)[0] for member, (_, cache) in zip(members, ran, strict=True))
    return np.asarray(np.clip(X + epsilon * np.sign(dX), 0, 1))


def _measure(
    members: list[Layer], few: tuple[Array, Array], X: Array, y: Array, seed: int, settings: dict[str, Any]
) -> dict[str, float]:
    """Look at the test images, as they are, with noise, and attacked; and at the weights of the first layer."""
    noisy = X + settings["test_noise"] * np.random.default_rng(seed).standard_normal(X.shape)
    W = next(p for name, p in members[0].params.items() if name.endswith("W"))
    measures = {
        "train": _share_right(members, *few),
        "test": _share_right(members, X, y),
        "test_loss": SoftmaxCrossEntropy().forward(average(members, X), y)[0],
        "noisy": _share_right(members, noisy, y),
        "attacked": _share_right(members, _attack(members, X, y, settings["test_epsilon"]), y),
        "length": float(np.sqrt((W**2).sum(axis=1)).mean()),
        "near_zero": float((np.abs(W) < 0.001).mean()),
        "one_member": float(np.mean([accuracy(m, X, y) for m in members])),
        "vote": float((vote(members, X) == y).mean()),
    }
    return {name: round(value, 4) for name, value in measures.items()}
