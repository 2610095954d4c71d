"""Activations and losses where formulas overflow or lose their digits; extremes.py says what is promised there."""

from __future__ import annotations

import inspect

import extremes
import numpy as np
import pytest

import dlbook
from dlbook import Loss, Sigmoid, Tanh

both = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def test_every_public_activation_and_loss_is_here() -> None:
    here = {case.split("-")[0] for case in extremes.ELEMENTWISE} | set(extremes.FUNCTIONS.values())
    here |= {"Softmax", "softmax", "MeanSquaredError", "BinaryCrossEntropy", "SoftmaxCrossEntropy"}
    public = {
        name
        for name in dlbook.__all__
        if getattr(c := getattr(dlbook, name), "__module__", "") == "dlbook.activations"
        or (inspect.isclass(c) and issubclass(c, Loss) and c is not Loss)
    }
    assert public == here


@both
@pytest.mark.parametrize("case", extremes.ELEMENTWISE)
def test_activation(case: str, dtype: type) -> None:
    assert extremes.activation(dlbook, case, dtype) <= 1


@both
def test_softmax_and_its_cross_entropy(dtype: type) -> None:
    for row in extremes.ROWS:
        z = extremes.GOLDEN[f"{dtype.__name__}/{row}/z"]
        assert extremes.softmax(dlbook, row, dtype) <= 1, z
        assert extremes.softmax_cross_entropy(dlbook, row, dtype) <= 1, z


@both
@pytest.mark.parametrize("case", ["BinaryCrossEntropy", "MeanSquaredError"])
def test_loss(case: str, dtype: type) -> None:
    assert extremes.pairs(dlbook, case, dtype) <= 1


@both
def test_the_inputs_are_extreme(dtype: type) -> None:
    """Among them ±1000, both zeros, the smallest and the largest numbers, one class and equal logits."""
    z = extremes.GOLDEN[f"{dtype.__name__}/z"]
    info = np.finfo(dtype)
    assert z.dtype == dtype
    assert {1000, -1000, info.smallest_subnormal, -info.smallest_subnormal, info.tiny, info.max, -info.max} <= set(z)
    assert list(np.signbit(z[z == 0])) == [False, True]
    rows = [extremes.GOLDEN[f"{dtype.__name__}/{row}/z"] for row in extremes.ROWS]
    assert any(len(row) == 1 for row in rows)
    assert any(len(row) > 2 and np.ptp(row) == 0 for row in rows)


@pytest.mark.parametrize(("dtype", "last", "first"), [(np.float64, 36, 37), (np.float32, 16, 18)])
def test_where_the_derivative_of_the_sigmoid_becomes_0(dtype: type, last: int, first: int) -> None:
    """What the promise does not cover: σ'(40) is 4e-18, and 0 here; σ'(−40) is right."""
    z = np.array([last, first, -first], dtype=dtype)
    Y, cache = Sigmoid().forward(z)
    slopes = Sigmoid().backward(np.ones_like(Y), cache)[0]
    assert slopes[0] > 0
    assert slopes[1] == 0
    assert slopes[2] == pytest.approx(np.exp(-first), rel=1e-6)
    Y, cache = Tanh().forward(z / 2 + np.sign(z))
    assert (Tanh().backward(np.ones_like(Y), cache)[0][1:] == 0).all()
