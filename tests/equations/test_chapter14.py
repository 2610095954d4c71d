"""The equations of chapter 14, digits end to end: as displayed, by loops and counting, as the package computes them."""

from __future__ import annotations

from itertools import product
from math import comb, sqrt

import numpy as np
from equations.sampling import Rng, sizes
from verify import Pairs, verifies

from dlbook import (
    SGD,
    Dense,
    Flatten,
    Sequential,
    SoftmaxCrossEntropy,
    as_mnist,
    average,
    centre_of_mass,
    class_means,
    confusion,
    doubt,
    error_by_rejection,
    fit,
    mcnemar,
    nearest,
    softmax,
    squared_distances,
    wilson,
)


@verifies("eq-centre-of-mass", precision=1e-12)
def test_centre_of_mass(rng: Rng) -> Pairs:
    """Place times ink, summed by loops; and where as_mnist puts it, in whole pixels from where it was."""
    H, W = sizes(rng, 2)
    image = rng.uniform(size=(H + 1, W + 1))
    ink = row = column = 0.0
    for r, c in np.ndindex(image.shape):
        ink += image[r, c]
        row += r * image[r, c]
        column += c * image[r, c]
    yield np.array([row / ink, column / ink]), np.array(centre_of_mass(image))
    box = np.zeros((60, 60))
    box[7:27, 31:45] = rng.uniform(0.2, 1, size=(20, 14))
    moved = as_mnist(box)
    before, after = np.array(centre_of_mass(box)), np.array(centre_of_mass(moved))
    yield np.array([moved.sum(), *((after - before) % 1).round(9) % 1]), np.array([box.sum(), 0, 0])
    yield np.array(np.abs(after - 14).max() <= 0.5), np.array(True)


@verifies("eq-class-mean", precision=1e-12)
def test_class_mean(rng: Rng) -> Pairs:
    """The mean of the examples of each class, one by one."""
    K, n = sizes(rng, 2)
    y = np.concatenate([np.arange(K), rng.integers(K, size=5)])
    X = rng.normal(size=(len(y), n))
    mu = np.zeros((K, n))
    for k in range(K):
        m_k = sum(label == k for label in y)
        for x, label in zip(X, y, strict=True):
            mu[k] += (label == k) * x / m_k
    yield mu, class_means(X, y)


@verifies("eq-squared-distance", precision=1e-9)
def test_squared_distance(rng: Rng) -> Pairs:
    """The expanded square against the square of the difference."""
    m, k, n = sizes(rng, 3)
    X, M = rng.normal(size=(m, n)), rng.normal(size=(k, n))
    for i, j in np.ndindex(m, k):
        x, mu = X[i], M[j]
        expanded = x @ x - 2 * mu @ x + mu @ mu
        yield expanded, ((x - mu) ** 2).sum()
        yield expanded, squared_distances(X, M)[i, j]


@verifies("eq-nearest-mean", precision=0)
def test_nearest_mean(rng: Rng) -> Pairs:
    """The nearest mean is the largest of linear functions."""
    K, n = sizes(rng, 2)
    M, X = rng.normal(size=(K + 1, n + 1)), rng.normal(size=(9, n + 1))
    linear = np.array([[mu @ x - mu @ mu / 2 for mu in M] for x in X])
    yield linear.argmax(axis=1), nearest(X, M)
    one_layer = Dense(n + 1, K + 1, rng=rng)
    one_layer.params |= {"W": M, "b": -(M**2).sum(axis=1) / 2}
    yield one_layer(X).argmax(axis=1), nearest(X, M)


@verifies("eq-nearest", precision=0)
def test_nearest(rng: Rng) -> Pairs:
    """The label of the training example with the smallest distance, found one by one."""
    m, n = sizes(rng, 2)
    known, y = rng.normal(size=(m + 3, n)), rng.integers(10, size=m + 3)
    for x in rng.normal(size=(5, n)):
        distances = [sum((a - b) ** 2 for a, b in zip(x, other, strict=True)) for other in known]
        yield y[distances.index(min(distances))], y[nearest(x[None], known)][0]


