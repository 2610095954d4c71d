"""Initial weights come from the distributions that they are named for."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from dlbook import Dense
from dlbook.init import (
    Initializer,
    glorot_normal,
    glorot_uniform,
    he_normal,
    normal,
    standard_normal,
    truncated_normal,
    zeros,
)

SHAPE, N_IN, N_OUT = (600, 400), 400, 600
Distribution = Callable[[np.ndarray], np.ndarray]
erf = np.vectorize(math.erf, otypes=[float])


def gauss(scale: float) -> Distribution:
    return lambda x: (1 + erf(x / scale / math.sqrt(2))) / 2


def cut_gauss(scale: float) -> Distribution:
    """The normal distribution between ±2 scale, made to reach from 0 to 1."""
    low, high = gauss(1)(np.array([-2.0, 2.0]))
    return lambda x: (gauss(scale)(np.clip(x, -2 * scale, 2 * scale)) - low) / (high - low)


def uniform(bound: float) -> Distribution:
    return lambda x: np.clip((x + bound) / (2 * bound), 0, 1)


# φ(2) = e^−2 / √2π and 2 Φ(2) − 1 = erf(√2): what redrawing beyond two standard deviations leaves of the variance
CUT = 1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
CASES: dict[str, tuple[Initializer, float, Distribution]] = {
    "standard_normal": (standard_normal, 1, gauss(1)),
    "normal": (normal(0.3), 0.3**2, gauss(0.3)),
    "truncated_normal": (truncated_normal(0.1), CUT * 0.1**2, cut_gauss(0.1)),
    "glorot_uniform": (glorot_uniform, 2 / (N_IN + N_OUT), uniform(math.sqrt(6 / (N_IN + N_OUT)))),
    "glorot_normal": (glorot_normal, 2 / (N_IN + N_OUT), gauss(math.sqrt(2 / (N_IN + N_OUT)))),
    "he_normal": (he_normal, 2 / N_IN, gauss(math.sqrt(2 / N_IN))),
}


def distance(sample: np.ndarray, F: Distribution) -> float:
    """Return the largest gap between the sample's distribution function and F (Kolmogorov and Smirnov)."""
    x = np.sort(sample, axis=None)
    n, Fx = len(x), F(x)
    return float(max((np.arange(1, n + 1) / n - Fx).max(), (Fx - np.arange(n) / n).max()))


@pytest.mark.parametrize("case", CASES)
def test_mean_and_variance(case: str) -> None:
    init, variance, _ = CASES[case]
    W = init(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(0))
    assert W.shape == SHAPE
    # 240,000 draws: both are within 5 of their own standard deviations, at most √(2/240000) for the variance
    assert W.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / W.size))
    assert abs(W.mean()) <= 5 * np.sqrt(variance / W.size)


@pytest.mark.parametrize("case", CASES)
def test_distribution(case: str) -> None:
    """The gap stays below the bound of Dvoretzky, Kiefer, Wolfowitz and Massart for a chance of 1 in a million."""
    init, _, F = CASES[case]
    W = init(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(1))
    bound = math.sqrt(math.log(2e6) / (2 * W.size))  # P(gap > bound) <= 2 exp(−2 n bound²)
    assert distance(W, F) < bound
    assert distance(1.03 * W, F) > bound  # 3 % too wide would be noticed
    for row in (W[0], W[:, 0]):  # no row and no column is special
        assert distance(row, F) < math.sqrt(math.log(2e6) / (2 * row.size))


def test_the_spread_that_truncation_leaves() -> None:
    assert math.sqrt(CUT) == pytest.approx(0.8796, abs=5e-5)
    W = truncated_normal(0.1)((1000, 1000), 1, 1, rng=np.random.default_rng(0))
    assert 0.1999 < np.abs(W).max() <= 0.2
    assert len(np.unique(W)) == W.size  # drawn again, not cut off: nothing piles up at the ends


def test_glorot_is_bounded() -> None:
    W = glorot_uniform(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(0))
    bound = np.sqrt(6 / (N_IN + N_OUT))
    assert 0.99 * bound < np.abs(W).max() <= bound


def test_zeros() -> None:
    W = zeros(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(0))
    assert W.shape == SHAPE
    assert not W.any()


@pytest.mark.parametrize("case", CASES)
def test_the_same_seed_gives_the_same_weights_of_any_shape(case: str) -> None:
    for shape in ((1, 1), (3,), (2, 3, 5, 5)):
        twins = [CASES[case][0](shape, 3, 2, rng=np.random.default_rng(4)) for _ in range(2)]
        assert twins[0].shape == shape
        np.testing.assert_array_equal(*twins)


@pytest.mark.parametrize("make", [normal, truncated_normal])
def test_the_scale_is_checked(make: Callable[[float], Initializer]) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__} expects scale > 0, got 0"):
        make(0)
    with pytest.raises(TypeError, match="expects scale as a number"):
        make("wide")  # type: ignore[arg-type]


def test_a_layer_takes_them() -> None:
    W = Dense(784, 10, rng=np.random.default_rng(0), init=truncated_normal(0.1)).params["W"]
    np.testing.assert_array_equal(W, truncated_normal(0.1)((10, 784), 784, 10, rng=np.random.default_rng(0)))
