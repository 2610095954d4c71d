"""Bagging: several networks, each trained on its own random draw of the examples, decide together (Breiman 1996)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Layer
from dlbook.shapes import Array, as_numbers, generator, positive_int
from dlbook.train import predict

Train: TypeAlias = Callable[[Array, Array, np.random.Generator], Layer]


def bagging(train: Train, X: Array, y: ArrayLike, *, n_members: int, rng: np.random.Generator) -> list[Layer]:
    """Train ``n_members`` networks, each on m examples drawn from the m given ones with replacement.

    The members are trained one after another, or side by side where the caller says so, with joblib and nothing else::

        with joblib.parallel_config(backend="loky", n_jobs=2):  # processes; "dask" and "ray" are clusters
            members = bagging(train, X, y, n_members=5, rng=rng)

    Each member has a generator of its own, spawned from ``rng``, and does its matrix products on one thread, so it
    ends with the same bits wherever and in whatever order it is trained. (That needs threadpoolctl, which the book's
    requirements install, or OPENBLAS_NUM_THREADS=1; a cluster of several machines also needs equal processors.)
    Without joblib the members are trained one after another.

    Args:
        train: a function ``train(X, y, rng)`` that builds and trains one network and returns it. It may be defined in a
            notebook. All that it draws must come from ``rng``.
        X: examples, (m, …).
        y: targets, (m,) or (m, …).
        n_members: how many; 5 to 10 are usual.
        rng: source of the members' generators.
    """
    X, y = as_numbers("bagging", X), np.asarray(y)
    if y.ndim < 1 or len(X) != len(y):
        raise ValueError(f"bagging expects one target per example, got {len(X)} examples and y of shape {y.shape}")
    generators = generator("bagging", rng).spawn(positive_int("bagging", n_members, "n_members"))
    with _one_blas_thread():
        if find_spec("joblib") is None:
            return [_member(train, X, y, own) for own in generators]
        from joblib import Parallel, delayed

        return list(Parallel()(delayed(_member)(train, X, y, own) for own in generators))


def average(members: Sequence[Layer], X: Array) -> Array:
    """Return the mean of the members' outputs (eq-bagging-average), of the shape of one member's.

    Members that end in ``Softmax()`` average probabilities, others the values before it.
    """
    return np.asarray(np.mean(_outputs("average", members, X), axis=0))


def vote(members: Sequence[Layer], X: Array) -> Array:
    """Return for each example the class that most members choose (eq-bagging-vote); among equals the first class."""
    outputs = _outputs("vote", members, X)
    K = outputs[0].shape[-1]
    if K == 1:
        raise ValueError("vote compares a member's outputs, got one output: vote over (Y[:, 0] > 0.5) yourself")
    votes = sum((Y.argmax(axis=-1)[..., None] == np.arange(K)).astype(int) for Y in outputs)  # (m, K)
    return np.asarray(np.argmax(votes, axis=-1))


def _outputs(who: str, members: Sequence[Layer], X: Array) -> list[Array]:
    outputs = [predict(member, X) for member in members]
    if len({Y.shape for Y in outputs}) != 1:
        shapes = ", ".join(str(Y.shape) for Y in outputs) or "none"
        raise ValueError(f"{who} expects members with outputs of one shape, got {shapes}")
    return outputs


def bootstrap(X: Array, y: Array, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return m examples drawn from the m given ones with replacement: about 63 % of them, some several times."""
    drawn = rng.integers(len(X), size=len(X))
    return X[drawn], y[drawn]


def _member(train: Train, X: Array, y: Array, rng: np.random.Generator) -> Layer:
    _one_blas_thread()  # for good in a worker's process; bagging itself puts it back in its own
    model = train(*bootstrap(X, y, rng=rng), rng)
    if not isinstance(model, Layer):
        raise TypeError(f"bagging expects train to return a network, got {model!r}: end it with return model")
    return model


def _one_blas_thread() -> AbstractContextManager[Any]:
    """Compute this process's matrix products on one thread, from now on; a ``with`` block ends it.

    How a product is cut up for several threads decides about its last bits. Without threadpoolctl nothing changes.
    """
    if find_spec("threadpoolctl") is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits
