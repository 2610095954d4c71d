"""Work that is shared out gives what undivided work gives."""

from __future__ import annotations

import numpy as np
import pytest

from dlbook import LSTM, Dense, LastStep, Sequential, SoftmaxCrossEntropy, Tanh
from dlbook.parallel import (
    amdahl,
    pipeline_bubble,
    ring_all_reduce,
    ring_traffic,
    roofline,
    sharded_gradient,
    shards,
    step_time,
)

NETWORKS = {
    "dense": (lambda rng: Sequential(Dense(4, 5, rng=rng), Tanh(), Dense(5, 3, rng=rng)), (4,)),
    "lstm": (lambda rng: Sequential(LSTM(4, 5, rng=rng), LastStep(), Dense(5, 3, rng=rng)), (6, 4)),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("parts", [shards(12, 1), shards(12, 3), shards(12, 5), [slice(0, 1), slice(1, 12)]])
def test_shards_give_the_gradient_of_the_batch(network: str, parts: list[slice]) -> None:
    make, shape = NETWORKS[network]
    rng = np.random.default_rng(0)
    model, loss = make(rng), SoftmaxCrossEntropy()
    X, y = rng.normal(size=(12, *shape)), rng.integers(3, size=12)
    Y, cache = model.forward(X)
    J, loss_cache = loss.forward(Y, y)
    whole = model.param_grads(loss.backward(loss_cache), cache)
    J_sharded, grads = sharded_gradient(model, loss, X, y, parts)
    assert pytest.approx(J, abs=1e-13) == J_sharded
    assert grads.keys() == whole.keys()
    for name, g in whole.items():
        np.testing.assert_allclose(grads[name], g, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("m", "p"), [(1, 1), (7, 3), (12, 4), (5, 5)])
def test_every_example_is_in_one_shard(m: int, p: int) -> None:
    parts = shards(m, p)
    sizes = [part.stop - part.start for part in parts]
    np.testing.assert_array_equal(np.concatenate([np.arange(m)[part] for part in parts]), np.arange(m))
    assert len(parts) == p
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("p", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("shape", [(12,), (3, 4), (5,), (1,)])
def test_a_ring_adds_up_and_everybody_has_the_sum(p: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(p)
    arrays = [rng.normal(size=shape) for _ in range(p)]
    before = [a.copy() for a in arrays]
    results, sent = ring_all_reduce(arrays)
    assert len(results) == p
    for result in results:
        np.testing.assert_allclose(result, sum(before), rtol=0, atol=1e-13)
    np.testing.assert_array_equal(results, [results[0]] * p)  # not one bit apart
    np.testing.assert_array_equal(arrays, before)
    n = arrays[0].size
    assert ring_traffic(n, p) <= sent <= ring_traffic(n, p) + 2 * (p - 1)
    if n % p == 0:
        assert sent == ring_traffic(n, p)


def test_speed() -> None:
    assert amdahl(1, 0.3) == 1
    np.testing.assert_allclose(amdahl([2, 10, 1e9], 0.1), [1 / 0.55, 1 / 0.19, 10], rtol=1e-7)
    assert amdahl(8, 0.0) == 8
    assert step_time(1, 2.0, 1e6, 1e9, latency=1.0) == 2.0
    assert step_time(2, 2.0, 1e6, 1e9) == pytest.approx(1.0 + 4e-3)
    assert step_time(4, 2.0, 1e6, 1e9, latency=0.01) == pytest.approx(0.5 + 6e-3 + 0.06)


def test_pipelines_and_roofs() -> None:
    assert pipeline_bubble(1, 3) == 0
    assert pipeline_bubble(4, 1) == 0.75
    assert roofline(6.0, 8.0, rate=3.0, bandwidth=2.0) == 4.0
    assert roofline(60.0, 8.0, rate=3.0, bandwidth=2.0) == 20.0


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one example for each of 4 shards, got 3"):
        shards(3, 4)
    with pytest.raises(ValueError, match=r"every array of shape \(2,\), got \(3,\)"):
        ring_all_reduce([np.ones(2), np.ones(3)])
    with pytest.raises(ValueError, match="a share of the work"):
        amdahl(2, 1.5)


def test_unweighted_means_of_unequal_shards_are_told_apart() -> None:
    """1/p in place of m_k/m shows with unequal shards only."""
    rng = np.random.default_rng(0)
    model, loss = Sequential(Dense(4, 3, rng=rng)), SoftmaxCrossEntropy()
    X, y = rng.normal(size=(12, 4)), rng.integers(3, size=12)
    parts = [slice(0, 2), slice(2, 12)]
    means = [sharded_gradient(model, loss, X[part], y[part], [slice(None)])[1]["0.W"] for part in parts]
    whole = sharded_gradient(model, loss, X, y, parts)[1]["0.W"]
    assert np.abs(sum(means) / 2 - whole).max() > 1e-2
    np.testing.assert_allclose((2 * means[0] + 10 * means[1]) / 12, whole, rtol=0, atol=1e-14)
