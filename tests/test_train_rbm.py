"""The training loop of restricted Boltzmann machines."""

from __future__ import annotations

import itertools

import brute_boltzmann as brute
import numpy as np
import pytest

from dlbook import L2, SGD, BernoulliRBM, MaxNorm, Momentum, fit_rbm, log_likelihood
from dlbook.restricted import RestrictedMachine
from dlbook.train import Step


def data(m: int = 10) -> np.ndarray:
    return np.random.default_rng(5).integers(2, size=(m, 4)).astype(float)


def test_steps_are_contrastive_divergence_and_the_optimizer() -> None:
    """Two epochs by hand: a new order each, a smaller last batch, the rate, momentum and the penalty on W alone."""
    rbm, by_hand, v = brute.bernoulli(4, 3), brute.bernoulli(4, 3), data()
    rng, penalty = np.random.default_rng(0), L2(0.1)
    records = list(
        fit_rbm(rbm, Momentum(0.1, 0.5), v, epochs=2, batch_size=4, k=2, rng=np.random.default_rng(0), penalty=penalty)
    )
    velocity = {name: np.zeros_like(p) for name, p in by_hand.params.items()}
    losses = []
    for _ in range(2):
        order = rng.permutation(10)
        for rows in (order[:4], order[4:8], order[8:]):
            grads, after = by_hand.contrast(v[rows], 2, rng=rng)
            gap = by_hand.free_energy(v[rows]).mean() - by_hand.free_energy(after).mean()
            losses.append(gap + 0.05 * (by_hand.params["W"] ** 2).sum())
            grads["W"] = grads["W"] + 0.1 * by_hand.params["W"]
            for name, p in by_hand.params.items():
                velocity[name] = 0.5 * velocity[name] + grads[name]
                p -= 0.1 * velocity[name]
    assert brute.largest_difference(rbm.params, by_hand.params) < 1e-12
    assert [(r.epoch, r.step) for r in records] == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    np.testing.assert_allclose([r.loss for r in records], losses, rtol=1e-12)


def test_persistent_chains_move_in_place_between_steps() -> None:
    rbm, by_hand, v, rng = brute.bernoulli(4, 3), brute.bernoulli(4, 3), data(), np.random.default_rng(0)
    chains = np.zeros((7, 4))
    list(fit_rbm(rbm, SGD(0.1), v, epochs=3, batch_size=10, chains=chains, rng=np.random.default_rng(0)))
    mine = np.zeros((7, 4))
    for _ in range(3):
        grads, mine = by_hand.persistent_contrastive_divergence(v[rng.permutation(10)], mine, 1, rng=rng)
        for name, p in by_hand.params.items():
            p -= 0.1 * grads[name]
    assert brute.largest_difference(rbm.params, by_hand.params) < 1e-12
    np.testing.assert_array_equal(chains, mine)


def test_an_epoch_is_reported_by_its_last_step() -> None:
    def run(**more: str) -> list[Step]:
        steps = fit_rbm(
            brute.bernoulli(4, 3),
            SGD(0.1),
            data(),
            epochs=2,
            batch_size=4,
            rng=np.random.default_rng(0),
            **more,  # type: ignore[arg-type]
        )
        return list(steps)

    assert run(every="epoch") == run()[2::3]


def test_training_makes_the_data_likelier() -> None:
    v = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    for chains in (None, np.tile(v, (50, 1))):
        rbm = BernoulliRBM(4, 4, rng=np.random.default_rng(0))
        before = log_likelihood(rbm, v).mean()
        list(
            fit_rbm(
                rbm,
                SGD(0.1),
                np.tile(v, (50, 1)),
                epochs=500,
                batch_size=100,
                k=3,
                chains=chains,
                rng=np.random.default_rng(1),
            )
        )
        assert before < -2.7  # about −ln 16
        assert log_likelihood(rbm, v).mean() > -1.0  # −ln 2 would be perfect


def test_every_kind_of_machine_trains_and_float32_stays() -> None:
    rng = np.random.default_rng(0)
    machines: list[RestrictedMachine] = [brute.bernoulli(4, 3), brute.gaussian(4, 3)]
    for machine in machines:
        machine.astype(np.float32)
        fit = fit_rbm(machine, Momentum(0.01), data().astype(np.float32), epochs=1, batch_size=3, rng=rng)
        assert np.isfinite([s.loss for s in fit]).all()
        assert {p.dtype for p in machine.params.values()} == {np.dtype(np.float32)}


def test_the_constraint_holds_after_every_step() -> None:
    rbm = brute.bernoulli(4, 3)
    steps = fit_rbm(
        rbm, SGD(0.1), data(), epochs=2, batch_size=5, rng=np.random.default_rng(0), constraint=MaxNorm(0.5)
    )
    for _ in steps:
        assert (np.linalg.norm(rbm.params["W"], axis=1) <= 0.5 + 1e-12).all()


def test_the_loop_is_the_callers() -> None:
    rbm = brute.bernoulli(4, 3)
    steps = fit_rbm(rbm, SGD(0.1), data(), epochs=100, batch_size=5, rng=np.random.default_rng(0))
    assert brute.largest_difference(rbm.params, brute.bernoulli(4, 3).params) == 0  # nothing before the first step
    assert [s.step for s in itertools.islice(steps, 3)] == [1, 2, 3]


@pytest.mark.filterwarnings("ignore:overflow|invalid value:RuntimeWarning")
def test_a_training_that_explodes_says_so() -> None:
    machine = brute.gaussian(4, 3)
    steps = fit_rbm(machine, SGD(1e6), data(), epochs=1000, batch_size=5, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"no finite number at step \d+: lower the learning rate"):
        list(steps)


def test_bad_input_is_refused_before_the_first_step() -> None:
    rbm, v = brute.bernoulli(4, 3), data()
    right = {"epochs": 1, "batch_size": 5, "rng": np.random.default_rng(0)}
    with pytest.raises(TypeError, match=r"expects as machine something like BernoulliRBM\(…\)"):
        fit_rbm(None, SGD(0.1), v, **right)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"expects as optimizer something like SGD\(0.1\), got 0.1"):
        fit_rbm(rbm, 0.1, v, **right)  # type: ignore[arg-type]
    for wrong in ("penalty", "constraint"):
        with pytest.raises(TypeError, match=f"expects as {wrong} something like"):
            fit_rbm(rbm, SGD(0.1), v, **right, **{wrong: 0.1})  # type: ignore[arg-type]
    for wrong in ("epochs", "batch_size", "k"):
        with pytest.raises(ValueError, match=f"expects {wrong} >= 1, got 0"):
            fit_rbm(rbm, SGD(0.1), v, **right | {wrong: 0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='expects every="step" or every="epoch"'):
        fit_rbm(rbm, SGD(0.1), v, **right, every="batch")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expects rng"):
        fit_rbm(rbm, SGD(0.1), v, **right | {"rng": 0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expects v of shape \(m, 4\)"):
        fit_rbm(rbm, SGD(0.1), v[:, :3], **right)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expects v of shape \(m, 4\)"):
        fit_rbm(rbm, SGD(0.1), v, **right, chains=v[:, :3])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="moves chains on in place: hand them in as an array"):
        fit_rbm(rbm, SGD(0.1), v, **right, chains=v.tolist())  # type: ignore[arg-type]
