"""The equations of chapter 1, neurons and perceptrons: as displayed, and as the package computes them."""

from __future__ import annotations

from itertools import product
from math import exp, sqrt

import numpy as np
from equations.sampling import Array, Rng, at_most, sizes
from verify import Pairs, verifies

from dlbook import Dense, Perceptron, Sequential, Sigmoid
from dlbook.check import numerical_gradient
from dlbook.data import logic_gate
from dlbook.perceptron import sign, step


def H(v: float) -> int:
    """The threshold, as eq-threshold-01 displays it."""
    return 1 if v >= 0 else 0


def dot(w: Array, x: Array) -> float:
    """The sum of w_i x_i, in a loop."""
    total = 0.0
    for i in range(len(w)):
        total += w[i] * x[i]
    return total


def task(rng: Rng) -> tuple[Perceptron, Array, Array, Array, float]:
    """Return a perceptron with random weights, random examples and labels, and its w and b."""
    m, n = sizes(rng, 2)
    perceptron = Perceptron(n)
    perceptron.w, perceptron.b = rng.normal(size=n), rng.normal()
    return perceptron, rng.normal(size=(m, n)), rng.choice([-1.0, 1.0], size=m), perceptron.w, perceptron.b


def mistakes(X: Array, y: Array, w: Array, b: float) -> list[int]:
    """The set M: the examples with y_i (w · x_i + b) ≤ 0."""
    return [i for i in range(len(X)) if y[i] * (dot(w, X[i]) + b) <= 0]


def way_to_border(w: Array, b: float, x: Array) -> Array:
    """The shortest d with w · (x + d) + b = 0, found by least squares and not by the formula."""
    return np.linalg.lstsq(w[None, :], np.array([-(w @ x + b)]), rcond=None)[0]


@verifies("eq-adder", precision=1e-12)
def test_adder(rng: Rng) -> Pairs:
    """The sum and the scalar product, against the perceptron's score."""
    perceptron, X, _, w, b = task(rng)
    for i, z in enumerate(perceptron.score(X)):
        yield sum(w[k] * X[i, k] for k in range(len(w))) + b, z
        yield np.dot(w, X[i]) + b, z


@verifies("eq-neuron", precision=1e-12)
def test_neuron(rng: Rng) -> Pairs:
    """With the threshold functions of the package and with its sigmoid as f: the weighted sum, then f."""
    perceptron, X, _, w, b = task(rng)
    (n,) = w.shape
    layer = Dense(n, 1, rng=rng)
    layer.params.update(W=w[None, :], b=np.array([b]))
    for x, z, answer in zip(X, perceptron.score(X), perceptron.predict(X), strict=True):
        total = 0.0
        for i in range(n):
            total += w[i] * x[i]
        yield sign(total + b), sign(z)
        yield sign(total + b), answer
        yield 1 / (1 + exp(-(total + b))), Sequential(layer, Sigmoid())(x[None, :])[0, 0]


@verifies("eq-threshold-01", precision=0)
def test_threshold_01(rng: Rng) -> Pairs:
    """Against step; zero is among the values."""
    v = np.append(rng.normal(size=9), 0.0)
    yield [1 if v_i >= 0 else 0 for v_i in v], step(v)


@verifies("eq-threshold-sign", precision=0)
def test_threshold_sign(rng: Rng) -> Pairs:
    """Against sign; zero is among the values."""
    v = np.append(rng.normal(size=9), 0.0)
    yield [1 if v_i >= 0 else -1 for v_i in v], sign(v)


@verifies("eq-perceptron", precision=0)
def test_perceptron(rng: Rng) -> Pairs:
    """Against the perceptron's predictions."""
    perceptron, X, _, w, b = task(rng)
    yield [1 if dot(w, x) + b >= 0 else -1 for x in X], perceptron.predict(X)


@verifies("eq-separable", precision=0)
def test_separable(rng: Rng) -> Pairs:
    """The condition holds for all i exactly when the perceptron counts nothing as misclassified."""
    perceptron, X, y, w, b = task(rng)
    for labels in (y, perceptron.predict(X)):
        holds = all(labels[i] * (dot(w, X[i]) + b) > 0 for i in range(len(X)))
        yield holds, perceptron.misclassified(X, labels).size == 0


@verifies("eq-foot", precision=1e-12)
def test_foot(rng: Rng) -> Pairs:
    """Against the nearest point that least squares finds; w · x + b is 0 there."""
    _, X, _, w, b = task(rng)
    for x in X:
        foot = x - (dot(w, x) + b) / dot(w, w) * w
        yield foot, x + way_to_border(w, b, x)
        yield 1 + dot(w, foot) + b, 1.0  # the border runs through the foot


