"""Training a restricted Boltzmann machine, as a generator: the counterpart of :func:`dlbook.train.fit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from dlbook.optim import Optimizer
from dlbook.penalties import Constraint, Penalty
from dlbook.restricted import RestrictedMachine
from dlbook.shapes import Array, generator, positive_int
from dlbook.train import Step, added

LOWER = "lower the learning rate, and scale continuous data to standard deviation 1"


def fit_rbm(
    machine: RestrictedMachine,
    optimizer: Optimizer,
    v: Array,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    k: int = 1,
    chains: Array | None = None,
    every: Literal["step", "epoch"] = "step",
    penalty: Penalty | None = None,
    constraint: Constraint | None = None,
) -> Iterator[Step]:
    """Train by contrastive divergence, yielding one small record per step or per epoch.

    ``Step.loss`` is the mean free energy of the batch minus that of the chains, whose gradient CD follows. It is no
    likelihood and need not fall: measure that with :mod:`dlbook.enumeration`, :mod:`dlbook.annealing` or
    :mod:`dlbook.pseudo_likelihood`. The updates can do without it, so that it is only computed where a record is due.

    Args:
        v: data, (m, n_visible). The last batch of an epoch may be smaller.
        k: Gibbs steps per update.
        chains: where the chains are, (n_chains, n_visible): persistent CD (eq-rbm-pcd). The array is moved on in
            place, so that the caller can look at the chains and go on with them. Without it they start at the data
            in every step (eq-rbm-cd).
        every: how often a record comes; that of an epoch is the record of its last step.
        penalty: R(W), such as ``L2(0.0002)``; the biases stay free.
        constraint: where the parameters are put back to after every step, such as ``MaxNorm(3)``.

    Raises:
        ValueError, TypeError: before the first step where types, shapes or numbers do not fit; at the step that
            meets it, a gradient that is no finite number.
    """
    arguments: list[tuple[str, object, type, str]] = [
        ("machine", machine, RestrictedMachine, "BernoulliRBM(…)"),
        ("optimizer", optimizer, Optimizer, "SGD(0.1)"),
        *([("penalty", penalty, Penalty, "L2(0.0002)")] if penalty is not None else []),
        *([("constraint", constraint, Constraint, "MaxNorm(3)")] if constraint is not None else []),
    ]
    for name, given, kind, example in arguments:
        if not isinstance(given, kind):
            raise TypeError(f"fit_rbm expects as {name} something like {example}, got {given!r}")
    v = machine.checked(v)
    if chains is not None and machine.checked(chains) is not chains:
        raise TypeError("fit_rbm moves chains on in place: hand them in as an array, np.array(…)")
    if every not in ("step", "epoch"):
        raise ValueError(f'fit_rbm expects every="step" or every="epoch", got {every!r}')
    for name, number in (("epochs", epochs), ("batch_size", batch_size), ("k", k)):
        positive_int("fit_rbm", number, name)
    generator("fit_rbm", rng)
    return _steps(machine, optimizer, v, epochs, batch_size, rng, k, chains, every, penalty, constraint)


def _steps(
    machine: RestrictedMachine,
    optimizer: Optimizer,
    v: Array,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    k: int,
    chains: Array | None,
    every: str,
    penalty: Penalty | None,
    constraint: Constraint | None,
) -> Iterator[Step]:
    step = 0
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(v))
        for start in range(0, len(v), batch_size):
            step += 1
            batch = v[order[start : start + batch_size]]
            grads, after = machine.contrast(batch, k, chains, rng=rng)
            if not np.isfinite(grads["a"].sum() + grads["b"].sum()):
                raise ValueError(f"fit_rbm met a gradient that is no finite number at step {step}: {LOWER}")
            due = every == "step" or start + batch_size >= len(v)
            if due:
                J = float(machine.free_energy(batch).mean() - machine.free_energy(after).mean())
            if chains is not None:
                chains[...] = after
            if penalty is not None:
                grads = added(grads, penalty.grads(machine.params))
                if due:
                    J += penalty.value(machine.params)
            optimizer.step(machine.params, grads)
            if constraint is not None:
                constraint.project(machine.params)
            del batch, grads, after  # the next step writes into the same memory, which is still in the cache
            if due:
                yield Step(epoch, step, J)
