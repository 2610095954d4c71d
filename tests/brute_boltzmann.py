"""Boltzmann machines by definition: every state in turn, one term of the energy after the other."""

from __future__ import annotations

import itertools

import numpy as np

from dlbook import BernoulliRBM, BoltzmannMachine, GaussianBernoulliRBM
from dlbook.init import normal
from dlbook.layer import Parametrized, Params
from dlbook.restricted import RestrictedMachine


def redrawn(machine: Parametrized, rng: np.random.Generator) -> None:
    """Give every bias a value of its own; the weights have theirs."""
    for name in machine.params:
        if name != "W":
            machine.params[name] = rng.normal(size=machine.params[name].shape)


def bernoulli(n_visible: int, n_hidden: int, seed: int = 0) -> BernoulliRBM:
    rng = np.random.default_rng(seed)
    rbm = BernoulliRBM(n_visible, n_hidden, rng=rng, init=normal(1))
    redrawn(rbm, rng)
    return rbm


def gaussian(n_visible: int, n_hidden: int, seed: int = 0) -> GaussianBernoulliRBM:
    rng = np.random.default_rng(seed)
    sigma = rng.uniform(0.5, 2, size=n_visible)
    rbm = GaussianBernoulliRBM(n_visible, n_hidden, rng=rng, sigma=sigma, init=normal(0.7))
    redrawn(rbm, rng)
    return rbm


def general(n_visible: int, n_hidden: int = 0, seed: int = 0) -> BoltzmannMachine:
    rng = np.random.default_rng(seed)
    machine = BoltzmannMachine(n_visible, n_hidden, rng=rng, init=normal(1))
    redrawn(machine, rng)
    return machine


def states(n: int) -> list[tuple[int, ...]]:
    return list(itertools.product((0, 1), repeat=n))


def energy(rbm: BernoulliRBM, v: tuple[int, ...], h: tuple[int, ...]) -> float:
    W, a, b = (rbm.params[name] for name in ("W", "a", "b"))
    E = -sum(a[i] * v[i] for i in range(len(v))) - sum(b[j] * h[j] for j in range(len(h)))
    for i, j in itertools.product(range(len(v)), range(len(h))):
        E -= h[j] * W[j, i] * v[i]
    return float(E)


def joint(rbm: BernoulliRBM) -> np.ndarray:
    """Return e^−E of all pairs, (2^n_visible, 2^n_hidden); not divided by Z."""
    V, H = states(rbm.n_visible), states(rbm.n_hidden)
    return np.exp([[-energy(rbm, v, h) for h in H] for v in V])


def general_energy(machine: BoltzmannMachine, s: tuple[int, ...]) -> float:
    W, b = machine.params["W"], machine.params["b"]
    E = -sum(b[i] * s[i] for i in range(len(s)))
    for i, j in itertools.combinations(range(len(s)), 2):
        E -= W[i, j] * s[i] * s[j]
    return float(E)


def negative_log_likelihood(rbm: BernoulliRBM, v: np.ndarray) -> float:
    """Return minus the mean ln P of examples of zeros and ones, from the joint."""
    weight = joint(rbm)
    rows = [states(rbm.n_visible).index(tuple(int(x) for x in example)) for example in v]
    return float(-np.log(weight.sum(axis=1)[rows] / weight.sum()).mean())


def differences(machine: RestrictedMachine | BoltzmannMachine, loss: object, step: float = 1e-5) -> Params:
    """Return the central differences of ``loss(machine)`` by every number of every parameter."""
    grads = {}
    for name, p in machine.params.items():
        grads[name] = np.zeros_like(p)
        for place in np.ndindex(p.shape):
            values, before = [], p[place]
            for change in (step, -step):
                p[place] = before + change
                values.append(loss(machine))  # type: ignore[operator]
            p[place] = before
            grads[name][place] = (values[0] - values[1]) / (2 * step)
    return grads


def largest_difference(one: Params, other: Params) -> float:
    assert one.keys() == other.keys()
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)
