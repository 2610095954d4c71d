"""The long run on digits: what is killed goes on and ends with the same bits; what cannot be written says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import kill
import numpy as np
import pytest
from mutants import planted

from dlbook import data, storage
from dlbook.experiments import mnist, resumable
from dlbook.experiments.__main__ import main
from dlbook.experiments.record import read
from dlbook.experiments.resumable import CheckpointError, Plan

TINY = {
    "network": "lenet5",
    "training_images": 60,
    "validation_images": 20,
    "batch_size": 20,
    "full": False,
    "seeds": [0],
    "epochs": 1,
    "members": [1, 2],
    "member_epochs": 2,
    "further_from": ["plain-0", "member-1"],
    "further_epochs": 1,
    "printed_seeds": [],
}
NAMES = ("plain-0", "member-1", "member-2", "further-0", "further-1")
SET = [part for key, value in TINY.items() for part in ("--set", f"{key}={json.dumps(value)}")]


def train(folder: Path, plan: Plan = kill.PLAN, stop: int = -1) -> tuple[Any, Any]:
    """Carry out the plan, or break off in the update ``stop``."""

    def report(step: int) -> None:
        if step == stop:
            raise KeyboardInterrupt

    return mnist.trained("run", plan, kill.split(), folder, report)


def weights(folder: Path) -> dict[str, np.ndarray]:
    return storage.load(folder / "run.npz")


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(p, other[name]) for name, p in one.items())


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return the weights of a run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("at_once")
    train(folder)
    return weights(folder)


def test_a_run_that_is_killed_at_random_moments_ends_with_the_same_bits(tmp_path: Path) -> None:
    ran = child(kill.__file__, str(tmp_path), "15")
    assert ran.stdout.startswith("15 kills"), ran.stderr
    assert ran.stdout.endswith("left ['run.json', 'run.npz'], equal\n")
    assert ran.stdout.count(",") > 4, f"killed too early to tell: {ran.stdout}"


def child(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on one thread, as a process that is forked must, with the package and the tests at hand."""
    here = Path(kill.__file__).parent
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize("stop", [1, 4, 9, 33])
def test_a_run_that_breaks_off_goes_on_from_the_last_whole_epoch(
    stop: int, tmp_path: Path, at_once: dict[str, np.ndarray]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop=stop)
    held = json.loads(str(storage.load(tmp_path / "run.checkpoint.npz")["notes"]))
    assert held["progress"]["step"] == 4 * ((stop - 1) // 4)
    _, progress = train(tmp_path)
    assert same(weights(tmp_path), at_once)
    assert progress.step == kill.PLAN.steps
    assert len(progress.validation) == len(progress.loss) == len(progress.seconds) == 9
    assert sorted(os.listdir(tmp_path)) == ["run.json", "run.npz"]


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        (resumable.train, "cosine_decay(progress.step", "cosine_decay(record.step"),  # the schedule begins again
        (resumable.resume, "storage.restore(arrays, model, optimizer, rng)", "..."),  # nothing is taken over
        (resumable.resume, "model, optimizer, rng)", "model, Adam(plan.learning_rate), rng)"),  # without Adam's memory
        (resumable.resume, "optimizer, rng)", "optimizer, np.random.default_rng(plan.seed))"),  # the draws begin again
    ],
)
def test_planted_bugs_change_the_bits(
    function: Any, right: str, wrong: str, tmp_path: Path, at_once: dict[str, np.ndarray]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop=14)
    with planted(function, right, wrong):
        train(tmp_path)
    assert not same(weights(tmp_path), at_once)


def test_a_finished_run_is_read_not_repeated(tmp_path: Path) -> None:
    first, progress = train(tmp_path)
    again, read_back = train(tmp_path, stop=1)  # would break off at its first update
    assert same(first.params, again.params)
    assert read_back == progress


