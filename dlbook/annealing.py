"""Annealed importance sampling: the partition function of a machine too large to enumerate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dlbook.restricted import RestrictedMachine
from dlbook.shapes import Array, as_numbers, generator, positive_int, same_shape
from dlbook.states import log_sum_exp


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of ln Z.

    Attributes:
        log_Z: ln of the mean weight times the partition function of the start.
        standard_error: of the mean weight, as a share of it; while it is small, also that of log_Z.
        low: ln(Z − 3 standard errors), −∞ if that is no positive number.
        high: ln(Z + 3 standard errors).
        log_weights: of every chain, (n_chains,). If few stand out, they alone make the estimate: use more steps.
    """

    log_Z: float
    standard_error: float
    low: float
    high: float
    log_weights: Array


def base_bias(v: Array) -> Array:
    """Return a_i = ln(p_i / (1 − p_i)), with p the means of binary data: a start for :func:`ais` near the data.

    One example half on is added, so that a unit that never changes has a finite bias.
    """
    v = as_numbers("base_bias", v, "v")
    p = (v.sum(axis=0) + 0.5) / (len(v) + 1)
    return np.asarray(np.log(p / (1 - p)))


def ais(
    machine: RestrictedMachine,
    *,
    n_chains: int,
    betas: ArrayLike,
    rng: np.random.Generator,
    base: Array | None = None,
) -> Estimate:
    """Estimate ln Z from chains that go from a machine whose Z is known to this one (eq-rbm-ais).

    At β = 0 the hidden units are off the network and the visible bias is ``base``; its Z is a product and v can be
    drawn exactly. On the way W, b and a move in a straight line to those of the machine. The weight of a chain is the
    product of e^{F_β(v) − F_β'(v)} over all steps from β to the next β', and its mean is Z / Z_0, without bias (Neal
    2001; for restricted Boltzmann machines Salakhutdinov and Murray 2008).

    Args:
        n_chains: independent chains, which also give the error.
        betas: numbers that rise from 0 to 1, such as ``np.linspace(0, 1, 1000)``.
        base: the visible bias at the start, of the shape of a, which by default it is. Near the data, such as
            ``base_bias(v)``, it takes far fewer steps.

    Raises:
        ValueError: betas that do not rise from 0 to 1; fewer than two chains.
    """
    if positive_int("ais", n_chains, "n_chains") < 2:
        raise ValueError("ais expects n_chains >= 2, got 1: the spread of the chains gives the error")
    b = as_numbers("ais", np.asarray(betas, dtype=float), "betas")
    if b.ndim != 1 or len(b) < 2 or b[0] != 0 or b[-1] != 1 or (np.diff(b) <= 0).any():
        raise ValueError("ais expects betas that rise from 0 to 1, such as np.linspace(0, 1, 1000)")
    a = machine.params["a"]
    base = a if base is None else as_numbers("ais", np.asarray(base).astype(a.dtype), "base")
    same_shape("ais", base, a.shape, "base")
    rng = generator("ais", rng)
    now = machine.tempered(0.0, base)
    off = np.zeros((n_chains, machine.n_hidden), a.dtype)
    v = now.sample_visible(off, rng=rng)  # without weights, v is the same whatever h
    log_weights = np.zeros(n_chains)
    for beta in b[1:]:
        after = machine.tempered(float(beta), base)
        log_weights += now.free_energy(v) - after.free_energy(v)
        v = after.gibbs(v, 1, rng=rng)
        now = after
    log_Z0 = machine.n_hidden * np.log(2) - float(machine.tempered(0.0, base).hidden_free_energy(off[:1])[0])
    return _estimate(log_Z0, log_weights)


def _estimate(log_Z0: float, log_weights: Array) -> Estimate:
    """Return ln of the mean weight, with the spread of the weights taken around their largest."""
    n = len(log_weights)
    log_mean = float(log_sum_exp(log_weights)) - np.log(n)
    error = float(np.exp(log_weights - log_mean).std(ddof=1) / np.sqrt(n))  # of the mean weight, as a share of it
    log_Z = log_Z0 + log_mean
    low = log_Z + np.log1p(-3 * error) if 3 * error < 1 else -np.inf
    return Estimate(float(log_Z), error, float(low), float(log_Z + np.log1p(3 * error)), log_weights)
