"""Confusion, intervals, comparison and doubt, against counting, loops and simulated coins."""

from __future__ import annotations

from itertools import product
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.evaluate import confusion, doubt, error_by_rejection, mcnemar, wilson
from dlbook.nearest import class_means, nearest, squared_distances

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


class TestConfusion:
    def test_counts_pairs(self) -> None:
        rng = np.random.default_rng(0)
        y, guess = rng.integers(4, size=(2, 300))
        C = confusion(y, guess, 5)
        assert C.shape == (5, 5)
        for i, j in product(range(5), repeat=2):
            assert C[i, j] == sum(a == i and b == j for a, b in zip(y, guess, strict=True))

    @pytest.mark.parametrize(
        ("y", "guess"), [([0, 10], [0, 1]), ([0, 1], [-1, 0]), ([0.0, 1.0], [0, 1]), ([[0]], [[0]]), ([], [])]
    )
    def test_refuses_what_is_no_class(self, y: list[int], guess: list[int]) -> None:
        with pytest.raises(ValueError, match="class numbers from 0 to 9"):
            confusion(y, guess)

    def test_refuses_other_lengths(self) -> None:
        with pytest.raises(ValueError, match="got 1 for 2 examples"):
            confusion([1, 2], [1])


class TestWilson:
    @given(counts, st.floats(0.1, 5))
    def test_ends_are_where_the_deviation_is_z(self, seen: tuple[int, int], z: float) -> None:
        """Wilson's ends p solve |right/n − p| = z √(p (1 − p)/n)."""
        right, n = seen
        for end in wilson(right, n, z):
            assert abs(right / n - end) == pytest.approx(z * sqrt(end * (1 - end) / n), abs=1e-6)
        low, high = wilson(right, n, z)
        assert 0 <= low <= right / n + 1e-12
        assert right / n - 1e-12 <= high <= 1

    @pytest.mark.parametrize(("n", "p"), [(50, 0.5), (200, 0.03), (200, 0.99), (2000, 0.995)])
    def test_covers_the_true_share_in_about_95_of_100_cases(self, n: int, p: float) -> None:
        chance = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)] if n < 1000 else None
        if chance is None:  # Poisson in the number of errors
            rate, chance = n * (1 - p), [0.0] * (n + 1)
            chance[n] = float(np.exp(-rate))
            for errors in range(1, 60):
                chance[n - errors] = chance[n - errors + 1] * rate / errors
        covered = sum(c for k, c in enumerate(chance) if c and wilson(k, n)[0] <= p <= wilson(k, n)[1])
        assert 0.92 < covered < 0.985

    def test_refuses_more_than_all(self) -> None:
        with pytest.raises(ValueError, match="at most n = 10 cases"):
            wilson(11, 10)


class TestMcNemar:
    @given(st.integers(0, 7), st.integers(0, 7), st.integers(0, 5), st.integers(0, 5))
    def test_equals_all_ways_to_toss_the_coins(self, b: int, c: int, both: int, neither: int) -> None:
        first = np.array([True] * b + [False] * c + [True] * both + [False] * neither, dtype=bool)
        second = np.array([False] * b + [True] * c + [True] * both + [False] * neither, dtype=bool)
        splits = [sum(coins) for coins in product((0, 1), repeat=b + c)]
        as_uneven = np.mean([abs(2 * k - b - c) >= abs(b - c) for k in splits])
        assert mcnemar(first, second) == (b, c, pytest.approx(as_uneven))

    def test_refuses_other_than_booleans(self) -> None:
        with pytest.raises(ValueError, match="write guess != y"):
            mcnemar(np.array([1, 0]), np.array([True, False]))
        with pytest.raises(ValueError, match="same examples"):
            mcnemar(np.array([True]), np.array([True, False]))


class TestDoubt:
    def test_is_what_the_largest_leaves(self) -> None:
        assert doubt(np.array([[0.2, 0.7, 0.1], [1.0, 0.0, 0.0]])) == pytest.approx([0.3, 0.0])

    @given(st.integers(0, 10_000), st.integers(1, 30))
    def test_rejection_by_loops(self, seed: int, m: int) -> None:
        rng = np.random.default_rng(seed)
        doubts, wrong = rng.permutation(m) / m, rng.uniform(size=m) < 0.4
        shares, errors = error_by_rejection(doubts, wrong)
        for k in range(m):
            kept = np.argsort(doubts)[: m - k]
            assert shares[k] == pytest.approx(k / m)
            assert errors[k] == pytest.approx(wrong[kept].mean())

    def test_refuses_other_shapes(self) -> None:
        with pytest.raises(ValueError, match="for each example"):
            error_by_rejection(np.zeros(3), np.zeros(2))


class TestNearest:
    def test_distances_by_loops(self) -> None:
        rng = np.random.default_rng(1)
        A, B = rng.normal(size=(7, 5)), rng.normal(size=(4, 5))
        D = squared_distances(A, B)
        for i, j in np.ndindex(7, 4):
            assert D[i, j] == pytest.approx(sum((A[i, k] - B[j, k]) ** 2 for k in range(5)))
        assert np.array_equal(nearest(A, B, batch_size=3), D.argmin(axis=1))
        assert (squared_distances(A * 1e8, A * 1e8) >= 0).all()

    def test_means_of_classes(self) -> None:
        X, y = np.array([[0.0, 2], [4, 6], [1, 1]]), np.array([1, 1, 0])
        assert np.array_equal(class_means(X, y), [[1, 1], [2, 4]])
        with pytest.raises(ValueError, match="none left out"):
            class_means(X, np.array([0, 2, 2]))

    def test_refuses_other_widths(self) -> None:
        with pytest.raises(ValueError, match=r"B of shape \(m, 5\), got \(4, 3\)"):
            squared_distances(np.zeros((2, 5)), np.zeros((4, 3)))
