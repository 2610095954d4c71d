"""MNIST: the embedded subset is balanced and exactly the recorded one; the full set keeps order, scale and types."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from dlbook import datafiles, digits
from dlbook.data import DataError, Digits, mnist
from dlbook.digits import subset_bytes

# SHA-256 of the arrays' bytes, recorded when the subset was made.
RECORDED = {
    "X_train": "8faa3a9ca9cd6818cb23af040f89596ee87b20c368d6c35c8b43e6a998078457",
    "y_train": "f24756e9fc27107597cd054b9df7247b4e5ab61780d1e5d55e7b1015307573de",
    "X_test": "3e4214490568b2ce3f015d73a5ee0aefa7353b010c95c345761c191028eadf1a",
    "y_test": "19efeabbd5fed476d80e2ce2609cdc76c23b9694a1631c6371599ab362810a91",
}


@pytest.mark.parametrize("field", Digits._fields)
def test_subset_is_the_recorded_one(field: str) -> None:
    stored = getattr(subset_bytes(), field)
    assert stored.dtype == np.uint8
    assert hashlib.sha256(stored.tobytes()).hexdigest() == RECORDED[field]


def test_subset_shapes_types_and_range() -> None:
    X_train, y_train, X_test, y_test = mnist()
    for X, y, m in ((X_train, y_train, 10_000), (X_test, y_test, 2_000)):
        assert X.shape == (m, 784)
        assert X.dtype == np.float64
        assert y.shape == (m,)
        assert y.dtype == np.int64
        assert X.min() == 0.0
        assert X.max() == 1.0
        assert X.flags.writeable
        assert X.flags.c_contiguous


def test_pixels_are_the_stored_bytes_over_255() -> None:
    stored = subset_bytes().X_train
    assert np.array_equal(mnist().X_train, stored.astype(np.float64) / 255)
    assert np.array_equal(np.rint(mnist(dtype=np.float32).X_train * 255), stored)


def test_every_leading_part_is_balanced() -> None:
    data = mnist()
    for y in (data.y_train, data.y_test):
        assert np.array_equal(y, np.arange(len(y)) % 10)


def test_images_show_their_labels() -> None:
    """Nearest class mean reaches about 80 % on MNIST; with labels out of step it would be 10 %."""
    X_train, y_train, X_test, y_test = mnist()
    means = np.stack([X_train[y_train == digit].mean(axis=0) for digit in range(10)])
    scores = X_test @ means.T - 0.5 * (means**2).sum(axis=1)
    assert (scores.argmax(axis=1) == y_test).mean() > 0.78


def test_no_image_twice_and_none_in_both_parts() -> None:
    data = subset_bytes()
    everything = [image.tobytes() for image in (*data.X_train, *data.X_test)]
    assert len(set(everything)) == 12_000


def test_file_is_small_and_its_origin_lies_beside_it() -> None:
    assert (datafiles.ASSETS / digits.SUBSET).stat().st_size <= 3_000_000
    note = (datafiles.ASSETS / "MNIST.txt").read_text(encoding="utf-8")
    for credit in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"):
        assert credit in note


@pytest.mark.parametrize("dtype", [np.uint8, int, bool, complex])
def test_images_are_real_numbers(dtype: type) -> None:
    with pytest.raises(TypeError, match="mnist expects a floating-point dtype, got"):
        mnist(dtype=dtype)


def test_foreign_subset_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafiles, "ASSETS", tmp_path)
    np.savez(tmp_path / digits.SUBSET, X=np.zeros(3))
    with pytest.raises(DataError, match=r"holds \['X'\], expected .*X_train"):
        mnist()


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes() + array.tobytes()


def tiny_full_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Digits:
    """Write four small IDX files to ``folder`` and make their checksums the known ones; return their arrays."""
    rng = np.random.default_rng(5)
    parts = Digits(
        rng.integers(0, 256, size=(5, 28, 28), dtype=np.uint8),
        rng.integers(0, 10, size=5, dtype=np.uint8),
        rng.integers(0, 256, size=(3, 28, 28), dtype=np.uint8),
        rng.integers(0, 10, size=3, dtype=np.uint8),
    )
    known = {}
    for name, part in zip(digits.FILES, parts, strict=True):
        known[name] = hashlib.sha256(idx(part)).hexdigest()
        (folder / name).write_bytes(gzip.compress(idx(part)))
    monkeypatch.setattr(digits, "FILES", known)
    monkeypatch.setenv("DLBOOK_DATA", str(folder))
    return parts


def test_full_set_from_local_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = tiny_full_set(tmp_path, monkeypatch)
    full = mnist(full=True, dtype=np.float32)
    assert full.X_train.dtype == full.X_test.dtype == np.float32
    assert np.array_equal(full.X_train * np.float32(255), parts.X_train.reshape(5, 784))
    assert np.array_equal(full.X_test, parts.X_test.reshape(3, 784) / np.float32(255))
    assert np.array_equal(full.y_train, parts.y_train)
    assert np.array_equal(full.y_test, parts.y_test)
    assert full.y_train.dtype == np.int64


def test_another_set_of_the_same_shape_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = tiny_full_set(tmp_path, monkeypatch)
    name = "t10k-labels-idx1-ubyte.gz"
    (tmp_path / name).write_bytes(gzip.compress(idx(9 - parts.y_test)))
    with pytest.raises(DataError, match=f"{name} has the checksum .* expected {digits.FILES[name]}"):
        mnist(full=True)


def test_known_files_are_the_published_four() -> None:
    assert list(digits.FILES) == [
        f"{part}-{kind}.gz" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    assert len(set(digits.FILES.values())) == 4
    assert len(set(digits.MIRRORS)) == len(digits.MIRRORS) >= 2
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in digits.MIRRORS)
