"""LeNet-5 on all of MNIST: the network of 1998 and its figure, 99.05 %, with code that is read in a book.

No distorted images, as in that figure of the paper. Nothing is chosen by looking at the test images: the number of
epochs and the learning rate are fixed beforehand, and the network of the last step is the one that counts.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from dlbook import data
from dlbook.adaptive import Adam
from dlbook.experiments.record import Report
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.schedules import cosine_decay
from dlbook.train import accuracy, fit
from dlbook.zoo import lenet5

SETTINGS: dict[str, Any] = {
    "seeds": [0, 1, 2],
    "epochs": 20,
    "batch_size": 50,
    "learning_rate": 0.001,
    "dtype": "float32",
    "full": True,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return accuracies on training and test images, the number of test images misread, and seconds, per seed."""
    dtype = np.dtype(settings["dtype"]).type
    X, y, X_test, y_test = data.mnist(full=settings["full"], dtype=dtype)
    X, X_test = X.reshape(-1, 1, 28, 28), X_test.reshape(-1, 1, 28, 28)
    per_seed = settings["epochs"] * -(-len(X) // settings["batch_size"])
    results: dict[str, list[float]] = {"train": [], "test": [], "misread": [], "seconds": []}
    for i, seed in enumerate(settings["seeds"]):
        start = time.perf_counter()
        rng = np.random.default_rng(seed)
        model = lenet5(rng=rng).astype(dtype)
        optimizer = Adam(settings["learning_rate"])
        steps = fit(
            model,
            SoftmaxCrossEntropy(),
            optimizer,
            X,
            y,
            epochs=settings["epochs"],
            batch_size=settings["batch_size"],
            rng=rng,
        )
        for record in steps:
            optimizer.learning_rate = settings["learning_rate"] * cosine_decay(record.step, per_seed)
            report(i * per_seed + record.step, len(settings["seeds"]) * per_seed)
        right = accuracy(model, X_test, y_test)
        results["train"].append(round(accuracy(model, X, y), 5))
        results["test"].append(round(right, 5))
        results["misread"].append(round((1 - right) * len(y_test)))
        results["seconds"].append(round(time.perf_counter() - start, 1))
    return results
