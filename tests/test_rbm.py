"""Restricted Boltzmann machines with binary units, against sums over all their states."""

from __future__ import annotations

import itertools

import brute_boltzmann as brute
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook import (
    BernoulliRBM,
    binary_states,
    exact_gradient,
    gibbs_matrix,
    joint_probabilities,
    log_likelihood,
    log_partition,
    log_sum_exp,
)
from dlbook.activations import sigmoid, softplus
from dlbook.binary_units import bernoulli, logistic_in_place, softplus_sum
from dlbook.enumeration import model_grads
from dlbook.layer import Params
from dlbook.restricted import RestrictedMachine

SIZES = [(1, 1), (1, 3), (3, 1), (4, 3), (3, 4), (4, 4)]


def data(n_visible: int, m: int = 7, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).integers(2, size=(m, n_visible)).astype(float)


@pytest.mark.parametrize("size", SIZES)
def test_energies_are_those_of_the_definition(size: tuple[int, int]) -> None:
    rbm, weight = brute.bernoulli(*size), brute.joint(brute.bernoulli(*size))
    V, H = (np.array(brute.states(n), float) for n in size)
    for r, v in enumerate(V):
        E = rbm.energy(np.tile(v, (len(H), 1)), H)
        np.testing.assert_allclose(np.exp(-E), weight[r], rtol=1e-12)
    np.testing.assert_allclose(joint_probabilities(rbm), weight / weight.sum(), rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_free_energies_are_marginals_of_the_joint(size: tuple[int, int]) -> None:
    rbm = brute.bernoulli(*size)
    weight = brute.joint(rbm)
    V, H = (np.array(brute.states(n), float) for n in size)
    np.testing.assert_allclose(-rbm.free_energy(V), np.log(weight.sum(axis=1)), rtol=0, atol=1e-12)
    np.testing.assert_allclose(-rbm.hidden_free_energy(H), np.log(weight.sum(axis=0)), rtol=0, atol=1e-12)
    assert log_partition(rbm) == pytest.approx(np.log(weight.sum()), abs=1e-12)
    wanted = np.log(weight.sum(axis=1) / weight.sum())
    np.testing.assert_allclose(log_likelihood(rbm, V), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_conditionals_are_ratios_of_the_joint(size: tuple[int, int]) -> None:
    rbm = brute.bernoulli(*size)
    weight = brute.joint(rbm)
    V, H = (np.array(brute.states(n), float) for n in size)
    np.testing.assert_allclose(rbm.hidden_probabilities(V), weight @ H / weight.sum(1)[:, None], rtol=1e-12)
    np.testing.assert_allclose(rbm.visible_mean(H), weight.T @ V / weight.sum(0)[:, None], rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_the_exact_gradient_is_that_of_the_exact_likelihood(size: tuple[int, int]) -> None:
    rbm, v = brute.bernoulli(*size), data(size[0])
    wanted = brute.differences(rbm, lambda machine: brute.negative_log_likelihood(machine, v))
    assert brute.largest_difference(exact_gradient(rbm, v), wanted) < 1e-7


def test_many_states_are_summed_in_blocks() -> None:
    """2^13 states are two blocks. From both sides of a square machine the same comes out."""
    rbm = brute.bernoulli(13, 13)
    other = _mirrored(rbm)
    wanted = float(log_sum_exp(-rbm.free_energy(binary_states(13))))
    assert log_partition(rbm) == pytest.approx(wanted, abs=1e-9)
    grads = model_grads(rbm)
    one_by_one = rbm.free_energy_grads(binary_states(13), np.exp(log_likelihood(rbm, binary_states(13))))
    assert brute.largest_difference(grads, one_by_one) < 1e-9
    turned = model_grads(other)
    np.testing.assert_allclose(turned["W"].T, grads["W"], rtol=0, atol=1e-9)


def test_the_mean_gradient_of_the_energy_is_that_of_ln_z() -> None:
    for size in SIZES:
        rbm = brute.bernoulli(*size)
        wanted = brute.differences(rbm, lambda machine: -np.log(brute.joint(machine).sum()))
        assert brute.largest_difference(model_grads(rbm), wanted) < 1e-7


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5), st.integers(0, 1000))
def test_shapes_and_identities_hold_for_every_size(n_visible: int, n_hidden: int, m: int, seed: int) -> None:
    rbm, rng = brute.bernoulli(n_visible, n_hidden, seed), np.random.default_rng(seed)
    v = rng.integers(2, size=(m, n_visible)).astype(float)
    h = rbm.sample_hidden(v, rng=rng)
    assert h.shape == rbm.hidden_probabilities(v).shape == (m, n_hidden)
    assert rbm.sample_visible(h, rng=rng).shape == rbm.gibbs(v, 2, rng=rng).shape == v.shape
    assert set(np.unique(h)) <= {0, 1}
    # Bayes: P(v, h) = P(v) P(h | v), whatever the state
    q = rbm.hidden_probabilities(v)
    log_posterior = np.log(np.where(h == 1, q, 1 - q)).sum(axis=1)
    np.testing.assert_allclose(-rbm.energy(v, h), -rbm.free_energy(v) + log_posterior, rtol=0, atol=1e-9)
    assert np.exp(log_likelihood(rbm, binary_states(n_visible))).sum() == pytest.approx(1, abs=1e-12)
    grads = rbm.contrastive_divergence(v, 1, rng=rng)
    assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in rbm.params.items()}
    for either in (rbm, _mirrored(rbm)):  # Z is the same from both sides
        assert log_partition(either) == pytest.approx(float(log_sum_exp(-rbm.free_energy(binary_states(n_visible)))))


