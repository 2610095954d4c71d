"""Recorded runs: whole files or none, settings that can be run again."""

from __future__ import annotations

import json
import math
import os
from importlib import import_module
from pathlib import Path

import pytest

from dlbook.experiments import record
from dlbook.experiments.__main__ import EXPERIMENTS, changed, main
from dlbook.experiments.record import RECORDS, Record, make, read, write

A = Record("trial", {"seeds": [0, 1]}, {"error": [0.25, 0.5]}, record.environment(), 12.3, "2026-01-02")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write(A, tmp_path / "trial.json")
    assert read("trial", tmp_path) == A
    assert [p.name for p in tmp_path.iterdir()] == ["trial.json"]


def test_a_write_that_fails_leaves_the_old_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(A, tmp_path / "trial.json")

    def full_disk(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write(make("trial", {}, {}, 1.0), tmp_path / "trial.json")
    assert read("trial", tmp_path) == A
    assert [p.name for p in tmp_path.iterdir()] == ["trial.json"]


def test_missing_and_damaged_records_say_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run python -m dlbook\.experiments trial"):
        read("trial", tmp_path)
    for damaged in ("{", '{"experiment": "trial"}', "[]"):
        (tmp_path / "trial.json").write_text(damaged)
        with pytest.raises(ValueError, match="damaged or no record"):
            read("trial", tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(A, tmp_path / "nowhere" / "trial.json")


def test_provenance_names_command_versions_and_time() -> None:
    text = A.provenance()
    for part in ("2026-01-02", "python -m dlbook.experiments trial", "12 s", f"NumPy {A.environment['numpy']}"):
        assert part in text


def test_settings_can_be_changed_by_name_only() -> None:
    settings = {"seeds": [0], "epochs": 3}
    assert changed(settings, ["epochs=5", "seeds=[1,2]"]) == {"seeds": [1, 2], "epochs": 5}
    assert settings == {"seeds": [0], "epochs": 3}
    with pytest.raises(ValueError, match="expects one of seeds, epochs, got 'epoch'"):
        changed(settings, ["epoch=5"])
    with pytest.raises(ValueError, match="a value in JSON"):
        changed(settings, ["epochs=five"])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_book_quotes_a_record_of_the_settings_that_stand_in_the_script(name: str) -> None:
    recorded, module = read(name), import_module(f"dlbook.experiments.{name}")
    assert recorded.experiment == name
    assert recorded.settings == json.loads(json.dumps(module.SETTINGS))
    assert recorded.seconds > 0


def test_every_record_has_its_experiment() -> None:
    assert {path.stem for path in RECORDS.glob("*.json")} == set(EXPERIMENTS)


def test_the_command_refuses_what_it_cannot_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["no-such-experiment"])
    assert "invalid choice" in capsys.readouterr().err
    name = next(iter(EXPERIMENTS))
    assert main([name, "--out", str(tmp_path / "nowhere")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main([name, "--out", str(tmp_path), "--set", "nothing=1"]) == 2
    assert "--set expects one of" in capsys.readouterr().err


def test_a_number_of_the_regularization_table_comes_again() -> None:
    regularization = import_module("dlbook.experiments.regularization")
    recorded = read("regularization")
    settings = recorded.settings | {"seeds": recorded.settings["seeds"][:1]}
    method = "dropout"  # draws more than any other
    chosen = recorded.results[method]["strength"]
    again = regularization.run(settings | {"choices": {method: [chosen]}}, lambda done, total: None)
    for measure in ("train", "test", "noisy", "attacked", "length"):  # another machine rounds in other places
        assert again[method][measure] == pytest.approx(recorded.results[method][measure][:1], abs=0.02), measure


def test_bars_and_stripes_come_within_half_a_nat_of_the_best() -> None:
    recorded = read("bars_and_stripes")
    best, curves = recorded.results["best"], recorded.results["log_likelihood"]
    assert best == pytest.approx(-math.log(30), abs=1e-4)
    within = {}
    for method, runs in curves.items():
        assert len(runs) == len(recorded.settings["seeds"]) >= 3
        assert all(curve[-1] < best for curve in runs), method
        within[method] = sum(curve[-1] > best - 0.5 for curve in runs)
    assert within == {"exact gradient": 5, "CD-10": 5, "PCD-10": 5, "PCD-1": 1, "CD-1": 0}  # one step is too few here
    module = import_module("dlbook.experiments.bars_and_stripes")
    method = "CD-1"  # the quickest
    again = module.run(
        recorded.settings | {"methods": {method: recorded.settings["methods"][method]}, "seeds": [0]},
        lambda done, total: None,
    )
    assert again["steps"] == recorded.results["steps"]
    # another machine rounds in other places, and a chain that draws otherwise once goes its own way
    assert again["log_likelihood"][method][0] == pytest.approx(curves[method][0], abs=0.3)
