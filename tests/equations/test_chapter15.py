"""The equations of chapter 15: shared work, as displayed, as the package computes it, and by brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from equations.sampling import Array, Rng, at_most, network, sizes
from verify import Pairs, verifies

from dlbook import LSTM, SGD, Adam, Dense, Sequential, SoftmaxCrossEntropy, parallel
from dlbook.check import numerical_gradient

loss = SoftmaxCrossEntropy()


def problem(rng: Rng) -> tuple[Sequential, Array, Array, int]:
    """Return a network, a batch with its classes, and a number of shards."""
    n_in, n_hidden, p = sizes(rng, 3)
    net, _, _ = network(rng, [n_in, n_hidden, 3])
    m = p + int(rng.integers(0, 8))
    return net, rng.normal(size=(m, n_in)), rng.integers(3, size=m), p


def by_differences(net: Sequential, X: Array, y: Array, name: str) -> Array:
    """∂J/∂θ of one parameter over the examples X, by pushing its numbers."""
    theta = net.params[name]
    kept = theta.copy()

    def J(value: Array) -> float:
        theta[...] = value
        return loss.forward(net(X), y)[0]

    gradient = numerical_gradient(J, kept.copy())
    theta[...] = kept
    return gradient


@verifies("eq-rounding", precision=0)
def test_rounding(rng: Rng) -> Pairs:
    """Sums of single numbers by the package, in both precisions, against exact fractions."""
    for dtype, digits in ((np.float32, 24), (np.float64, 53)):
        u = Fraction(1, 2**digits)
        for a, b in rng.normal(size=(20, 2)) * 10.0 ** rng.integers(-3, 4, size=(20, 2)):
            a, b = dtype(a), dtype(b)
            exact = Fraction(float(a)) + Fraction(float(b))
            (rounded, _), _ = parallel.ring_all_reduce([np.array([a]), np.array([b])])  # two workers' numbers
            xi = Fraction(float(rounded[0])) / exact - 1
            yield at_most(float(abs(xi)), float(u))
        yield float(u), np.finfo(dtype).eps / 2


@verifies("eq-shard-mean", precision=1e-6)
def test_shard_mean(rng: Rng) -> Pairs:
    """Weighted sums of the shards' gradients, by differences, against the package's, with unequal shards."""
    net, X, y, p = problem(rng)
    edges = [0, *sorted(rng.choice(np.arange(1, len(X)), size=p - 1, replace=False).tolist()), len(X)]
    parts = [slice(a, b) for a, b in pairwise(edges)]
    _, computed = parallel.sharded_gradient(net, loss, X, y, parts)
    for name in net.params:
        displayed = sum(len(X[part]) / len(X) * by_differences(net, X[part], y[part], name) for part in parts)
        yield displayed, computed[name]
        yield by_differences(net, X, y, name), computed[name]


@verifies("eq-data-parallel", precision=1e-6)
def test_data_parallel(rng: Rng) -> Pairs:
    """One step with shards of equal size, against the step of the optimizer on the whole batch."""
    net, _, _, p = problem(rng)
    each, alpha = int(rng.integers(1, 4)), float(rng.uniform(0.1, 1))
    X, y = rng.normal(size=(p * each, net.layers[0].n_in)), rng.integers(3, size=p * each)
    parts = parallel.shards(len(X), p)
    displayed = {
        name: theta - alpha / p * sum(by_differences(net, X[part], y[part], name) for part in parts)
        for name, theta in net.params.items()
    }
    SGD(alpha).step(net.params, parallel.sharded_gradient(net, loss, X, y, parts)[1])
    for name, theta in net.params.items():
        yield displayed[name], theta


@verifies("eq-ring-traffic", precision=1e-14)
def test_ring_traffic(rng: Rng) -> Pairs:
    """What the ring really sends, against the formula, and below twice the length."""
    p = int(rng.integers(2, 8))
    n = p * int(rng.integers(1, 6))
    _, sent = parallel.ring_all_reduce([rng.normal(size=n) for _ in range(p)])
    yield 2 * n * (p - 1) / p, sent
    yield 2 * n * (p - 1) / p, parallel.ring_traffic(n, p)
    assert sent < 2 * n


@verifies("eq-amdahl", precision=1e-12)
def test_amdahl(rng: Rng) -> Pairs:
    """Jobs of equal length laid out by hand: the serial ones one after the other, the others p at a time."""
    p, serial = int(rng.integers(1, 9)), int(rng.integers(0, 20))
    shared = p * int(rng.integers(1, 10))
    s = serial / (serial + shared)
    ends = np.zeros(p)
    for job in range(shared):
        ends[job % p] += 1
    speed = (serial + shared) / (serial + ends.max())
    yield 1 / (s + (1 - s) / p), speed
    yield speed, parallel.amdahl(p, s)
    if serial:
        pair = at_most(parallel.amdahl(p, s), 1 / s + 1e-12)
        yield pair


@verifies("eq-step-time", precision=1e-12)
def test_step_time(rng: Rng) -> Pairs:
    """Message by message: 2 (p − 1) of them, n/p numbers of four bytes each, and a delay."""
    p, n = int(rng.integers(1, 9)), float(rng.integers(1, 1000))
    t_1, B, delay = rng.uniform(0.1, 10), rng.uniform(10, 1000), rng.uniform(0, 0.1)
    seconds = t_1 / p
    for _message in range(2 * (p - 1)):
        seconds += 4 * n / p / B + delay
    yield t_1 / p + 8 * n * (p - 1) / (p * B) + 2 * (p - 1) * delay, seconds
    yield seconds, parallel.step_time(p, t_1, n, B, delay)


@verifies("eq-best-workers", precision=0.1)
def test_best_workers(rng: Rng) -> Pairs:
    """The best number of workers, found by trying all, when nearly nothing has to travel."""
    delay = 10.0 ** rng.uniform(-4, -3)
    t_1 = float(rng.uniform(0.2, 5))
    tried = [parallel.step_time(p, t_1, 1.0, 1e12, delay) for p in range(1, 400)]
    yield np.sqrt(t_1 / (2 * delay)), 1 + int(np.argmin(tried))


@verifies("eq-roofline", precision=0)
def test_roofline(rng: Rng) -> Pairs:
    """Work in pieces: a piece can be computed when it has been fetched. However well both overlap, neither is saved."""
    pieces = int(rng.integers(1, 30))
    F, Q = rng.uniform(1, 10, size=(2, pieces))
    R, B = rng.uniform(0.5, 5, size=2)
    fetched = computed = 0.0
    for f, q in zip(F, Q, strict=True):
        fetched += q / B
        computed = max(computed, fetched) + f / R
    at_least = parallel.roofline(F.sum(), Q.sum(), R, B)
    yield max(F.sum() / R, Q.sum() / B), at_least
    yield at_most(at_least * (1 - 1e-12), computed)


@verifies("eq-intensity", precision=1e-12)
def test_intensity(rng: Rng) -> Pairs:
    """Operations counted one by one, bytes taken from the package's arrays."""
    m, n_in, n_out = sizes(rng, 3)
    layer, X = Dense(n_in, n_out, rng=rng).astype(np.float32), rng.normal(size=(m, n_in)).astype(np.float32)
    operations = 0
    for _example in range(m):
        for _unit in range(n_out):
            for _input in range(n_in):
                operations += 2  # a multiplication and an addition
    moved = X.nbytes + layer.params["W"].nbytes + layer(X).nbytes
    yield 2 * m * n_in * n_out / (4 * (m * n_in + n_in * n_out + m * n_out)), operations / moved


