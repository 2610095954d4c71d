"""Many digits, few labels: is it of use to learn first, without labels, what digits look like.

A deep belief network learns from 8,000 images without their labels. Then only some of the labels are given. Logistic
regression takes the pixels, or what the first machine makes of them. A network of two hidden layers starts as the
belief network, or with plain random weights; so does a network of rectified linear units. All are given the same
labelled images and the same number of steps. The strength of the L2 penalty is chosen for each on validation images,
with a seed of its own; only then the test images are looked at, with other seeds, images and labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import data
from dlbook.activations import ReLU, Sigmoid
from dlbook.adaptive import Adam
from dlbook.dbn import DBN, fit_dbn
from dlbook.dense import Dense
from dlbook.experiments.record import Report
from dlbook.experiments.regularization import few_images
from dlbook.init import glorot_uniform, he_normal
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.optim import Momentum
from dlbook.penalties import L2
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.train import accuracy, fit

METHODS = ("pixels", "RBM features", "plain start", "DBN start", "plain start, ReLU")

SETTINGS: dict[str, Any] = {
    "sizes": [784, 256, 128],
    "pretraining": {"epochs": 20, "batch_size": 100, "learning_rate": 0.1, "momentum": 0.8},
    "labels": [100, 300, 1000],
    "validation_images": 2000,
    "steps": 600,
    "batch_size": 50,
    "learning_rate": 0.001,
    "strengths": [0.0003, 0.003],
    "tuning_seed": 100,
    "seeds": [0, 1, 2, 3, 4],
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the share of test images that is right, ``test[method][labels]``, one number per seed.

    ``strength[method][labels]`` is the penalty that was chosen, ``validation`` what each strength gave.
    """
    X, y, X_test, y_test = data.mnist(dtype=np.float32)
    held_out = settings["validation_images"]
    pool, validation = (X[:-held_out], y[:-held_out]), (X[-held_out:], y[-held_out:])
    counts, strengths = settings["labels"], settings["strengths"]
    total = len(METHODS) * len(counts) * (len(strengths) + len(settings["seeds"]))
    results: dict[str, Any] = {name: {method: {} for method in METHODS} for name in ("test", "strength", "validation")}
    done = 0

    def score(method: str, dbn: DBN, n: int, seed: int, strength: float, on: tuple[Array, Array]) -> float:
        nonlocal done
        few = few_images(pool, n, rng=np.random.default_rng(seed))
        right = share_right(method, dbn, few, on, strength, settings, rng=np.random.default_rng([1, seed]))
        done += 1
        report(done, total)
        return round(right, 4)

    dbn = pretrained(pool[0], settings, rng=np.random.default_rng([2, settings["tuning_seed"]]))
    for method in METHODS:
        for n in counts:
            tried = [score(method, dbn, n, settings["tuning_seed"], strength, validation) for strength in strengths]
            results["validation"][method][str(n)] = tried
            results["strength"][method][str(n)] = strengths[int(np.argmax(tried))]
            results["test"][method][str(n)] = []
    for seed in settings["seeds"]:
        dbn = pretrained(pool[0], settings, rng=np.random.default_rng([2, seed]))
        for method in METHODS:
            for n in counts:
                strength = results["strength"][method][str(n)]
                results["test"][method][str(n)].append(score(method, dbn, n, seed, strength, (X_test, y_test)))
    return results


def pretrained(X: Array, settings: dict[str, Any], *, rng: np.random.Generator) -> DBN:
    """Return a belief network that has seen the images, and no label."""
    s = settings["pretraining"]
    dbn = DBN(*settings["sizes"], rng=rng)
    for rbm in dbn.rbms:
        rbm.astype(np.float32)
    optimizers = [Momentum(s["learning_rate"], s["momentum"]) for _ in dbn.rbms]
    for _ in fit_dbn(dbn, optimizers, X, epochs=s["epochs"], batch_size=s["batch_size"], rng=rng):
        pass
    return dbn


def classifier(method: str, dbn: DBN, *, rng: np.random.Generator) -> Sequential:
    """Return the untrained classifier of a method; that of "RBM features" sees what the first machine makes of X."""
    n_in, first, second = dbn.sizes
    if method == "DBN start":
        return dbn.network(10, rng=rng)
    if method in ("pixels", "RBM features"):
        return Sequential(Dense(n_in if method == "pixels" else first, 10, rng=rng)).astype(np.float32)
    Unit, init = (ReLU, he_normal) if method.endswith("ReLU") else (Sigmoid, glorot_uniform)
    hidden = Dense(n_in, first, init=init, rng=rng), Unit(), Dense(first, second, init=init, rng=rng), Unit()
    return Sequential(*hidden, Dense(second, 10, rng=rng)).astype(np.float32)


def share_right(
    method: str,
    dbn: DBN,
    few: tuple[Array, Array],
    on: tuple[Array, Array],
    strength: float,
    settings: dict[str, Any],
    *,
    rng: np.random.Generator,
) -> float:
    """Train with the labels of ``few`` and return the share of ``on`` that the classifier gets right."""
    (X, y), (X_on, y_on) = few, on
    if method == "RBM features":
        X, X_on = dbn.up(X, 1), dbn.up(X_on, 1)
    model = classifier(method, dbn, rng=rng)
    epochs = -(-settings["steps"] * settings["batch_size"] // len(X))  # rounded up
    steps = fit(
        model,
        SoftmaxCrossEntropy(),
        Adam(settings["learning_rate"]),
        X,
        y,
        epochs=epochs,
        batch_size=settings["batch_size"],
        rng=rng,
        penalty=L2(strength),
    )
    for step in steps:
        if step.step == settings["steps"]:
            break
    return accuracy(model, X_on, y_on)
