"""Restricted Boltzmann machines small enough to know exactly: every sum over all states is done.

One side of the machine is enumerated, the other summed in closed form: given one side, the units of the other are
independent. With n units on the smaller side that is 2^n terms instead of 2^(n_v + n_h). All results are float64.
"""

from __future__ import annotations

import numpy as np

from dlbook.layer import Params
from dlbook.rbm import BernoulliRBM
from dlbook.restricted import RestrictedMachine
from dlbook.shapes import Array
from dlbook.states import MOST, binary_states, log_sum_exp

BLOCK = 4096  # states at a time, so that a machine with many units on the other side fits into memory


def _visible_side(machine: RestrictedMachine) -> bool:
    """Say whether to enumerate the visible units: where they are binary, and fewer."""
    return isinstance(machine, BernoulliRBM) and machine.n_visible < machine.n_hidden


def _enumerated(machine: RestrictedMachine) -> tuple[list[Array], Array]:
    """Return the states of the smaller side, in blocks, and ln Σ e^−E over the other side for all of them."""
    by_v = _visible_side(machine)
    states = binary_states(machine.n_visible if by_v else machine.n_hidden)
    blocks = [states[i : i + BLOCK] for i in range(0, len(states), BLOCK)]
    F = machine.free_energy if by_v else machine.hidden_free_energy
    return blocks, -np.concatenate([F(block) for block in blocks])


def log_partition(machine: RestrictedMachine) -> float:
    """Return ln Z = ln Σ_v Σ_h e^{−E(v, h)} (eq-rbm-partition); Σ_v is an integral for continuous v.

    Raises:
        ValueError: more than 20 units on the smaller side (on the hidden side, unless all units are binary).
    """
    return float(log_sum_exp(_enumerated(machine)[1]))


def log_likelihood(machine: RestrictedMachine, v: Array) -> Array:
    """Return ln P(v) = −F(v) − ln Z for every example, (m,) (eq-rbm-marginal)."""
    return np.asarray(-machine.free_energy(v) - log_partition(machine))


def model_grads(machine: RestrictedMachine) -> Params:
    """Return the mean of ∂E/∂θ over the distribution of the machine, −∂ ln Z/∂θ."""
    blocks, log_p = _enumerated(machine)
    p = np.exp(log_p - log_sum_exp(log_p))
    sums = []
    for number, states in enumerate(blocks):
        weights = p[number * BLOCK :][: len(states)]
        if _visible_side(machine):
            sums.append(machine.free_energy_grads(states, weights))
        else:  # ∂E/∂θ is linear in v: its mean given h will do
            sums.append(machine.energy_grads(machine.visible_mean(states), states, weights))
    return {name: np.sum([grads[name] for grads in sums], axis=0) for name in machine.params}


def exact_gradient(machine: RestrictedMachine, v: Array) -> Params:
    """Return the gradient of minus the mean log-likelihood of v: data minus model (eq-rbm-gradient).

    Contrastive divergence estimates it; keys and sign are the same.
    """
    data, model = machine.free_energy_grads(v), model_grads(machine)
    return {name: data[name] - model[name] for name in data}


def joint_probabilities(rbm: BernoulliRBM) -> Array:
    """Return P(v, h) of all pairs, (2^n_visible, 2^n_hidden), in the order of :func:`dlbook.states.binary_states`.

    Nothing is summed in closed form here: this is the definition (eq-rbm-joint), for machines of a few units.
    """
    _refuse_many("joint_probabilities", rbm.n_visible + rbm.n_hidden)
    V, H = binary_states(rbm.n_visible), binary_states(rbm.n_hidden)
    pairs = np.repeat(V, len(H), axis=0), np.tile(H, (len(V), 1))
    E = rbm.energy(*pairs)
    return np.asarray(np.exp(-E - log_sum_exp(-E)).reshape(len(V), len(H)))


def gibbs_matrix(rbm: BernoulliRBM) -> Array:
    """Return T (2^n_visible, 2^n_visible), T[r, s] = P(next v is s | v is r) = Σ_h P(s | h) P(h | r) (eq-rbm-gibbs).

    A distribution p over the visible states, a row, becomes p T in one step of Gibbs sampling.
    """
    _refuse_many("gibbs_matrix", rbm.n_visible + max(rbm.n_visible, rbm.n_hidden))
    V, H = binary_states(rbm.n_visible), binary_states(rbm.n_hidden)
    return _products(rbm.hidden_probabilities(V), H) @ _products(rbm.visible_mean(H), V)


def _refuse_many(who: str, bits: int) -> None:
    if bits > MOST:
        raise ValueError(f"{who} makes a table of at most 2^{MOST} numbers, this one has 2^{bits}: take fewer units")


def _products(p: Array, states: Array) -> Array:
    """Return the probability of every state where unit i is on with probability p[r, i], (rows of p, states)."""
    return np.asarray(np.where(states, p[:, None], 1 - p[:, None]).prod(axis=-1))
