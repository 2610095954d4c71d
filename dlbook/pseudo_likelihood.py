"""The pseudo-likelihood: how well a machine predicts each visible unit from all others. It needs no Z."""

from __future__ import annotations

import numpy as np

from dlbook.rbm import BernoulliRBM
from dlbook.shapes import Array, generator


def pseudo_log_likelihood(rbm: BernoulliRBM, v: Array, *, rng: np.random.Generator | None = None) -> Array:
    """Return Σ_i ln P(v_i | all other v) for every example, (m,) (eq-rbm-pseudo-likelihood; Besag 1975).

    P(v_i | others) = σ(F(v with unit i turned over) − F(v)): Z falls out of the ratio.

    Args:
        rng: draw one unit for every example and return n_visible times its term, whose mean is the sum: one pass
            instead of n_visible. Without it the sum itself.

    Raises:
        ValueError: units that are neither 0 nor 1, which cannot be turned over.
    """
    v = rbm.checked(v)
    if not np.isin(v, (0, 1)).all():
        raise ValueError("pseudo_log_likelihood expects v of zeros and ones: binarize grey values first, v > 0.5")
    F, n = rbm.free_energy(v), rbm.n_visible
    if rng is not None:
        units = generator("pseudo_log_likelihood", rng).integers(n, size=len(v))
        return np.asarray(n * _log_conditional(rbm, v, F, units))
    return np.asarray(sum(_log_conditional(rbm, v, F, np.full(len(v), i)) for i in range(n)))


def _log_conditional(rbm: BernoulliRBM, v: Array, F: Array, units: Array) -> Array:
    """Return ln P(v_i | others) with i = units[r] for example r."""
    turned, rows = v.copy(), np.arange(len(v))
    turned[rows, units] = 1 - turned[rows, units]
    return np.asarray(-np.logaddexp(0, F - rbm.free_energy(turned)))  # ln σ(x) = −ln(1 + e^−x)
