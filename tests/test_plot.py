"""Figures show the numbers that they were given."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from dlbook import plot

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _no_figures_left():
    yield
    plt.close("all")


def test_regions_ask_the_classifier_at_the_right_places() -> None:
    _, ax = plt.subplots()
    plot.regions(ax, lambda X: (X[:, 0] > X[:, 1]).astype(int), xlim=(-1, 1), ylim=(-2, 2), n=21)
    picture = ax.images[0].get_array()
    assert picture.shape == (21, 21)
    x1, x2 = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-2, 2, 21))
    np.testing.assert_array_equal(picture, x1 > x2)
    assert ax.images[0].origin == "lower"
    assert tuple(ax.images[0].get_extent()) == (-1, 1, -2, 2)


@pytest.mark.parametrize(("w", "b"), [([1, 1], -1.5), ([0, 2], 1), ([3, 0], 1), ([-0.2, 0.7], 0)])
def test_every_point_of_the_line_solves_its_equation(w: list[float], b: float) -> None:
    _, ax = plt.subplots()
    plot.line(ax, np.array(w), b)
    [drawn] = ax.lines
    for point in (drawn.get_xy1(), drawn.get_xy2()):
        assert np.dot(w, point) + b == pytest.approx(0, abs=1e-12)
    assert drawn.get_xy1() != drawn.get_xy2()


def test_no_weights_no_line() -> None:
    _, ax = plt.subplots()
    plot.line(ax, np.zeros(2), 1.0)
    assert not ax.lines


def test_classes_differ_by_colour_and_marker() -> None:
    _, ax = plt.subplots()
    X, y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 3
    plot.points(ax, X, y)
    assert [len(c.get_offsets()) for c in ax.collections] == [4, 4, 4]
    assert len({c.get_facecolor().tobytes() for c in ax.collections}) == 3
    assert len({c.get_paths()[0].vertices.tobytes() for c in ax.collections}) == 3
    assert len(set(plot.COLORS)) == len(plot.COLORS) == len(plot.MARKERS)


def test_points_and_regions_agree_on_the_colour_of_a_class() -> None:
    _, ax = plt.subplots()
    plot.points(ax, np.zeros((2, 2)), np.array([1, 2]))
    plot.points(ax, np.zeros((2, 2)), np.array([-1, 1]))
    drawn = [mpl.colors.to_hex(c.get_facecolor()[0]).upper() for c in ax.collections]
    assert drawn == [plot.COLORS[i] for i in (1, 2, 0, 1)]


def test_a_network_has_a_circle_per_unit_and_a_line_per_weight() -> None:
    _, ax = plt.subplots()
    rng = np.random.default_rng(0)
    W = [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
    plot.network(ax, [3, 4, 2], weights=W, values=[np.zeros(3), np.ones(4), np.ones(2)], names=["x", "h", "y"])
    assert len(ax.patches) == 9
    assert len(ax.lines) == 3 * 4 + 4 * 2
    widest = max(ax.lines[:12], key=lambda drawn: drawn.get_linewidth())
    j, k = divmod(ax.lines.index(widest), 3)
    assert abs(W[0][j, k]) == np.abs(W[0]).max()
    assert [t.get_text() for t in ax.texts].count("1.00") == 6


def test_images_are_laid_out_in_order() -> None:
    X = np.random.default_rng(0).uniform(size=(5, 16))
    plot.images(X, titles=list("abcde"), columns=3, side=4)
    axes = plt.gcf().axes
    assert len(axes) == 6
    assert [ax.get_title() for ax in axes] == ["a", "b", "c", "d", "e", ""]
    np.testing.assert_array_equal(axes[4].images[0].get_array(), X[4].reshape(4, 4))
