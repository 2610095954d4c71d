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
    "growing": {"lengths": [10, 25, 50, 200], "networks": ["LSTM", "tanh RNN"], "seeds": [0]},
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the test errors: all curves at the one length, and the last error at shorter and longer ones.

    ``errors[network][seed]`` is a list over ``steps`` = 0, ``every``, 2 · ``every``, …; ``growing[network][length]`` is
    a list over the seeds.
    """
    grow, done = settings["growing"], 0
    plan = [(name, settings["length"], seed) for name in settings["networks"] for seed in settings["seeds"]]
    plan += [(name, T, seed) for name in grow["networks"] for T in grow["lengths"] for seed in grow["seeds"]]
    results: dict[str, Any] = {
        "steps": list(range(0, settings["steps"] + 1, settings["every"])),
        "errors": {name: [] for name in settings["networks"]},
        "growing": {name: {str(T): [] for T in grow["lengths"]} for name in grow["networks"]},
    }
    total = sum(length for _, length, _ in plan)
    for i, (name, length, seed) in enumerate(plan):
        errors = train(settings, name, length, seed)
        if i < len(settings["networks"]) * len(settings["seeds"]):
            results["errors"][name].append(errors)
        else:
            results["growing"][name][str(length)].append(errors[-1])
        done += length
        report(done, total)
    return results


def train(settings: dict[str, Any], name: str, length: int, seed: int) -> list[float]:
    """Return the error on test sequences after 0, ``every``, 2 · ``every``, … steps."""
    X_test, y_test = adding_problem(
        settings["test_sequences"], length, rng=np.random.default_rng(settings["test_seed"])
    )
    X_test = X_test.astype(np.float32)
    kind, learning_rate = settings["networks"][name]
    rng, n = np.random.default_rng(seed), settings["units"]
    net = Sequential(recurrent_layer(kind, settings, rng), LastStep(), Dense(n, 1, rng=rng)).astype(np.float32)
    optimizer, loss = Clipped(Adam(learning_rate), norm=settings["clip_norm"]), MeanSquaredError()
    errors = []
    for step in range(settings["steps"] + 1):
        if step % settings["every"] == 0:
            errors.append(round(float(((net(X_test) - y_test) ** 2).mean()), 5))
        X, y = adding_problem(settings["batch_size"], length, rng=rng)
        Y, cache = net.forward(X.astype(np.float32))
        optimizer.step(net.params, net.param_grads(loss.backward(loss.forward(Y, y)[1]), cache))
    return errors


def recurrent_layer(kind: str, settings: dict[str, Any], rng: np.random.Generator) -> Recurrent:
    """Return the layer that reads (number, mark) at every step."""
    if kind == "lstm":
        return LSTM(2, settings["units"], rng=rng, forget_bias=settings["forget_bias"])
    return RNN(2, settings["units"], rng=rng, activation="relu" if kind == "relu" else "tanh")
