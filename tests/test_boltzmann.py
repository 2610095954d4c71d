"""General Boltzmann machines, against sums over all their states."""

from __future__ import annotations

import brute_boltzmann as brute
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook import L2, SGD, BernoulliRBM, BoltzmannMachine, binary_states, exact_gradient, log_likelihood, log_partition

SIZES = [(1, 0), (3, 0), (2, 1), (1, 3), (3, 2)]


def data(n_visible: int, m: int = 6) -> np.ndarray:
    return np.random.default_rng(5).integers(2, size=(m, n_visible)).astype(float)


def weights_of(machine: BoltzmannMachine) -> np.ndarray:
    return np.exp([-brute.general_energy(machine, s) for s in brute.states(machine.n)])


@pytest.mark.parametrize("size", SIZES)
def test_probabilities_are_those_of_the_definition(size: tuple[int, int]) -> None:
    machine = brute.general(*size)
    weight, V = weights_of(machine), binary_states(size[0])
    np.testing.assert_allclose(np.exp(-machine.energy(binary_states(machine.n))), weight, rtol=1e-12)
    np.testing.assert_allclose(machine.probabilities(), weight / weight.sum(), rtol=1e-12)
    assert machine.log_partition() == pytest.approx(np.log(weight.sum()), abs=1e-12)
    marginal = weight.reshape(len(V), -1).sum(axis=1)
    np.testing.assert_allclose(-machine.free_energy(V), np.log(marginal), rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.exp(machine.log_likelihood(V)), marginal / weight.sum(), rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_conditionals_are_ratios_of_the_joint(size: tuple[int, int]) -> None:
    machine = brute.general(*size)
    weight, s = weights_of(machine), binary_states(machine.n)
    index = np.arange(len(s))
    for i in range(machine.n):
        bit = 1 << (machine.n - 1 - i)
        on, off = weight[index | bit], weight[index & ~bit]
        np.testing.assert_allclose(machine.conditional(s)[:, i], on / (on + off), rtol=1e-12)


def sweep(machine: BoltzmannMachine) -> np.ndarray:
    """Return the transition matrix of one round: a product of those that draw one unit each."""
    s, n = binary_states(machine.n), machine.n
    index, T = np.arange(2**n), np.eye(2**n)
    for i in range(n):
        bit, p = 1 << (n - 1 - i), machine.conditional(s)[:, i]
        one = np.zeros_like(T)
        one[index, index | bit] = p
        one[index, index & ~bit] = 1 - p
        T = T @ one
    return T


@pytest.mark.parametrize("size", SIZES)
def test_the_gibbs_kernel_leaves_the_distribution_as_it_is(size: tuple[int, int]) -> None:
    machine = brute.general(*size)
    p, T = machine.probabilities(), sweep(machine)
    np.testing.assert_allclose(T.sum(axis=1), 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(p @ T, p, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sweeps", [1, 2])
def test_chains_move_as_the_kernel_says(sweeps: int) -> None:
    machine, m = brute.general(2, 1), 100_000
    start = np.tile([1.0, 0, 1], (m, 1))
    end = machine.gibbs(start, sweeps, rng=np.random.default_rng(0))
    share = np.bincount((end @ [4, 2, 1]).astype(int), minlength=8) / m
    wanted = np.linalg.matrix_power(sweep(machine), sweeps)[0b101]
    np.testing.assert_array_less(np.abs(share - wanted), 5 * np.sqrt(wanted * (1 - wanted) / m))
    assert (start == [1, 0, 1]).all()


def test_clamped_units_stay_and_the_others_find_their_conditional_distribution() -> None:
    machine, m = brute.general(2, 2), 100_000
    s = machine.gibbs(np.tile([1.0, 0, 0, 0], (m, 1)), 30, rng=np.random.default_rng(0), clamped=2)
    assert (s[:, :2] == [1, 0]).all()
    wanted = machine.probabilities().reshape(4, 4)[0b10]
    wanted = wanted / wanted.sum()
    share = np.bincount((s[:, 2:] @ [2, 1]).astype(int), minlength=4) / m
    np.testing.assert_array_less(np.abs(share - wanted), 5 * np.sqrt(wanted * (1 - wanted) / m))


@pytest.mark.parametrize("size", SIZES)
def test_the_exact_gradient_is_that_of_the_exact_likelihood(size: tuple[int, int]) -> None:
    machine, v = brute.general(*size), data(size[0])
    grads = machine.exact_gradient(v)
    assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in machine.params.items()}
    np.testing.assert_array_equal(grads["W"], grads["W"].T)
    assert (np.diag(grads["W"]) == 0).all()

    def loss(machine: BoltzmannMachine) -> float:
        """Depend on the weights above the diagonal alone, as the definition in brute_boltzmann does."""
        weight = weights_of(machine).reshape(2 ** size[0], -1).sum(axis=1)
        rows = (v @ 2.0 ** np.arange(size[0])[::-1]).astype(int)
        return float(-np.log(weight[rows] / weight.sum()).mean())

    wanted = brute.differences(machine, loss)
    above = {"W": np.triu(grads["W"]), "b": grads["b"]}
    assert brute.largest_difference(above, wanted) < 1e-7


@pytest.mark.parametrize("size", [(3, 0), (2, 2)])
def test_the_sampled_gradient_comes_around_the_exact_one(size: tuple[int, int]) -> None:
    machine, v, rng, n = brute.general(*size), data(size[0]), np.random.default_rng(1), 60
    chains, drawn = np.zeros((500, machine.n)), []
    v = np.tile(v, (80, 1))
    for _ in range(n):
        before = chains.copy()
        grads, after = machine.sampled_gradient(v, chains, 20, rng=rng)
        np.testing.assert_array_equal(chains, before)
        chains = after
        drawn.append(grads)
    for name, exact in machine.exact_gradient(v).items():
        values = np.array([grads[name] for grads in drawn])
        error = values.std(axis=0, ddof=1) / np.sqrt(n)
        assert (np.abs(values.mean(axis=0) - exact) <= 5 * error + 1e-12).all()


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
def test_a_restricted_machine_is_a_general_one_without_some_connections(n_v: int, n_h: int, seed: int) -> None:
    rbm = brute.bernoulli(n_v, n_h, seed)
    machine, v = BoltzmannMachine.from_rbm(rbm), data(n_v)
    assert machine.log_partition() == pytest.approx(log_partition(rbm), abs=1e-10)
    np.testing.assert_allclose(machine.free_energy(v), rbm.free_energy(v), rtol=0, atol=1e-10)
    np.testing.assert_allclose(machine.log_likelihood(v), log_likelihood(rbm, v), rtol=0, atol=1e-10)
    grads, wanted = machine.exact_gradient(v), exact_gradient(rbm, v)
    np.testing.assert_allclose(grads["W"][n_v:, :n_v], wanted["W"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(grads["b"], [*wanted["a"], *wanted["b"]], rtol=0, atol=1e-10)


def test_a_machine_that_learns_stays_symmetric_and_gets_better() -> None:
    machine = BoltzmannMachine(4, 2, rng=np.random.default_rng(0))
    v, optimizer, penalty = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]]), SGD(0.5), L2(0.001)
    before = machine.log_likelihood(v).mean()
    for _ in range(300):
        grads, shrink = machine.exact_gradient(v), penalty.grads(machine.params)
        optimizer.step(machine.params, {name: grads[name] + shrink[name] for name in grads})
    np.testing.assert_array_equal(machine.params["W"], machine.params["W"].T)
    assert (np.diag(machine.params["W"]) == 0).all()
    assert before < -2.7  # about -ln 16
    assert machine.log_likelihood(v).mean() > -0.8  # -ln 2 would be perfect


def test_float32_stays_float32() -> None:
    machine, rng = brute.general(3, 2).astype(np.float32), np.random.default_rng(0)
    s = binary_states(5).astype(np.float32)
    moved = machine.gibbs(s, 1, rng=rng)
    grads, chains = machine.sampled_gradient(s[:, :3], s, 1, rng=rng)
    arrays = [machine.energy(s), machine.conditional(s), moved, chains, *grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert BoltzmannMachine.from_rbm(brute.bernoulli(2, 2).astype(np.float32)).params["W"].dtype == np.float32


def test_bad_input_gets_a_sentence() -> None:
    rng, machine = np.random.default_rng(0), brute.general(3, 2)
    with pytest.raises(ValueError, match="expects n_visible >= 1"):
        BoltzmannMachine(0, rng=rng)
    with pytest.raises(ValueError, match="expects n_hidden >= 1"):
        BoltzmannMachine(2, -1, rng=rng)
    with pytest.raises(TypeError, match="expects rng as a numpy Generator"):
        BoltzmannMachine(2, rng=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expects s of shape \(m, 5\)"):
        machine.energy(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"expects v of shape \(m, 3\)"):
        machine.free_energy(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="expects sweeps >= 1"):
        machine.gibbs(np.zeros((2, 5)), 0, rng=rng)
    with pytest.raises(ValueError, match=r"expects n from 1 to 20, got 23: there would be 2\^23 states"):
        BoltzmannMachine.from_rbm(BernoulliRBM(20, 3, rng=rng)).log_partition()
