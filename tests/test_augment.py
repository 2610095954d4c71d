"""Images that move: against loops, against NumPy's own rotations, and back again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dlbook import data, random_rotate, random_shift, random_warp, rotate, shift

rng = np.random.default_rng(0)
SHAPES = [(3, 8, 8), (3, 9, 9), (3, 6, 9), (2, 3, 7, 7), (1, 1, 1), (4, 49)]


def pixel(image: np.ndarray, row: int, column: int) -> float:
    """Return a pixel; outside there is nothing."""
    H, W = image.shape
    return float(image[row, column]) if 0 <= row < H and 0 <= column < W else 0.0


def between(image: np.ndarray, row: float, column: float) -> float:
    """Return the bilinear interpolation, pixel by pixel."""
    top, left = int(np.floor(row)), int(np.floor(column))
    down, right = row - top, column - left
    return (
        (1 - down) * (1 - right) * pixel(image, top, left)
        + (1 - down) * right * pixel(image, top, left + 1)
        + down * (1 - right) * pixel(image, top + 1, left)
        + down * right * pixel(image, top + 1, left + 1)
    )


def looped(X: np.ndarray, source: Callable[[int, float, float], tuple[float, float]]) -> np.ndarray:
    """Return images (m, H, W) whose pixel (row, column) of image i is read at ``source(i, row, column)``."""
    Y = np.empty_like(X)
    for i, row, column in np.ndindex(X.shape):
        Y[i, row, column] = between(X[i], *source(i, row, column))
    return Y


def turned(angles: np.ndarray, H: int, W: int) -> Callable[[int, float, float], tuple[float, float]]:
    """Return where a pixel came from, with a matrix: x to the right, y upwards, counter-clockwise is positive."""

    def source(i: int, row: float, column: float) -> tuple[float, float]:
        t = np.deg2rad(angles[i])
        R = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        x, y = np.linalg.inv(R) @ [column - (W - 1) / 2, (H - 1) / 2 - row]
        return (H - 1) / 2 - y, x + (W - 1) / 2

    return source


@pytest.mark.parametrize("shape", [(4, 8, 8), (4, 9, 9), (4, 6, 9)])
def test_rotation_is_what_a_loop_over_pixels_gives(shape: tuple[int, int, int]) -> None:
    X, angles = rng.uniform(size=shape), np.array([15, -15, 100, 217.3])
    np.testing.assert_allclose(rotate(X, angles), looped(X, turned(angles, *shape[1:])), rtol=0, atol=1e-12)


def test_shift_is_what_a_loop_over_pixels_gives() -> None:
    X, dx, dy = rng.uniform(size=(5, 6, 7)), np.array([0, 1.5, -2.25, 3, 100]), np.array([0.5, -1, 2.75, -3, 0])
    wanted = looped(X, lambda i, row, column: (row - dy[i], column - dx[i]))
    np.testing.assert_allclose(shift(X, dx, dy), wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 9, 9), (2, 3, 4, 4), (2, 1, 1)])
@pytest.mark.parametrize("quarters", [-5, -1, 0, 1, 2, 3, 4])
def test_quarter_turns_are_exact(shape: tuple[int, ...], quarters: int) -> None:
    X = rng.uniform(size=shape)
    np.testing.assert_array_equal(rotate(X, 90 * quarters), np.rot90(X, quarters, axes=(-2, -1)))


def test_half_turns_of_rectangles_are_exact() -> None:
    X = rng.uniform(size=(3, 5, 8))
    np.testing.assert_array_equal(rotate(X, 180), X[:, ::-1, ::-1])


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (2, 0), (-2, 0), (0, 3), (0, -3), (1, -4), (-7, 5)])
def test_whole_pixels_roll_without_coming_back(dx: int, dy: int) -> None:
    X = rng.uniform(size=(3, 6, 8))
    wide = np.pad(X, ((0, 0), (8, 8), (8, 8)))
    np.testing.assert_array_equal(shift(X, dx, dy), np.roll(wide, (dy, dx), axis=(1, 2))[:, 8:-8, 8:-8])


def test_there_and_back_is_nearly_the_same() -> None:
    """A smooth spot in the middle survives two interpolations; the wrong direction back would not pass."""
    row, column = np.mgrid[:41, :41]
    spot = np.exp(-((row - 23) ** 2 + (column - 17) ** 2) / 40)[None]
    there = rotate(spot, 30)
    np.testing.assert_allclose(rotate(there, -30), spot, atol=0.03)
    assert np.abs(rotate(there, 30) - spot).max() > 0.3


def test_a_constant_stays_constant_inside() -> None:
    Y = rotate(np.ones((2, 21, 21)), [15, 40])
    row, column = np.mgrid[-10:11, -10:11]
    inside = row**2 + column**2 < 9**2
    np.testing.assert_allclose(Y[:, inside], 1, rtol=1e-12)
    assert Y.max() < 1 + 1e-12
    assert (Y[:, 0, 0] < 0.5).all()  # a corner came from outside


def test_ink_is_neither_made_nor_lost_while_it_stays_inside() -> None:
    X = np.zeros((3, 30, 30))
    X[:, 10:20, 10:20] = rng.uniform(size=(3, 10, 10))
    ink = X.sum(axis=(1, 2))
    np.testing.assert_allclose(shift(X, 2.3, -1.7).sum(axis=(1, 2)), ink, rtol=1e-12)
    np.testing.assert_allclose(rotate(X, [5, 15, 45]).sum(axis=(1, 2)), ink, rtol=0.03)


def test_positive_angles_turn_counter_clockwise_and_shifts_go_right_and_down() -> None:
    X = np.zeros((1, 5, 5))
    X[0, 2, 4] = 1  # at three o'clock
    assert rotate(X, 90)[0, 0, 2] == 1  # at twelve
    assert shift(X, -1, 0)[0, 2, 3] == 1
    assert shift(X, 0, 1)[0, 3, 4] == 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_type_are_kept_and_the_input_too(shape: tuple[int, ...], dtype: type) -> None:
    X = rng.uniform(size=shape).astype(dtype)
    X.setflags(write=False)
    for Y in (rotate(X, 15), shift(X, 0.5, 1), random_rotate(X, rng=rng), random_shift(X, rng=rng)):
        assert (Y.shape, Y.dtype) == (shape, dtype)


def test_rows_and_channels_are_the_same_pixels() -> None:
    X, angles = rng.uniform(size=(4, 3, 7, 7)), rng.uniform(-30, 30, size=4)
    Y = rotate(X, angles)
    for c in range(3):
        np.testing.assert_array_equal(Y[:, c], rotate(X[:, c], angles))
        np.testing.assert_array_equal(Y[:, c].reshape(4, -1), rotate(X[:, c].reshape(4, -1), angles))


def test_each_image_is_moved_by_itself() -> None:
    X, angles = rng.uniform(size=(3, 8, 8)), [10, -20, 0]
    Y = rotate(X, angles)
    for i, angle in enumerate(angles):
        np.testing.assert_array_equal(Y[i : i + 1], rotate(X[i : i + 1], angle))


def test_random_angles_are_drawn_for_each_image_within_the_bound() -> None:
    X = rng.uniform(size=(50, 9, 9))
    drawn = np.random.default_rng(3).uniform(-15, 15, size=50)
    np.testing.assert_array_equal(random_rotate(X, rng=np.random.default_rng(3)), rotate(X, drawn))
    np.testing.assert_array_equal(random_rotate(X, 0, rng=rng), X)


def test_random_shifts_are_whole_pixels_and_reach_both_bounds() -> None:
    X = np.zeros((400, 9, 9))
    X[:, 4, 4] = 1
    places = np.argwhere(random_shift(X, 2, rng=np.random.default_rng(0)) == 1)
    assert len(places) == 400
    assert {tuple(place) for place in places[:, 1:] - 4} == {(a, b) for a in range(-2, 3) for b in range(-2, 3)}


def test_a_digit_keeps_its_ink_in_the_picture() -> None:
    X = data.mnist().X_test[:200]
    Y = random_rotate(X, 15, rng=np.random.default_rng(0))
    np.testing.assert_allclose(Y.sum(axis=1), X.sum(axis=1), rtol=0.03)
    assert Y.min() >= 0
    assert Y.max() <= 1 + 1e-12
    assert (np.abs(Y - X).max(axis=1) > 0.1).mean() > 0.95


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: rotate(np.ones((28, 28)), 15), ValueError, r"rows of n × n pixels, got \(28, 28\).*X\[None\]"),
        (lambda: rotate(np.ones(784), 15), ValueError, r"got \(784,\)"),
        (lambda: rotate(np.ones((2, 4, 4), dtype=np.uint8), 15), TypeError, "got uint8"),
        (lambda: rotate(np.ones((2, 4, 4)), [1, 2, 3]), ValueError, r"one for each of 2 images, got \(3,\)"),
        (lambda: rotate(np.ones((2, 4, 4)), np.nan), ValueError, "NaN in degrees"),
        (lambda: shift(np.ones((2, 4, 4)), 1, [[1]]), ValueError, "shift expects dy as one number"),
        (lambda: random_rotate(np.ones((2, 4, 4)), -1, rng=rng), ValueError, "max_degrees >= 0"),
        (lambda: random_shift(np.ones((2, 4, 4)), 0.5, rng=rng), ValueError, "max_pixels as a whole number"),
        (lambda: random_rotate(np.ones((2, 4, 4)), rng=0), TypeError, "default_rng"),
    ],
)
def test_bad_input_gets_a_sentence(call: Callable[[], object], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()


def test_one_knot_moves_the_whole_image() -> None:
    X = rng.random((4, 9, 7))
    down, right = np.random.default_rng(5).normal(0, 1.5, size=(2, 4, 1, 1))[..., 0, 0]
    moved = random_warp(X, 1.5, rng=np.random.default_rng(5), knots=1)
    np.testing.assert_allclose(moved, shift(X, -right, -down), atol=1e-12)


def test_a_warp_follows_the_drawn_field_at_the_knots() -> None:
    """Corners are knots: what stands there comes from the place that was drawn for it."""
    X = rng.random((3, 10, 10))
    down, right = np.random.default_rng(6).normal(0, 0.8, size=(2, 3, 4, 4))
    warped = random_warp(X, 0.8, rng=np.random.default_rng(6), knots=4)
    for image, out, dy, dx in zip(X, warped, down, right, strict=True):
        for knot in np.ndindex(4, 4):
            row, column = 3 * knot[0], 3 * knot[1]
            assert out[row, column] == pytest.approx(between(image, row + dy[knot], column + dx[knot]), abs=1e-12)


def test_a_warp_of_zero_changes_nothing_and_each_image_has_its_own() -> None:
    X = np.repeat(rng.random((1, 49)), 5, axis=0)
    np.testing.assert_array_equal(random_warp(X, 0, rng=np.random.default_rng(0)), X)
    assert len(np.unique(random_warp(X, rng=np.random.default_rng(0)), axis=0)) == 5
    assert random_warp(X.astype(np.float32), rng=np.random.default_rng(0)).dtype == np.float32
