"""The deep Boltzmann machine against the sum over all its states, written with loops."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from slopes import slope

from dlbook import DBM, SGD, ais, binary_states, fit_dbm, log_partition
from dlbook.init import normal

SIZES = [(3, 2), (3, 2, 3), (2, 3, 2, 2), (2, 2, 2, 1, 2)]


def machine(sizes: tuple[int, ...], seed: int = 0) -> DBM:
    """Return a machine with large weights, and biases that are not zero."""
    rng = np.random.default_rng(seed)
    dbm = DBM(*sizes, rng=rng, init=normal(1.0))
    for name, p in dbm.params.items():
        if not name.startswith("W"):
            p[...] = rng.normal(size=p.shape)
    return dbm


def all_layers(sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Return every state of all units, layer by layer; v leads, so that blocks of rows share it."""
    return np.split(binary_states(sum(sizes)), np.cumsum(sizes)[:-1], axis=1)


def energy_by_loops(dbm: DBM, layers: list[np.ndarray]) -> np.ndarray:
    """The definition, unit by unit."""
    E = np.zeros(len(layers[0]))
    for r in range(len(E)):
        for n, x in enumerate(layers):
            bias = dbm.params[f"b{n}" if n else "a"]
            for j in range(len(bias)):
                E[r] -= bias[j] * x[r, j]
                if n:
                    W = dbm.params[f"W{n}"]
                    E[r] -= sum(x[r, j] * W[j, i] * layers[n - 1][r, i] for i in range(W.shape[1]))
    return E


def joint(dbm: DBM) -> np.ndarray:
    """Return P of every row of all_layers."""
    E = energy_by_loops(dbm, all_layers(dbm.sizes))
    return np.exp(-E) / np.exp(-E).sum()


def energy_differs(sizes: tuple[int, ...]) -> float:
    dbm, layers = machine(sizes), all_layers(sizes)
    return float(np.abs(dbm.energy(*layers) - energy_by_loops(dbm, layers)).max())


def likelihood_differs(sizes: tuple[int, ...]) -> float:
    dbm = machine(sizes)
    p = joint(dbm).reshape(2 ** sizes[0], -1).sum(axis=1)
    return float(np.abs(dbm.log_likelihood(binary_states(sizes[0])) - np.log(p)).max())


def conditionals_differ(sizes: tuple[int, ...]) -> float:
    """P(unit = 1 | all others) is a ratio of two entries of the joint table."""
    dbm, layers, p, error = machine(sizes), all_layers(sizes), joint(machine(sizes)), 0.0
    states = np.concatenate(layers, axis=1)
    place = states @ 2.0 ** np.arange(states.shape[1])[::-1]  # a row's own number
    for i, x in enumerate(layers):
        found = dbm.conditional(i, layers)
        for j in range(x.shape[1]):
            bit = 2 ** (states.shape[1] - 1 - sum(sizes[:i]) - j)
            on = (place + bit * (1 - x[:, j])).astype(int)
            error = max(error, float(np.abs(found[:, j] - p[on] / (p[on] + p[on - bit])).max()))
    return error


def restricted_view_differs(sizes: tuple[int, ...]) -> float:
    dbm, layers = machine(sizes), all_layers(sizes)
    even, odd = dbm.even(layers), dbm.odd(layers)
    back = np.concatenate(dbm.apart(even, odd), axis=1) - np.concatenate(layers, axis=1)
    return float(np.abs(dbm.as_rbm().energy(even, odd) - dbm.energy(*layers)).max() + np.abs(back).max())


def gradient_differs(sizes: tuple[int, ...]) -> float:
    dbm = machine(sizes)
    v = np.random.default_rng(1).integers(0, 2, size=(5, sizes[0])).astype(float)
    grads, error = dbm.exact_gradient(v), 0.0
    assert grads.keys() == dbm.params.keys()
    for name in dbm.params:
        numerical = slope(dbm.params, name, lambda: -float(dbm.log_likelihood(v).mean()))
        error = max(error, float(np.abs(grads[name] - numerical).max()))
    return error


def gap_is_not_the_divergence(sizes: tuple[int, ...]) -> float:
    """ln P(v) minus the bound is KL(Q | P(h given v)), with both written out over all hidden states."""
    dbm = machine(sizes)
    V, H = binary_states(sizes[0]), all_layers(sizes[1:])
    mu = dbm.mean_field(V, steps=2)
    gap = dbm.log_likelihood(V) - dbm.bound(V, mu, log_partition(dbm.as_rbm()))
    posterior = joint(dbm).reshape(len(V), -1)
    posterior /= posterior.sum(axis=1, keepdims=True)
    Q = np.ones_like(posterior)
    for p, h in zip(mu, H, strict=True):
        Q *= np.where(h[None], p[:, None], 1 - p[:, None]).prod(axis=2)
    return float(np.abs(gap - (Q * np.log(Q / posterior)).sum(axis=1)).max())