def coins(n: int, epsilon: float) -> list[tuple[int, float]]:
    """Every way in which n images are read or misread: the number of errors, and the probability of this way."""
    return [
        (sum(way), float(np.prod([epsilon if wrong else 1 - epsilon for wrong in way])))
        for way in product((0, 1), repeat=n)
    ]


@verifies("eq-binomial-errors", precision=1e-12)
def test_binomial_errors(rng: Rng) -> Pairs:
    """All ways in which n images can be misread, one by one."""
    n, epsilon = int(rng.integers(1, 9)), float(rng.uniform(0.05, 0.6))
    for k in range(n + 1):
        by_ways = sum(p for errors, p in coins(n, epsilon) if errors == k)
        yield comb(n, k) * epsilon**k * (1 - epsilon) ** (n - k), by_ways
    b, c = sizes(rng, 2)
    tail = sum(comb(b + c, k) * 0.5**k * 0.5 ** (b + c - k) for k in range(min(b, c) + 1))
    first = np.arange(b + c) < b
    yield min(1, 2 * tail), mcnemar(first, ~first)[2]


@verifies("eq-accuracy-deviation", precision=1e-10)
def test_accuracy_deviation(rng: Rng) -> Pairs:
    """The standard deviation of the accuracy over all ways."""
    n, epsilon = int(rng.integers(1, 9)), float(rng.uniform(0.05, 0.6))
    ways = [(1 - errors / n, p) for errors, p in coins(n, epsilon)]
    mean = sum(a * p for a, p in ways)
    yield sqrt(epsilon * (1 - epsilon) / n), sqrt(sum((a - mean) ** 2 * p for a, p in ways))
    for end in wilson(n - 1, n, 1.5):  # where the observed share is 1.5 deviations away
        yield sqrt(end * (1 - end) / n), abs((n - 1) / n - end) / 1.5


@verifies("eq-wilson", precision=1e-9)
def test_wilson(rng: Rng) -> Pairs:
    """The displayed ends solve the quadratic equation that they come from, and are the package's."""
    n = int(rng.integers(2, 300))
    right, z = int(rng.integers(0, n + 1)), float(rng.uniform(0.5, 3))
    p = right / n
    root = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    ends = [(p + z**2 / (2 * n) + sign * root) / (1 + z**2 / n) for sign in (-1, 1)]
    yield np.array(ends), np.array(wilson(right, n, z))
    for end in ends:
        yield (p - end) ** 2, z**2 * end * (1 - end) / n


@verifies("eq-mcnemar", precision=1e-12)
def test_mcnemar(rng: Rng) -> Pairs:
    """All ways in which b + c coins fall."""
    first, second = rng.uniform(size=(2, 14)) < 0.5
    b = sum(one and not two for one, two in zip(first, second, strict=True))
    c = sum(two and not one for one, two in zip(first, second, strict=True))
    shown = min(1, 2 * sum(comb(b + c, k) * 2.0 ** -(b + c) for k in range(min(b, c) + 1)))
    splits = [abs(2 * sum(way) - b - c) for way in product((0, 1), repeat=b + c)]
    yield shown, np.mean([split >= abs(b - c) for split in splits])
    yield np.array([b, c, shown]), np.array(mcnemar(first, second))


@verifies("eq-error-of-mean", precision=1e-12)
def test_error_of_mean(rng: Rng) -> Pairs:
    """The deviation of the mean over all ways to draw k of four runs: here of an output of k networks."""
    k, x = int(rng.integers(1, 4)), rng.normal(size=(1, 2))
    runs = [Dense(2, 1, rng=rng) for _ in range(4)]
    s = np.std([run(x)[0, 0] for run in runs])
    yield s / sqrt(k), np.std([average(drawn, x)[0, 0] for drawn in product(runs, repeat=k)])


