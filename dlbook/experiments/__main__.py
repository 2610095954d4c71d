"""The command: ``python -m dlbook.experiments NAME``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from dlbook.experiments import record

EXPERIMENTS = {
    "regularization": "chapter 6: ten methods on 300 digits, ten seeds each (5 to 9 minutes)",
    "lenet5": "chapter 9: LeNet-5 on all of MNIST, three seeds (10 minutes; needs the full set)",
    "adding": "chapter 11: LSTM and plain recurrent networks on the adding problem (7 minutes)",
    "rows": "chapter 11: LSTM and plain recurrent network read digits row by row, three seeds (3 minutes)",
    "copying": "chapter 11: the copy problem at growing delays (6 minutes)",
    "letters": "chapter 11: the next letter, and what the LSTM writes (30 seconds)",
    "bars_and_stripes": "chapter 12: restricted Boltzmann machines whose likelihood is known (3 minutes)",
    "fantasies": "chapter 12: a machine of 256 hidden units dreams of digits, CD-1 against PCD (10 minutes)",
    "few_labels": "chapter 13: digits with 100 to 1,000 labels, learning without labels first or not (5 to 20 minutes)",
    "recommender": "chapter 13: guessing stars, generated and of MovieLens 100K (3 minutes; downloads MovieLens)",
    "mnist": "chapter 14: source 004's network on all of MNIST, and five that decide together (80 minutes; resumable)",
    "frameworks": "chapter 15: LeNet-5 in NumPy and in PyTorch, path and time (3 minutes; torch, onnx, onnxruntime)",
    "distributed": "chapter 15: LeNet-5 trained on in two processes of PyTorch (1 minute; needs torch)",
}

RESUMABLE = {"mnist"}  # given the same command again after being killed, they go on


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    listed = "".join(f"\n  {name:16} {what}" for name, what in EXPERIMENTS.items())
    options = argparse.ArgumentParser(
        prog="python -m dlbook.experiments",
        description="Repeat a recorded run of the book.\n\nexperiments:" + listed,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("name", choices=EXPERIMENTS, metavar="NAME", help="one of the experiments above")
    options.add_argument("--out", type=Path, default=Path(), help="folder for NAME.json (default: this one)")
    options.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a setting for this run; the value is JSON, such as seeds=[0,1]",
    )
    return options


def changed(settings: dict[str, object], assignments: Sequence[str]) -> dict[str, object]:
    """Return the settings with ``KEY=VALUE`` applied.

    Raises:
        ValueError: there is no such setting, or the value is not JSON.
    """
    settings = dict(settings)
    for assignment in assignments:
        key, _, value = assignment.partition("=")
        if key not in settings:
            raise ValueError(f"--set expects one of {', '.join(settings)}, got {key!r}")
        try:
            settings[key] = json.loads(value)
        except ValueError as error:
            raise ValueError(f"--set {key} expects a value in JSON, got {value!r}") from error
    return settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one experiment, write its record and return the exit code."""
    options = parser().parse_args(arguments)
    try:
        from tqdm import tqdm
    except ImportError:
        return _fail("the progress bar needs tqdm: pip install tqdm")
    experiment = import_module(f"dlbook.experiments.{options.name}")
    if not options.out.is_dir():
        return _fail(f"the folder {options.out} for the record does not exist")
    try:
        settings = changed(experiment.SETTINGS, options.set)
    except ValueError as error:
        return _fail(str(error))
    run = _resumable if options.name in RESUMABLE else _at_once
    path = options.out / f"{options.name}.json"
    try:
        with tqdm(unit="step") as bar:
            made = run(options.name, experiment, settings, options.out, bar)
        record.write(made, path)
    except OSError as error:  # a full disk, a folder that may not be written to, missing data
        raw = f"cannot write to {options.out}: {error.strerror}; make room there or choose another folder with --out"
        return _fail(raw if error.errno else str(error))
    found = json.dumps(made.results, indent=1, ensure_ascii=False)
    sys.stdout.write(f"{found}\n{made.provenance()}\nWritten to {path}\n")
    return 0


def _at_once(name: str, experiment: Any, settings: dict[str, object], out: Path, bar: Any) -> record.Record:
    """Run from beginning to end."""

    def report(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    start = time.perf_counter()
    results = experiment.run(settings, report)
    return record.make(name, settings, results, time.perf_counter() - start)


def _resumable(name: str, experiment: Any, settings: dict[str, object], out: Path, bar: Any) -> record.Record:
    """Begin, or go on from the files in the experiment's own folder, and write a report there."""

    def report(done: int, total: int) -> None:
        bar.total = total
        if done - bar.n > 1:  # steps of an earlier call say nothing about the time that remains
            bar.initial += done - bar.n
            bar.n = bar.last_print_n = done
        bar.update(done - bar.n)

    folder = out / name
    folder.mkdir(exist_ok=True)
    results = experiment.run(settings, report, folder)
    made = record.make(name, settings, results, experiment.spent(results))
    experiment.write_report(made, folder)
    return made


def _fail(sentence: str) -> int:
    sys.stderr.write(f"dlbook.experiments: {sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