def mean_field_moves(sizes: tuple[int, ...]) -> float:
    """After many steps, the bound must not change with any single probability."""
    dbm, V = machine(sizes), binary_states(sizes[0])
    mu = dbm.mean_field(V, steps=2000)
    slopes = [slope(mu, i, lambda: float(dbm.variational_free_energy(V, mu).sum())) for i in range(len(mu))]
    return max(float(np.abs(s * p * (1 - p)).max()) for s, p in zip(slopes, mu, strict=True))


def draws(dbm: DBM, n: int, seed: int) -> list[np.ndarray]:
    """Return n exact draws from the joint table."""
    rows = np.random.default_rng(seed).choice(2 ** sum(dbm.sizes), size=n, p=joint(dbm))
    return [x[rows] for x in all_layers(dbm.sizes)]


def chain_leaves_the_distribution(sizes: tuple[int, ...], n: int = 40_000) -> float:
    """Return by how many standard errors a state's frequency is off after two steps from exact draws."""
    dbm = machine(sizes)
    after = np.concatenate(dbm.gibbs(draws(dbm, n, 1), 2, rng=np.random.default_rng(2)), axis=1)
    counts = np.bincount((after @ 2.0 ** np.arange(sum(sizes))[::-1]).astype(int), minlength=2 ** sum(sizes))
    p = joint(dbm)
    return float((np.abs(counts - n * p) / np.sqrt(n * p * (1 - p) + 1)).max())


def persistent_gradient_differs(sizes: tuple[int, ...]) -> float:
    """Its mean must be the slope of mean-field F at the data minus the slope of −ln Z: standard errors it is off."""
    dbm, n = machine(sizes), 40_000
    v = binary_states(sizes[0])
    grads, _ = dbm.persistent_gradient(v, draws(dbm, n, 3), 1, rng=np.random.default_rng(4), steps=30)
    mu, worst = dbm.mean_field(v, steps=30), 0.0
    for name in dbm.params:
        expected = slope(
            dbm.params, name, lambda: float(dbm.variational_free_energy(v, mu).mean()) + log_partition(dbm.as_rbm())
        )
        worst = max(worst, float(np.abs(grads[name] - expected).max()) / (0.5 / np.sqrt(n)))
    return worst


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("witness", "tolerance"),
    [
        (energy_differs, 1e-12),
        (likelihood_differs, 1e-12),
        (conditionals_differ, 1e-12),
        (restricted_view_differs, 1e-12),
        (gradient_differs, 1e-7),
        (gap_is_not_the_divergence, 1e-10),
        (mean_field_moves, 1e-7),
        (chain_leaves_the_distribution, 4.5),
        (persistent_gradient_differs, 5.0),
    ],
)
def test_exact(witness, tolerance: float, sizes: tuple[int, ...]) -> None:
    assert witness(sizes) < tolerance


@pytest.mark.parametrize("sizes", SIZES)
def test_bound_rises_with_every_step_and_stays_below(sizes: tuple[int, ...]) -> None:
    dbm, V = machine(sizes, seed=5), binary_states(sizes[0])
    log_Z, mu = log_partition(dbm.as_rbm()), None
    bounds = []
    for _ in range(20):
        mu = dbm.mean_field(V, steps=1, start=mu)
        bounds.append(dbm.bound(V, mu, log_Z))
    assert (np.diff(bounds, axis=0) > -1e-12).all()
    assert (bounds[-1] <= dbm.log_likelihood(V) + 1e-12).all()
    np.testing.assert_allclose(mu[0], dbm.mean_field(V, steps=20)[0], rtol=0, atol=1e-15)


def test_one_hidden_layer_is_an_rbm_and_its_bound_is_tight() -> None:
    dbm, V = machine((4, 3)), binary_states(4)
    mu = dbm.mean_field(V, steps=1)
    np.testing.assert_allclose(mu[0], dbm.as_rbm().hidden_probabilities(V), rtol=1e-12)
    np.testing.assert_allclose(dbm.bound(V, mu, log_partition(dbm.as_rbm())), dbm.log_likelihood(V), atol=1e-12)