def test_what_a_killed_run_left_half_written_goes_away(tmp_path: Path) -> None:
    (tmp_path / ".run.checkpoint.npz.a1b2").write_bytes(b"half")
    train(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["run.json", "run.npz"]


@pytest.mark.parametrize("finished", [False, True])
def test_files_of_other_settings_are_refused_and_kept(finished: bool, tmp_path: Path) -> None:
    if finished:
        train(tmp_path)
    else:
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path, stop=9)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = Plan("lenet5", 1, 33, 20, 0.002, max_pixels=1, max_degrees=5.0)
    with pytest.raises(CheckpointError, match="choose another folder with --out") as error:
        train(tmp_path, other)
    assert "seed" in str(error.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_damaged_checkpoint_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.checkpoint.npz").write_bytes(b"PK damaged")
    with pytest.raises(CheckpointError, match=r"cannot go on from .*damaged.*delete it to begin anew"):
        train(tmp_path)


FULL_DISK = """
import resource, sys
from pathlib import Path
import kill
from dlbook.experiments import mnist

def report(step):
    if step == 9:  # from here on no file may become longer than 300 kB; a checkpoint has 740
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

try:
    mnist.trained("run", kill.PLAN, kill.split(), Path(sys.argv[1]), report)
except OSError as error:
    print(error)
"""


def test_a_disk_that_fills_up_is_one_sentence_and_leaves_the_last_good_checkpoint(
    tmp_path: Path, at_once: dict[str, np.ndarray]
) -> None:
    ran = child("-c", FULL_DISK, str(tmp_path))
    sentence = ran.stdout
    assert sentence.startswith(f"cannot write run.checkpoint.npz in {tmp_path}: "), ran.stderr
    assert "the last good run.checkpoint.npz is still there; make room there" in sentence
    assert sentence.count("\n") == 1
    assert os.listdir(tmp_path) == ["run.checkpoint.npz"]
    assert json.loads(str(storage.load(tmp_path / "run.checkpoint.npz")["notes"]))["progress"]["step"] == 8
    train(tmp_path)
    assert same(weights(tmp_path), at_once)


def test_a_folder_that_may_not_be_written_to_shows_before_the_first_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(CheckpointError, match="Permission denied; nothing was written; make room there or choose"):
        train(tmp_path, stop=1)
    assert main(["mnist", "--out", str(tmp_path), *SET]) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("dlbook.experiments: cannot write plain-0.checkpoint.npz in")


def test_a_place_where_no_folder_can_be_made_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mnist").write_text("a file stands where the folder shall be")
    assert main(["mnist", "--out", str(tmp_path), *SET]) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith(f"dlbook.experiments: cannot write to {tmp_path}: File exists; make room there or choose")


def test_the_command_writes_weights_report_and_record_and_repeats_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mnist", "--out", str(tmp_path), *SET]) == 0
    made = read("mnist", tmp_path)
    assert sorted(os.listdir(tmp_path / "mnist")) == sorted(
        [f"{name}.{end}" for name in NAMES for end in ("json", "npz")]
        + ["confusion.png", "curves.png", "mistakes.png", "report.html"]
    )
    results = made.results
    assert [len(results[group]["test"]) for group in ("plain", "member")] == [1, 2]
    assert [len(curve) for curve in results["member"]["validation"]] == [2, 2]
    assert results["ensemble"]["by_size"][0] == results["further"]["test"][0]
    assert len(results["ensemble"]["wrong"]) == round(2000 * (1 - results["ensemble"]["by_size"][1]))
    page = (tmp_path / "mnist" / "report.html").read_text(encoding="utf-8")
    for part in (f"{100 * results['plain']['test'][0]:.2f} %", made.environment["numpy"], "batch_size", "curves.png"):
        assert part in page
    stored = mnist.NETWORKS["lenet5"](rng=np.random.default_rng(0)).astype(np.float32)
    stored.params.update(storage.load(tmp_path / "mnist" / "plain-0.npz"))
    digits = data.mnist(dtype=np.float32)
    P = mnist.probabilities(stored, digits.X_test.reshape(-1, 1, 28, 28))
    assert mnist.share(P, digits.y_test) == results["plain"]["test"][0]
    capsys.readouterr()
    assert main(["mnist", "--out", str(tmp_path), *SET]) == 0  # reads what is there
    assert read("mnist", tmp_path) == made


def test_five_views_are_averaged() -> None:
    model = mnist.NETWORKS["lenet5"](rng=np.random.default_rng(0)).astype(np.float32)
    X = np.zeros((1, 1, 28, 28), np.float32)
    X[0, 0, 10:18, 12:15] = 1
    views = [X, *(np.roll(X, by, axis) for axis in (2, 3) for by in (-2, 2))]
    expected = np.mean([mnist.probabilities(model, view) for view in views], axis=0)
    np.testing.assert_allclose(mnist.from_all_sides(model, X, 2), expected, rtol=1e-5)


def test_mistakes_are_counted_and_listed() -> None:
    P = np.eye(10)[[3, 1, 7, 7]] * 0.75 + 0.025
    found = mnist.mistakes(P, np.array([3, 2, 7, 1]))
    assert np.array(found["confusion"])[[3, 2, 7, 1], [3, 1, 7, 7]].tolist() == [1, 1, 1, 1]
    assert np.array(found["confusion"]).sum() == 4
    assert found["wrong"] == [[1, 2, 1, 0.775, 0.025], [3, 1, 7, 0.775, 0.025]]


def test_the_split_holds_out_the_first_images_as_the_source_does() -> None:
    split, X_test, y_test = mnist.digits(mnist.SETTINGS | TINY)
    X, y, _, _ = data.mnist(dtype=np.float32)
    np.testing.assert_array_equal(split.X_validation.reshape(20, -1), X[:20])
    np.testing.assert_array_equal(split.X.reshape(60, -1), X[20:80])
    np.testing.assert_array_equal(split.y, y[20:80])
    assert len(X_test) == len(y_test) == 2000
    with pytest.raises(ValueError, match="there are 10000 training images, the settings ask for 10020"):
        mnist.digits(mnist.SETTINGS | TINY | {"training_images": 10000})


def test_the_printed_run_is_what_the_source_prints() -> None:
    plan = mnist.plans(mnist.SETTINGS)["printed-0"]
    assert (plan.steps, plan.batch_size, plan.learning_rate, plan.decay) == (2000, 50, 1e-4, False)
    assert (plan.max_pixels, plan.max_degrees) == (0, 0)
    model = mnist.NETWORKS[plan.network](rng=np.random.default_rng(0))
    for name, p in model.params.items():
        if name.endswith("W"):
            assert np.abs(p).max() <= 0.2
            assert p.std() == pytest.approx(0.08796, rel=0.05)
        else:
            assert set(p) == {0.1}


def test_five_epochs_of_a_plan_are_all_its_steps() -> None:
    chosen = mnist.plans(mnist.SETTINGS)
    assert len(chosen) == 13
    assert {plan.steps for name, plan in chosen.items() if name.startswith("plain")} == {5 * 550}
    assert len({plan.seed for name, plan in chosen.items() if not name.startswith("printed")}) == 12


def test_a_further_run_begins_with_the_weights_of_its_member(tmp_path: Path) -> None:
    first, _ = train(tmp_path)
    plan = Plan("lenet5", 5, 4, 20, 1e-12, max_pixels=1, warp=1.0, start="run")  # so slow that it stays there
    further, _ = mnist.trained("further", plan, kill.split(), tmp_path, lambda step: None)
    for name, p in first.params.items():
        np.testing.assert_allclose(further.params[name], p, rtol=0, atol=1e-9)
