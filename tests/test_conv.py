"""The convolution layer: naive loops, PyTorch's arrays and finite differences over a grid of geometries."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path

import grids
import numpy as np
import pytest

from dlbook import Conv2D, check_layer, conv
from dlbook.convolution import col2im, cross_correlate, im2col
from dlbook.init import he_normal

GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "conv.npz", allow_pickle=False))


def layer(case: grids.Case, c_in: int, c_out: int, rng: np.random.Generator) -> Conv2D:
    _, size, stride, padding = case
    made = Conv2D(c_in, c_out, size, stride=stride, padding=padding, rng=rng)
    made.params["b"][:] = rng.normal(size=c_out)
    return made


def assert_close(got: object, wanted: object) -> None:
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("size", grids.SIZES)
@pytest.mark.parametrize(("c_in", "c_out"), [(1, 1), (2, 3), (3, 1)])
def test_naive_loops(size: grids.Pair, c_in: int, c_out: int) -> None:
    rng = np.random.default_rng(c_in)
    for case in (c for c in grids.CONVOLUTIONS if c[1] == size):
        one, X = layer(case, c_in, c_out, rng), rng.normal(size=(2, c_in, *case[0]))
        Y, cache = one.forward(X)
        assert_close(Y, grids.convolution(X, one.params["W"], one.params["b"], case))
        dY = rng.normal(size=Y.shape)
        dX, grads = one.backward(dY, cache)
        for got, wanted in zip(
            (dX, grads["W"], grads["b"]), grids.convolution_back(dY, X, one.params["W"], case), strict=True
        ):
            assert_close(got, wanted)


@pytest.mark.parametrize("case", grids.golden(grids.CONVOLUTIONS), ids=grids.name)
def test_pytorch(case: grids.Case) -> None:
    g = {key.split("/")[1]: a for key, a in GOLDEN.items() if key.startswith(f"Conv2D-{grids.name(case)}/")}
    c_out, c_in = g["param.W"].shape[:2]
    one = layer(case, c_in, c_out, np.random.default_rng(0))
    one.params = {"W": g["param.W"], "b": g["param.b"]}
    Y, cache = one.forward(g["X"])
    dX, grads = one.backward(g["dY"], cache)
    for got, wanted in ((Y, g["Y"]), (dX, g["dX"]), (grads["W"], g["grad.W"]), (grads["b"], g["grad.b"])):
        assert_close(got, wanted)


@pytest.mark.parametrize("case", grids.golden(grids.CONVOLUTIONS), ids=grids.name)
def test_finite_differences(case: grids.Case) -> None:
    rng = np.random.default_rng(1)
    errors = check_layer(layer(case, 2, 2, rng), rng.normal(size=(1, 2, *case[0])), rng=rng)
    assert max(errors.values()) < 1e-7, errors


@pytest.mark.parametrize(("stride", "padding"), [(1, "valid"), (2, "same"), (3, 2)])
def test_it_is_im2col_and_a_product_and_col2im_on_the_way_back(stride: int, padding: str | int) -> None:
    rng = np.random.default_rng(2)
    one, X = Conv2D(2, 3, 3, stride=stride, padding=padding, rng=rng), rng.normal(size=(4, 2, 7, 6))
    Y, cache = one.forward(X)
    W = one.params["W"].reshape(3, -1)
    flat = im2col(X, 3, stride, padding)
    assert_close(np.moveaxis(Y, 1, -1).reshape(-1, 3), flat @ W.T)
    dY = rng.normal(size=Y.shape)
    delta = np.moveaxis(dY, 1, -1).reshape(-1, 3)
    dX, grads = one.backward(dY, cache)
    assert_close(dX, col2im(delta @ W, X.shape, 3, stride, padding))
    assert_close(grads["W"].reshape(3, -1), delta.T @ flat)


def test_memory_order_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    one, X = Conv2D(2, 3, 3, padding="same", rng=rng), rng.normal(size=(4, 2, 5, 6))
    Y, cache = one.forward(X)
    dY = rng.normal(size=Y.shape)
    dX, grads = one.backward(dY, cache)
    other, cache = one.forward(np.asfortranarray(X))
    assert_close(other, Y)
    assert_close(one.backward(np.asfortranarray(dY), cache)[0], dX)
    assert_close(one.param_grads(dY[..., ::-1, :][..., ::-1, :], cache)["W"], grads["W"])


def test_windows_are_a_view_on_one_copy_for_each_column_of_the_kernel() -> None:
    one, X = Conv2D(3, 4, 5, rng=np.random.default_rng(0)), np.ones((2, 3, 12, 12))
    windows = one._windows(X)
    assert windows.shape == (8, 5 * 5 * 3, 8 * 2)
    assert np.shares_memory(windows[0], windows[1])
    assert windows[0].flags.c_contiguous  # a matrix that the product takes as it is


@pytest.mark.parametrize(("padding", "stride"), [("same", 1), (1, 2)])
def test_large_batches_go_through_in_parts(padding: str | int, stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    one, X = Conv2D(3, 2, 3, padding=padding, stride=stride, rng=rng), rng.normal(size=(7, 3, 8, 9))
    Y, cache = one.forward(X)
    dY = rng.normal(size=Y.shape)
    dX, grads = one.backward(dY, cache)
    for block in (1, 2000):
        monkeypatch.setattr(conv, "BLOCK", block)
        assert len(list(one._blocks(X))) == 7 if block == 1 else 1 < len(list(one._blocks(X))) < 7
        again, cache = one.forward(X)
        assert_close(again, Y)
        dX_again, grads_again = one.backward(dY, cache)
        assert_close(dX_again, dX)
        for name, grad in grads.items():
            assert_close(grads_again[name], grad)


def test_memory_is_bounded_however_large_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conv, "BLOCK", 2**15)
    one, X = Conv2D(4, 4, 5, padding="same", rng=np.random.default_rng(0)), np.zeros((300, 4, 14, 14))
    tracemalloc.start()
    Y, cache = one.forward(X)
    one.backward(Y, cache)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    images, whole_im2col = X.nbytes, 25 * X.nbytes
    assert peak < 4 * images + 6 * 8 * 2**15 < whole_im2col / 3


def test_shifting_the_image_shifts_the_map() -> None:
    rng = np.random.default_rng(5)
    one, X = Conv2D(2, 3, 3, rng=rng), np.zeros((1, 2, 12, 12))
    X[:, :, 3:6, 3:6] = rng.normal(size=(1, 2, 3, 3))
    assert_close(one(np.roll(X, (2, 1), axis=(2, 3))), np.roll(one(X), (2, 1), axis=(2, 3)))


@pytest.mark.parametrize("n", range(3, 12))
@pytest.mark.parametrize("k", range(1, 7))
@pytest.mark.parametrize("stride", range(1, 5))
def test_same_gives_n_over_stride_places_rounded_up(n: int, k: int, stride: int) -> None:
    one = Conv2D(1, 1, k, stride=stride, padding="same", rng=np.random.default_rng(0))
    assert one(np.ones((1, 1, n, n))).shape[2:] == (math.ceil(n / stride),) * 2


def test_the_sources_volume_of_seven_by_seven_by_three() -> None:
    """Three 5x5 matrices with one ring of zeros, two kernels 3x3x3, stride 2: two 3x3 matrices."""
    rng = np.random.default_rng(6)
    X = rng.integers(0, 3, size=(1, 3, 5, 5)).astype(float)
    one = layer(((5, 5), (3, 3), (2, 2), 1), 3, 2, rng)
    Y = one(X)
    assert Y.shape == (1, 2, 3, 3)
    volume = np.pad(X[0], ((0, 0), (1, 1), (1, 1)))
    for kernel, b, s in zip(one.params["W"], one.params["b"], Y[0], strict=True):
        by_matrices = sum(cross_correlate(x, w)[::2, ::2] for x, w in zip(volume, kernel, strict=True))
        assert_close(s, by_matrices + b)


def test_initial_weights_know_how_many_numbers_meet() -> None:
    seen: dict[str, object] = {}

    def init(shape: tuple[int, ...], n_in: int, n_out: int, *, rng: np.random.Generator) -> np.ndarray:
        seen.update(shape=shape, n_in=n_in, n_out=n_out)
        return he_normal(shape, n_in, n_out, rng=rng)

    one = Conv2D(3, 8, (5, 2), rng=np.random.default_rng(0), init=init)
    assert seen == {"shape": (8, 3, 5, 2), "n_in": 3 * 10, "n_out": 8 * 10}
    assert not one.params["b"].any()


def test_parameters_are_few() -> None:
    rng = np.random.default_rng(0)
    assert Conv2D(1, 32, 5, rng=rng).n_params == 832
    assert Conv2D(32, 64, 5, rng=rng).n_params == 51264
