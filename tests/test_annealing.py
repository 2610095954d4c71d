"""Annealed importance sampling against partition functions that are known."""

from __future__ import annotations

import brute_boltzmann as brute
import numpy as np
import pytest

from dlbook import ais, base_bias, log_partition
from dlbook.restricted import RestrictedMachine

BETAS = np.linspace(0, 1, 60)
MACHINES = {
    "binary, summed over v": brute.bernoulli(4, 6),
    "binary, summed over h": brute.bernoulli(6, 4, seed=1),
    "gaussian": brute.gaussian(3, 4),
}


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_true_partition_function_lies_within_the_error_bars(name: str, seed: int) -> None:
    machine = MACHINES[name]
    found = ais(machine, n_chains=300, betas=BETAS, rng=np.random.default_rng(seed))
    assert found.low < log_partition(machine) < found.high
    assert found.low < found.log_Z < found.high
    assert found.high - found.low < 0.5  # bars that say something
    assert found.log_weights.shape == (300,)


@pytest.mark.parametrize("name", MACHINES)
def test_error_bars_are_as_wide_as_results_spread(name: str) -> None:
    machine, rng = MACHINES[name], np.random.default_rng(7)
    found = [ais(machine, n_chains=50, betas=BETAS[::3] / BETAS[::3][-1], rng=rng) for _ in range(60)]
    off = np.array([f.log_Z - log_partition(machine) for f in found])
    errors = np.array([f.standard_error for f in found])
    assert 0.7 < off.std(ddof=1) / errors.mean() < 1.4  # 60 results know their spread to 9 %
    assert abs(off.mean()) < 4 * off.std(ddof=1) / np.sqrt(60) + errors.mean() ** 2  # ln of a mean is a little low


@pytest.mark.parametrize("betas", [[0, 1], [0, 0.3, 1]])
@pytest.mark.parametrize("name", MACHINES)
def test_the_mean_weight_is_right_whatever_the_steps(name: str, betas: list[float]) -> None:
    """Few steps make the weights spread, not wrong: their mean is Z / Z₀ all the same."""
    machine = small_weights(MACHINES[name])
    for base in (None, np.linspace(-0.5, 0.5, machine.n_visible)):
        found = ais(machine, n_chains=10_000, betas=betas, rng=np.random.default_rng(3), base=base)
        assert found.standard_error < 0.1
        assert abs(found.log_Z - log_partition(machine)) < 4 * found.standard_error


def small_weights(machine: RestrictedMachine) -> RestrictedMachine:
    between = machine.tempered(0.4, machine.params["a"])
    between.params["b"] = machine.params["b"]
    return between


def test_a_machine_without_weights_needs_no_steps() -> None:
    machine = brute.bernoulli(4, 3)
    machine.params["W"][:] = 0
    machine.params["b"][:] = 0
    found = ais(machine, n_chains=10, betas=[0, 1], rng=np.random.default_rng(0))
    assert found.standard_error < 1e-14
    assert found.log_Z == pytest.approx(log_partition(machine), abs=1e-12)


def test_error_bars_that_reach_zero_have_no_lower_end() -> None:
    machine = brute.bernoulli(6, 6)
    machine.params["W"] *= 5
    found = ais(machine, n_chains=3, betas=[0, 1], rng=np.random.default_rng(0))
    assert found.low == -np.inf
    assert np.isfinite(found.high)


def test_the_base_bias_has_the_means_of_the_data() -> None:
    v = np.array([[1.0, 0, 1], [1, 0, 0], [1, 0, 1]])
    p = 1 / (1 + np.exp(-base_bias(v)))
    np.testing.assert_allclose(p, [3.5 / 4, 0.5 / 4, 2.5 / 4], rtol=1e-12)
    assert base_bias(v.astype(np.float32)).dtype == np.float32


def test_float32_finds_the_same() -> None:
    machine = brute.bernoulli(6, 4, seed=1).astype(np.float32)
    found = ais(machine, n_chains=300, betas=BETAS, rng=np.random.default_rng(0), base=np.zeros(6))
    assert found.low < log_partition(brute.bernoulli(6, 4, seed=1)) < found.high


def test_bad_input_gets_a_sentence() -> None:
    machine, rng = brute.bernoulli(3, 2), np.random.default_rng(0)
    for betas in ([0.1, 1], [0, 0.9], [0, 0.5, 0.5, 1], [0], [[0, 1]], 1.0):
        with pytest.raises(ValueError, match="expects betas that rise from 0 to 1"):
            ais(machine, n_chains=2, betas=betas, rng=rng)
    with pytest.raises(ValueError, match="got NaN in betas"):
        ais(machine, n_chains=2, betas=[0, np.nan, 1], rng=rng)
    with pytest.raises(ValueError, match="expects n_chains >= 2, got 1"):
        ais(machine, n_chains=1, betas=BETAS, rng=rng)
    with pytest.raises(ValueError, match=r"expects base of shape \(3,\), got \(2,\)"):
        ais(machine, n_chains=2, betas=BETAS, rng=rng, base=np.zeros(2))
    with pytest.raises(TypeError, match="expects rng"):
        ais(machine, n_chains=2, betas=BETAS, rng=1)  # type: ignore[arg-type]
