"""Back-propagation through time, truncated: long sequences in chunks.

The whole path back through a sequence needs the activations of all its steps. Cut into chunks, it needs those of one
chunk: the state is carried from chunk to chunk, the gradient is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Cache, Layer
from dlbook.losses import Loss
from dlbook.optim import Optimizer
from dlbook.sequential import Sequential
from dlbook.shapes import Array, generator, positive_int
from dlbook.train import Step
from dlbook.unrolled import Recurrent, State

States: TypeAlias = "State | list[States] | None"  # of a recurrent layer, of a stack, of any other layer


def forward_states(
    model: Layer,
    X: Array,
    rng: np.random.Generator | None = None,
    *,
    states: States = None,
    lengths: ArrayLike | None = None,
) -> tuple[Array, Cache, States]:
    """Run a model whose recurrent layers start from ``states``, or read sequences of different ``lengths``.

    The cache is the model's own: give it to ``model.backward``. Where the loss counts every step, let it see only real
    ones::

        Y, cache, _ = forward_states(model, X, lengths=lengths)
        real = np.arange(X.shape[1]) < lengths[:, None]
        J, loss_cache = loss.forward(Y[real], y[real])
        dY = np.zeros_like(Y)
        dY[real] = loss.backward(loss_cache)
        optimizer.step(model.params, model.param_grads(dY, cache))

    Args:
        model: a recurrent layer, or a ``Sequential`` that holds some.
        X: sequences, (m, T, n_in).
        rng: given means training.
        states: what an earlier call returned, so that this one goes on from there; zeros if not given.
        lengths: given to every recurrent layer, see :class:`dlbook.unrolled.Recurrent`.

    Returns:
        Y, the cache, and the states of all layers after the last step.
    """
    foreign = "forward_states expects states as an earlier call for the same model returned them"
    if isinstance(model, Recurrent):
        if isinstance(states, list):
            raise ValueError(foreign)
        Y, cache = model.forward(X, rng, state=states, lengths=lengths)
        return Y, cache, model.final_state(cache)
    if not isinstance(model, Sequential):
        return *model.forward(X, rng), None
    before = [None] * len(model.layers) if states is None else states
    if not isinstance(before, list) or len(before) != len(model.layers):
        raise ValueError(foreign)
    caches, after = [], []
    for layer, state in zip(model.layers, before, strict=True):
        X, cache, new = forward_states(layer, X, rng, states=state, lengths=lengths)
        caches.append(cache)
        after.append(new)
    return X, caches, after


def fit_truncated(
    model: Layer,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Array,
    *,
    chunk: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    """Train by truncated back-propagation through time (alg-tbptt), yielding one record per chunk.

    Each epoch walks once from the first to the last step: ``chunk`` steps, an update, the next ``chunk`` steps from
    the state that was reached. To the gradient that state is a constant (Williams and Peng 1990). Memory depends on
    the chunk, not on T. With ``chunk >= T`` this is the full back-propagation through time.

    Args:
        model: gives an output for every step, (m, T, …).
        loss: takes the outputs of a chunk, and means over its steps.
        X: m sequences that are read side by side, (m, T, n_in).
        y: the target of every step, (m, T) or (m, T, …).
        chunk: steps per update; the last chunk of an epoch may be shorter.

    Raises:
        ValueError, TypeError: before the first step where types or lengths do not fit; at the chunk that meets it, a
            number that a layer or the loss refuses.
    """
    for name, given, kind in (("model", model, Layer), ("loss", loss, Loss), ("optimizer", optimizer, Optimizer)):
        if not isinstance(given, kind):
            raise TypeError(f"fit_truncated expects as {name} a dlbook {kind.__name__}, got {given!r}")
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 3:
        raise ValueError(f"fit_truncated expects X of shape (m, T, n_in), got {X.shape}")
    if y.shape[:2] != X.shape[:2]:
        raise ValueError(f"fit_truncated expects one target per step, {X.shape[:2]}, got y of shape {y.shape}")
    positive_int("fit_truncated", chunk, "chunk")
    positive_int("fit_truncated", epochs, "epochs")
    generator("fit_truncated", rng)
    return _chunks(model, loss, optimizer, X, y, chunk, epochs, rng)


def _chunks(
    model: Layer,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Array,
    chunk: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    step = 0
    for epoch in range(1, epochs + 1):
        states: States = None
        for start in range(0, X.shape[1], chunk):
            now = slice(start, start + chunk)
            Y, cache, states = forward_states(model, X[:, now], rng, states=states)
            J, loss_cache = loss.forward(Y, y[:, now])
            optimizer.step(model.params, model.param_grads(loss.backward(loss_cache), cache))
            step += 1
            yield Step(epoch, step, J)
