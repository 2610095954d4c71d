"""Bad input gets a sentence: what came, what was expected, what to do."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import SGD, BinaryCrossEntropy, Dense, MeanSquaredError, PReLU, Sequential, Sigmoid, SoftmaxCrossEntropy
from dlbook.shapes import as_numbers

rng = np.random.default_rng(0)
LAYER = Dense(784, 10, rng=rng)


def test_transposed_batch() -> None:
    sentence = r"Dense expects X of shape \(m, 784\), got \(784, 32\): examples are rows here; did you mean X\.T\?"
    with pytest.raises(ValueError, match=sentence):
        LAYER.forward(np.zeros((784, 32)))


@pytest.mark.parametrize(
    ("X", "error", "sentence"),
    [
        (np.zeros(784), ValueError, r"use X\[None, :\]"),
        (np.zeros((5, 28, 28)), ValueError, "put a Flatten"),
        (np.zeros((5, 783)), ValueError, r"\(m, 784\), got \(5, 783\)"),
        (np.zeros((0, 784)), ValueError, "the batch is empty"),
        (np.zeros((2, 784), dtype=np.uint8), TypeError, r"floating-point numbers, got uint8.*X / 255"),
        (np.zeros((2, 784), dtype=bool), TypeError, "got bool"),
        (np.full((2, 784), None), TypeError, "got object"),
        (np.full((2, 784), np.nan), ValueError, "NaN in X"),
        (np.full((2, 784), np.inf), ValueError, "an infinity in X"),
    ],
)
def test_dense_says_what_is_wrong(X: np.ndarray, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        LAYER.forward(X)


def test_only_images_are_scaled() -> None:
    with pytest.raises(TypeError, match=r"expects y as .*np\.asarray\(y, dtype=float\)$"):
        as_numbers("test", np.ones(2, int), "y")
    with pytest.raises(TypeError, match=r"expects h of state as .*np\.asarray\(…, dtype=float\)$"):
        as_numbers("test", np.ones(2, int), "h of state")


def test_one_nan_among_many_numbers_is_found() -> None:
    X = rng.normal(size=(50, 784))
    X[31, 400] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        LAYER.forward(X)


def test_numbers_whose_sum_overflows_are_still_finite() -> None:
    X = np.full((10, 10), 1e38, dtype=np.float32)
    assert as_numbers("test", X) is X


def test_sequential_names_the_layer() -> None:
    model = Sequential(Dense(4, 3, rng=rng), Sigmoid(), Dense(5, 2, rng=rng))
    with pytest.raises(ValueError, match=r"\(m, 5\), got \(2, 3\)") as caught:
        model.forward(np.zeros((2, 4)))
    assert caught.value.__notes__ == ["(layer 2 of Sequential, Dense(W (2, 5), b (2,)))"]


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: Dense(0, 3, rng=rng), ValueError, "n_in >= 1, got 0"),
        (lambda: Dense(2.5, 3, rng=rng), TypeError, "n_in as a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: Dense(2, True, rng=rng), TypeError, "n_out as a whole number"),
        (lambda: Dense(2, 3, rng=0), TypeError, r"np.random.default_rng\(seed\)"),  # type: ignore[arg-type]
        (lambda: Dense(2, 3), TypeError, "rng"),  # type: ignore[call-arg]
        (lambda: Sequential(), ValueError, "at least one layer"),
        (lambda: Sequential(Dense), TypeError, "expects layers, got .* at place 0"),  # type: ignore[arg-type]
        (lambda: Sigmoid(slope=-1), ValueError, "slope > 0, got -1"),
        (lambda: SGD(-0.1), ValueError, "SGD expects learning_rate > 0, got -0.1"),
        (lambda: SGD(float("nan")), ValueError, "learning_rate > 0, got nan"),
        (lambda: PReLU(3).forward(np.zeros((5, 4))), ValueError, r"\(m, 3, …\), got \(5, 4\)"),
    ],
)
def test_constructors(make: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        make()  # type: ignore[operator]


Z = rng.normal(size=(5, 3))


@pytest.mark.parametrize(
    ("loss", "Z", "y", "error", "sentence"),
    [
        (MeanSquaredError(), Z[:, :1], Z[:, 0], ValueError, r"y of shape \(5, 1\), got \(5,\).*y\[:, None\]"),
        (MeanSquaredError(), Z[:, 0], Z[:, 0], ValueError, r"add the missing axis, Z\[:, None\]"),
        (MeanSquaredError(), Z, Z[:4], ValueError, r"\(5, 3\), got \(4, 3\)"),
        (MeanSquaredError(), Z, Z * np.nan, ValueError, "NaN in y"),
        (
            BinaryCrossEntropy(),
            Z,
            np.where(Z > 0, 1, -1),
            ValueError,
            r"between 0 and 1, got -1.0 to 1.0.*\(y \+ 1\) / 2",
        ),
        (SoftmaxCrossEntropy(), Z, np.array([0, 1, 2, 3, 0]), ValueError, "from 0 to 2, got 0 to 3"),
        (SoftmaxCrossEntropy(), Z, np.array([0.0, 1, 2, 2, 0]), TypeError, "as integers, got float64"),
        (SoftmaxCrossEntropy(), Z, np.zeros(4, dtype=int), ValueError, r"shape \(5,\) or probabilities"),
        (SoftmaxCrossEntropy(), Z, np.ones((5, 3)), ValueError, "sum to 1"),
        (SoftmaxCrossEntropy(), Z[0], np.array([1]), ValueError, "one row per example"),
    ],
)
def test_losses(loss: object, Z: np.ndarray, y: np.ndarray, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        loss.forward(Z, y)  # type: ignore[attr-defined]