@verifies("eq-distance", precision=1e-12)
def test_distance(rng: Rng) -> Pairs:
    """Against the length of the shortest way that least squares finds; random points of the border are no nearer."""
    perceptron, X, _, w, b = task(rng)
    for x, score in zip(X, perceptron.score(X), strict=True):
        D = abs(dot(w, x) + b) / sqrt(dot(w, w))
        yield D, np.linalg.norm(way_to_border(w, b, x))
        yield D, abs(score) / np.linalg.norm(w)
        other = rng.normal(size=len(w))
        other += way_to_border(w, b, other)
        yield at_most(D, np.linalg.norm(x - other) + 1e-12)


@verifies("eq-distance-sum", precision=1e-12)
def test_distance_sum(rng: Rng) -> Pairs:
    """Against the shortest ways of the misclassified points, added up, and against the package's loss over ‖w‖."""
    perceptron, X, y, w, b = task(rng)
    S = 0.0
    for i in mistakes(X, y, w, b):
        S += y[i] * (dot(w, X[i]) + b)
    S *= -1 / sqrt(dot(w, w))
    yield S, sum(np.linalg.norm(way_to_border(w, b, X[i])) for i in perceptron.misclassified(X, y))
    yield S, perceptron.loss(X, y) / np.linalg.norm(w)


@verifies("eq-perceptron-loss", precision=1e-12)
def test_perceptron_loss(rng: Rng) -> Pairs:
    """Against the package's loss."""
    perceptron, X, y, w, b = task(rng)
    L = 0.0
    for i in mistakes(X, y, w, b):
        L -= y[i] * (dot(w, X[i]) + b)
    yield L, perceptron.loss(X, y)


@verifies("eq-perceptron-max", precision=1e-12)
def test_perceptron_max(rng: Rng) -> Pairs:
    """The sum of maxima over all examples, against the package's loss over the misclassified ones."""
    perceptron, X, y, w, b = task(rng)
    L = 0.0
    for i in range(len(X)):
        L += max(0, -y[i] * (dot(w, X[i]) + b))
    yield L, perceptron.loss(X, y)


@verifies("eq-perceptron-gradient", precision=1e-7)
def test_perceptron_gradient(rng: Rng) -> Pairs:
    """Against the package's gradients (which agree to rounding) and finite differences of its loss in w and in b."""
    perceptron, X, y, w, b = task(rng)
    dw, db = np.zeros(len(w)), 0.0
    for i in mistakes(X, y, w, b):
        dw -= y[i] * X[i]
        db -= y[i]

    def loss(w_and_b: Array) -> float:
        perceptron.w, perceptron.b = w_and_b[:-1], w_and_b[-1]
        return perceptron.loss(X, y)

    yield [*dw, db], numerical_gradient(loss, np.append(w, b), h=1e-6)
    perceptron.w, perceptron.b = w, b
    own_dw, own_db = perceptron.gradients(X, y)
    yield [*dw, db], [*own_dw, own_db]


@verifies("eq-perceptron-rule", precision=1e-12)
def test_perceptron_rule(rng: Rng) -> Pairs:
    """Against one update of the package, for the misclassified example that it chose."""
    perceptron, X, y, w, b = task(rng)
    eta = rng.uniform(0.01, 2)
    for update in perceptron.learn(X, y, rng=rng, learning_rate=eta, max_steps=3):
        i = update.example
        yield i in mistakes(X, y, w, b), True
        w = w + eta * y[i] * X[i]
        b = b + eta * y[i]
        yield w, update.w
        yield b, update.b


@verifies("eq-perceptron-progress", precision=1e-12)
def test_perceptron_progress(rng: Rng) -> Pairs:
    """The left side after an update of the package, the right side from the values before it."""
    perceptron, X, y, w, b = task(rng)
    eta = rng.uniform(0.01, 2)
    for update in perceptron.learn(X, y, rng=rng, learning_rate=eta, max_steps=3):
        i = update.example
        yield (
            y[i] * (dot(w, X[i]) + b) + eta * (dot(X[i], X[i]) + 1),
            y[i] * (dot(update.w, X[i]) + update.b),
        )
        w, b = update.w, update.b


