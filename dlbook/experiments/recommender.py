"""Guessing stars: the machine of ratings against the means of items and users.

On generated ratings the best possible error is known, on MovieLens 100K it is not. Each seed draws its own ratings or
its own split. What is set for the machines was chosen with seeds that are not among these.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import data
from dlbook.adaptive import Adam
from dlbook.experiments.record import Report
from dlbook.penalties import L2
from dlbook.recommend import RatingRBM, item_mean, log_shares, one_hot, rmse, user_mean
from dlbook.shapes import Array
from dlbook.train_rbm import fit_rbm

SETTINGS: dict[str, Any] = {
    "generated": {
        "n_users": 1000,
        "n_items": 40,
        "held_out": 0.2,
        "hidden": 8,
        "learning_rate": 0.01,
        "l2": 0.001,
        "batch_size": 20,
        "epochs": 60,
        "every": 10,
        "seeds": [1, 2, 3, 4, 5],
    },
    "movielens": {
        "held_out": 0.1,
        "hidden": 32,
        "learning_rate": 0.003,
        "l2": 0.0003,
        "batch_size": 50,
        "epochs": 30,
        "every": 5,
        "seeds": [1, 2, 3],
    },
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return root mean squared errors on held-out ratings, one for each seed.

    ``rbm[seed]`` is a list over ``epochs``, predicted with one pass up and down; ``exact`` predicts at the end, with
    all states of the hidden units. Needs MovieLens 100K, unless its list of seeds is empty.
    """
    total = sum(part["epochs"] * len(part["seeds"]) for part in settings.values())
    results: dict[str, Any] = {}
    done = 0
    for name, part in settings.items():
        measures: list[dict[str, Any]] = []
        for seed in part["seeds"]:
            rng, known = np.random.default_rng(seed), None
            if name == "generated":
                known = data.ratings(part["n_users"], part["n_items"], rng=rng)
            R = data.movielens() if known is None else known.R
            train, test = data.hold_out(R, part["held_out"], rng=rng)
            errors = compare(train, test, part, rng=rng)
            if known is not None:
                errors["floor"] = known.floor(test)
            measures.append(errors)
            done += part["epochs"]
            report(done, total)
        results[name] = {"epochs": list(range(0, part["epochs"] + 1, part["every"]))}
        results[name] |= {key: [np.round(m[key], 4).tolist() for m in measures] for key in (measures or [{}])[0]}
    return results


def compare(train: Array, test: Array, part: dict[str, Any], *, rng: np.random.Generator) -> dict[str, Any]:
    """Train on one matrix of ratings and return the errors on another."""
    levels = int(train.max())
    rbm = RatingRBM(train.shape[1], levels, part["hidden"], rng=rng)
    rbm.params["a"][...] = log_shares(train, levels)
    v = one_hot(train, levels).astype(np.float32)
    rbm.astype(np.float32)
    curve = [rmse(rbm.predict(v), test)]
    steps = fit_rbm(
        rbm,
        Adam(part["learning_rate"]),
        v,
        epochs=part["epochs"],
        batch_size=part["batch_size"],
        rng=rng,
        every="epoch",
        penalty=L2(part["l2"]),
    )
    for step in steps:
        if step.epoch % part["every"] == 0:
            curve.append(rmse(rbm.predict(v), test))
    return {
        "rbm": curve,
        "exact": rmse(rbm.predict(v, exact=True), test),
        "item_mean": rmse(item_mean(train), test),
        "user_mean": rmse(user_mean(train), test),
    }