def _mirrored(rbm: BernoulliRBM) -> BernoulliRBM:
    turned = BernoulliRBM(rbm.n_hidden, rbm.n_visible, rng=np.random.default_rng(0))
    turned.params = {"W": rbm.params["W"].T, "a": rbm.params["b"], "b": rbm.params["a"]}
    return turned


def test_the_gibbs_kernel_leaves_the_distribution_as_it_is() -> None:
    for size in SIZES:
        rbm = brute.bernoulli(*size)
        T, p = gibbs_matrix(rbm), joint_probabilities(rbm).sum(axis=1)
        np.testing.assert_allclose(T.sum(axis=1), 1, rtol=0, atol=1e-12)
        np.testing.assert_allclose(p @ T, p, rtol=0, atol=1e-12)
        np.testing.assert_allclose(p[:, None] * T, (p[:, None] * T).T, rtol=0, atol=1e-12)  # detailed balance


def test_the_gibbs_matrix_is_made_of_ratios_of_the_joint() -> None:
    rbm = brute.bernoulli(4, 3)
    weight = brute.joint(rbm)
    T = (weight / weight.sum(axis=1, keepdims=True)) @ (weight / weight.sum(axis=0)).T
    np.testing.assert_allclose(gibbs_matrix(rbm), T, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 3])
def test_chains_move_as_the_gibbs_matrix_says(k: int, dtype: type) -> None:
    rbm, m = brute.bernoulli(3, 2).astype(dtype), 100_000
    T = np.linalg.matrix_power(gibbs_matrix(brute.bernoulli(3, 2)), k)
    start = np.tile(np.array([[1, 0, 1]], dtype), (m, 1))
    end = rbm.gibbs(start, k, rng=np.random.default_rng(0))
    share = np.bincount((end @ [4, 2, 1]).astype(int), minlength=8) / m
    wanted = T[0b101]
    np.testing.assert_array_less(np.abs(share - wanted), 5 * np.sqrt(wanted * (1 - wanted) / m))
    assert (start == np.array([1, 0, 1])).all()


