"""The training loop, as a generator: the caller owns the progress bar, the stopping rule and the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Layer, Params
from dlbook.losses import Loss
from dlbook.optim import Optimizer
from dlbook.penalties import Constraint, Penalty
from dlbook.shapes import Array, as_numbers, generator, positive_int

Prepare: TypeAlias = Callable[[Array, Array, np.random.Generator], Array]


@dataclass(frozen=True, slots=True)
class Step:
    """What :func:`fit` reports.

    Attributes:
        epoch: passes over the data so far, this one included; the first is 1.
        step: updates of the parameters so far; the first is 1.
        loss: J of this batch before its update, or the mean over the epoch's examples; a penalty is part of it.
    """

    epoch: int
    step: int
    loss: float


def fit(
    model: Layer,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    every: Literal["step", "epoch"] = "step",
    penalty: Penalty | None = None,
    constraint: Constraint | None = None,
    prepare: Prepare | None = None,
) -> Iterator[Step]:
    """Train by gradient descent (alg-training), yielding one small record per step or per epoch.

    ``batch_size = len(X)`` is batch gradient descent, 1 is stochastic, anything between is mini-batch. Each epoch
    visits every example once, in a new random order; the last batch may be smaller. Stop early with ``break``,
    keep the history with ``list(...)``, watch it with ``tqdm(...)``.

    Args:
        every: how often a record comes.
        penalty: R(W), added to the loss: J + R is what is reported and differentiated. Such as ``L2(0.01)``.
        constraint: where the parameters are put back to after every step. Such as ``MaxNorm(3)``.
        prepare: a function ``prepare(X, y, rng)`` that returns what the model sees in place of a batch X: images turned
            a little, noise added, adversarial examples. X is a copy that it may write to. ``rng`` is the generator of
            the training, so that a run that is repeated or resumed draws the same.

    Raises:
        ValueError, TypeError: before the first step where types, lengths or numbers do not fit; at the step that meets
            it, a target that the loss refuses.
    """
    arguments = [
        ("model", model, Layer, "Sequential(…)"),
        ("loss", loss, Loss, "SoftmaxCrossEntropy()"),
        ("optimizer", optimizer, Optimizer, "SGD(0.1)"),
    ]
    if penalty is not None:
        arguments.append(("penalty", penalty, Penalty, "L2(0.01)"))
    if constraint is not None:
        arguments.append(("constraint", constraint, Constraint, "MaxNorm(3)"))
    for name, given, kind, example in arguments:
        if not isinstance(given, kind):
            raise TypeError(f"fit expects as {name} something like {example}, got {given!r}")
    if prepare is not None and not callable(prepare):
        raise TypeError(f"fit expects prepare as a function of X, y and rng, got {prepare!r}")
    X, y = as_numbers("fit", X), np.asarray(y)
    if y.dtype.kind == "f":
        as_numbers("fit", y, "y")
    if X.ndim < 2:
        raise ValueError(f"fit expects X of shape (m, …), got {X.shape}: examples are rows here")
    if y.ndim < 1 or len(X) != len(y):
        raise ValueError(f"fit expects one target per example, got {len(X)} examples and y of shape {y.shape}")
    if every not in ("step", "epoch"):
        raise ValueError(f'fit expects every="step" or every="epoch", got {every!r}')
    positive_int("fit", epochs, "epochs")
    positive_int("fit", batch_size, "batch_size")
    generator("fit", rng)
    steps = _steps(model, loss, optimizer, X, y, epochs, batch_size, rng, penalty, constraint, prepare)
    return steps if every == "step" else per_epoch(steps, len(X), batch_size)


def _steps(
    model: Layer,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Array,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    penalty: Penalty | None,
    constraint: Constraint | None,
    prepare: Prepare | None,
) -> Iterator[Step]:
    step = 0
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            X_batch = X[batch]
            if prepare is not None:
                X_batch = _prepared(prepare, X_batch, y[batch], rng)
            Y, cache = model.forward(X_batch, rng)
            J, loss_cache = loss.forward(Y, y[batch])
            grads = model.param_grads(loss.backward(loss_cache), cache)
            if penalty is not None:
                J += penalty.value(model.params)
                grads = added(grads, penalty.grads(model.params))
            optimizer.step(model.params, grads)
            if constraint is not None:
                constraint.project(model.params)
            step += 1
            yield Step(epoch, step, J)


def _prepared(prepare: Prepare, X: Array, y: Array, rng: np.random.Generator) -> Array:
    """Return the batch that the model sees in place of X, in the precision of X."""
    prepared = as_numbers("fit", prepare(X, y, rng), "what prepare returns")
    if len(prepared) != len(y):
        raise ValueError(f"prepare must return one example per target, {len(y)}, got {len(prepared)}")
    return prepared.astype(X.dtype, copy=False)


def added(grads: Params, more: Params) -> Params:
    """Return the sum of two sets of gradients."""
    return {name: g + more[name] for name, g in grads.items()}


def per_epoch(steps: Iterator[Step], m: int, batch_size: int) -> Iterator[Step]:
    """Sum up the steps of each epoch; the smaller last batch counts for what it holds."""
    total, seen = 0.0, 0
    for s in steps:
        size = min(batch_size, m - seen)
        total, seen = total + s.loss * size, seen + size
        if seen == m:
            yield Step(s.epoch, s.step, total / m)
            total, seen = 0.0, 0


def predict(model: Layer, X: Array, *, batch_size: int = 1000) -> Array:
    """Return the model's output for all of X, computed in batches so that memory stays small."""
    X = as_numbers("predict", X)
    positive_int("predict", batch_size, "batch_size")
    return np.concatenate([model(X[i : i + batch_size]) for i in range(0, len(X), batch_size)])


def accuracy(model: Layer, X: Array, y: ArrayLike) -> float:
    """Return the share of examples whose largest output is at the true class (eq-accuracy)."""
    y, Y = np.asarray(y), predict(model, X)
    if y.shape != Y.shape[:-1] or y.dtype.kind not in "iu":
        wanted = f"accuracy expects y as class numbers of shape {Y.shape[:-1]}"
        raise ValueError(f"{wanted}, got {y.dtype} of shape {y.shape}")
    if Y.shape[-1] == 1:
        raise ValueError("accuracy compares a model's outputs, got one output: use ((Y[:, 0] > 0.5) == y).mean()")
    return float((Y.argmax(axis=-1) == y).mean())
