"""The rule that chose the subset: balanced, fixed, from the right part; ``--verify`` sees one pixel."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import numpy as np
import pytest

from dlbook import make_mnist_subset as script
from dlbook.digits import Digits

LABELS = np.random.default_rng(3).integers(0, 10, size=500).astype(np.uint8)


def test_choice_is_balanced_distinct_and_in_turn() -> None:
    chosen = script.choose(LABELS, "train", 20)
    assert len(set(chosen.tolist())) == 200
    assert np.array_equal(LABELS[chosen], np.arange(200) % 10)


def test_choice_takes_the_smallest_hashes() -> None:
    def lot(index: int) -> str:
        return hashlib.sha256(f"1998:test:{index}".encode()).hexdigest()

    chosen = script.choose(LABELS, "test", 7)
    for digit in range(10):
        candidates = sorted((lot(index), index) for index, label in enumerate(LABELS) if label == digit)
        assert chosen[digit::10].tolist() == [index for _, index in candidates[:7]]


def test_too_few_images_are_an_error() -> None:
    with pytest.raises(ValueError, match="choose expects at least 400 images of each digit, got"):
        script.choose(LABELS, "train", 400)


def small_full_set() -> Digits:
    def part(m: int, offset: int) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.arange(offset, offset + m)  # the image spells its own index, so that its origin can be read off
        images = np.zeros((m, 28, 28), dtype=np.uint8)
        images[:, 0, 0], images[:, 0, 1] = numbers % 256, numbers // 256
        return images, (numbers // 5 % 10).astype(np.uint8)

    return Digits(*part(100, 0), *part(50, 1000))


def test_parts_stay_apart_and_images_keep_their_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "PER_DIGIT", {"train": 4, "test": 2})
    subset = script.make(small_full_set())
    train = subset.X_train[:, 0] + 256 * subset.X_train[:, 1].astype(int)
    test = subset.X_test[:, 0] + 256 * subset.X_test[:, 1].astype(int)
    assert subset.X_train.shape == (40, 784)
    assert subset.X_test.shape == (20, 784)
    assert train.max() < 100
    assert test.min() >= 1000
    assert np.array_equal(train // 5 % 10, subset.y_train)
    assert np.array_equal(test // 5 % 10, subset.y_test)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(script, "PER_DIGIT", {"train": 4, "test": 2})
    monkeypatch.setattr(script, "full_bytes", small_full_set)
    monkeypatch.setattr(script, "ASSETS", tmp_path)
    monkeypatch.setattr("dlbook.datafiles.ASSETS", tmp_path)
    return tmp_path / "mnist_subset.npz"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["make_mnist_subset", *arguments])
    return script.main()


def test_written_file_verifies_and_is_the_same_twice(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 0
    first = small.read_bytes()
    assert run(monkeypatch, "--verify") == 0
    assert "is what the rule gives" in capsys.readouterr().out
    assert run(monkeypatch) == 0
    assert small.read_bytes() == first


def test_verify_finds_one_changed_pixel(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subset = script.make(small_full_set())
    subset.X_test[3, 500] = 1
    script.write(subset, small)
    assert run(monkeypatch, "--verify") == 1
    assert capsys.readouterr().out.endswith("differs from the rule in X_test\n")


def test_full_disk_leaves_the_old_file(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write_bytes(b"old")

    def no_room(file: object, **arrays: np.ndarray) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", no_room)
    with pytest.raises(OSError, match="No space left"):
        run(monkeypatch)
    assert [path.name for path in small.parent.iterdir()] == ["mnist_subset.npz"]
    assert small.read_bytes() == b"old"
