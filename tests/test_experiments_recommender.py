"""The recorded runs of chapter 13 come again, and say what the chapter says of them."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook.experiments import few_labels, recommender
from dlbook.experiments.record import read


def test_errors_on_generated_ratings_come_again() -> None:
    recorded = read("recommender")
    part = recorded.settings["generated"]
    settings = recorded.settings | {"generated": part | {"seeds": part["seeds"][:1]}}
    settings["movielens"] = settings["movielens"] | {"seeds": []}
    reports: list[tuple[int, int]] = []
    again = recommender.run(settings, lambda done, total: reports.append((done, total)))["generated"]
    assert reports == [(part["epochs"], part["epochs"])]
    for measure in ("floor", "item_mean", "user_mean"):
        assert again[measure] == recorded.results["generated"][measure][:1], measure
    assert again["exact"] == pytest.approx(recorded.results["generated"]["exact"][:1], abs=0.02)
    assert again["rbm"][0] == pytest.approx(recorded.results["generated"]["rbm"][0], abs=0.02)


def test_the_machine_beats_both_means_with_every_seed() -> None:
    for name, found in read("recommender").results.items():
        best = np.minimum(found["item_mean"], found["user_mean"])
        assert (np.array(found["rbm"])[:, -1] < best).all(), name
        assert (np.array(found["exact"]) < best).all(), name


def test_few_labels_runs_all_methods() -> None:
    settings = few_labels.SETTINGS | {
        "labels": [10],
        "steps": 3,
        "strengths": [0.001],
        "seeds": [0],
        "sizes": [784, 8, 6],
    }
    settings["pretraining"] = settings["pretraining"] | {"epochs": 1}
    reports: list[tuple[int, int]] = []
    results = few_labels.run(settings, lambda done, total: reports.append((done, total)))
    assert reports[-1] == (10, 10)
    assert results["strength"] == {method: {"10": 0.001} for method in few_labels.METHODS}
    assert all(0 < results["test"][method]["10"][0] < 1 for method in few_labels.METHODS)
    recorded = read("few_labels").results["test"]
    assert recorded.keys() == results["test"].keys()
