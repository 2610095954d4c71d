"""Pooling: naive loops, PyTorch's arrays and finite differences over a grid of geometries."""

from __future__ import annotations

from pathlib import Path

import grids
import numpy as np
import pytest

import dlbook
from dlbook import AvgPool2D, L2Pool2D, MaxPool2D, check_layer

GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "conv.npz", allow_pickle=False))


def make(kind: str, case: grids.Case) -> dlbook.Layer:
    return getattr(dlbook, kind)(*case[1:])


def assert_close(got: object, wanted: object) -> None:
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", grids.POOLS)
@pytest.mark.parametrize("size", grids.SIZES)
def test_naive_loops(kind: str, size: grids.Pair) -> None:
    rng = np.random.default_rng(0)
    for case in (c for c in grids.POOLINGS if c[1] == size):
        X = rng.integers(-3, 4, size=(2, 2, *case[0])) / 4  # many equal maxima, and zeros
        layer = make(kind, case)
        Y, cache = layer.forward(X)
        assert_close(Y, grids.pooling(kind, X, case))
        dY = rng.normal(size=Y.shape)
        assert_close(layer.backward(dY, cache)[0], grids.pooling_back(kind, dY, X, case))


@pytest.mark.parametrize("kind", grids.POOLS)
@pytest.mark.parametrize("case", grids.golden(grids.POOLINGS), ids=grids.name)
def test_pytorch(kind: str, case: grids.Case) -> None:
    g = {key.split("/")[1]: a for key, a in GOLDEN.items() if key.startswith(f"{kind}-{grids.name(case)}/")}
    layer = make(kind, case)
    Y, cache = layer.forward(g["X"])
    assert_close(Y, g["Y"])
    assert_close(layer.backward(g["dY"], cache)[0], g["dX"])


@pytest.mark.parametrize("kind", grids.POOLS)
@pytest.mark.parametrize("case", grids.golden(grids.POOLINGS), ids=grids.name)
def test_finite_differences(kind: str, case: grids.Case) -> None:
    rng = np.random.default_rng(1)
    errors = check_layer(make(kind, case), rng.normal(size=(1, 2, *case[0])), rng=rng)
    assert errors["X"] < 1e-7


def test_the_sources_examples() -> None:
    X = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]
    np.testing.assert_array_equal(MaxPool2D(2)(X)[0, 0], [[6, 8], [3, 4]])
    delta = np.array([[2.0, 8], [4, 6]])[None, None]
    places = np.zeros((1, 1, 4, 4))  # the maxima: top left, bottom right, top right, bottom left
    places[0, 0, [0, 1, 2, 3], [0, 3, 1, 2]] = 1
    layer = MaxPool2D(2)
    dX, _ = layer.backward(delta, layer.forward(places)[1])
    np.testing.assert_array_equal(dX[0, 0], [[2, 0, 0, 0], [0, 0, 0, 8], [0, 4, 0, 0], [0, 0, 6, 0]])
    layer = AvgPool2D(2)
    dX, _ = layer.backward(delta, layer.forward(places)[1])
    wanted = [[0.5, 0.5, 2, 2], [0.5, 0.5, 2, 2], [1, 1, 1.5, 1.5], [1, 1, 1.5, 1.5]]
    np.testing.assert_array_equal(dX[0, 0], wanted)


def test_padding_never_wins() -> None:
    X = np.full((1, 1, 4, 4), -5.0)
    layer = MaxPool2D(3, stride=2, padding=1)
    Y, cache = layer.forward(X)
    assert (Y == -5).all()
    assert layer.backward(np.ones_like(Y), cache)[0].sum() == Y.size


def test_zeros_of_the_padding_count_in_the_mean() -> None:
    Y = AvgPool2D(2, padding=1)(np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(Y[0, 0], [[0.25, 0.25], [0.25, 0.25]])


def test_the_gradient_of_a_length_of_zero_is_zero() -> None:
    X = np.zeros((1, 1, 2, 4))
    X[0, 0, :, :2] = [[3, 0], [0, 4]]
    Y, cache = L2Pool2D(2).forward(X)
    np.testing.assert_array_equal(Y[0, 0], [[5, 0]])
    dX, _ = L2Pool2D(2).backward(np.ones_like(Y), cache)
    np.testing.assert_allclose(dX[0, 0], [[0.6, 0, 0, 0], [0, 0.8, 0, 0]])


@pytest.mark.parametrize("kind", grids.POOLS)
def test_memory_order_does_not_matter(kind: str) -> None:
    rng = np.random.default_rng(2)
    layer, X = getattr(dlbook, kind)(3, 2, 1), rng.normal(size=(3, 2, 7, 6))
    Y, cache = layer.forward(X)
    dY = rng.normal(size=Y.shape)
    dX, _ = layer.backward(dY, cache)
    other, cache = layer.forward(np.asfortranarray(X))
    np.testing.assert_array_equal(other, Y)
    np.testing.assert_array_equal(layer.backward(dY, cache)[0], dX)


def test_a_small_shift_changes_little() -> None:
    """Local invariance: where the largest number stays in its window, the maximum does not notice the shift."""
    X = np.zeros((1, 1, 8, 8))
    X[0, 0, 2::4, 2::4] = 1
    np.testing.assert_array_equal(MaxPool2D(4)(X), MaxPool2D(4)(np.roll(X, 1, axis=3)))
