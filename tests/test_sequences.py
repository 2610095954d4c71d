"""Sequences: the targets follow from the inputs; the sunspot numbers are the published ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from dlbook import datafiles, sequences
from dlbook.data import DataError, adding_problem, copy_problem, sunspots

# SHA-256 of the yearly numbers times ten, as little-endian 32-bit integers.
RECORDED = "d859841fc29006d1d7586f3289876148dcde6a4b66a53e1b7ffb2268318418a1"


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("length", [2, 3, 6, 50])
def test_adding_problem_has_one_mark_in_each_half_and_their_sum(length: int) -> None:
    X, y = adding_problem(300, length, rng=rng())
    assert X.shape == (300, length, 2)
    assert y.shape == (300, 1)
    for (numbers, marks), target in zip(X.transpose(0, 2, 1), y[:, 0], strict=True):
        (first, second) = np.flatnonzero(marks)
        assert first < length // 2 <= second
        assert set(marks.tolist()) <= {0.0, 1.0}
        assert target == pytest.approx(numbers[first] + numbers[second], abs=1e-15)
    assert X[..., 1].any(axis=0).all()  # every place can be marked
    assert X[..., 0].min() >= 0
    assert X[..., 0].max() < 1


def test_adding_problem_trivial_error_is_one_sixth() -> None:
    _, y = adding_problem(100_000, 10, rng=rng())
    assert abs(((y - 1.0) ** 2).mean() - 1 / 6) < 0.003


def test_copy_problem_asks_for_the_symbols_after_the_signal() -> None:
    X, y = copy_problem(200, 5, length=3, symbols=4, rng=rng())
    assert X.shape == (200, 11, 6)
    assert y.shape == (200, 11)
    assert np.array_equal(X.sum(axis=-1), np.ones((200, 11)))
    given = X.argmax(axis=-1)
    blank, signal = 4, 5
    assert set(given[:, :3].ravel().tolist()) == {0, 1, 2, 3}
    assert (given[:, 7] == signal).all()
    assert (np.delete(given[:, 3:], 4, axis=1) == blank).all()
    assert (y[:, :8] == blank).all()
    assert np.array_equal(y[:, 8:], given[:, :3])


def test_copy_problem_shortest() -> None:
    X, y = copy_problem(1, 1, length=1, symbols=1, rng=rng())
    assert X.argmax(axis=-1).tolist() == [[0, 2, 1]]
    assert y.tolist() == [[1, 1, 0]]


def test_same_seed_same_bits() -> None:
    for draw in (adding_problem, copy_problem):
        first, again, other = draw(9, 8, rng=rng(1)), draw(9, 8, rng=rng(1)), draw(9, 8, rng=rng(2))
        assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))
        assert not np.array_equal(first[0], other[0])


def test_bad_arguments_are_sentences() -> None:
    with pytest.raises(ValueError, match="adding_problem expects length >= 2, got 1: two numbers are marked"):
        adding_problem(3, 1, rng=rng())
    with pytest.raises(ValueError, match="adding_problem expects n >= 1, got -1"):
        adding_problem(-1, 5, rng=rng())
    with pytest.raises(TypeError, match="adding_problem expects rng as a numpy Generator"):
        adding_problem(3, 5, rng=0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="copy_problem expects rng as a numpy Generator"):
        copy_problem(3, 5, rng=0)  # type: ignore[arg-type]
    good = {"n": 2, "delay": 2, "length": 2, "symbols": 2}
    for name in good:
        with pytest.raises(ValueError, match=f"copy_problem expects {name} >= 1, got 0"):
            copy_problem(**{**good, name: 0}, rng=rng())


def test_sunspots_are_the_published_numbers() -> None:
    years, numbers = sunspots()
    assert np.array_equal(years, np.arange(1700, 2009))
    assert numbers.shape == (309,)
    assert numbers.dtype == np.float64
    known = {1700: 5.0, 1712: 0.0, 1778: 154.4, 1810: 0.0, 1870: 139.0, 1957: 190.2, 1996: 8.6, 2008: 2.9}
    assert {year: numbers[year - 1700] for year in known} == known
    assert years[numbers.argmax()] == 1957
    tenths = np.rint(numbers * 10).astype(np.int32)
    assert np.array_equal(tenths / 10, numbers)
    assert hashlib.sha256(tenths.astype("<i4").tobytes()).hexdigest() == RECORDED


def test_sunspots_have_a_period_of_eleven_years() -> None:
    _, numbers = sunspots()
    power = np.abs(np.fft.rfft(numbers - numbers.mean())) ** 2
    assert 10.5 < len(numbers) / power.argmax() < 11.5


def test_sunspots_name_their_source() -> None:
    note = (datafiles.ASSETS / "SUNSPOTS.txt").read_text(encoding="utf-8")
    for credit in ("National Geophysical Data Center", "Royal Observatory of Belgium", "Public domain"):
        assert credit in note


@pytest.mark.parametrize(
    "content", [None, "year,sunspots\n1700,five\n", "year,sunspots\n1700,5.0\n1701\n", "year,sunspots\n1700,5.0\n"]
)
def test_sunspots_missing_or_damaged(content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "ASSETS", tmp_path)
    if content is not None:
        (tmp_path / "sunspots.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"sunspots\.csv is missing or damaged .*: install the package again"):
        sunspots()
