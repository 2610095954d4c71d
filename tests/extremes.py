"""What is promised at extreme inputs, and by how much a module misses it, against 60 digits of mpmath.

With ε the spacing of the precision's numbers at 1, and an ulp their spacing at the right result:

- Values, those of the losses included, are within 4 ulp. Where the softmax has to round z − max z, its exponential is
  off by up to one ulp more for each unit of that difference.
- Derivatives are functions of the output y, so as exact as 1 − y: the error is at most 4 ε α y (sigmoid of slope α),
  4 ε y (softmax) or 4 ε (tanh). They have all their digits where y goes to 0, and become 0 too early where y goes to 1.
- δ = a − y of the cross-entropies has an error of at most 4 ε times the larger of the two.
- Below the smallest normal number the spacing is that of the subnormal ones.

Every function here returns the largest error as a multiple of what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

Array = np.ndarray
GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "extremes.npz", allow_pickle=False))
ROWS = sorted({key.split("/")[1] for key in GOLDEN if "/row" in key})


def two_pieces(module: ModuleType) -> Any:
    """max(z, z/4)."""
    layer = module.Maxout(1, 1, rng=np.random.default_rng(0))
    layer.params["W"][:, 0, 0] = [1, 0.25]
    return layer


ELEMENTWISE: dict[str, Callable[[ModuleType], Any]] = {
    "Sigmoid": lambda module: module.Sigmoid(),
    "Sigmoid-steep": lambda module: module.Sigmoid(2),
    "Tanh": lambda module: module.Tanh(),
    "ReLU": lambda module: module.ReLU(),
    "LeakyReLU": lambda module: module.LeakyReLU(0.01),
    "PReLU": lambda module: module.PReLU(1, 0.25),
    "Maxout": two_pieces,
    "Softplus": lambda module: module.Softplus(),
}
FUNCTIONS = {"Sigmoid": "sigmoid", "ReLU": "relu", "Softplus": "softplus"}


def excess(got: object, want: Array, allowed: Array, dtype: type) -> float:
    """Return the largest |got − want| / allowed. Where the right result overflows the precision, infinity is right."""
    got = np.asarray(got, dtype=float)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.where(got == want.astype(dtype), 0, np.abs(got - want) / allowed)
    return float(np.where(np.isnan(error), np.inf, error).max())


def ulp(want: Array, dtype: type) -> Array:
    """Return the spacing of the numbers at ``want``; the largest number has no neighbour above, half of it has."""
    return np.spacing(np.minimum(np.abs(want), np.finfo(dtype).max / 2).astype(dtype)).astype(float)


def rounding(size: Array | float, dtype: type) -> Array:
    """Return 4 ε times a size, with room for the spacing of subnormal numbers."""
    return 4 * (float(np.finfo(dtype).eps) * np.asarray(size, float) + float(np.finfo(dtype).smallest_subnormal))


def activation(module: ModuleType, case: str, dtype: type) -> float:
    """Check a function of one number: value, derivative, and the plain function where there is one."""
    z, value, derivative = (
        GOLDEN[f"{dtype.__name__}/{key}"][:, None] for key in ("z", f"{case}/value", f"{case}/derivative")
    )
    if case == "Sigmoid-steep":  # 2 z must not overflow
        z, value, derivative = z[abs(z) < 1e38, None], value[abs(z) < 1e38, None], derivative[abs(z) < 1e38, None]
    layer = ELEMENTWISE[case](module).astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        Y, cache = layer.forward(z)
        dX, _ = layer.backward(np.ones_like(Y), cache)
        plain = getattr(module, FUNCTIONS[case])(z) if case in FUNCTIONS else Y
    allowed = 4 * ulp(derivative, dtype)
    if "Sigmoid" in case:
        allowed = rounding(layer.slope * value, dtype)
    elif case == "Tanh":
        allowed = rounding(1, dtype)
    near = 4 * ulp(value, dtype)
    return max(excess(Y, value, near, dtype), excess(plain, value, near, dtype), excess(dX, derivative, allowed, dtype))


def rounded_difference(row: Array) -> Array:
    """Return max z − z where it cannot be held exactly, else 0; beyond 750 its exponential is 0 anyway."""
    with np.errstate(over="ignore"):
        gap = row.max() - row
    top = Fraction(float(row.max()))
    exact = [np.isinf(g) or top - Fraction(float(z)) == float(g) for z, g in zip(row, gap, strict=True)]
    return np.where(exact, 0, np.minimum(gap, 750)).astype(float)


def softmax(module: ModuleType, row: str, dtype: type) -> float:
    """Check values and the whole Jacobian."""
    z, p, jacobian = (GOLDEN[f"{dtype.__name__}/{row}/{key}"] for key in ("z", "value", "jacobian"))
    layer, more = module.Softmax(), 1 + rounded_difference(z) / 4
    with np.errstate(all="raise", under="ignore"):
        Y, cache = layer.forward(z[None])
        plain = module.softmax(z)
        rows = [layer.backward(dY[None], cache)[0][0] for dY in np.eye(len(z), dtype=dtype)]
    near = 4 * ulp(p, dtype) * more
    return max(
        excess(Y[0], p, near, dtype),
        excess(plain, p, near, dtype),
        excess(np.array(rows), jacobian, rounding(p * more.max(), dtype), dtype),
    )


def softmax_cross_entropy(module: ModuleType, row: str, dtype: type) -> float:
    """Check J and δ for every class as the true one, and for soft labels."""
    z, p = (GOLDEN[f"{dtype.__name__}/{row}/{key}"] for key in ("z", "value"))
    loss, more, errors = module.SoftmaxCrossEntropy(), 1 + rounded_difference(z).max() / 4, []
    for kind in ("hard", "soft"):
        targets, losses, deltas = (GOLDEN[f"{dtype.__name__}/{row}/{kind}/{key}"] for key in ("y", "J", "delta"))
        for y, J, delta in zip(targets, losses, deltas, strict=True):
            with np.errstate(all="raise", under="ignore"):
                got, cache = loss.forward(z[None], y[None])
                got_delta = loss.backward(cache)[0]
            errors.append(excess(got, J, 4 * ulp(J, dtype) * more, dtype))
            errors.append(excess(got_delta, delta, rounding(np.maximum(p, y) * more, dtype), dtype))
    return max(errors)


def pairs(module: ModuleType, case: str, dtype: type) -> float:
    """Check J and δ of a loss of one output and one target."""
    z, y, losses, deltas = (GOLDEN[f"{dtype.__name__}/{case}/{key}"] for key in ("z", "y", "J", "delta"))
    loss, J, delta = getattr(module, case)(), [], []
    with np.errstate(all="raise", under="ignore"):
        for a, b in zip(z, y, strict=True):
            value, cache = loss.forward(np.array([[a]]), np.array([[b]]))
            J.append(value)
            delta.append(loss.backward(cache)[0, 0])
    cancels = case == "BinaryCrossEntropy"
    allowed = rounding(np.maximum(deltas + y, y), dtype) if cancels else 4 * ulp(deltas, dtype)
    return max(excess(J, losses, 4 * ulp(losses, dtype), dtype), excess(delta, deltas, allowed, dtype))
