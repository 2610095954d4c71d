"""Ratings: generated ones follow their formula, real ones are read with suspicion."""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
import zlib
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from dlbook import data
from dlbook.datafiles import DataError
from dlbook.ratings import read_movielens

ratings = import_module("dlbook.ratings")
LINES = b"3\t1\t5\t881250949\n1\t2\t3\t891717742\n2\t4\t1\t878887116\n3\t4\t2\t880606923\n"  # user, item, stars, time
MATRIX = [[0, 3, 0, 0], [0, 0, 0, 1], [5, 0, 0, 2]]
SHA256 = hashlib.sha256(LINES).hexdigest()


DEFLATED = zlib.compress(LINES)[4:24]  # a piece of what stands in the archive


def packed(content: bytes, name: str = "ml-100k/u.data") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ml-100k/README", "read me")
        archive.writestr(name, content)
    return file.getvalue()


def test_generated_ratings_have_the_probabilities_they_come_with() -> None:
    r = data.ratings(6, 4, share=1.0, rng=np.random.default_rng(3))
    np.testing.assert_allclose(r.probabilities.sum(axis=-1), 1, atol=1e-12)
    log_p = np.log(r.probabilities)
    np.testing.assert_allclose(np.diff(log_p, 2, axis=-1), -1 / 0.7**2, atol=1e-9)  # a bell of spread 0.7
    peak = 1.5 + 0.7**2 * (log_p[..., 1] - log_p[..., 0])  # its middle, from the ratio of the first two
    quality = peak - 3 - 1.2 * (2 * r.tastes[:, r.genres] - 1)
    np.testing.assert_allclose(quality, np.broadcast_to(quality[0], quality.shape), atol=1e-9)
    assert r.expected[1, 2] == pytest.approx(sum((k + 1) * p for k, p in enumerate(r.probabilities[1, 2])))
    assert list(r.genres) == [0, 1, 2, 3]
    assert len(r.titles) == 4


def test_drawn_ratings_are_as_frequent_as_they_are_likely() -> None:
    r = data.ratings(20_000, 4, share=0.5, rng=np.random.default_rng(4))
    rated = r.R > 0
    assert abs(rated.mean() - 0.5) < 4 * 0.5 / np.sqrt(r.R.size)
    for k in range(1, 6):
        p = r.probabilities[..., k - 1]
        surplus = ((k == r.R) - p)[rated].sum()
        assert abs(surplus) < 4.5 * np.sqrt((p * (1 - p))[rated].sum()), k
    assert r.floor(r.R) == pytest.approx(np.sqrt(((r.R - r.expected)[rated] ** 2).mean()), abs=0.02)
    assert abs(r.tastes.mean() - 0.5) < 4 * 0.5 / np.sqrt(r.tastes.size)


def test_same_seed_same_ratings_and_titles_differ() -> None:
    one, other = (data.ratings(30, 60, rng=np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(one.R, other.R)
    assert len(set(one.titles)) == 60
    assert one.titles[20] == f"{one.titles[0]} 2"


def test_floor_counts_only_the_given_cells() -> None:
    r = data.ratings(5, 3, rng=np.random.default_rng(0))
    only = np.zeros((5, 3), dtype=int)
    only[2, 1] = 4
    p, k = r.probabilities[2, 1], np.arange(1, 6)
    assert r.floor(only) == pytest.approx(np.sqrt((p * (k - p @ k) ** 2).sum()))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_every_known_rating_is_on_one_side(share: float) -> None:
    R = data.ratings(40, 12, rng=np.random.default_rng(0)).R
    train, test = data.hold_out(R, share, rng=np.random.default_rng(1))
    assert np.array_equal(train + test, R)
    assert not ((train > 0) & (test > 0)).any()
    assert (test > 0).sum() == round(share * (R > 0).sum())


def test_bad_input_is_answered_with_a_sentence() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="n_users >= 1, got 0"):
        data.ratings(0, rng=rng)
    with pytest.raises(ValueError, match=r"share from 0 to below 1, got 1\.5"):
        data.ratings(share=1.5, rng=rng)
    for R in (np.zeros((3, 3), dtype=int), np.ones((2, 2)), np.ones(4, dtype=int)):
        with pytest.raises(ValueError, match="hold_out expects a matrix of whole ratings, some of them above 0"):
            data.hold_out(R, 0.5, rng=rng)
    with pytest.raises(ValueError, match="share from 0 to below 1, got 1"):
        data.hold_out(np.ones((2, 2), dtype=int), 1, rng=rng)


@pytest.mark.parametrize("raw", [LINES, packed(LINES)], ids=["member", "archive"])
def test_movielens_is_read_from_the_archive_or_its_member(raw: bytes) -> None:
    assert read_movielens(raw, (3, 4), SHA256).tolist() == MATRIX


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"holds a table of shape \(0,\)"),
        (b"<html>log in first</html>", "not lines of four whole numbers"),
        (b"1\t2\t3\n", r"table of shape \(1, 3\)"),
        (LINES[:-14], "not lines of four whole numbers"),
        (LINES.replace(b"\t5\t", b"\t6\t"), "stars outside 1…5"),
        (LINES.replace(b"\t5\t", b"\t0\t"), "stars outside 1…5"),
        (b"0\t1\t5\t881250949\n" + LINES, "user outside 1…3"),
        (LINES.replace(b"2\t4", b"2\t5"), "item outside 1…4"),
        (LINES.replace(b"\t5\t", b"\t4\t"), f"checksum .SHA-256. .*, expected {SHA256}"),
        (LINES + b"1\t1\t1\t1\n", "checksum"),
        (packed(LINES)[:-30], "ml-100k.zip breaks off, is damaged or lacks u.data"),
        (packed(LINES).replace(DEFLATED, DEFLATED[::-1]), "breaks off, is damaged"),
        (packed(LINES, "other/u.data"), "lacks u.data"),
        (b"PK\x03\x04", "breaks off, is damaged"),
    ],
    ids=[
        "empty", "web page", "three columns", "cut", "six stars", "no stars", "user 0", "item 5", "one byte changed",
        "a line more", "zip cut", "zip damaged", "another archive", "zip of nothing",
    ],
)  # fmt: skip
def test_damaged_movielens_is_named(raw: bytes, message: str) -> None:
    with pytest.raises(DataError, match=f"(?s)({message}).*get it again"):
        read_movielens(raw, (3, 4), SHA256)


@pytest.mark.parametrize("place", ["ml-100k.zip", "ml-100k/u.data"])
def test_local_copies_need_neither_network_nor_pooch(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratings, "MOVIELENS_SHAPE", (3, 4))
    monkeypatch.setattr(ratings, "MOVIELENS_SHA256", SHA256)
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"which has neither ml-100k\.zip nor ml-100k/u\.data: copy the file there"):
        data.movielens()
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed(LINES) if place.endswith("zip") else LINES)
    assert data.movielens().tolist() == MATRIX
    path.write_bytes(packed(LINES)[:-9] if place.endswith("zip") else LINES[:-20])
    with pytest.raises(DataError, match="get it again"):
        data.movielens()