def test_probabilities_of_zero_and_one_have_no_entropy() -> None:
    dbm = machine((3, 2, 3))
    v, h = binary_states(3)[:4], all_layers((2, 3))
    for state in product(range(4), range(32)):
        mu = [x[[state[1]]] for x in h]
        one = v[[state[0]]]
        assert dbm.variational_free_energy(one, mu) == pytest.approx(dbm.energy(one, *mu), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_annealing_within_its_own_error_bars(seed: int) -> None:
    dbm = machine((4, 5, 4), seed)
    estimate = ais(dbm.as_rbm(), n_chains=200, betas=np.linspace(0, 1, 200), rng=np.random.default_rng(seed))
    assert estimate.low < log_partition(dbm.as_rbm()) < estimate.high


def test_clamped_chains_keep_v_and_draw_the_hidden_layers() -> None:
    dbm, n = machine((2, 2, 2)), 20_000
    v = np.tile([1.0, 0.0], (n, 1))
    layers = dbm.gibbs([v, *np.zeros((2, n, 2))], 50, rng=np.random.default_rng(0), clamped=True)
    assert np.array_equal(layers[0], v)
    p = joint(dbm).reshape(4, 16)[2]  # v = (1, 0)
    counts = np.bincount((np.concatenate(layers[1:], axis=1) @ [8, 4, 2, 1]).astype(int), minlength=16)
    p /= p.sum()
    assert (np.abs(counts - n * p) < 4.5 * np.sqrt(n * p * (1 - p) + 1)).all()


def test_learning_raises_the_exact_likelihood() -> None:
    rng = np.random.default_rng(0)
    v = np.repeat([[1.0, 1, 0, 0], [0.0, 0, 1, 1]], 20, axis=0)
    dbm = DBM(4, 3, 2, rng=rng, init=normal(0.1))
    before = dbm.log_likelihood(v).mean()
    chains = [rng.integers(0, 2, size=(50, n)).astype(float) for n in dbm.sizes]
    updates = list(fit_dbm(dbm, SGD(0.1), v, chains, epochs=100, batch_size=15, rng=rng, k=5))
    assert updates == list(range(1, 301))
    after = dbm.log_likelihood(v).mean()
    assert before < -2.5
    assert before + 1 < after < -np.log(2)  # ln 2 nats are the least that two equally frequent patterns can have


def test_precision_is_kept_and_arguments_are_not_written_to() -> None:
    dbm = machine((3, 2, 2)).astype(np.float32)
    rng = np.random.default_rng(0)
    layers = [rng.integers(0, 2, size=(6, n)).astype(np.float32) for n in dbm.sizes]
    kept = [x.copy() for x in layers]
    mu = dbm.mean_field(layers[0])
    grads, chains = dbm.persistent_gradient(layers[0], layers, 2, rng=rng)
    for found in (*mu, *chains, *grads.values(), dbm.energy(*layers), dbm.variational_free_energy(layers[0], mu)):
        assert found.dtype == np.float32
    assert all(np.array_equal(x, y) for x, y in zip(layers, kept, strict=True))
    assert dbm.as_rbm().params["W"].dtype == np.float32


def test_bad_input_is_answered_with_a_sentence() -> None:
    rng = np.random.default_rng(0)
    dbm, v = machine((3, 2, 2)), np.zeros((4, 3))
    with pytest.raises(ValueError, match="the sizes of two layers at least"):
        DBM(3, rng=rng)
    with pytest.raises(ValueError, match="expects 3 layers, v and those above it, got 2"):
        dbm.energy(v, np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"expects layer 2 of shape \(m, 2\), got \(4, 3\)"):
        dbm.energy(v, np.zeros((4, 2)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"expects layer 1 of shape \(4, 2\), got \(5, 2\)"):
        dbm.energy(v, np.zeros((5, 2)), np.zeros((4, 2)))
    with pytest.raises(TypeError, match="floating-point numbers, got int64"):
        dbm.mean_field(np.zeros((4, 3), dtype=int))
    with pytest.raises(ValueError, match="steps >= 1, got 0"):
        dbm.mean_field(v, steps=0)
    with pytest.raises(ValueError, match="binary_states expects n from 1 to 20, got 21"):
        DBM(3, 2, 21, rng=rng).free_energy(v)
    with pytest.raises(TypeError, match="rng as a numpy Generator"):
        dbm.gibbs([v, np.zeros((4, 2)), np.zeros((4, 2))], 1, rng=0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="as a list of layers, got tuple"):
        fit_dbm(dbm, SGD(0.1), v, (), epochs=1, batch_size=2, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="steps >= 1, got 0"):
        fit_dbm(dbm, SGD(0.1), v, [], epochs=1, batch_size=2, rng=rng, steps=0)
