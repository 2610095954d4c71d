"""Errata of source 001: what is printed fails, what is right agrees with finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from errata.numeric import agree, far_apart, gradient, hadamard, jacobian

Array = np.ndarray


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_chain_of_jacobians_runs_from_the_left() -> None:
    """In the source's layout (∂y/∂x = Aᵀ for y = A x) the Jacobian stands left of δ; δ times Jacobian does not fit."""
    g = rng()
    W, z, delta_next = g.normal(size=(4, 3)), g.normal(size=3), g.normal(size=4)
    dz_next = jacobian(lambda z: W @ np.tanh(z), z).T  # k_l × k_{l+1}, the layout of the source's third note
    delta = gradient(lambda: float(delta_next @ (W @ np.tanh(z))), z)
    with pytest.raises(ValueError, match="mismatch"):
        np.matmul(delta_next[:, None], dz_next)  # printed: column δ^{l+1} first
    assert agree((dz_next @ delta_next[:, None])[:, 0], delta)
    # The printed lower index, a vector of k_{l+1} entries in layer l, would have the wrong length too.
    assert delta_next.shape != z.shape


def test_quotient_without_the_differential_sign_diverges() -> None:
    """f(z) / ∂z grows without bound as ∂z shrinks; ∂f(z) / ∂z tends to f'(z)."""
    z, steps = 0.7, np.array([1e-2, 1e-4, 1e-6])
    printed = np.tanh(z) / steps
    right = (np.tanh(z + steps) - np.tanh(z)) / steps
    assert printed[-1] > 1e3 * printed[0]
    assert np.allclose(right[-1], 1 - np.tanh(z) ** 2, atol=1e-5)


def test_update_differentiates_the_loss() -> None:
    """The derivative of L, the number of layers, is 0: nothing is learned. That of J lowers J."""
    w, x, y, alpha = np.array([0.5]), 2.0, 3.0, 0.1

    def number_of_layers() -> float:
        return 2.0  # whatever w is

    def loss() -> float:
        return 0.5 * (w[0] * x - y) ** 2

    before = loss()
    printed, right = w - alpha * gradient(number_of_layers, w), w - alpha * gradient(loss, w)
    assert agree(printed, w)
    w[:] = right
    assert loss() < 0.5 * before


def test_update_is_that_of_a_feed_forward_network() -> None:
    """δ aᵀ is the gradient where a matrix acts once; where it acts at every time step, a single term is not."""
    g = rng()
    W, x, y = g.normal(size=(3, 3)), g.normal(size=3), g.normal(size=3)

    def forward(times: int) -> list[Array]:
        states = [x]
        for _ in range(times):
            states.append(np.tanh(W @ states[-1]))
        return states

    def single_term(times: int) -> Array:
        *_, before, last = forward(times)
        return np.outer((last - y) * (1 - last**2), before)

    def loss(times: int) -> float:
        return 0.5 * float(((forward(times)[-1] - y) ** 2).sum())

    assert agree(single_term(1), gradient(lambda: loss(1), W))
    assert far_apart(single_term(3), gradient(lambda: loss(3), W))


def test_elementwise_derivative_is_a_diagonal_matrix() -> None:
    """The printed vector has another shape than the Jacobian and contradicts the source's own rule for y = A x."""
    x, c = rng().normal(size=4), 3.0
    exact = jacobian(np.tanh, x)
    printed = 1 - np.tanh(x) ** 2
    assert printed.shape != exact.shape
    assert agree(np.diag(printed), exact)
    vector_for_cx, matrix_for_cx = np.full(4, c), (c * np.eye(4)).T  # notes 2 and 3 for the same y = c x
    assert vector_for_cx.shape != matrix_for_cx.shape
    assert agree(np.diag(vector_for_cx), matrix_for_cx)
    delta = rng().normal(size=4)
    assert agree(hadamard(printed, delta), exact.T @ delta)  # the vector serves only together with ⊙


def test_matrix_maps_n_numbers_to_m() -> None:
    """With A of shape (m, n) and m ≠ n the two vectors have different lengths."""
    A = rng().normal(size=(2, 5))
    x = rng().normal(size=5)
    assert (A @ x).shape != x.shape
    with pytest.raises(ValueError, match="mismatch"):
        A @ x[:2]  # x as long as y


def test_derivative_by_a_matrix_is_a_tensor() -> None:
    """∂y/∂A has m·m·n entries; xᵀ has n. What is meant: ∂J/∂A = ∂J/∂y xᵀ."""
    g = rng()
    A, x, dJ_dy = g.normal(size=(3, 4)), g.normal(size=4), g.normal(size=3)
    exact = jacobian(lambda A: A @ x, A).reshape(3, 3, 4)
    assert exact.size != x.size
    assert agree(exact, np.einsum("ij,k->ijk", np.eye(3), x))
    with pytest.raises(ValueError, match="mismatch"):
        np.matmul(x[None, :], dJ_dy[:, None])  # as a factor from the left, where the line before has Aᵀ
    assert agree(dJ_dy[:, None] @ x[None, :], gradient(lambda: float(dJ_dy @ (A @ x)), A))
