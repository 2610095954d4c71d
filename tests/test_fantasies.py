"""The machines that chapter 12 lets dream: 8 bits are enough, and the kept ones are those of the record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dlbook import BernoulliRBM, data
from dlbook.experiments import fantasies, record
from dlbook.init import normal


def test_eight_bits_keep_the_weights_to_half_a_step() -> None:
    machine = BernoulliRBM(9, 4, rng=np.random.default_rng(0), init=normal(1.0))
    kept = fantasies.in_8_bits(machine)
    assert kept["W"].dtype == np.int8
    assert (np.abs(kept["W"] * kept["scale"] - machine.params["W"]) <= 0.501 * kept["scale"]).all()
    assert (np.abs(kept["W"]).max(axis=1) == 127).all()  # each unit uses the whole range


def test_a_machine_that_was_not_kept_is_named() -> None:
    with pytest.raises(ValueError, match=r"no machine 'PCD\.3' was kept; there are CD-1\.100, PCD\.1, "):
        fantasies.machine("PCD", 3)


def test_kept_machines_are_those_of_the_record() -> None:
    recorded = record.read("fantasies").results
    v = (data.mnist(dtype=np.float32)[2] > 0.5).astype(np.float32)
    for method in ("CD-1", "PCD"):
        for i, epoch in enumerate(recorded[method]["epoch"]):
            machine = fantasies.machine(method, epoch)
            back = machine.visible_mean(machine.hidden_probabilities(v))
            assert ((v - back) ** 2).mean() == pytest.approx(recorded[method]["reconstruction"][i], abs=3e-4)


def test_a_short_run_writes_record_and_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    short = {"epochs": 1, "n_hidden": 4, "keep": {"CD-1": [1], "PCD": [1]}, "ais": {"chains": 5, "temperatures": 5}}
    steps = []
    results = fantasies.run(fantasies.SETTINGS | short, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (200, 200)
    for method in ("CD-1", "PCD"):
        assert results[method]["epoch"] == [1]
        assert results[method]["low"][0] <= results[method]["log_likelihood"][0] < 0
        assert fantasies.machine(method, 1, tmp_path / "fantasies.npz").n_hidden == 4
