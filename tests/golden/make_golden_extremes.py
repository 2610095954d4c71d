"""Record activations and losses at extreme inputs, computed with 60 digits, so that the tests need no mpmath.

Run from the repository root, where mpmath is installed: ``python tests/golden/make_golden_extremes.py``.
The arrays in ``extremes.npz`` were made with mpmath 1.4.1. Inputs are numbers that the precision at hand (float64 or
float32) holds exactly; results are rounded to float64 once, at the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import mpmath as mp
import numpy as np

HERE = Path(__file__).parent
mp.mp.dps = 60
golden: dict[str, np.ndarray] = {}

SIZES = (1e-30, 1e-10, 1e-8, 1e-3, 0.1, 0.5, 1, 2, 3, 5, 8, 10, 17, 20, 36, 37, 40, 87, 88.5, 100, 103, 300, 700, 708.5,
         745, 746, 1000, 1e4, 1e30)  # fmt: skip
ROWS = ([1000, 0], [-1000, 0, 1000], [0, 0, 0], [1000, 1000, 1000], [-1000, -1000], [0], [1000], [-1000], [3, 1, -3],
        [40, 0], [0, 40, 0], [-40, 0, 40], [17, 0, 0], [20, 0], [90, 0], [100, 0, -3], [700, 0], [740, 0], [750, 0],
        [1e-3, -1e-3], [0, "tiny"], ["tiny", "-tiny"], ["tiny", "tiny", "tiny"], [0.0, -0.0], ["max", "-max"],
        ["max", "max"], [1000, 999.5, 0.25], [5, 1, 3, 2, -4, 0, 0.5, 0.25, -1, 4], [-0.75] * 10,
        [0.1, -20.7, -300.3, -60.3], [-55.55, 0.7, -0.3])  # fmt: skip


def exact(x: float) -> mp.mpf:
    """Return x as a number of 60 digits."""
    return mp.mpf(float(x))


def rounded(numbers: Iterable[mp.mpf]) -> np.ndarray:
    """Return the numbers in float64."""
    return np.array([float(x) for x in numbers])


def softmax(row: np.ndarray) -> list[mp.mpf]:
    """By definition: with 60 digits and exponents without bounds nothing has to be subtracted."""
    e = [mp.exp(exact(z)) for z in row]
    return [x / mp.fsum(e) for x in e]


def slope_of_sigmoid(z: mp.mpf) -> mp.mpf:
    """σ(z) σ(−z), which cancels nowhere."""
    return 1 / (1 + mp.exp(-z)) / (1 + mp.exp(z))


def kink(below: float) -> tuple[Callable[[mp.mpf], mp.mpf], Callable[[mp.mpf], mp.mpf]]:
    """Return max(0, z) with another slope below zero, and its derivative, which at 0 is the one from below."""
    return lambda z: z if z > 0 else exact(below) * z, lambda z: exact(1 if z > 0 else below)


ELEMENTWISE = {
    "Sigmoid": (lambda z: 1 / (1 + mp.exp(-z)), slope_of_sigmoid),
    "Sigmoid-steep": (lambda z: 1 / (1 + mp.exp(-2 * z)), lambda z: 2 * slope_of_sigmoid(2 * z)),
    "Tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "ReLU": kink(0),
    "LeakyReLU": kink(0.01),
    "PReLU": kink(0.25),
    "Maxout": (kink(0.25)[0], lambda z: exact(1 if z >= 0 else 0.25)),  # in a tie the first piece wins
    "Softplus": (lambda z: mp.log1p(mp.exp(z)), lambda z: 1 / (1 + mp.exp(-z))),
}


def record_elementwise(dtype: type, z: np.ndarray) -> None:
    """Store values and derivatives of the activations that look at one number at a time."""
    golden[f"{dtype.__name__}/z"] = z
    for case, (f, derivative) in ELEMENTWISE.items():
        golden[f"{dtype.__name__}/{case}/value"] = rounded(f(exact(x)) for x in z)
        golden[f"{dtype.__name__}/{case}/derivative"] = rounded(derivative(exact(x)) for x in z)


def record_rows(dtype: type, info: np.finfo) -> None:
    """Store softmax with its Jacobian, and its cross-entropy for every class and for soft labels."""
    named = {"tiny": info.smallest_subnormal, "-tiny": -info.smallest_subnormal, "max": info.max, "-max": -info.max}
    for i, names in enumerate(ROWS):
        row, key = np.array([named.get(x, x) for x in names], dtype=dtype), f"{dtype.__name__}/row{i:02}"
        p, K = softmax(row), len(row)
        golden[f"{key}/z"], golden[f"{key}/value"] = row, rounded(p)
        # ∂y_i/∂z_j = −y_i y_j, and on the diagonal y_i times the sum of all others: nothing is subtracted
        rest = [mp.fsum(p[:k] + p[k + 1 :]) for k in range(K)]
        jacobian = [p[i] * rest[i] if i == j else -p[i] * p[j] for i in range(K) for j in range(K)]
        golden[f"{key}/jacobian"] = rounded(jacobian).reshape(K, K)
        soft = (np.arange(1, K + 1) / (K * (K + 1) / 2)).astype(dtype)
        for name, targets in (("hard", np.eye(K, dtype=dtype)), ("soft", soft[None])):
            Y = [[exact(t) for t in target] for target in targets]
            losses = [mp.fsum(t * surprise(row, k, rest[k]) for k, t in enumerate(y) if t) for y in Y]
            golden[f"{key}/{name}/y"], golden[f"{key}/{name}/J"] = targets, rounded(losses)
            golden[f"{key}/{name}/delta"] = np.array([rounded(a - t for a, t in zip(p, y, strict=True)) for y in Y])


def surprise(row: np.ndarray, k: int, rest: mp.mpf) -> mp.mpf:
    """−ln softmax(z)_k; where it is almost 0, by way of 1 − softmax(z)_k."""
    if rest < 0.5:
        return -mp.log1p(-rest)
    top = max(exact(z) for z in row)
    return top - exact(row[k]) + mp.log(mp.fsum(mp.exp(exact(z) - top) for z in row))


def record_pairs(dtype: type, z: np.ndarray, tiny: float) -> None:
    """Store binary cross-entropy and mean squared error for one example with one output."""
    y = np.array([0, 1, 0.5, 0.3, 1e-6, 1 - 1e-6, tiny], dtype=dtype)
    Z, Y = np.array(list(itertools.product(z, y)), dtype=dtype).T
    pairs = [(exact(a), exact(b)) for a, b in zip(Z, Y, strict=True)]
    key = f"{dtype.__name__}/BinaryCrossEntropy"
    golden[f"{key}/z"], golden[f"{key}/y"] = Z, Y
    golden[f"{key}/J"] = rounded(b * mp.log1p(mp.exp(-a)) + (1 - b) * mp.log1p(mp.exp(a)) for a, b in pairs)
    golden[f"{key}/delta"] = rounded((1 - b) / (1 + mp.exp(-a)) - b / (1 + mp.exp(a)) for a, b in pairs)
    few = np.array([0, -0.0, tiny, -tiny, 1e-3, -1e-3, 0.3, 1, 1000, -1000, 999.5, 1e15, -1e15], dtype=dtype)
    A, Y = np.array(list(itertools.product(few, few)), dtype=dtype).T
    errors, key = [exact(a) - exact(b) for a, b in zip(A, Y, strict=True)], f"{dtype.__name__}/MeanSquaredError"
    golden[f"{key}/z"], golden[f"{key}/y"] = A, Y
    golden[f"{key}/J"], golden[f"{key}/delta"] = rounded(e**2 / 2 for e in errors), rounded(errors)


for dtype in (np.float64, np.float32):
    info = np.finfo(dtype)
    positive = np.array([info.smallest_subnormal, info.tiny, *SIZES, info.max], dtype=dtype)
    z = np.concatenate([[0.0, -0.0], positive, -positive]).astype(dtype)
    record_elementwise(dtype, z)
    record_rows(dtype, info)
    record_pairs(dtype, z, float(info.smallest_subnormal))

np.savez_compressed(HERE / "extremes.npz", **golden)
print(f"{len(golden)} arrays, mpmath {mp.__version__}")
