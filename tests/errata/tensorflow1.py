"""As much of TensorFlow 1's vocabulary as the listings of source 004 use, computed at once with NumPy.

The names are those of version 1.0 and later. Its upgrade script lists the renamed ones: tf.mul, tf.neg and tf.sub
became tf.multiply, tf.negative and tf.subtract; the old names are gone, here as there.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import ClassVar

import numpy as np

Array = np.ndarray


class Session:
    """A session that is the default one inside its with-block, and closed after it."""

    open_now: ClassVar[list[Session]] = []  # TensorFlow too keeps one stack of them for all

    def __enter__(self) -> Session:
        """Become the default session."""
        Session.open_now.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        """Close."""
        Session.open_now.remove(self)


class Tensor:
    """Something with ``eval``, which needs a default session."""

    def eval(self, feed_dict: object = None) -> float:
        """Return a number, or raise what TensorFlow raises without a session."""
        if not Session.open_now:
            raise ValueError("Cannot evaluate tensor using `eval()`: No default session is registered.")
        return 0.5


def namespace(rng: np.random.Generator) -> SimpleNamespace:
    """The module ``tf``."""
    nn = SimpleNamespace(sigmoid=lambda z: 1 / (1 + np.exp(-z)), relu=lambda z: np.maximum(z, 0))
    return SimpleNamespace(
        constant=np.asarray, add=np.add, subtract=np.subtract, multiply=np.multiply, negative=np.negative,
        div=np.divide, exp=np.exp, square=np.square, matmul=np.matmul, transpose=np.transpose, sign=np.sign,
        shape=np.shape, random_uniform=lambda shape: rng.random(tuple(shape)),
        reduce_mean=lambda x, axis: np.mean(x, axis=tuple(np.atleast_1d(axis))),
        nn=nn, Session=Session,
    )  # fmt: skip
