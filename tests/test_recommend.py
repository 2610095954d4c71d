"""The machine of ratings against the sum over all stars and all hidden states, written with loops."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from slopes import slope

from dlbook import (
    Adam,
    RatingRBM,
    ais,
    binary_states,
    data,
    exact_gradient,
    fit_rbm,
    item_mean,
    log_partition,
    log_shares,
    one_hot,
    rmse,
    user_mean,
)
from dlbook import log_likelihood as everything_rated
from dlbook.enumeration import model_grads
from dlbook.init import normal
from dlbook.penalties import L2

N, K, HIDDEN = 3, 4, 3
R = np.array([[1, 4, 2], [0, 3, 1], [2, 0, 0], [0, 0, 0], [4, 1, 0]])  # the fourth user rated nothing


def machine(seed: int = 0) -> RatingRBM:
    """Return a machine with large weights, and biases that are not zero."""
    rng = np.random.default_rng(seed)
    rbm = RatingRBM(N, K, HIDDEN, rng=rng, init=normal(0.8))
    for name in "ab":
        rbm.params[name][...] = rng.normal(size=rbm.params[name].shape)
    return rbm


def energy_by_loops(rbm: RatingRBM, r: tuple[int, ...], h: np.ndarray) -> float:
    """−Σ a_ik − Σ b_j h_j − Σ h_j W_jik over the items i that have a rating k, and the hidden units j."""
    W, a, b = rbm.params["W"].reshape(HIDDEN, N, K), rbm.params["a"].reshape(N, K), rbm.params["b"]
    E = -float(b @ h)
    for i, k in enumerate(r):
        if k:
            E -= a[i, k - 1] + sum(h[j] * W[j, i, k - 1] for j in range(HIDDEN))
    return E


def weight(rbm: RatingRBM, r: tuple[int, ...]) -> float:
    """Return Σ_h e^−E."""
    return sum(np.exp(-energy_by_loops(rbm, r, h)) for h in binary_states(HIDDEN))


def choices(r: np.ndarray) -> list[tuple[int, ...]]:
    """Return all ratings of the items that r has."""
    return list(product(*(range(1, K + 1) if k else (0,) for k in r)))


def likelihood_differs() -> float:
    rbm = machine()
    expected = [np.log(weight(rbm, tuple(r)) / sum(weight(rbm, s) for s in choices(r))) for r in R]
    return float(np.abs(rbm.log_likelihood(one_hot(R, K)) - expected).max())


def conditionals_differ() -> float:
    """P(h | v) and P(v | h) are ratios of entries of a user's joint table."""
    rbm, H, error = machine(), binary_states(HIDDEN), 0.0
    for r, found in zip(R, rbm.hidden_probabilities(one_hot(R, K)), strict=True):
        p = np.exp([-energy_by_loops(rbm, tuple(r), h) for h in H])
        error = max(error, float(np.abs(p @ H / p.sum() - found).max()))
    for h, found in zip(H, rbm.visible_mean(H).reshape(-1, N, K), strict=True):
        p = np.exp([-energy_by_loops(rbm, s, h) for s in choices(np.ones(N))])
        expected = (p @ one_hot(np.array(choices(np.ones(N))), K) / p.sum()).reshape(N, K)
        error = max(error, float(np.abs(found - expected).max()))
    return error


def gradient_differs() -> float:
    rbm, v, error = machine(), one_hot(R, K), 0.0
    grads = rbm.exact_gradient(v)
    for name in rbm.params:
        numerical = slope(rbm.params, name, lambda: -float(rbm.log_likelihood(v).mean()))
        error = max(error, float(np.abs(grads[name] - numerical).max()))
    return error


def full_gradient_differs() -> float:
    """With every item rated, the enumeration of chapter 12 must say the same."""
    rbm, v = machine(), one_hot(R[:1], K)
    own, general, model = rbm.exact_gradient(v), exact_gradient(rbm, v), model_grads(rbm)
    everybody = one_hot(np.array(choices(np.ones(N))), K)
    p = np.exp(everything_rated(rbm, everybody))
    mean = rbm.free_energy_grads(everybody, p)
    return float(
        abs(p.sum() - 1)
        + np.abs(rbm.log_likelihood(v) - everything_rated(rbm, v)).max()
        + max(np.abs(own[name] - general[name]).max() + np.abs(mean[name] - model[name]).max() for name in own)
    )