def separable(rng: Rng) -> tuple[Array, Array, Array]:
    """Return examples on a line, their labels, separable by a threshold, and the signed points y_i x̂_i."""
    m = int(rng.integers(2, 9))
    X, threshold = rng.normal(size=(m, 1)), rng.normal(scale=0.5)
    y = np.where(X[:, 0] >= threshold, 1.0, -1.0) * rng.choice([-1.0, 1.0])
    return X, y, y[:, None] * np.column_stack([X, np.ones(m)])


def best_direction(points: Array) -> tuple[Array, float]:
    """The unit vector û of the largest margin, and that margin.

    It points to the place of the convex hull of the signed points that is nearest to the origin, and in the plane that
    place is a point or lies between two of them.
    """
    nearest = list(points)
    for p, q in product(points, repeat=2):
        along = q - p
        t = -dot(p, along) / dot(along, along) if dot(along, along) else 0.0
        nearest.append(p + min(max(t, 0.0), 1.0) * along)
    place = min(nearest, key=np.linalg.norm)
    return place / np.linalg.norm(place), float(np.linalg.norm(place))


@verifies("eq-margin", precision=1e-7)
def test_margin(rng: Rng) -> Pairs:
    """Search over all directions of the plane, against the distance of a convex hull; no perceptron does better.

    In space, for AND and OR, no random direction beats the best ones that the text names.
    """
    X, y, points = separable(rng)

    def worst(angles: Array) -> Array:
        return np.min([np.cos(angles) * p[0] + np.sin(angles) * p[1] for p in points], axis=0)

    centre, width = np.pi, np.pi
    for _ in range(6):  # look ever closer around the best angle
        angles = np.linspace(centre - width, centre + width, 4001)
        centre, width = angles[worst(angles).argmax()], width / 500
    gamma = worst(np.array([centre]))[0]
    yield gamma, best_direction(points)[1]
    perceptron = Perceptron(1)
    if len(list(perceptron.learn(X, y, rng=rng, max_steps=5000))) < 5000:
        u = np.append(perceptron.w, perceptron.b)
        yield at_most((points @ u).min() / np.linalg.norm(u), gamma)
    for gate, best in {"AND": [2, 2, -3], "OR": [2, 2, -1]}.items():  # the text's directions, and random ones
        X, y = logic_gate(gate)
        points = (2 * y - 1)[:, None] * np.column_stack([X, np.ones(4)])
        gamma = min(dot(p, best) for p in points) / sqrt(dot(best, best))
        yield gamma, 1 / sqrt(dot(best, best))
        u = best + rng.normal(scale=rng.uniform(0.01, 2), size=3)
        yield at_most(min(dot(p, u) for p in points) / sqrt(dot(u, u)), gamma)


@verifies("eq-novikoff", precision=0, theorem=True)
def test_novikoff(rng: Rng) -> Pairs:
    """Runs of the package from zero never need more corrections than the bound."""
    X, y, points = separable(rng)
    R, gamma = max(np.linalg.norm(p) for p in points), best_direction(points)[1]
    most = int(2 * (R / gamma) ** 2) + 10
    k = len(list(Perceptron(1).learn(X, y, rng=rng, learning_rate=rng.uniform(0.01, 2), max_steps=most)))
    yield at_most(k, (R / gamma) ** 2)


@verifies("eq-novikoff-lower", precision=1e-12)
def test_novikoff_lower(rng: Rng) -> Pairs:
    """After every correction of a run of the package."""
    X, y, points = separable(rng)
    u, gamma = best_direction(points)
    eta = rng.uniform(0.01, 2)
    for update in Perceptron(1).learn(X, y, rng=rng, learning_rate=eta, max_steps=100):
        k, w = update.step, np.append(update.w, update.b)
        yield at_most(k * eta * gamma, dot(w, u))


@verifies("eq-novikoff-length", precision=1e-12)
def test_novikoff_length(rng: Rng) -> Pairs:
    """The left side from the weights after a correction of the package, the right side from those before it."""
    X, y, _ = separable(rng)
    eta, w = rng.uniform(0.01, 2), np.zeros(2)
    for update in Perceptron(1).learn(X, y, rng=rng, learning_rate=eta, max_steps=20):
        y_i, x = y[update.example], np.append(X[update.example], 1.0)
        new = np.append(update.w, update.b)
        yield dot(w, w) + 2 * eta * y_i * dot(w, x) + eta**2 * dot(x, x), dot(new, new)
        w = new


