"""Errata of source 002, neurons to back-propagation: what is printed fails, what is right passes.

Convolution and recurrence are in test_source_002_cnn_rnn.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from errata.numeric import agree, far_apart, gradient, hadamard

Array = np.ndarray
REFERENCES = Path(__file__).parents[2] / "chapters" / "references.bib"


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def year(key: str) -> int:
    """The year of a bibliography entry."""
    entry = REFERENCES.read_text(encoding="utf-8").split("{" + key + ",")[1].split("\n}")[0]
    (found,) = re.findall(r"year\s*=\s*\{(\d+)\}", entry)
    return int(found)


def test_bias_is_added_once() -> None:
    """With the bias inside the sum, n inputs add n biases."""
    w, x, b = rng().normal(size=5), rng().normal(size=5), 0.7
    right = sum(w[i] * x[i] for i in range(5)) + b
    printed = sum(w[i] * x[i] + b for i in range(5))
    assert printed - right == pytest.approx(4 * b)
    assert right == pytest.approx(w @ x + b)


def test_threshold_branches_cover_the_line_once() -> None:
    """Every v must meet exactly one condition."""
    v = np.array([-1.0, 0.0, 1.0])
    printed = (v <= 0).astype(int) + (v < 0)
    right = (v >= 0).astype(int) + (v < 0)
    assert printed.tolist() == [2, 1, 0]
    assert right.tolist() == [1, 1, 1]


def test_tanh_is_no_signum_function() -> None:
    """Signum, formula (4), has three values and a jump; tanh is a stretched logistic function."""
    v = np.linspace(-3, 3, 61)
    assert set(np.sign(v)) == {-1, 0, 1}
    assert not np.isin(np.tanh(v[v != 0]), (-1, 0, 1)).any()
    assert np.abs(np.diff(np.tanh(v))).max() <= 0.1 < 1 <= np.abs(np.diff(np.sign(v))).max()
    assert agree(np.tanh(v), 2 * sigmoid(2 * v) - 1)


def test_rectifier_is_older_than_2010() -> None:
    """Fukushima's analog threshold element came 41 years before Nair and Hinton."""
    assert year("nair2010") == 2010
    assert year("fukushima1969") < year("nair2010")


def test_weight_vector_has_the_length_of_the_input() -> None:
    """w ∈ Rⁿ and x ∈ R² have a product for n = 2 only."""
    for n in (3, 7):
        w = np.ones(n)
        with pytest.raises(ValueError, match="mismatch"):
            w @ np.ones(2)
        assert w @ np.ones(n) == n


def _misclassified() -> tuple[Array, Array, Array, float]:
    X = rng().normal(size=(20, 2)) + 3.0  # off the origin, so that b matters
    y = np.where(X @ np.array([1.0, -1.0]) > 0, 1.0, -1.0)
    w, b = np.array([1.0, 0.5]), -4.0
    wrong = y * (X @ w + b) < 0
    assert 0 < wrong.sum() < 20
    return X[wrong], y[wrong], w, b


def test_y_is_the_label_not_the_prediction() -> None:
    """With the (wrong) prediction for y, the sum of distances (13) is negative."""
    X, y, w, b = _misclassified()
    score = X @ w + b
    distances = np.abs(score).sum() / np.linalg.norm(w)
    printed = -(np.sign(score) * score).sum() / np.linalg.norm(w)
    right = -(y * score).sum() / np.linalg.norm(w)
    assert printed < 0
    assert right == pytest.approx(distances)


def test_norm_of_w_is_not_constant() -> None:
    """An update changes ‖w‖, and the gradients of (13) and (14) point in different directions."""
    X, y, w, b = _misclassified()
    assert np.linalg.norm(w + y[0] * X[0]) != pytest.approx(np.linalg.norm(w))

    def direction(f: Callable[[], float]) -> Array:
        g = gradient(f, w)
        return g / np.linalg.norm(g)

    with_norm = direction(lambda: float(-(y * (X @ w + b)).sum() / np.linalg.norm(w)))
    without = direction(lambda: float(-(y * (X @ w + b)).sum()))
    assert far_apart(with_norm, without)
    separating = np.array([1.0, -1.0])  # nothing misclassified: both sums are empty, both losses zero
    assert not (y * (X @ separating) <= 0).any()


def test_one_hidden_layer_makes_regions_that_are_not_convex() -> None:
    """Two hidden units and an OR: both ends of a segment are inside, its middle is outside; it solves XOR."""
    W, b = np.array([[1.0, 1.0], [-1.0, -1.0]]), np.array([-1.5, 0.5])  # x1 + x2 > 1.5, x1 + x2 < 0.5

    def inside(X: Array) -> Array:
        hidden = (X @ W.T + b >= 0).astype(float)
        return hidden @ np.ones(2) - 0.5 >= 0  # OR

    left, right = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    assert inside(np.stack([left, right])).all()
    assert not inside(((left + right) / 2)[None]).any()
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert (~inside(corners)).tolist() == [False, True, True, False]  # XOR is what lies between