def kernel_moves_the_distribution() -> float:
    """One step v → h → v of a user who rated items 0 and 2, as a matrix, times the distribution."""
    rbm, H = machine(), binary_states(HIDDEN)
    states = np.array(choices(np.array([1, 0, 1])))
    v = one_hot(states, K)
    p = np.array([weight(rbm, tuple(s)) for s in states])
    up = rbm.hidden_probabilities(v)
    up = np.where(H == 1, up[:, None], 1 - up[:, None]).prod(axis=-1)  # P(h | v)
    stars = rbm.visible_mean(H).reshape(-1, N, K)
    down = stars[:, 0, states[:, 0] - 1] * stars[:, 2, states[:, 2] - 1]  # P(v | h)
    return float(np.abs(p @ up @ down - p).max() / p.sum())


def exact_predictions_differ() -> float:
    """P(item q gets k stars | the other ratings) is a ratio of weights; the user's own rating of q is set aside."""
    rbm, error = machine(), 0.0
    found = rbm.exact_rating_probabilities(one_hot(R, K))
    for u, q in product(range(len(R)), range(N)):
        p = np.array([weight(rbm, (*R[u, :q], k, *R[u, q + 1 :])) for k in range(1, K + 1)])
        error = max(error, float(np.abs(found[u, q] - p / p.sum()).max()))
    return error


def mean_field_predictions_differ() -> float:
    rbm, error = machine(), 0.0
    found, stars = rbm.rating_probabilities(one_hot(R, K)), rbm.predict(one_hot(R, K))
    W, a = rbm.params["W"].reshape(HIDDEN, N, K), rbm.params["a"].reshape(N, K)
    for u in range(len(R)):
        p_hat = rbm.hidden_probabilities(one_hot(R[[u]], K))[0]
        for i in range(N):
            e = np.exp([a[i, k] + sum(p_hat[j] * W[j, i, k] for j in range(HIDDEN)) for k in range(K)])
            e /= e.sum()
            error = max(error, float(np.abs(found[u, i] - e).max()), abs(stars[u, i] - e @ [1, 2, 3, 4]))
    return error


def chains_differ(n: int = 10_000) -> float:
    """Return by how many standard errors the chains of a user are off: missing ratings missing, the others as P."""
    rbm, v = machine(), one_hot(np.repeat(R[1:2], n, axis=0), K)
    after = rbm.gibbs(v, 25, rng=np.random.default_rng(0)).reshape(n, N, K)
    if after[:, 0].any() or not (after[:, 1:].sum(axis=2) == 1).all():
        return np.inf
    states = choices(R[1])
    p = np.array([weight(rbm, s) for s in states])
    p /= p.sum()
    places = after[:, 1:].argmax(axis=2) @ [K, 1]
    counts = np.bincount(places, minlength=len(states))
    return float((np.abs(counts - n * p) / np.sqrt(n * p * (1 - p))).max())


def long_chains_miss_the_gradient(n: int = 4_000) -> float:
    """Contrastive divergence with long chains, averaged over many users with the same ratings."""
    rbm, v = machine(), one_hot(R, K)
    grads = rbm.contrastive_divergence(np.repeat(v, n, axis=0), 20, rng=np.random.default_rng(1))
    exact = rbm.exact_gradient(v)
    return max(float(np.abs(grads[name] - exact[name]).max()) for name in grads) / (0.5 / np.sqrt(n * len(R)))


WITNESSES = [
    (likelihood_differs, 1e-12),
    (conditionals_differ, 1e-12),
    (gradient_differs, 1e-7),
    (full_gradient_differs, 1e-12),
    (kernel_moves_the_distribution, 1e-12),
    (exact_predictions_differ, 1e-12),
    (mean_field_predictions_differ, 1e-12),
    (chains_differ, 4.5),
    (long_chains_miss_the_gradient, 4.5),
]


@pytest.mark.parametrize(("witness", "tolerance"), WITNESSES)
def test_exact(witness, tolerance: float) -> None:
    assert witness() < tolerance


