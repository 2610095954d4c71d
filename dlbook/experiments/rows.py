"""Digits as sequences: an LSTM reads an image row by row, 28 steps of 28 pixels, and says the digit at the end.

On the subset of MNIST inside the package. The number of epochs and all rates are fixed beforehand, and the network of
the last step is the one that counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import data
from dlbook.adaptive import Adam
from dlbook.clipping import Clipped
from dlbook.dense import Dense
from dlbook.experiments.record import Report
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.schedules import cosine_decay
from dlbook.sequential import Sequential
from dlbook.train import accuracy, fit

SETTINGS: dict[str, Any] = {
    "networks": ["LSTM", "RNN"],
    "units": 64,
    "epochs": 12,
    "batch_size": 100,
    "learning_rate": {"LSTM": 0.005, "RNN": 0.001},
    "clip_norm": 1.0,
    "seeds": [0, 1, 2],
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return per network the parameters, and the accuracies on training and test images, one per seed."""
    X, y, X_test, y_test = data.mnist(dtype=np.float32)
    X, X_test = X.reshape(-1, 28, 28), X_test.reshape(-1, 28, 28)
    per_run = settings["epochs"] * -(-len(X) // settings["batch_size"])
    total, done = len(settings["networks"]) * len(settings["seeds"]) * per_run, 0
    results: dict[str, Any] = {}
    for name in settings["networks"]:
        results[name] = {"train": [], "test": []}
        rate = settings["learning_rate"][name]
        for seed in settings["seeds"]:
            rng = np.random.default_rng(seed)
            layer = (LSTM if name == "LSTM" else RNN)(28, settings["units"], rng=rng)
            net = Sequential(layer, LastStep(), Dense(settings["units"], 10, rng=rng)).astype(np.float32)
            optimizer = Clipped(Adam(rate), norm=settings["clip_norm"])
            for record in fit(
                net,
                SoftmaxCrossEntropy(),
                optimizer,
                X,
                y,
                epochs=settings["epochs"],
                batch_size=settings["batch_size"],
                rng=rng,
            ):
                optimizer.learning_rate = rate * cosine_decay(record.step, per_run)
                done += 1
                report(done, total)
            results[name]["train"].append(round(accuracy(net, X, y), 4))
            results[name]["test"].append(round(accuracy(net, X_test, y_test), 4))
            results[name]["parameters"] = sum(p.size for p in net.params.values())
    return results
