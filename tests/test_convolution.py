"""Convolution, cross-correlation, im2col and col2im as plain functions."""

from __future__ import annotations

import grids
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.convolution import Mode, col2im, convolve, cross_correlate, im2col, rot180

MODES: tuple[Mode, ...] = ("full", "same", "valid")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n", range(1, 8))
def test_signals_as_numpy_does_it(mode: Mode, n: int) -> None:
    rng = np.random.default_rng(n)
    x = rng.normal(size=9)
    k = rng.normal(size=n)
    np.testing.assert_allclose(convolve(x, k, mode), np.convolve(x, k, mode), atol=1e-12)
    np.testing.assert_allclose(cross_correlate(x, k, mode), np.correlate(x, k, mode), atol=1e-12)


@given(st.tuples(st.integers(3, 6), st.integers(3, 6)), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(0))
def test_images_by_the_definition(size: tuple[int, int], kernel: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, k = rng.normal(size=size), rng.normal(size=kernel)
    full = np.zeros((size[0] + kernel[0] - 1, size[1] + kernel[1] - 1))
    for i, j in np.ndindex(full.shape):
        for m, n in np.ndindex(k.shape):
            if 0 <= i - m < size[0] and 0 <= j - n < size[1]:
                full[i, j] += x[i - m, j - n] * k[m, n]
    np.testing.assert_allclose(convolve(x, k), full, atol=1e-12)
    valid = np.zeros((size[0] - kernel[0] + 1, size[1] - kernel[1] + 1))
    for i, j in np.ndindex(valid.shape):
        for m, n in np.ndindex(k.shape):
            valid[i, j] += x[i + m, j + n] * k[m, n]
    np.testing.assert_allclose(cross_correlate(x, k), valid, atol=1e-12)
    np.testing.assert_allclose(convolve(x, rot180(k), "valid"), valid, atol=1e-12)
    assert cross_correlate(x, k, "same").shape == size
    before = [(n - 1) // 2 for n in kernel]
    same = full[before[0] : before[0] + size[0], before[1] : before[1] + size[1]]
    np.testing.assert_allclose(convolve(x, k, "same"), same, atol=1e-12)
    np.testing.assert_allclose(convolve(x, k), convolve(k, x), atol=1e-12)


def test_two_dice() -> None:
    dice = np.full(6, 1 / 6)
    totals = convolve(dice, dice)  # 2 … 12
    assert totals.shape == (11,)
    assert totals[4 - 2] == pytest.approx(1 / 12)
    assert totals.sum() == pytest.approx(1)


def test_image_three_by_four_with_kernel_two_by_two() -> None:
    a, b, c, d, e, f, g, h, i, j, k, ell = image = np.arange(1, 13)
    w, x, y, z = kernel = np.array([2, 3, 5, 7])
    wanted = [
        [a * w + b * x + e * y + f * z, b * w + c * x + f * y + g * z, c * w + d * x + g * y + h * z],
        [e * w + f * x + i * y + j * z, f * w + g * x + j * y + k * z, g * w + h * x + k * y + ell * z],
    ]
    np.testing.assert_array_equal(cross_correlate(image.reshape(3, 4), kernel.reshape(2, 2)), wanted)


def test_image_five_by_five_with_kernel_three_by_three() -> None:
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    kernel = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    np.testing.assert_array_equal(cross_correlate(image, kernel), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


def test_delta_around_a_two_by_two_kernel() -> None:
    """The gradient of a 3x3 image under a 2x2 kernel is the full convolution of δ with the kernel."""
    rng = np.random.default_rng(0)
    w, delta = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    np.testing.assert_allclose(convolve(delta, w), cross_correlate(np.pad(delta, 1), w[::-1, ::-1]))
    assert convolve(delta, w)[0, 1] == pytest.approx(delta[0, 0] * w[0, 1] + delta[0, 1] * w[0, 0])


def test_rot180() -> None:
    np.testing.assert_array_equal(rot180([[1, 2], [3, 4]]), [[4, 3], [2, 1]])
    np.testing.assert_array_equal(rot180([1, 2, 3]), [3, 2, 1])
    W = np.arange(24).reshape(2, 2, 2, 3)
    np.testing.assert_array_equal(rot180(W), W[:, :, ::-1, ::-1])


def test_bytes_do_not_overflow() -> None:
    image = np.full((3, 3), 200, dtype=np.uint8)
    assert cross_correlate(image, np.ones((2, 2), dtype=np.uint8)).max() == 800
    assert col2im(im2col(image, 2), (3, 3), 2).max() == 800


@pytest.mark.parametrize("case", grids.CONVOLUTIONS[::5], ids=grids.name)
def test_im2col_holds_the_windows_and_col2im_is_its_transpose(case: grids.Case) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 3, *case[0]))
    C = im2col(X, *case[1:])
    padded, _, _ = grids.pad(X, case)
    k_h, k_w = case[1]
    windows = [
        padded[n, :, top : top + k_h, left : left + k_w].ravel()
        for n in range(2)
        for _, _, top, left in grids.corners(padded, case)
    ]
    np.testing.assert_array_equal(C, windows)
    R = rng.normal(size=C.shape)
    assert (R * C).sum() == pytest.approx((col2im(R, X.shape, *case[1:]) * X).sum())  # ⟨R, A x⟩ = ⟨Aᵀ R, x⟩


def test_im2col_of_one_grey_image() -> None:
    np.testing.assert_array_equal(im2col([[1, 2, 3], [4, 5, 6]], 2), [[1, 2, 4, 5], [2, 3, 5, 6]])
    np.testing.assert_array_equal(col2im([[1, 2, 4, 5], [2, 3, 5, 6]], (2, 3), 2), [[1, 4, 3], [4, 10, 6]])
