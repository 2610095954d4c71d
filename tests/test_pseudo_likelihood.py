"""The pseudo-likelihood against ratios of enumerated probabilities."""

from __future__ import annotations

import brute_boltzmann as brute
import numpy as np
import pytest

from dlbook import binary_states, pseudo_log_likelihood


def by_definition(n_visible: int, n_hidden: int) -> np.ndarray:
    p = brute.joint(brute.bernoulli(n_visible, n_hidden)).sum(axis=1)
    states = brute.states(n_visible)
    total = np.zeros(len(states))
    for r, v in enumerate(states):
        for i in range(n_visible):
            turned = states.index((*v[:i], 1 - v[i], *v[i + 1 :]))
            total[r] += np.log(p[r] / (p[r] + p[turned]))
    return total


@pytest.mark.parametrize("size", [(1, 2), (3, 2), (4, 3)])
def test_the_sum_is_that_of_the_conditionals(size: tuple[int, int]) -> None:
    V = binary_states(size[0])
    got = pseudo_log_likelihood(brute.bernoulli(*size), V)
    np.testing.assert_allclose(got, by_definition(*size), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(V, binary_states(size[0]))


def test_one_unit_drawn_estimates_the_sum() -> None:
    rbm, m = brute.bernoulli(4, 3), 20_000
    wanted = by_definition(4, 3)
    for r, v in enumerate(binary_states(4)):
        drawn = pseudo_log_likelihood(rbm, np.tile(v, (m, 1)), rng=np.random.default_rng(r))
        assert drawn.shape == (m,)
        assert abs(drawn.mean() - wanted[r]) < 5 * drawn.std() / np.sqrt(m)


def test_an_untrained_machine_knows_nothing() -> None:
    rbm = brute.bernoulli(5, 2)
    for p in rbm.params.values():
        p[...] = 0
    np.testing.assert_allclose(pseudo_log_likelihood(rbm, binary_states(5)), 5 * np.log(0.5), rtol=1e-12)


def test_float32_and_bad_input() -> None:
    rbm, V = brute.bernoulli(4, 3).astype(np.float32), binary_states(4).astype(np.float32)
    for rng in (None, np.random.default_rng(0)):
        assert pseudo_log_likelihood(rbm, V, rng=rng).dtype == np.float32
    with pytest.raises(ValueError, match="expects v of zeros and ones: binarize"):
        pseudo_log_likelihood(rbm, V * np.float32(0.5))
    with pytest.raises(ValueError, match="expects v from 0 to 1"):
        pseudo_log_likelihood(rbm, -V)
    with pytest.raises(TypeError, match="expects rng"):
        pseudo_log_likelihood(rbm, V, rng=3)  # type: ignore[arg-type]
