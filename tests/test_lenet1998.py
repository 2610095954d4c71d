"""Layers of 1998, against their formulas; derivatives are tested with those of all layers."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import Conv2D
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D, fan_in_uniform

rng = np.random.default_rng(0)


def test_scaled_tanh_leaves_one_where_it_is() -> None:
    """LeCun et al. 1998, appendix A: f(1) = 1, f(−1) = −1, and the second derivative is largest there."""
    f = ScaledTanh()
    np.testing.assert_allclose(f(np.array([[-1.0, 0.0, 1.0]])), [[-1, 0, 1]], atol=1e-4)
    z, h = np.linspace(0, 3, 3001)[None], 1e-3
    bend = np.abs(f(z + h) - 2 * f(z) + f(z - h))
    assert z[0, bend.argmax()] == pytest.approx(1, abs=0.02)


def test_subsampling_by_loops() -> None:
    layer, X = Subsample2D(2, 2, rng=rng), rng.normal(size=(3, 2, 4, 6))
    layer.params["b"] += [0.3, -0.2]
    Y = layer(X)
    assert Y.shape == (3, 2, 2, 3)
    for m, c, i, j in np.ndindex(Y.shape):
        total = X[m, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].sum()
        assert Y[m, c, i, j] == pytest.approx(layer.params["a"][c] * total + layer.params["b"][c])


def test_maps_see_what_the_table_says() -> None:
    table = ((0, 2), (1,), (0, 1, 2))
    layer, X = TableConv2D(3, table, 3, rng=rng), rng.normal(size=(2, 3, 5, 5))
    assert layer.params["W"].shape == (6, 3, 3)
    Y, first = layer(X), 0
    for o, maps in enumerate(table):
        alone = Conv2D(len(maps), 1, 3, rng=rng)
        alone.params["W"][0] = layer.params["W"][first : first + len(maps)]
        np.testing.assert_allclose(Y[:, o], alone(X[:, list(maps)])[:, 0], atol=1e-12)
        first += len(maps)


def test_the_nearest_centre_wins() -> None:
    centres = rng.choice([-1.0, 1.0], size=(4, 9))
    Y = RadialBasis(centres)(centres + rng.normal(scale=0.1, size=centres.shape))
    np.testing.assert_array_equal(Y.argmax(axis=1), range(4))
    np.testing.assert_allclose(RadialBasis(centres)(centres).diagonal(), 0)
    assert (Y < 0).all()


def test_weights_start_by_what_a_unit_sums() -> None:
    assert np.abs(fan_in_uniform((1000,), 12, 1, rng=rng)).max() == pytest.approx(0.2, abs=0.005)
    W = TableConv2D(6, ((0,), (0, 1, 2, 3, 4, 5)), 5, rng=rng).params["W"]
    assert np.abs(W[0]).max() > 2.4 / 150 > np.abs(W[1:]).max()


def test_bad_input_is_explained() -> None:
    with pytest.raises(ValueError, match="some of the maps 0 to 2, each once, got"):
        TableConv2D(3, ((0, 3),), 3, rng=rng)
    with pytest.raises(ValueError, match="for every output map some of the maps"):
        TableConv2D(3, ((0,), ()), 3, rng=rng)
    with pytest.raises(ValueError, match="each once"):
        TableConv2D(3, ((0, 0),), 3, rng=rng)
    with pytest.raises(TypeError, match="numpy Generator"):
        TableConv2D(3, ((0,),), 3, rng=0)
    with pytest.raises(TypeError, match="numpy Generator"):
        Subsample2D(3, rng=0)
    with pytest.raises(ValueError, match="Subsample2D expects channels >= 1, got 0"):
        Subsample2D(0, rng=rng)
    with pytest.raises(TypeError, match=r"TableConv2D expects c_in as a whole number, got 2\.5"):
        TableConv2D(2.5, ((0,),), 3, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="with 2 channels"):
        Subsample2D(3, rng=rng)(np.zeros((1, 2, 4, 4)))
    with pytest.raises(ValueError, match=r"expects X of shape \(m, 4\)"):
        RadialBasis(np.ones((3, 4)))(np.ones((2, 5)))
