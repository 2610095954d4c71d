"""The adding problem over 100 steps: an LSTM remembers the first number, a plain recurrent network does not.

All networks have 32 units, see the same sequences and take the same optimizer. Every step draws new sequences, so that
there is nothing to learn by heart; the error is measured on sequences that no step has seen. Always to answer 1 has a
mean squared error of 1/6. The tanh network runs with two learning rates, so that its failure is not one of the rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.adaptive import Adam
from dlbook.clipping import Clipped
from dlbook.dense import Dense
from dlbook.experiments.record import Report
from dlbook.losses import MeanSquaredError
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.sequences import adding_problem
from dlbook.sequential import Sequential
from dlbook.unrolled import Recurrent

SETTINGS: dict[str, Any] = {
    "length": 100,
    "units": 32,
    "steps": 1500,
    "batch_size": 50,
    "clip_norm": 1.0,
    "forget_bias": 1.0,
    "networks": {
        "LSTM": ["lstm", 0.01],
        "tanh RNN": ["tanh", 0.01],
        "tanh RNN, smaller rate": ["tanh", 0.001],
        "ReLU RNN": ["relu", 0.001],
    },
    "seeds": [0, 1, 2],
    "test_sequences": 1000,
    "test_seed": 999,
    "every": 50,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return per network the test errors, one row per seed: after 0, ``every``, 2 · ``every``, … steps."""
    X_test, y_test = adding_problem(
        settings["test_sequences"], settings["length"], rng=np.random.default_rng(settings["test_seed"])
    )
    X_test = X_test.astype(np.float32)
    steps, done = settings["steps"], 0
    total = len(settings["networks"]) * len(settings["seeds"]) * steps
    results: dict[str, Any] = {"steps": list(range(0, steps + 1, settings["every"])), "errors": {}}
    for name, (kind, learning_rate) in settings["networks"].items():
        results["errors"][name] = []
        for seed in settings["seeds"]:
            rng = np.random.default_rng(seed)
            net = Sequential(
                recurrent_layer(kind, settings, rng), LastStep(), Dense(settings["units"], 1, rng=rng)
            ).astype(np.float32)
            optimizer, loss = Clipped(Adam(learning_rate), norm=settings["clip_norm"]), MeanSquaredError()
            errors = []
            for step in range(steps + 1):
                if step % settings["every"] == 0:
                    errors.append(round(float(((net(X_test) - y_test) ** 2).mean()), 5))
                if step < steps:
                    X, y = adding_problem(settings["batch_size"], settings["length"], rng=rng)
                    Y, cache = net.forward(X.astype(np.float32))
                    dY = loss.backward(loss.forward(Y, y)[1])
                    optimizer.step(net.params, net.param_grads(dY, cache))
                    done += 1
                    report(done, total)
            results["errors"][name].append(errors)
    return results


def recurrent_layer(kind: str, settings: dict[str, Any], rng: np.random.Generator) -> Recurrent:
    """Return the layer that reads (number, mark) at every step."""
    if kind == "lstm":
        return LSTM(2, settings["units"], rng=rng, forget_bias=settings["forget_bias"])
    return RNN(2, settings["units"], rng=rng, activation="relu" if kind == "relu" else "tanh")
