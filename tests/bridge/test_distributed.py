"""Two processes take the steps of one, and a wrong way of sharing is told apart."""

from __future__ import annotations

import pytest

from dlbook.experiments import distributed, frameworks

SETTINGS = distributed.SETTINGS | {"steps": 4}


@pytest.fixture(scope="module")
def results() -> dict:
    return distributed.run(SETTINGS, lambda done, total: None)


@pytest.mark.parametrize("way", ["one process", "two processes"])
def test_the_steps_are_those_of_numpy(results: dict, way: str) -> None:
    assert len(results["distance"][way]) == SETTINGS["steps"]
    assert max(results["distance"][way]) < 1e-10


def test_all_processes_hold_the_same_bits(results: dict) -> None:
    assert results["between processes"]["two processes"] == [0.0] * SETTINGS["steps"]


@pytest.mark.parametrize("way", ["two processes, 80 and 20", "two processes, nothing averaged"])
def test_a_wrong_mean_shows_at_once(results: dict, way: str) -> None:
    assert min(results["distance"][way]) > 1e-4


def test_without_averaging_the_processes_drift_apart(results: dict) -> None:
    apart = results["between processes"]["two processes, nothing averaged"]
    assert min(apart) > 1e-4
    assert apart[-1] > apart[0]


def test_the_experiment_of_the_frameworks_in_small() -> None:
    paths = {"float32": ["float32", 1e-8], "float64": ["float64", 1e-8], "other": ["float64", 1e-7]}
    small = {"steps": 3, "rounds": 1, "seconds_per_turn": 0.001, "timed": {"LSTM 28 × 64": [[28, 28], [2]]}}
    found = frameworks.run(frameworks.SETTINGS | small | {"paths": paths}, lambda done, total: None)
    assert max(found["paths"]["float64"]["gradient"] + found["paths"]["float64"]["weights"]) < 1e-10
    assert found["paths"]["float32"]["gradient"][0] < 1e-5
    assert min(found["paths"]["other"]["weights"]) > 1e-7
    assert set(found["milliseconds"]["LSTM 28 × 64"]["2"]["prediction"]) == {"dlbook", "PyTorch", "onnxruntime"}
