"""One training step shared out over several processes: what is added up, what travels, and how much faster it is.

Everything here runs in one process, so that it can be followed; it computes what ``torch.distributed`` computes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from dlbook.layer import Layer, Params
from dlbook.losses import Loss
from dlbook.shapes import Array, not_negative, positive, positive_int, same_shape


def shards(m: int, p: int) -> list[slice]:
    """Cut m examples into p shards, their sizes equal or one apart.

    Raises:
        ValueError: there are fewer examples than shards.
    """
    if positive_int("shards", m, "m") < positive_int("shards", p, "p"):
        raise ValueError(f"shards expects at least one example for each of {p} shards, got {m}")
    edges = (m * k // p for k in range(p + 1))
    return [slice(a, b) for a, b in pairwise(edges)]


def sharded_gradient(
    model: Layer,
    loss: Loss,
    X: Array,
    y: ArrayLike,
    parts: Sequence[slice],
    rng: np.random.Generator | None = None,
) -> tuple[float, Params]:
    """Return J and its gradient over the batch from those of its shards.

    Shard k has the weight m_k / m (eq-shard-mean). It sees the parameters and
    nothing of the other shards: each could be computed elsewhere.
    """
    y, m = np.asarray(y), sum(len(X[part]) for part in parts)
    total = {name: np.zeros_like(p) for name, p in model.params.items()}
    J = 0.0
    for part in parts:
        weight = len(X[part]) / m
        Y, cache = model.forward(X[part], rng)
        J_k, loss_cache = loss.forward(Y, y[part])
        J += weight * J_k
        grads = model.param_grads(loss.backward(loss_cache), cache)
        for name, g in grads.items():
            total[name] += weight * g
    return J, total


def ring_rounds(
    arrays: Sequence[Array],
) -> Iterator[tuple[list[list[Array]], list[int]]]:
    """Yield after every round what all processes hold, and what they sent.

    ``held[rank][chunk]`` is an array, ``letters[rank]`` the chunk that was
    sent; the state before the first round is yielded too.
    """
    p = len(arrays)
    for a in arrays[1:]:
        same_shape("ring_all_reduce", a, arrays[0].shape, "every array")
    held = [np.array_split(a.ravel(), p) for a in arrays]
    yield held, []
    for r in range(2 * (p - 1)):
        collecting = r < p - 1
        letters = [(rank - r) % p for rank in range(p)]
        before, held = held, [list(chunks) for chunks in held]
        for rank, chunk in enumerate(letters):
            right, content = (rank + 1) % p, before[rank][chunk]
            own = before[right][chunk]
            held[right][chunk] = own + content if collecting else content
        yield held, letters


def ring_all_reduce(arrays: Sequence[Array]) -> tuple[list[Array], int]:
    """Add up one array per process so that every process holds the sum (alg-ring; Patarasuk and Yuan 2009).

    The processes stand in a ring and send to their right neighbour only. The arrays are cut into as many chunks as
    there are processes. In p − 1 rounds each chunk travels around the ring and collects what it meets; in p − 1
    more, the finished chunks travel around once again.

    Args:
        arrays: one array of the same shape for each of p processes. They are not written to.

    Returns:
        The p results, and how many numbers each process has sent at most (eq-ring-traffic).
    """
    sent = [0] * len(arrays)
    for held, letters in ring_rounds(arrays):
        for rank, chunk in enumerate(letters):
            sent[rank] += held[rank][chunk].size
    return [np.concatenate(chunks).reshape(arrays[0].shape) for chunks in held], max(sent)


def ring_traffic(n: float, p: int) -> float:
    """Return how many of n numbers each of p processes sends in a ring, 2 n (p − 1) / p (eq-ring-traffic)."""
    return 2 * n * (positive_int("ring_traffic", p, "p") - 1) / p


def amdahl(p: ArrayLike, serial: float) -> Array:
    """Return the speed-up on p machines where the share ``serial`` of the work cannot be shared out (eq-amdahl)."""
    serial = not_negative("amdahl", serial, "serial")
    if serial > 1:
        raise ValueError(f"amdahl expects serial as a share of the work, from 0 to 1, got {serial}")
    return np.asarray(1 / (serial + (1 - serial) / np.asarray(p, dtype=float)))


def step_time(p: int, compute: float, n: float, bandwidth: float, latency: float = 0.0) -> float:
    """Return the seconds of one training step on p processes that share out a batch (eq-step-time).

    Args:
        p: processes.
        compute: seconds that one process needs for the whole batch.
        n: numbers in the gradient, four bytes each.
        bandwidth: bytes per second between neighbours.
        latency: seconds that each of the 2 (p − 1) messages costs besides.
    """
    travel = 4 * ring_traffic(n, p) / positive("step_time", bandwidth, "bandwidth")
    return compute / p + travel + 2 * (p - 1) * latency


def pipeline_bubble(p: int, q: int) -> float:
    """Return the share of the time that is lost while a pipeline of p workers fills and empties (eq-pipeline-bubble).

    Args:
        p: workers, each with its part of the layers.
        q: pieces of the batch that follow each other.
    """
    p, q = positive_int("pipeline_bubble", p, "p"), positive_int("pipeline_bubble", q, "q")
    return (p - 1) / (q + p - 1)


def roofline(operations: float, traffic: float, rate: float, bandwidth: float) -> float:
    """Return the seconds that a computation takes at least (eq-roofline; Williams et al. 2009).

    Args:
        operations: additions and multiplications, done at ``rate`` per second.
        traffic: bytes between memory and processor, moved at ``bandwidth`` per second.
    """
    return max(operations / positive("roofline", rate, "rate"), traffic / positive("roofline", bandwidth, "bandwidth"))