@verifies("eq-novikoff-upper", precision=1e-12)
def test_novikoff_upper(rng: Rng) -> Pairs:
    """After every correction of a run of the package, with labels that no line separates too."""
    X, y, points = separable(rng)
    eta, R = rng.uniform(0.01, 2), max(np.linalg.norm(p) for p in points)
    for labels in (y, rng.choice([-1.0, 1.0], size=len(y))):
        for update in Perceptron(1).learn(X, labels, rng=rng, learning_rate=eta, max_steps=100):
            k, w = update.step, np.append(update.w, update.b)
            yield at_most(dot(w, w), k * eta**2 * R**2)


def quarters(rng: Rng) -> list[tuple[float, float, float]]:
    """Return many w_1, w_2, b that a computer adds without rounding, zeros among them."""
    return [tuple(row) for row in rng.integers(-6, 7, size=(50, 3)) / 4]


def neuron(w1: float, w2: float, b: float, x: tuple[int, int]) -> float:
    """The package's threshold of w · x + b."""
    return float(step(np.array(w1 * x[0] + w2 * x[1] + b)))


@verifies("eq-xor-00", precision=0)
def test_xor_00(rng: Rng) -> Pairs:
    """The neuron answers XOR's 0 for (0, 0) exactly when the condition holds."""
    for w1, w2, b in quarters(rng):
        yield b < 0, neuron(w1, w2, b, (0, 0)) == 0


@verifies("eq-xor-01", precision=0)
def test_xor_01(rng: Rng) -> Pairs:
    """The neuron answers XOR's 1 for (0, 1) exactly when the condition holds."""
    for w1, w2, b in quarters(rng):
        yield w2 + b >= 0, neuron(w1, w2, b, (0, 1)) == 1


@verifies("eq-xor-10", precision=0)
def test_xor_10(rng: Rng) -> Pairs:
    """The neuron answers XOR's 1 for (1, 0) exactly when the condition holds."""
    for w1, w2, b in quarters(rng):
        yield w1 + b >= 0, neuron(w1, w2, b, (1, 0)) == 1


@verifies("eq-xor-11", precision=0)
def test_xor_11(rng: Rng) -> Pairs:
    """The neuron answers XOR's 0 for (1, 1) exactly when the condition holds."""
    for w1, w2, b in quarters(rng):
        yield w1 + w2 + b < 0, neuron(w1, w2, b, (1, 1)) == 0


@verifies("eq-xor-sum", precision=0)
def test_xor_sum(rng: Rng) -> Pairs:
    """The two sums are equal, each inequality follows from its two rows, and no neuron has all four rows right."""
    for w1, w2, b in quarters(rng):
        outer, inner = b + (w1 + w2 + b), (w2 + b) + (w1 + b)
        yield outer, inner
        right = {x: neuron(w1, w2, b, x) == (x[0] != x[1]) for x in product((0, 1), repeat=2)}
        if right[0, 0] and right[1, 1]:
            yield outer < 0, True
        if right[0, 1] and right[1, 0]:
            yield inner >= 0, True
        yield at_most(sum(right.values()), 3)


@verifies("eq-xor-hidden", precision=0)
def test_xor_hidden(rng: Rng) -> Pairs:
    """For all four rows, against OR and NAND and against the package's threshold."""
    W, b = np.array([[1, 1], [-1, -1]]), np.array([-0.5, 1.5])
    for x in product((0, 1), repeat=2):
        a = [H(dot(W[j], x) + b[j]) for j in range(2)]
        yield a, [bool(x[0] or x[1]), not (x[0] and x[1])]
        yield a, step(W @ x + b)


@verifies("eq-xor-output", precision=0)
def test_xor_output(rng: Rng) -> Pairs:
    """From the package's hidden values to XOR, for all four rows."""
    for x in product((0, 1), repeat=2):
        a1, a2 = step(np.array([[1, 1], [-1, -1]]) @ x + np.array([-0.5, 1.5]))
        yield H(a1 + a2 - 1.5), x[0] != x[1]


@verifies("eq-and-unit", precision=0)
def test_and_unit(rng: Rng) -> Pairs:
    """For all inputs of up to five bits, against AND and against the package's threshold."""
    for k in range(1, 6):
        for a in product((0, 1), repeat=k):
            yield H(sum(a) - k + 1 / 2), all(a)
            yield H(sum(a) - k + 1 / 2), step(np.array(sum(a) - k + 1 / 2))


@verifies("eq-or-unit", precision=0)
def test_or_unit(rng: Rng) -> Pairs:
    """For all inputs of up to five bits, against OR and against the package's threshold."""
    for k in range(1, 6):
        for a in product((0, 1), repeat=k):
            yield H(sum(a) - 1 / 2), any(a)
            yield H(sum(a) - 1 / 2), step(np.array(sum(a) - 1 / 2))
