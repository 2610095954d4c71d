"""The deep belief network against the sum over all its states, written with loops."""

from __future__ import annotations

import numpy as np
import pytest
from slopes import slope

from dlbook import DBN, SGD, BernoulliRBM, binary_states, exact_gradient, fit_dbn, fit_rbm, log_likelihood
from dlbook.init import normal

SIZES = [(3, 2), (3, 2, 2), (2, 3, 2, 3)]


def network(sizes: tuple[int, ...], seed: int = 0) -> DBN:
    """Return a network with large weights, and biases that are not zero."""
    rng = np.random.default_rng(seed)
    dbn = DBN(*sizes, rng=rng, init=normal(1.0))
    for rbm in dbn.rbms:
        for name in "ab":
            rbm.params[name][...] = rng.normal(size=rbm.params[name].shape)
    return dbn


def product_of_units(p: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return P of each state where unit i is on with probability p[r, i], (rows of p, states)."""
    P = np.ones((len(p), len(states)))
    for i in range(p.shape[1]):
        P *= np.where(states[:, i] == 1, p[:, [i]], 1 - p[:, [i]])
    return P


def probabilities(dbn: DBN) -> np.ndarray:
    """Return P(v) of every v: the top machine's joint table, summed, then multiplied down (eq-dbn-joint)."""
    top, states = dbn.rbms[-1], [binary_states(n) for n in dbn.sizes]
    E = np.array([[float(top.energy(v[None], h[None])[0]) for h in states[-1]] for v in states[-2]])
    p = np.exp(-E).sum(axis=1) / np.exp(-E).sum()
    for rbm, above in zip(dbn.rbms[-2::-1], states[-2:0:-1], strict=True):
        z = above @ rbm.params["W"] + rbm.params["a"]
        p = p @ product_of_units(1 / (1 + np.exp(-z)), binary_states(rbm.n_visible))
    return p


def likelihood_differs(sizes: tuple[int, ...]) -> float:
    dbn = network(sizes)
    return float(np.abs(np.exp(dbn.log_likelihood(binary_states(sizes[0]))) - probabilities(dbn)).max())


def bound_differs(sizes: tuple[int, ...]) -> float:
    """Σ Q(h | v) [ln P(v, h) − ln Q(h | v)] over all states of all hidden layers but the top one."""
    dbn, V = network(sizes), binary_states(sizes[0])
    total = np.zeros(len(V))
    for r, v in enumerate(V):
        paths = [(1.0, 0.0, v)]  # Q so far, ln P(below | above) − ln Q so far, the layer's state
        for rbm in dbn.rbms[:-1]:
            longer = []
            for q, gain, x in paths:
                H = binary_states(rbm.n_hidden)
                up = product_of_units(1 / (1 + np.exp(-(rbm.params["W"] @ x + rbm.params["b"])))[None], H)[0]
                for h, p in zip(H, up, strict=True):
                    down = product_of_units(1 / (1 + np.exp(-(h @ rbm.params["W"] + rbm.params["a"])))[None], x[None])
                    longer.append((q * p, gain + float(np.log(down[0, 0])) - np.log(p), h))
            paths = longer
        total[r] = sum(q * (gain + log_likelihood(dbn.rbms[-1], x[None])[0]) for q, gain, x in paths)
    return float(np.abs(dbn.bound(V) - total).max())


def upside_down_differs() -> float:
    """A new machine that starts as the one below, turned: the network is that machine, and the bound is tight."""
    dbn, V = network((4, 3, 4, 3), seed=1), binary_states(4)
    dbn.copy_upside_down(1)
    dbn.copy_upside_down(2)
    alone = log_likelihood(dbn.rbms[0], V)
    return float(max(np.abs(dbn.log_likelihood(V) - alone).max(), np.abs(dbn.bound(V) - alone).max()))


def samples_differ(sizes: tuple[int, ...], n: int = 10_000) -> float:
    """Return by how many standard errors the frequency of a drawn v is off."""
    dbn, rng = network(sizes), np.random.default_rng(1)
    v = rng.random((n, sizes[0])) < dbn.sample(n, 40, rng=rng)
    counts = np.bincount((v @ 2 ** np.arange(sizes[0])[::-1]).astype(int), minlength=2 ** sizes[0])
    p = probabilities(dbn)
    return float((np.abs(counts - n * p) / np.sqrt(n * p * (1 - p))).max())


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("witness", "tolerance"), [(likelihood_differs, 1e-12), (bound_differs, 1e-10), (samples_differ, 4.5)]
)
def test_exact(witness, tolerance: float, sizes: tuple[int, ...]) -> None:
    assert witness(sizes) < tolerance


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_bound_is_one(sizes: tuple[int, ...], seed: int) -> None:
    dbn, V = network(sizes, seed), binary_states(sizes[0])
    gap = dbn.log_likelihood(V) - dbn.bound(V)
    assert gap.min() > -1e-12
    assert (gap.max() < 1e-12) == (len(sizes) == 2)  # one machine alone knows its P(v)


def test_a_machine_upside_down_changes_nothing() -> None:
    assert upside_down_differs() < 1e-12


