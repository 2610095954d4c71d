"""Errata of source 003: what is printed fails, what is right passes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from errata.numeric import agree, far_apart, gradient, hadamard

Array = np.ndarray


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def network(sizes: list[int]) -> list[Array]:
    """Weights of shape (outputs, inputs), as in the source's formulas."""
    g = np.random.default_rng(3)
    return [g.normal(size=(n_out, n_in)) for n_in, n_out in pairwise(sizes)]


def forward(weights: list[Array], x: Array) -> tuple[list[Array], list[Array]]:
    zs, activations = [], [x]
    for W in weights:
        zs.append(W @ activations[-1])
        activations.append(sigmoid(zs[-1]))
    return zs, activations


def test_weight_shapes_follow_the_layer_sizes() -> None:
    """Layers of 6, 4, 4, 1 units: the printed matrices give 3 numbers in the third layer."""
    sizes, X = [6, 4, 4, 1], np.ones((2, 6))

    def widths(shapes: list[tuple[int, int]]) -> list[int]:
        A, seen = X, [X.shape[1]]
        for shape in shapes:
            A = A @ np.ones(shape)
            seen.append(A.shape[1])
        return seen

    assert widths([(6, 4), (4, 3), (3, 1)]) != sizes
    assert widths([(6, 4), (4, 4), (4, 1)]) == sizes


def test_softmax_is_no_curve_of_one_variable() -> None:
    """The height of the printed curve at one point depends on how many other points are drawn."""
    coarse, fine = np.linspace(-5, 5, 101), np.linspace(-5, 5, 201)  # both contain 0, at 50 and at 100

    def first_of_two(h: Array) -> Array:
        return softmax(np.stack([h, np.zeros_like(h)], axis=1))[:, 0]

    assert softmax(coarse)[50] > 1.9 * softmax(fine)[100]
    assert first_of_two(coarse)[50] == first_of_two(fine)[100] == 0.5
    assert agree(first_of_two(coarse), sigmoid(coarse))


def test_forward_propagation_needs_no_change_of_weights() -> None:
    """With ΔW = 0 the printed definition propagates nothing; the network still has an output."""
    weights, x = network([3, 4, 2]), np.array([1.0, -2.0, 0.5])
    output = forward(weights, x)[1][-1]
    spread_change = forward([W + np.zeros_like(W) for W in weights], x)[1][-1] - output
    assert not spread_change.any()
    assert agree(output, sigmoid(weights[1] @ sigmoid(weights[0] @ x)))
    assert output.all()


def test_difference_is_no_loss() -> None:
    """Differences cancel and have no minimum; the squared error is smallest at the label."""
    label = np.array([0.0, 1.0])
    wrong, worse = np.array([1.0, 0.0]), np.array([-100.0, 1.0])
    assert (wrong - label).sum() == 0  # everything wrong, "loss" 0
    assert (worse - label).sum() < (label - label).sum()  # far off, yet less than for the right answer
    for output in (wrong, worse):
        assert 0.5 * ((output - label) ** 2).sum() > 0.5 * ((label - label) ** 2).sum()


def _deltas() -> tuple[list[Array], list[Array], Array, Array]:
    weights, x, y = network([3, 4, 5, 2]), np.array([1.0, -2.0, 0.5]), np.array([0.0, 1.0])
    zs, activations = forward(weights, x)

    def slope(z: Array) -> Array:
        return sigmoid(z) * (1 - sigmoid(z))

    delta_out = (activations[-1] - y) * slope(zs[2])
    dot_free = weights[2].T @ delta_out

    def tail(z: Array) -> float:
        return float(0.5 * ((sigmoid(weights[2] @ sigmoid(z)) - y) ** 2).sum())

    z = zs[1].copy()
    exact = gradient(lambda: tail(z), z)
    return weights, zs, hadamard(dot_free, slope(zs[1])), exact


def test_recursion_needs_the_hadamard_product() -> None:
    """Read as an inner product, the printed dot gives one number; δ has an entry per unit."""
    weights, zs, product, exact = _deltas()
    y, output = np.array([0.0, 1.0]), sigmoid(zs[2])
    printed = np.dot(weights[2].T @ ((output - y) * output * (1 - output)), sigmoid(zs[1]) * (1 - sigmoid(zs[1])))
    assert np.ndim(printed) == 0
    assert far_apart(np.full_like(exact, printed), exact)
    assert agree(product, exact)


def test_recursion_at_the_last_hidden_layer() -> None:
    """The recursion at l = L − 1 gives δ of layer L − 1; δ^{l−1} would be as long as layer L − 2."""
    _, zs, product, exact = _deltas()
    last_hidden, before = zs[1], zs[0]  # layers L − 1 and L − 2
    assert product.shape == last_hidden.shape
    assert agree(product, exact)
    with pytest.raises(ValueError, match="equal shapes"):
        hadamard(product, before)
