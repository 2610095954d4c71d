"""Restricted Boltzmann machines with continuous visible units, against integrals.

The trapezoidal rule is exact to rounding for functions that fall off like a bell: one grid serves for all of them.
"""

from __future__ import annotations

import brute_boltzmann as brute
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook import GaussianBernoulliRBM, binary_states, exact_gradient, log_likelihood, log_partition
from dlbook.restricted import RestrictedMachine

GRID = np.linspace(-40, 40, 801)
STEP = GRID[1] - GRID[0]


def data(n_visible: int, m: int = 7, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(m, n_visible))


def test_the_energy_is_that_of_the_definition() -> None:
    machine, rng = brute.gaussian(3, 2), np.random.default_rng(0)
    v, h = rng.normal(size=(5, 3)), rng.integers(2, size=(5, 2)).astype(float)
    W, a, b = (machine.params[name] for name in ("W", "a", "b"))
    for r in range(5):
        E = sum((v[r, i] - a[i]) ** 2 / (2 * machine.sigma[i] ** 2) for i in range(3))
        E -= sum(b[j] * h[r, j] for j in range(2))
        E -= sum(h[r, j] * W[j, i] * v[r, i] / machine.sigma[i] for i in range(3) for j in range(2))
        assert machine.energy(v[r : r + 1], h[r : r + 1])[0] == pytest.approx(E, abs=1e-12)


@pytest.mark.parametrize("n_hidden", [1, 3])
def test_free_energies_are_marginals_of_the_joint(n_hidden: int) -> None:
    machine, v, H = brute.gaussian(1, n_hidden), GRID[:, None], binary_states(n_hidden)
    weight = np.exp([-machine.energy(v, np.tile(h, (len(v), 1))) for h in H])  # (2^n_h, points)
    seen = weight.sum(axis=0) > 1e-200
    wanted = np.log(weight.sum(axis=0)[seen])
    np.testing.assert_allclose(-machine.free_energy(v)[seen], wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(-machine.hidden_free_energy(H), np.log(weight.sum(axis=1) * STEP), rtol=0, atol=1e-12)
    assert log_partition(machine) == pytest.approx(np.log(weight.sum() * STEP), abs=1e-12)
    q = machine.hidden_probabilities(v)[seen]
    np.testing.assert_allclose(q, (weight[:, seen].T @ H) / weight.sum(axis=0)[seen, None], rtol=0, atol=1e-12)
    mean = weight @ GRID / weight.sum(axis=1)
    np.testing.assert_allclose(machine.visible_mean(H)[:, 0], mean, rtol=0, atol=1e-12)
    spread = np.sqrt((weight * (GRID - mean[:, None]) ** 2).sum(axis=1) / weight.sum(axis=1))
    np.testing.assert_allclose(spread, machine.sigma[0], rtol=1e-12)


def test_the_density_of_two_units_integrates_to_one() -> None:
    machine, line = brute.gaussian(2, 3), np.linspace(-15, 15, 301)
    v = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    assert np.exp(log_likelihood(machine, v)).sum() * (line[1] - line[0]) ** 2 == pytest.approx(1, abs=1e-10)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(0, 1000))
def test_the_density_is_a_mixture_of_clouds(n_visible: int, n_hidden: int, m: int, seed: int) -> None:
    machine, v = brute.gaussian(n_visible, n_hidden, seed), data(n_visible, m, seed)
    weights, centres = machine.mixture()
    assert weights.shape == (2**n_hidden,)
    assert centres.shape == (2**n_hidden, n_visible)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    z = (v[:, None] - centres) / machine.sigma
    density = np.exp(-0.5 * (z**2).sum(axis=2)) / np.prod(np.sqrt(2 * np.pi) * machine.sigma) @ weights
    np.testing.assert_allclose(log_likelihood(machine, v), np.log(density), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 2)])
def test_the_exact_gradient_is_that_of_the_exact_likelihood(size: tuple[int, int]) -> None:
    machine, v = brute.gaussian(*size), data(size[0])

    def loss(machine: RestrictedMachine) -> float:
        return float(-log_likelihood(machine, v).mean())

    assert brute.largest_difference(exact_gradient(machine, v), brute.differences(machine, loss)) < 1e-7