@verifies("eq-training-memory", precision=0)
def test_training_memory(rng: Rng) -> Pairs:
    """The bytes of weights, gradients and of what Adam remembers."""
    net, X, y, _ = problem(rng)
    net.astype(np.float32)
    Z, cache = net.forward(X.astype(np.float32))
    grads = net.param_grads(loss.backward(loss.forward(Z, y)[1]), cache)
    optimizer = Adam(0.001)
    optimizer.step(net.params, grads)
    remembered = {name: a for name, a in optimizer.state.items() if name != "t"}
    held: list[Any] = [*net.params.values(), *grads.values(), *remembered.values()]
    yield 16 * net.n_params, sum(a.nbytes for a in held)


def cut_dense(rng: Rng) -> tuple[Dense, Array, int, int]:
    """Return a layer, an input column, and where outputs and inputs are cut."""
    n_in, n_out = (1 + size for size in sizes(rng, 2))
    layer = Dense(n_in, n_out, rng=rng)
    layer.params["b"][:] = rng.normal(size=n_out)
    return layer, rng.normal(size=n_in), int(rng.integers(1, n_out)), int(rng.integers(1, n_in))


@verifies("eq-split-outputs", precision=1e-12)
def test_split_outputs(rng: Rng) -> Pairs:
    """Two halves of the units, stacked."""
    layer, a, cut, _ = cut_dense(rng)
    W, b = layer.params["W"], layer.params["b"]
    yield np.concatenate([W[:cut] @ a + b[:cut], W[cut:] @ a + b[cut:]]), layer(a[None])[0]


@verifies("eq-split-inputs", precision=1e-12)
def test_split_inputs(rng: Rng) -> Pairs:
    """Two halves of the inputs, added up; the bias once."""
    layer, a, _, cut = cut_dense(rng)
    W, b = layer.params["W"], layer.params["b"]
    yield W[:, :cut] @ a[:cut] + W[:, cut:] @ a[cut:] + b, layer(a[None])[0]


@verifies("eq-pipeline-bubble", precision=1e-12)
def test_pipeline_bubble(rng: Rng) -> Pairs:
    """A pipeline laid out slot by slot: a piece enters a worker when the one before has let go of it."""
    p, q = int(rng.integers(1, 7)), int(rng.integers(1, 9))
    free = np.zeros(p)  # when each worker is free again
    for _piece in range(q):
        ready = 0.0
        for worker in range(p):
            ready = free[worker] = max(ready, free[worker]) + 1
    idle = 1 - q * p / (free.max() * p)
    yield (p - 1) / (q + p - 1), idle
    yield idle, parallel.pipeline_bubble(p, q)


@verifies("eq-two-biases", precision=1e-6)
def test_two_biases(rng: Rng) -> Pairs:
    """Push each of two biases that are added up, and compare with the package's gradient of their sum."""
    n_in, n, T = sizes(rng, 3)
    layer = LSTM(n_in, n, rng=rng)
    first, second = rng.normal(size=(2, 4 * n))
    X, dH, alpha = rng.normal(size=(2, T, n_in)), rng.normal(size=(2, T, n)), float(rng.uniform(0.1, 1))

    def J(b: Array) -> float:
        layer.params["b"][:] = b
        return float((dH * layer(X)).sum())

    by_first = numerical_gradient(lambda b: J(b + second), first)
    by_second = numerical_gradient(lambda b: J(first + b), second)
    layer.params["b"][:] = first + second
    _, cache = layer.forward(X)
    yield -alpha * by_first - alpha * by_second, -2 * alpha * layer.param_grads(dH, cache)["b"]