def test_weight_index_order() -> None:
    """With the weights of (18), from i to j, the gradient (24) has its axes exchanged; with w_ji it is right."""
    g = rng()
    x, y = g.normal(size=3), g.normal(size=2)
    from_to, to_from = g.normal(size=(3, 2)), g.normal(size=(2, 3))
    b = g.normal(size=2)

    def printed_18() -> Array:
        return np.array([sigmoid(sum(from_to[i, j] * x[i] for i in range(3)) + b[j]) for j in range(2)])

    def right_18() -> Array:
        return np.array([sigmoid(sum(to_from[j, i] * x[i] for i in range(3)) + b[j]) for j in range(2)])

    def gradient_24(out: Array) -> Array:
        delta = (out - y) * out * (1 - out)
        return np.array([[x[j] * delta[i] for j in range(3)] for i in range(2)])  # a_j δ_i at w_ij

    exact_printed = gradient(lambda: 0.5 * float(((printed_18() - y) ** 2).sum()), from_to)
    exact_right = gradient(lambda: 0.5 * float(((right_18() - y) ** 2).sum()), to_from)
    assert gradient_24(printed_18()).shape != exact_printed.shape
    assert agree(gradient_24(right_18()), exact_right)


def test_training_pairs_belong_together() -> None:
    """Pairs crossed as printed fit y = 3 x badly; in order they fit exactly."""
    x = np.array([1.0, 2.0, 4.0])
    y = 3 * x
    crossed = y[[1, 0, 2]]
    assert ((3 * x - crossed) ** 2).sum() > 0
    assert ((3 * x - y) ** 2).sum() == 0


def test_total_cost_runs_over_the_examples() -> None:
    """Without the index of the example the mean is the cost of one example."""
    X, w = rng().normal(size=(6, 3)), rng().normal(size=3)
    y = rng().normal(size=6)
    single = [0.5 * (X[i] @ w - y[i]) ** 2 for i in range(6)]
    first_line = np.mean(single)
    for fixed in range(6):
        printed = np.mean([0.5 * (X[fixed] @ w - y[fixed]) ** 2 for _ in range(6)])
        assert printed == pytest.approx(single[fixed])
        assert printed != pytest.approx(first_line)
    assert np.mean([0.5 * (X[i] @ w - y[i]) ** 2 for i in range(6)]) == pytest.approx(first_line)


def test_bias_has_one_index() -> None:
    """There is no b_ij to read, let alone to differentiate by; ∂J/∂b_i is δ_i."""
    g = rng()
    W, b, x, y = g.normal(size=(2, 3)), g.normal(size=2), g.normal(size=3), g.normal(size=2)
    with pytest.raises(IndexError, match="too many indices"):
        b[0, 1]
    out = sigmoid(W @ x + b)
    delta = (out - y) * out * (1 - out)
    assert agree(delta, gradient(lambda: 0.5 * float(((sigmoid(W @ x + b) - y) ** 2).sum()), b))


def test_deeper_layers_see_the_activations() -> None:
    """w⁽²⁾ x does not fit; w⁽²⁾ a⁽²⁾ does, and gives the network's output."""
    g = rng()
    x, w1, w2 = g.normal(size=3), g.normal(size=(4, 3)), g.normal(size=(2, 4))
    with pytest.raises(ValueError, match="mismatch"):
        w2 @ x
    a2 = sigmoid(w1 @ x)
    assert agree(w2 @ a2, [sum(w2[i, j] * a2[j] for j in range(4)) for i in range(2)])


def _linear_data() -> tuple[Array, Array]:
    X = rng().normal(size=(30, 2))
    return X, X @ np.array([2.0, -1.0]) + 0.5


def test_iteration_resets_the_sums_not_the_weights() -> None:
    """Initialising w and b in every iteration forgets everything; setting the sums to zero learns."""
    X, y = _linear_data()

    def train(forgetful: bool) -> float:
        w, b, g = np.zeros(2), 0.0, np.random.default_rng(0)
        for _ in range(200):
            if forgetful:
                w, b = g.normal(size=2), float(g.normal())  # printed step 1
            dw, db = np.zeros(2), 0.0  # right step 1
            for x_i, y_i in zip(X, y, strict=True):
                dw, db = dw + (w @ x_i + b - y_i) * x_i, db + (w @ x_i + b - y_i)
            w, b = w - 0.3 * dw / 30, b - 0.3 * db / 30
        return float(((X @ w + b - y) ** 2).mean())

    assert train(forgetful=True) > 0.01
    assert train(forgetful=False) < 1e-10


def test_batch_step_follows_the_gradient_of_the_cost() -> None:
    """Against finite differences of (20) with r(w) = ½‖w‖²: both printed lines are off, the right ones agree."""
    X, y = _linear_data()
    w, b, lam, m = np.array([0.3, 0.8]), np.array([-0.2]), 0.1, 30

    def penalty() -> float:
        return 0.5 * float(w @ w)

    def cost() -> float:
        return 0.5 * float(((X @ w + b - y) ** 2).mean()) + lam * penalty()

    error = X @ w + b - y
    dw, db = X * error[:, None], error  # one row per example
    exact_w, exact_b = gradient(cost, w), gradient(cost, b)
    printed_w, printed_b = dw.sum(axis=0) / m + lam * penalty(), np.array([db.sum()])
    assert far_apart(printed_w, exact_w)
    assert far_apart(printed_b, exact_b)
    assert agree(printed_b / m, exact_b)
    assert agree(dw.sum(axis=0) / m + lam * w, exact_w)
    assert hadamard(w, w).shape == w.shape != np.shape(penalty())  # r(w) is a number, its gradient an array
