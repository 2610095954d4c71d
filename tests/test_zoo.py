"""Networks to train: their sizes, and that they learn."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Adam, SoftmaxCrossEntropy, accuracy, data, fit
from dlbook.accounting import describe
from dlbook.architectures import lenet5 as published_lenet5
from dlbook.zoo import digit_bitmaps, lenet5, lenet5_1998, mnist_convnet, on_32


def test_sizes() -> None:
    """Source 002: 5 × 5 × 16 = 400 → 120 → 84 → 10. Source 004: 32 and 64 maps, 7 · 7 · 64 → 1,024 → 10."""
    rng = np.random.default_rng(0)
    assert lenet5(rng=rng).n_params == 61_706
    assert lenet5_1998(rng=rng).n_params == 60_000
    assert mnist_convnet(rng=rng).n_params == 3_274_634
    full = [row for row in describe(lenet5(rng=rng), (1, 28, 28)).rows if row.name.startswith(("flatten", "full"))]
    assert [row.shape for row in full] == [(400,), (120,), (84,), (10,)]
    maps = [row.shape for row in describe(mnist_convnet(rng=rng), (1, 28, 28)).rows]
    assert [maps[i] for i in (0, 2, 3, 5, 6, 7, -1)] == [
        (32, 28, 28), (32, 14, 14), (64, 14, 14), (64, 7, 7), (3136,), (1024,), (10,)
    ]  # fmt: skip


def test_lenet5_of_1998_is_the_published_one() -> None:
    ours = describe(lenet5_1998(rng=np.random.default_rng(0)), (1, 32, 32)).rows
    theirs = describe(published_lenet5(), (1, 32, 32)).rows
    costs = [[(r.shape, r.parameters, r.multiplications) for r in rows if r.multiplications] for rows in (ours, theirs)]
    assert costs[0] == costs[1]


@pytest.mark.parametrize("make", [lenet5, lenet5_1998, mnist_convnet])
def test_weights_come_from_the_generator(make) -> None:
    one, two, other = (make(rng=np.random.default_rng(seed)).params for seed in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
    assert not np.array_equal(one["0.W"], other["0.W"])
    with pytest.raises(TypeError, match="rng"):
        make()


@pytest.mark.parametrize(("make", "epochs"), [(lenet5, 30), (lenet5_1998, 30), (mnist_convnet, 10)])
def test_it_learns_ten_digits_by_heart(make, epochs: int) -> None:
    digits, rng = data.mnist(), np.random.default_rng(0)
    X, y = digits.X_train[:10].reshape(-1, 1, 28, 28).astype(np.float32), digits.y_train[:10]
    X = on_32(X) if make is lenet5_1998 else X
    model = make(rng=rng).astype(np.float32)
    assert model(X).dtype == np.float32
    assert accuracy(model, X, y) < 0.5
    list(fit(model, SoftmaxCrossEntropy(), Adam(0.002), X, y, epochs=epochs, batch_size=10, rng=rng))
    assert accuracy(model, X, y) == 1


def test_bitmaps_are_ten_different_pictures() -> None:
    bitmaps = digit_bitmaps()
    assert bitmaps.shape == (10, 84)
    assert set(bitmaps.ravel()) == {-1.0, 1.0}
    distances = ((bitmaps[:, None] - bitmaps) ** 2).sum(axis=-1) / 4  # pixels that differ
    assert distances[~np.eye(10, dtype=bool)].min() >= 5
    one = bitmaps[1].reshape(12, 7)
    assert (one[:, 3] == 1).sum() == 10  # the stroke of the 1, above the room for descenders


def test_images_on_32_pixels() -> None:
    X = np.zeros((2, 1, 28, 28), dtype=np.float32)
    X[:, :, 0, 0] = 1
    Y = on_32(X)
    assert Y.shape == (2, 1, 32, 32)
    assert Y.dtype == np.float32
    assert Y[0, 0, 2, 2] == pytest.approx(1.175)
    assert Y[0, 0, 0, 0] == pytest.approx(-0.1)
    with pytest.raises(ValueError, match=r"\(m, 1, H, W\)"):
        on_32(np.zeros((2, 784)))
