"""The spread of initial weights, and what it does to the spread of the outputs."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook.init import Initializer, glorot_uniform, he_normal, standard_normal, zeros

SHAPE, N_IN, N_OUT = (600, 400), 400, 600


@pytest.mark.parametrize(
    ("init", "variance"), [(zeros, 0), (standard_normal, 1), (glorot_uniform, 2 / 1000), (he_normal, 2 / 400)]
)
def test_variance(init: Initializer, variance: float) -> None:
    W = init(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(0))
    assert W.shape == SHAPE
    # 240,000 draws: the sample variance is within 5 of its own standard deviations, √(2/240000)
    assert W.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / W.size))
    assert abs(W.mean()) <= 5 * np.sqrt(variance / W.size)


def test_glorot_is_bounded() -> None:
    W = glorot_uniform(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(0))
    bound = np.sqrt(6 / (N_IN + N_OUT))
    assert 0.99 * bound < np.abs(W).max() <= bound
