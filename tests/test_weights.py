"""The weights that come with the package read digits as well as the text beside them says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dlbook import data, datafiles, weights
from dlbook.data import DataError
from dlbook.train import accuracy
from dlbook.weights import LENET5, trained_lenet5

ABOUT = (datafiles.ASSETS / "LENET5.txt").read_text(encoding="utf-8")


def test_lenet5_reads_the_shipped_test_images() -> None:
    model = trained_lenet5()
    digits = data.mnist(dtype=np.float32)
    assert {p.dtype for p in model.params.values()} == {np.dtype(np.float32)}
    # 2,000 of the 10,000 test images: 99.4 % ± 0.35 % covers two deviations
    assert accuracy(model, digits.X_test.reshape(-1, 1, 28, 28), digits.y_test) >= 0.990
    said = re.search(r"([\d.]+) on the 10,000 test images", ABOUT)
    assert said is not None
    assert float(said[1]) >= 0.993


def test_all_weights_are_small_and_described() -> None:
    assert (datafiles.ASSETS / LENET5).stat().st_size < 250_000
    assert f"{trained_lenet5().n_params:,} numbers" in ABOUT


def test_each_call_returns_a_network_of_its_own() -> None:
    one, other = trained_lenet5(), trained_lenet5()
    one.params["0.W"][...] = 0
    assert other.params["0.W"].any()


def test_a_file_of_another_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / LENET5, W=np.zeros(3))
    monkeypatch.setattr(datafiles, "ASSETS", tmp_path)
    with pytest.raises(DataError, match="holds other arrays than"):
        trained_lenet5()
    (tmp_path / LENET5).unlink()
    with pytest.raises(DataError, match="missing"):
        weights.trained_lenet5()