def transitions(machine: GaussianBernoulliRBM) -> np.ndarray:
    """Return T[r, s] dv = Σ_h p(v = s | h) P(h | v = r) on the grid."""
    H = binary_states(machine.n_hidden)
    q = machine.hidden_probabilities(GRID[:, None])
    given_v = np.where(H[None] == 1, q[:, None], 1 - q[:, None]).prod(axis=2)  # (points, 2^n_h)
    z = (GRID - machine.visible_mean(H)) / machine.sigma
    return np.asarray(given_v @ (np.exp(-0.5 * z**2) / (np.sqrt(2 * np.pi) * machine.sigma)) * STEP)


def test_the_gibbs_kernel_leaves_the_distribution_as_it_is() -> None:
    machine = brute.gaussian(1, 3)
    T, p = transitions(machine), np.exp(log_likelihood(machine, GRID[:, None]))
    np.testing.assert_allclose(p @ T, p, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_chains_move_as_the_kernel_says(dtype: type) -> None:
    machine, m = brute.gaussian(1, 2), 100_000
    start = np.argmin(np.abs(GRID - 1))
    T = transitions(machine)
    after = T[start] @ T
    machine.astype(dtype)
    v = machine.gibbs(np.full((m, 1), GRID[start], dtype), 2, rng=np.random.default_rng(0))
    assert v.dtype == dtype
    for power in (1, 2):
        mean, second = (after * GRID**power).sum(), (after * GRID ** (2 * power)).sum()
        assert (v.astype(float) ** power).mean() == pytest.approx(mean, abs=5 * np.sqrt((second - mean**2) / m))


def test_the_mean_of_long_chain_cd_is_the_exact_gradient() -> None:
    machine, v, n = brute.gaussian(2, 2), data(2, 10), 40
    rng, exact = np.random.default_rng(1), exact_gradient(machine, v)
    drawn = [machine.contrastive_divergence(np.tile(v, (100, 1)), 30, rng=rng) for _ in range(n)]
    for name in exact:
        values = np.array([grads[name] for grads in drawn])
        error = values.std(axis=0, ddof=1) / np.sqrt(n)
        np.testing.assert_array_less(np.abs(values.mean(axis=0) - exact[name]), 5 * error)


def test_the_gradient_is_that_of_the_gap_between_data_and_chains() -> None:
    machine, v = brute.gaussian(3, 2), data(3)
    grads, after = machine.contrast(v, 1, rng=np.random.default_rng(4))

    def gap(machine: RestrictedMachine) -> float:
        return float(machine.free_energy(v).mean() - machine.free_energy(after).mean())

    assert brute.largest_difference(grads, brute.differences(machine, gap)) < 1e-7


def test_float32_stays_float32() -> None:
    machine, v, rng = brute.gaussian(4, 3).astype(np.float32), data(4).astype(np.float32), np.random.default_rng(0)
    grads, chains = machine.contrast(v, 2, rng=rng)
    h = machine.sample_hidden(v, rng=rng)
    arrays = [machine.free_energy(v), h, machine.visible_mean(h), machine.hidden_free_energy(h), chains]
    assert {array.dtype for array in [*arrays, *grads.values()]} == {np.dtype(np.float32)}
    np.testing.assert_allclose(machine.free_energy(v), brute.gaussian(4, 3).free_energy(v), rtol=1e-4)


def test_one_sigma_serves_for_all_units() -> None:
    rng = np.random.default_rng(0)
    assert GaussianBernoulliRBM(3, 2, rng=rng, sigma=0.5).sigma.tolist() == [0.5, 0.5, 0.5]
    assert GaussianBernoulliRBM(3, 2, rng=rng).sigma.tolist() == [1, 1, 1]


def test_bad_input_gets_a_sentence() -> None:
    rng = np.random.default_rng(0)
    for sigma in (0, -1, np.nan, [1, 0, 1]):
        with pytest.raises(ValueError, match="expects sigma > 0, standard deviations"):
            GaussianBernoulliRBM(3, 2, rng=rng, sigma=sigma)
    with pytest.raises(ValueError, match=r"expects sigma of shape \(3,\), got \(2,\)"):
        GaussianBernoulliRBM(3, 2, rng=rng, sigma=[1, 2])
    with pytest.raises(ValueError, match="expects n from 1 to 20"):
        log_partition(GaussianBernoulliRBM(3, 21, rng=rng))  # fewer visible units do not help: they are continuous