@verifies("eq-passes", precision=1e-12)
def test_passes(rng: Rng) -> Pairs:
    """How often fit has shown each example when it has made s steps."""
    m, B = 12, int(rng.choice([1, 2, 3, 4, 6]))
    epochs = int(rng.integers(1, 4))
    model = Dense(2, 3, rng=rng)
    s = 0
    seen: list[int] = []

    def look(X: np.ndarray, y: np.ndarray, rng: Rng) -> np.ndarray:
        seen.extend(X[:, 0].astype(int).tolist())
        return X

    X = np.column_stack([np.arange(m), np.ones(m)]).astype(float)
    for step in fit(
        model, SoftmaxCrossEntropy(), SGD(0.0001), X, rng.integers(3, size=m),
        epochs=epochs, batch_size=B, rng=rng, prepare=look,
    ):  # fmt: skip
        s = step.step
    yield np.full(m, s * B / m), np.bincount(seen, minlength=m)


@verifies("eq-confusion", precision=0)
def test_confusion(rng: Rng) -> Pairs:
    """Pairs of true class and answer, counted one by one."""
    K = int(rng.integers(2, 6))
    y, guess = rng.integers(K, size=(2, 30))
    C = np.zeros((K, K), int)
    for i, j in np.ndindex(K, K):
        C[i, j] = sum(1 for a, b in zip(y, guess, strict=True) if a == i and b == j)
    yield C, confusion(y, guess, K)


@verifies("eq-recall", precision=1e-12)
def test_recall(rng: Rng) -> Pairs:
    """The share of each class's examples that are read."""
    K = int(rng.integers(2, 6))
    y = np.concatenate([np.arange(K), rng.integers(K, size=20)])
    guess = np.where(rng.uniform(size=len(y)) < 0.6, y, rng.integers(K, size=len(y)))
    C = confusion(y, guess, K)
    for i in range(K):
        yield C[i, i] / sum(C[i, j] for j in range(K)), np.mean(guess[y == i] == i)


@verifies("eq-doubt", precision=1e-12)
def test_doubt(rng: Rng) -> Pairs:
    """One minus the largest probability: the sum of the others."""
    m, K = sizes(rng, 2)
    P = softmax(rng.normal(size=(m, K + 1)))
    for p, u in zip(P, doubt(P), strict=True):
        yield u, 1 - max(p)
        yield u, sum(sorted(p)[:-1])


@verifies("eq-error-rejection", precision=1e-12)
def test_error_rejection(rng: Rng) -> Pairs:
    """Leave out the k most doubtful, and count the wrong answers among the rest."""
    m = int(rng.integers(1, 12))
    u, wrong = rng.permutation(m) / m, rng.uniform(size=m) < 0.5
    shares, errors = error_by_rejection(u, wrong)
    for k in range(m):
        remaining = sorted(range(m), key=lambda n: u[n])[: m - k]
        yield errors[k], sum(bool(wrong[n]) for n in remaining) / (m - k)
        yield shares[k], k / m


@verifies("eq-ensemble-loss", precision=1e-12)
def test_ensemble_loss(rng: Rng) -> Pairs:
    """Never is the loss of the mean above the mean of the losses; equal where the members are equal."""
    N, K = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    members = [Sequential(Flatten(), Dense(3, K, rng=rng)) for _ in range(N)]
    X, y = rng.normal(size=(6, 3)), rng.integers(K, size=6)
    P = np.array([softmax(member(X)) for member in members])
    for n in range(6):
        together = -np.log(sum(P[i, n, y[n]] for i in range(N)) / N)
        alone = sum(-np.log(P[i, n, y[n]]) for i in range(N)) / N
        yield max(together - alone, 0.0), 0.0
    same = members[:1] * N
    loss = SoftmaxCrossEntropy()
    yield loss.forward(average(same, X), y)[0], np.mean([loss.forward(member(X), y)[0] for member in same])