@pytest.mark.parametrize("seed", range(5))
def test_annealing_within_its_own_error_bars(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rbm = RatingRBM(6, 5, 8, rng=rng, init=normal(1.0))
    estimate = ais(rbm, n_chains=200, betas=np.linspace(0, 1, 200), rng=rng)
    assert estimate.low < log_partition(rbm) < estimate.high


def test_one_unit_for_each_number_of_stars() -> None:
    v = one_hot([[2, 0], [3, 1]], 3)
    assert v.tolist() == [[0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0]]


def test_means_are_those_of_known_ratings() -> None:
    ratings = np.array([[1, 0, 3], [2, 0, 5], [0, 0, 0]])
    assert item_mean(ratings).tolist() == [[1.5, 2.75, 4.0]] * 3  # nobody rated item 1: the mean of all
    assert user_mean(ratings).tolist() == [[2.0] * 3, [3.5] * 3, [2.75] * 3]


def test_a_machine_that_starts_with_the_shares_predicts_the_item_mean() -> None:
    ratings = np.repeat([[1, 4, 0], [3, 4, 0], [3, 2, 0], [4, 4, 0]], 1000, axis=0)
    rbm = RatingRBM(3, 4, 2, rng=np.random.default_rng(0), init=normal(1e-12))
    rbm.params["a"][...] = log_shares(ratings, 4)
    predicted = rbm.predict(one_hot(ratings, 4))
    np.testing.assert_allclose(predicted[:, :2], item_mean(ratings)[:, :2], atol=1e-3)
    np.testing.assert_allclose(predicted[:, 2], 2.5)  # never rated: all numbers of stars alike


def test_error_counts_known_ratings_only() -> None:
    assert rmse(np.array([[1.0, 9.0], [2.0, 3.0]]), np.array([[2, 0], [2, 5]])) == pytest.approx(np.sqrt(5 / 3))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_beats_the_means_on_generated_ratings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = data.ratings(rng=rng)
    train, test = data.hold_out(known.R, 0.2, rng=rng)
    rbm, v = RatingRBM(40, 5, 16, rng=rng), one_hot(train, 5)
    before = rmse(rbm.predict(v), test)
    for _ in fit_rbm(rbm, Adam(0.01), v, epochs=60, batch_size=20, rng=rng, penalty=L2(0.003)):
        pass
    after = rmse(rbm.predict(v), test)
    assert known.floor(test) < after < 0.75 * min(rmse(item_mean(train), test), rmse(user_mean(train), test), before)
    assert rmse(rbm.predict(v, exact=True), test) < 1.01 * after


def test_precision_is_kept() -> None:
    rbm, v = machine().astype(np.float32), one_hot(R, K).astype(np.float32)
    rng = np.random.default_rng(0)
    grads = rbm.contrastive_divergence(v, 2, rng=rng)
    for found in (rbm.gibbs(v, 2, rng=rng), *grads.values(), rbm.predict(v), rbm.predict(v, exact=True)):
        assert found.dtype == np.float32


def test_bad_input_is_answered_with_a_sentence() -> None:
    rbm, v = machine(), one_hot(R, K)
    with pytest.raises(TypeError, match="ratings as whole numbers, got float64"):
        one_hot(R * 1.0, K)
    with pytest.raises(ValueError, match="ratings 1…3, 0 for none, got 0…4"):
        one_hot(R, 3)
    with pytest.raises(ValueError, match=r"R of shape \(users, items\), got \(5,\)"):
        one_hot(R[:, 0], K)
    for wrong in (v + v[::-1], v - 1, 0.3 * v):
        with pytest.raises(ValueError, match=r"one of 4 units on .*: use one_hot\(R, 4\)"):
            rbm.free_energy(wrong)
    with pytest.raises(ValueError, match=r"v of shape \(m, 12\), got \(5, 3\)"):
        rbm.predict(R * 1.0)
    with pytest.raises(ValueError, match="n_levels >= 1, got 0"):
        RatingRBM(3, 0, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="n from 1 to 20, got 21"):
        RatingRBM(2, 2, 21, rng=np.random.default_rng(0)).log_likelihood(np.zeros((1, 4)))
    with pytest.raises(ValueError, match=r"predicted of shape \(5, 3\), got \(5, 1\)"):
        rmse(np.ones((5, 1)), R)
    for function in (item_mean, user_mean, lambda none: rmse(none, none)):
        with pytest.raises(ValueError, match="R is 0 everywhere"):
            function(np.zeros((2, 2), dtype=int))