def test_each_greedy_step_raises_the_bound_by_what_the_new_machine_gains() -> None:
    """The bound is a constant plus the new machine's mean ln P(h) under Q(h | v)."""
    dbn = network((3, 4, 3), seed=2)
    V, H = binary_states(3), binary_states(4)
    v = V[[0, 3, 3, 5]]
    dbn.copy_upside_down(1)
    Q = product_of_units(dbn.up(v, 1), H).mean(axis=0)
    below, top = dbn.log_likelihood(v).mean(), dbn.rbms[1]
    before, gain = dbn.bound(v).mean(), -(Q @ log_likelihood(top, H))
    optimizer = SGD(0.2)
    for _ in range(30):  # gradient ascent on Σ_h Q(h) ln P(h), exactly
        many = exact_gradient(top, H)  # for its model's side
        data, uniform = top.free_energy_grads(H, Q), top.free_energy_grads(H)
        optimizer.step(top.params, {name: many[name] - uniform[name] + data[name] for name in data})
    gain += Q @ log_likelihood(top, H)
    assert gain > 0.01
    assert dbn.bound(v).mean() - before == pytest.approx(gain, abs=1e-12)
    assert dbn.log_likelihood(v).mean() >= dbn.bound(v).mean() > below
    slopes = slope(top.params, "W", lambda: float(dbn.bound(v).mean()))
    expected = slope(top.params, "W", lambda: float(Q @ log_likelihood(top, H)))
    np.testing.assert_allclose(slopes, expected, atol=1e-9)


def test_up_is_the_probabilities_or_draws_with_them() -> None:
    dbn, v = network((3, 2, 2)), binary_states(3)
    first = dbn.rbms[0].hidden_probabilities(v)
    assert np.array_equal(dbn.up(v), dbn.rbms[1].hidden_probabilities(first))
    assert np.array_equal(dbn.up(v, 1), first)
    assert np.array_equal(dbn.up(v, 0), v)
    drawn = dbn.up(np.repeat(v, 20_000, axis=0), 1, rng=np.random.default_rng(0))
    assert set(np.unique(drawn)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.reshape(8, -1, 2).mean(axis=1), first, atol=4 * 0.5 / np.sqrt(20_000))


def test_down_is_one_pass() -> None:
    dbn, h = network((3, 2, 4)), binary_states(4)
    lower, upper = dbn.rbms
    assert np.array_equal(dbn.down(h), lower.visible_mean(upper.visible_mean(h)))
    assert np.array_equal(dbn.down(binary_states(2), 1), lower.visible_mean(binary_states(2)))


def test_greedy_training_is_one_machine_after_the_other() -> None:
    v = binary_states(3)
    greedy, by_hand = network((3, 2, 2)), network((3, 2, 2))
    rng = np.random.default_rng(5)
    records = list(fit_dbn(greedy, [SGD(0.1), SGD(0.2)], v, epochs=3, batch_size=4, rng=rng, k=2))
    assert [(machine, step.epoch) for machine, step in records] == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]
    rng = np.random.default_rng(5)
    list(fit_rbm(by_hand.rbms[0], SGD(0.1), v, epochs=3, batch_size=4, rng=rng, k=2))
    h = by_hand.rbms[0].hidden_probabilities(v)
    list(fit_rbm(by_hand.rbms[1], SGD(0.2), h, epochs=3, batch_size=4, rng=rng, k=2))
    for one, other in zip(greedy.rbms, by_hand.rbms, strict=True):
        for name in one.params:
            assert np.array_equal(one.params[name], other.params[name])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_network_starts_with_the_features_and_leaves_the_machines_alone(dtype: type) -> None:
    dbn, rng = network((5, 4, 3)), np.random.default_rng(0)
    for rbm in dbn.rbms:
        rbm.astype(dtype)
    model, X = dbn.network(10, rng=rng), rng.random((6, 5)).astype(dtype)
    kept = [rbm.params["W"].copy() for rbm in dbn.rbms]
    features, Z = X, model(X)
    for layer in model.layers[:-1]:
        features = layer(features)
    np.testing.assert_allclose(features, dbn.up(X), rtol=1e-6)
    assert Z.shape == (6, 10)
    assert Z.dtype == dbn.sample(2, 1, rng=rng).dtype == dtype
    SGD(1.0).step(model.params, model.param_grads(np.ones_like(Z), model.forward(X)[1]))
    assert all(np.array_equal(W, rbm.params["W"]) for W, rbm in zip(kept, dbn.rbms, strict=True))
    assert isinstance(dbn.rbms[0], BernoulliRBM)


def test_bad_input_is_answered_with_a_sentence() -> None:
    rng, dbn = np.random.default_rng(0), network((3, 2, 3, 2))
    with pytest.raises(ValueError, match="the sizes of two layers at least"):
        DBN(3, rng=rng)
    with pytest.raises(TypeError, match="rng as a numpy Generator"):
        DBN(3, 2, rng=0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="layers 0 to 3, got 4"):
        dbn.up(np.zeros((1, 3)), 4)
    with pytest.raises(ValueError, match="a machine from 1 to 2, got 0"):
        dbn.copy_upside_down(0)
    with pytest.raises(ValueError, match=r"W of machine 1 of shape"):
        network((4, 3, 2)).copy_upside_down(1)
    with pytest.raises(ValueError, match="expects 3 optimizers, one for each machine, got 1"):
        fit_dbn(dbn, [SGD(0.1)], np.zeros((1, 3)), epochs=1, batch_size=1, rng=rng)
    with pytest.raises(ValueError, match="k >= 1, got 0"):
        fit_dbn(dbn, 3 * [SGD(0.1)], np.zeros((1, 3)), epochs=1, batch_size=1, rng=rng, k=0)
    with pytest.raises(ValueError, match=r"start of shape \(4, 3\), got \(4, 2\)"):
        dbn.sample(4, 1, rng=rng, start=np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"of shape \(m, 3\), got \(2, 4\)"):
        dbn.up(np.zeros((2, 4)))
