"""The copy problem at growing delays: three symbols to be remembered, and repeated when the signal comes.

All networks have 64 units and take the same optimizer; every step draws new sequences. What counts is the share of
symbols that are repeated rightly, on sequences that no step has seen; guessing gives one in four.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.adaptive import Adam
from dlbook.clipping import Clipped
from dlbook.dense import Dense
from dlbook.experiments.record import Report
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.recurrent import LSTM, RNN
from dlbook.sequences import copy_problem
from dlbook.sequential import Sequential

SETTINGS: dict[str, Any] = {
    "delays": [5, 10, 20, 50, 100],
    "networks": {"LSTM, forget bias 5": 5.0, "LSTM, forget bias 1": 1.0, "tanh RNN": None},
    "symbols": 4,
    "length": 3,
    "units": 64,
    "steps": 1500,
    "batch_size": 50,
    "learning_rate": 0.01,
    "clip_norm": 1.0,
    "seed": 0,
    "test_sequences": 500,
    "test_seed": 999,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the share of symbols repeated rightly, per network one number for every delay."""
    total, done = len(settings["networks"]) * sum(settings["delays"]), 0
    results: dict[str, Any] = {}
    for name, forget_bias in settings["networks"].items():
        results[name] = []
        for delay in settings["delays"]:
            results[name].append(round(share_right(settings, forget_bias, delay), 4))
            done += delay
            report(done, total)
    return results


def share_right(settings: dict[str, Any], forget_bias: float | None, delay: int) -> float:
    """Train an LSTM, or a plain recurrent network if ``forget_bias`` is None, and let it repeat new symbols."""
    rng = np.random.default_rng(settings["seed"])
    K, L, n = settings["symbols"], settings["length"], settings["units"]
    layer = RNN(K + 2, n, rng=rng) if forget_bias is None else LSTM(K + 2, n, rng=rng, forget_bias=forget_bias)
    net = Sequential(layer, Dense(n, K + 1, rng=rng)).astype(np.float32)
    optimizer, loss = Clipped(Adam(settings["learning_rate"]), norm=settings["clip_norm"]), SoftmaxCrossEntropy()
    for _ in range(settings["steps"]):
        X, y = copy_problem(settings["batch_size"], delay, length=L, symbols=K, rng=rng)
        Z, cache = net.forward(X.astype(np.float32))
        optimizer.step(net.params, net.param_grads(loss.backward(loss.forward(Z, y)[1]), cache))
    test = np.random.default_rng(settings["test_seed"])
    X, y = copy_problem(settings["test_sequences"], delay, length=L, symbols=K, rng=test)
    answers = net(X.astype(np.float32))[:, -L:].argmax(axis=-1)
    return float((answers == y[:, -L:]).mean())
