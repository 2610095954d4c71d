"""Bars and stripes, 4 × 4: how close each way of training comes to the best possible likelihood, known exactly.

The 30 patterns are equally likely, so that no distribution gives them a mean ln P above −ln 30 = −3.40, minus their
entropy. All machines have the same hidden units and the same number of updates; a batch holds every pattern equally
often. The learning rate falls to zero along a straight line. Rates were chosen by hand after a few trials with seeds 0
and 1, fewer for some methods than for others: the curves say what a method can do, not which is best. With one Gibbs
step per update neither CD nor PCD comes within half a nat with every seed, with ten both do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook.enumeration import exact_gradient, log_likelihood, log_partition
from dlbook.experiments.record import Report
from dlbook.optim import Momentum
from dlbook.rbm import BernoulliRBM
from dlbook.toys import bars_and_stripes

SETTINGS: dict[str, Any] = {
    "size": 4,
    "hidden": 12,
    "steps": 6000,
    "copies": 10,  # of each pattern in a batch; as many chains
    "momentum": 0.9,
    "methods": {  # Gibbs steps per update, 0 for the exact gradient; learning rate; whether chains persist
        "exact gradient": [0, 0.3, False],
        "CD-1": [1, 0.02, False],
        "CD-10": [10, 0.02, False],
        "PCD-1": [1, 0.02, True],
        "PCD-10": [10, 0.02, True],
    },
    "seeds": [0, 1, 2, 3, 4],
    "every": 100,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return curves of the mean ln P of the patterns, and the bound.

    ``log_likelihood[method][seed]`` is a list over ``steps`` = 0, ``every``, 2 · ``every``, …
    ``spurious[method][seed]`` is the probability, at the end, of all that is neither bar nor stripe.
    """
    patterns = bars_and_stripes(settings["size"])
    results: dict[str, Any] = {
        "best": round(-float(np.log(len(patterns))), 5),
        "steps": list(range(0, settings["steps"] + 1, settings["every"])),
        "log_likelihood": {name: [] for name in settings["methods"]},
        "spurious": {name: [] for name in settings["methods"]},
    }
    plan = [(name, seed) for name in settings["methods"] for seed in settings["seeds"]]
    for done, (name, seed) in enumerate(plan):
        curve, spurious = train(settings, name, seed)
        results["log_likelihood"][name].append(curve)
        results["spurious"][name].append(spurious)
        report(done + 1, len(plan))
    return results


def train(settings: dict[str, Any], name: str, seed: int) -> tuple[list[float], float]:
    """Return the mean ln P of the patterns along one training, and the probability of all else at its end."""
    k, learning_rate, persistent = settings["methods"][name]
    patterns, rng = bars_and_stripes(settings["size"]), np.random.default_rng(seed)
    batch = np.repeat(patterns, settings["copies"], axis=0)
    rbm = BernoulliRBM(batch.shape[1], settings["hidden"], rng=rng)
    optimizer = Momentum(learning_rate, settings["momentum"])
    chains, steps = batch.copy(), settings["steps"]
    curve = []
    for step in range(steps + 1):
        if step % settings["every"] == 0:
            curve.append(round(float(log_likelihood(rbm, patterns).mean()), 4))
        if step == steps:
            break
        optimizer.learning_rate = learning_rate * (1 - step / steps)
        if k == 0:
            grads = exact_gradient(rbm, patterns)
        elif persistent:
            grads, chains = rbm.persistent_contrastive_divergence(batch, chains, k, rng=rng)
        else:
            grads = rbm.contrastive_divergence(batch, k, rng=rng)
        optimizer.step(rbm.params, grads)
    inside = np.exp(-rbm.free_energy(patterns) - log_partition(rbm)).sum()
    return curve, round(float(1 - inside), 4)
