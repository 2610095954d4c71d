"""Binary units by the thousand: probabilities, draws and logarithms, written for speed.

A Gibbs chain does little else. Nothing here takes memory that it can do without, and random numbers are drawn in the
precision of the probabilities that they are compared with.
"""

from __future__ import annotations

import numpy as np

from dlbook.shapes import Array


def logistic_in_place(z: Array) -> Array:
    """Turn z into σ(z) = 1 / (1 + e^−z) (eq-sigmoid) in its own memory, and return it.

    Where e^−z overflows, σ is smaller than any number of this precision: 1/∞ = 0 is right.
    """
    np.negative(z, out=z)
    with np.errstate(over="ignore"):
        np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def softplus_sum(z: Array) -> Array:
    """Return Σ_j ln(1 + e^{z_j}) (eq-softplus) over the last axis.

    ln(1 + e^z) = max(0, z) + ln(1 + e^−|z|), with ln and exp that run at several numbers per step of the processor. A
    term far below 1 loses digits in 1 + e^−|z|, but a sum of such terms has an error of the size of one rounding.
    """
    e = np.abs(z)
    np.negative(e, out=e)
    np.exp(e, out=e)
    e += 1
    np.log(e, out=e)
    e += np.maximum(z, 0)
    total: Array = e.sum(axis=-1)
    return total


def bernoulli(p: Array, rng: np.random.Generator) -> Array:
    """Draw 1 with probability p and 0 otherwise, for every entry, in the precision of p.

    In float32 a p that is no multiple of 2^−24 counts as the next larger one. Each 64 random bits then serve two
    entries, which takes half the time of ``rng.random``.
    """
    if p.dtype != np.float32:
        return (rng.random(p.shape) < p).astype(p.dtype)
    bits = rng.integers(2**64, size=(p.size + 1) // 2, dtype=np.uint64).view(np.uint32)[: p.size]
    bits >>= 8  # 24 bits are a float32 exactly
    u = bits.reshape(p.shape).astype(np.float32)
    return (u < p * np.float32(2**24)).astype(np.float32)
