"""Is the gradient right? Ask the function itself.

A derivative is a limit of differences, so differences can check it: shift one number a little to either side, and see
how the loss moves (eq-central-difference).
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Layer
from dlbook.losses import Loss
from dlbook.shapes import Array, generator


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """Return ∂f/∂x by central differences over every entry: (f(x + h e) − f(x − h e)) / 2h, an error of order h².

    Shapes: x any shape, float64; the result has the same. x itself is not touched.
    """
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        below = f(x)
        x[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def gradient_error(analytic: ArrayLike, numeric: ArrayLike) -> float:
    """Return the largest difference of two gradients, relative to their largest entry (eq-gradient-error).

    Around 1e-9 the two agree. 1e-3 is a bug that hides, 1 is a bug that does not, and where one of them is not finite
    the error is infinite.

    Raises:
        ValueError: the shapes differ, which is a bug too.
    """
    a, n = np.asarray(analytic), np.asarray(numeric)
    if a.shape != n.shape:
        raise ValueError(f"a gradient has the shape of its parameter, {n.shape}, got {a.shape}")
    if not (np.isfinite(a).all() and np.isfinite(n).all()):
        return float("inf")
    scale = max(np.abs(a).max(initial=0), np.abs(n).max(initial=0))
    return float(np.abs(a - n).max(initial=0) / scale) if scale else 0.0


def check_layer(layer: Layer, X: Array, *, rng: np.random.Generator) -> dict[str, float]:
    """Compare ``layer.backward`` with finite differences; return the error for ``"X"`` and for every parameter.

    All parameters are redrawn (in a copy), so that no bias is zero, and ∂J/∂Y is random: zeros and ones hide bugs.
    A layer that draws random numbers draws the same ones in every call. Everything is computed in float64.

    Raises:
        ValueError: a gradient is missing, or there is one too many.
    """
    generator("check_layer", rng)
    layer = copy.deepcopy(layer).astype(np.float64)
    X, params = np.asarray(X, dtype=float), layer.params
    for p in params.values():
        p[...] = rng.normal(size=p.shape)
    seed = int(rng.integers(2**32))

    def forward(X: Array) -> tuple[Array, object]:
        return layer.forward(X, np.random.default_rng(seed))

    Y, cache = forward(X)
    dY = rng.normal(size=Y.shape)  # J = Σ dY ⊙ Y, so that ∂J/∂Y = dY
    dX, grads = layer.backward(dY, cache)
    if grads.keys() != params.keys():
        raise ValueError(f"backward must return the gradients of {list(params)}, got {list(grads)}")
    errors = {"X": gradient_error(dX, numerical_gradient(lambda x: float((dY * forward(x)[0]).sum()), X))}
    for name, p in params.items():

        def loss_at(value: Array, p: Array = p) -> float:
            kept = p.copy()
            p[...] = value
            J = float((dY * forward(X)[0]).sum())
            p[...] = kept
            return J

        analytic = sum(grads[other] for other, q in params.items() if q is p)  # a shared parameter has several
        errors[name] = gradient_error(analytic, numerical_gradient(loss_at, p))
    return errors


def check_loss(loss: Loss, Z: Array, y: ArrayLike) -> float:
    """Compare ``loss.backward`` with finite differences; return the error."""
    delta = loss.backward(loss.forward(Z, y)[1])
    return gradient_error(delta, numerical_gradient(lambda z: loss.forward(z, y)[0], Z))
