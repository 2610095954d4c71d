"""Reading IDX files and shipped arrays: the right bytes pass, every damaged variant is named."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from dlbook import datafiles
from dlbook.datafiles import DataError, read_asset_arrays, read_idx

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
IDX = b"\x00\x00\x08\x03" + np.array(VALUES.shape, dtype=">u4").tobytes() + VALUES.tobytes()
SHA256 = hashlib.sha256(IDX).hexdigest()


@pytest.mark.parametrize(
    "raw", [IDX, gzip.compress(IDX, 1), gzip.compress(IDX, 9)], ids=["plain", "gz fast", "gz best"]
)
def test_content_counts_not_its_compression(raw: bytes) -> None:
    assert np.array_equal(read_idx(raw, "digits", SHA256), VALUES)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not an IDX file of bytes: it begins with nothing"),
        (b"<html>sorry</html>", "begins with 3c 68 74 6d, expected 00 00 08"),
        (b"\x00\x00\x0d" + IDX[3:], "begins with 00 00 0d 03"),
        (IDX[:9], "begins with 00 00 08 03, expected"),
        (IDX[:-1], r"holds 23 values, but its header announces 24, shape \(2, 3, 4\)"),
        (IDX + b"\x00", "holds 25 values, but its header announces 24"),
        (IDX[:7] + b"\x03" + IDX[8:], "holds 24 values, but its header announces 36"),
        (IDX[:-1] + b"\x00", f"checksum .* {hashlib.sha256(IDX[:-1] + bytes(1)).hexdigest()}, expected {SHA256}"),
        (gzip.compress(IDX)[:-9], "breaks off or is damaged after"),
        (gzip.compress(IDX)[:12] + b"\xff\xff" + gzip.compress(IDX)[14:], "breaks off or is damaged after"),
        (b"\x1f\x8b", "breaks off or is damaged after 2 compressed bytes"),
    ],
    ids=[
        "empty", "web page", "floats", "cut in header", "cut", "too long", "wrong length in header", "one byte changed",
        "gz cut", "gz damaged", "gz of nothing",
    ],
)  # fmt: skip
def test_damaged_file_is_named(raw: bytes, message: str) -> None:
    with pytest.raises(DataError, match=f"^digits .*{message}"):
        read_idx(raw, "digits", SHA256)


def test_array_cannot_be_changed_by_accident() -> None:
    assert not read_idx(IDX, "digits", SHA256).flags.writeable


def test_shipped_arrays_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafiles, "ASSETS", tmp_path)
    with pytest.raises(DataError, match=r"some\.npz is missing .*: install the package again"):
        read_asset_arrays("some.npz")
    path = tmp_path / "some.npz"
    np.savez_compressed(path, a=np.arange(1000))
    assert np.array_equal(read_asset_arrays("some.npz")["a"], np.arange(1000))
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[200] ^= 0xFF
    for damaged in (b"", b"text", whole[: len(whole) // 2], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"some\.npz in .* is damaged"):
            read_asset_arrays("some.npz")


def test_pickles_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafiles, "ASSETS", tmp_path)
    np.savez(tmp_path / "some.npz", a=np.array([{}], dtype=object))
    with pytest.raises(DataError, match="allow_pickle"):
        read_asset_arrays("some.npz")