def mean_of_cd(rbm: BernoulliRBM, v: np.ndarray, k: int) -> Params:
    """Return the mean of CD-k over everything that it draws: v becomes the distribution p₀ Tᵏ."""
    V = binary_states(rbm.n_visible)
    start = (v[:, None] == V).all(axis=2).mean(axis=0)
    after = start @ np.linalg.matrix_power(gibbs_matrix(rbm), k)
    data, model = rbm.free_energy_grads(v), rbm.free_energy_grads(V, after)
    return {name: data[name] - model[name] for name in data}


def test_the_mean_of_long_chain_cd_tends_to_the_exact_gradient() -> None:
    rbm, v = brute.bernoulli(4, 3), data(4)
    exact = exact_gradient(rbm, v)
    bias = [brute.largest_difference(mean_of_cd(rbm, v, k), exact) for k in (1, 2, 4, 8, 100)]
    assert all(after < before for before, after in itertools.pairwise(bias))
    assert bias[0] > 0.01  # CD-1 is biased
    assert bias[-1] < 1e-12


@pytest.mark.parametrize("k", [1, 2, 10])
def test_cd_draws_around_its_mean(k: int) -> None:
    rbm, v, copies = brute.bernoulli(4, 3), data(4), 3000
    wanted, rng, n = mean_of_cd(rbm, v, k), np.random.default_rng(1), 30
    drawn = [rbm.contrastive_divergence(np.tile(v, (copies // n, 1)), k, rng=rng) for _ in range(n)]
    for name in wanted:
        all_of_it = np.array([grads[name] for grads in drawn])
        error = all_of_it.std(axis=0, ddof=1) / np.sqrt(n)
        np.testing.assert_array_less(np.abs(all_of_it.mean(axis=0) - wanted[name]), 5 * error)


def test_persistent_chains_reach_the_distribution_and_then_estimate_without_bias() -> None:
    rbm, v, rng = brute.bernoulli(4, 3), data(4), np.random.default_rng(2)
    chains, total = np.zeros((1000, 4)), []
    before = chains.copy()
    for _ in range(100):
        grads, after = rbm.persistent_contrastive_divergence(v, chains, 1, rng=rng)
        np.testing.assert_array_equal(chains, before)  # not written to
        chains, before = after, after.copy()
        total.append(grads)
    assert chains.shape == (1000, 4)
    for name, exact in exact_gradient(rbm, v).items():
        np.testing.assert_allclose(np.mean([g[name] for g in total[10:]], axis=0), exact, rtol=0, atol=0.01)


def test_persistent_chains_that_start_at_the_data_are_cd() -> None:
    rbm, v = brute.bernoulli(4, 3), data(4)
    for k in (1, 3):
        one = rbm.contrastive_divergence(v, k, rng=np.random.default_rng(3))
        other, _ = rbm.persistent_contrastive_divergence(v, v, k, rng=np.random.default_rng(3))
        assert brute.largest_difference(one, other) == 0


def test_the_gradient_is_that_of_the_gap_between_data_and_chains() -> None:
    rbm, v = brute.bernoulli(4, 3), data(4)
    chains = data(4, m=5, seed=6)
    grads, after = rbm.contrast(v, 2, chains, rng=np.random.default_rng(4))
    assert after.shape == (5, 4)

    def gap(machine: RestrictedMachine) -> float:
        return float(machine.free_energy(v).mean() - machine.free_energy(after).mean())

    assert brute.largest_difference(grads, brute.differences(rbm, gap)) < 1e-7


def test_gradients_with_weights_sum_up_the_examples() -> None:
    rbm, v, w = brute.bernoulli(4, 3), data(4), np.random.default_rng(0).normal(size=7)
    for name, g in rbm.free_energy_grads(v, w).items():
        wanted = sum(w[r] * rbm.free_energy_grads(v[r : r + 1])[name] for r in range(7))
        np.testing.assert_allclose(g, wanted, rtol=0, atol=1e-12)


def test_float32_stays_float32_and_rounds_what_float64_says() -> None:
    rbm, v = brute.bernoulli(6, 5), data(6)
    small, v32 = brute.bernoulli(6, 5).astype(np.float32), data(6).astype(np.float32)
    h32 = small.sample_hidden(v32, rng=np.random.default_rng(0))
    for name in ("free_energy", "hidden_probabilities"):
        got = getattr(small, name)(v32)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, getattr(rbm, name)(v), rtol=1e-5)
    np.testing.assert_allclose(small.hidden_free_energy(h32), rbm.hidden_free_energy(h32), rtol=1e-5)
    grads, chains = small.contrast(v32, 2, rng=np.random.default_rng(0))
    arrays = [h32, small.visible_mean(h32), small.hidden_free_energy(h32), small.energy(v32, h32), chains]
    assert {array.dtype for array in [*arrays, *grads.values()]} == {np.dtype(np.float32)}
    assert small.tempered(0.3, small.params["a"]).params["W"].dtype == np.float32
    V = binary_states(6)
    assert log_partition(small) == pytest.approx(log_partition(rbm), abs=1e-5)
    np.testing.assert_allclose(small.free_energy(V.astype(np.float32)), rbm.free_energy(V), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_and_logarithms_at_both_ends(dtype: type) -> None:
    z = np.array([-1e4, -800, -100, -30, -1, 0, 1, 30, 100, 800, 1e4], dtype)
    tiny = np.finfo(dtype).tiny
    p = logistic_in_place(z.copy())
    assert p.dtype == dtype
    np.testing.assert_allclose(p, sigmoid(z.astype(float)), rtol=4 * np.finfo(dtype).eps, atol=tiny)
    sums = softplus_sum(z[:, None])
    assert sums.dtype == dtype
    np.testing.assert_allclose(sums, softplus(z.astype(float)), rtol=2 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_draws_are_one_with_probability_p(n: int, dtype: type) -> None:
    m = 100_001  # odd: one half of the last bits is left over
    p = np.tile(np.linspace(0, 1, n + 2).astype(dtype), (m, 1))
    x = bernoulli(p, np.random.default_rng(0))
    assert x.dtype == dtype
    assert set(np.unique(x)) == {0, 1}
    error = np.sqrt(p[0] * (1 - p[0]) / m)
    assert (np.abs(x.mean(axis=0, dtype=float) - p[0]) <= 5 * error).all()  # never where p = 0, always where p = 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_are_drawn_independently(dtype: type) -> None:
    """In float32 two of them share one draw of 64 bits."""
    x = bernoulli(np.full(200_000, 0.5, dtype), np.random.default_rng(0)).astype(float)
    for lag in (1, 2):
        together = np.corrcoef(x[:-lag:2], x[lag::2])[0, 1]
        assert abs(together) < 5 / np.sqrt(len(x) / 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_draw_takes_as_many_random_numbers_whatever_the_probabilities(dtype: type) -> None:
    """Chains with one seed toss the same coins wherever they are: those of chapter 13's explorer meet and stay one."""
    after = []
    for p in (0.0, 0.5, 1.0, np.linspace(0, 1, 999)):
        rng = np.random.default_rng(0)
        bernoulli(np.full(999, p, dtype), rng)
        after.append(rng.random())
    assert len(set(after)) == 1


def test_the_same_seed_draws_the_same_and_machines_keep_nothing() -> None:
    rbm, v = brute.bernoulli(4, 3), data(4)
    before = {name: p.copy() for name, p in rbm.params.items()}
    attributes = set(vars(rbm))
    one = rbm.contrastive_divergence(v, 2, rng=np.random.default_rng(0))
    two = rbm.contrastive_divergence(v, 2, rng=np.random.default_rng(0))
    assert brute.largest_difference(one, two) == 0
    assert brute.largest_difference(rbm.params, before) == 0
    assert set(vars(rbm)) == attributes
    np.testing.assert_array_equal(v, data(4))


def test_tempering_goes_in_a_straight_line() -> None:
    rbm, base = brute.bernoulli(4, 3), np.arange(4.0)
    assert brute.largest_difference(rbm.tempered(1, base).params, rbm.params) == 0
    start = rbm.tempered(0, base).params
    assert (start["W"] == 0).all()
    assert (start["b"] == 0).all()
    np.testing.assert_array_equal(start["a"], base)
    half = rbm.tempered(0.5, base).params
    for name in half:
        np.testing.assert_allclose(half[name], (start[name] + rbm.params[name]) / 2, rtol=1e-12)
    with pytest.raises(ValueError, match="expects beta from 0 to below 1"):
        rbm.tempered(1.5, base)
    with pytest.raises(ValueError, match="expects base of shape"):
        rbm.tempered(0.5, np.zeros(3))


def test_states_count_in_binary() -> None:
    assert binary_states(2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [tuple(s) for s in binary_states(5)] == brute.states(5)
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(log_sum_exp(x, axis=1), np.log(np.exp(x).sum(axis=1)), rtol=1e-12)
    assert log_sum_exp(np.array([1000.0, 1000.0])) == pytest.approx(1000 + np.log(2))


def test_bad_input_gets_a_sentence() -> None:
    rng, rbm = np.random.default_rng(0), brute.bernoulli(4, 3)
    v, h = data(4), np.zeros((7, 3))
    with pytest.raises(TypeError, match="expects rng as a numpy Generator"):
        BernoulliRBM(4, 3, rng=0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expects n_hidden >= 1"):
        BernoulliRBM(4, 0, rng=rng)
    with pytest.raises(ValueError, match="the array that init returns"):
        BernoulliRBM(4, 3, rng=rng, init=lambda shape, n_in, n_out, *, rng: np.zeros(3))
    with pytest.raises(ValueError, match=r"expects v of shape \(m, 4\), got \(7, 3\)"):
        rbm.free_energy(h)
    with pytest.raises(ValueError, match="one example is a batch of one"):
        rbm.hidden_probabilities(v[0])
    with pytest.raises(TypeError, match="expects v as floating-point numbers, got int64"):
        rbm.contrastive_divergence(v.astype(np.int64), 1, rng=rng)
    for wrong in (v - 1, v * 255):
        with pytest.raises(ValueError, match=r"expects v from 0 to 1.*scale them.*GaussianBernoulliRBM"):
            rbm.gibbs(wrong, 1, rng=rng)
    with pytest.raises(ValueError, match="got NaN in v"):
        rbm.free_energy(v * np.nan)
    with pytest.raises(ValueError, match=r"expects h of shape \(m, 3\)"):
        rbm.visible_mean(v)
    with pytest.raises(ValueError, match=r"expects h of shape \(7, 3\), got \(6, 3\)"):
        rbm.energy(v, h[1:])
    for k, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="expects k"):
            rbm.contrastive_divergence(v, k, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expects rng as a numpy Generator, got None"):
        rbm.gibbs(v, 1, rng=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expects v of shape \(m, 4\)"):
        rbm.persistent_contrastive_divergence(v, h, 1, rng=rng)
    with pytest.raises(ValueError, match="expects weights of shape"):
        rbm.free_energy_grads(v, np.ones(3))
    with pytest.raises(ValueError, match=r"expects n from 1 to 20, got 30: there would be 2\^30 states"):
        log_partition(BernoulliRBM(30, 40, rng=rng))
    with pytest.raises(ValueError, match="expects n from 1 to 20"):
        binary_states(21)
    with pytest.raises(
        ValueError, match=r"joint_probabilities makes a table of at most 2\^20 numbers, this one has 2\^21"
    ):
        joint_probabilities(BernoulliRBM(11, 10, rng=rng))
    for size in ((11, 3), (3, 18)):
        with pytest.raises(ValueError, match="gibbs_matrix makes a table"):
            gibbs_matrix(BernoulliRBM(*size, rng=rng))
