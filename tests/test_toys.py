"""Synthetic sets: without noise every point satisfies the formula; the same seed gives the same bits."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import pytest

from dlbook.data import bars_and_stripes, blobs, linear_target, logic_gate, moons, spirals


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("name", "rule", "negated"),
    [
        ("AND", operator.and_, False),
        ("OR", operator.or_, False),
        ("XOR", operator.xor, False),
        ("NAND", operator.and_, True),
        ("NOR", operator.or_, True),
        ("XNOR", operator.xor, True),
    ],
)
def test_gates_are_their_truth_tables(name: str, rule: Callable[[bool, bool], bool], negated: bool) -> None:
    X, y = logic_gate(name)
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert X.dtype == np.float64
    assert y.dtype.kind == "i"
    assert y.tolist() == [int(rule(bool(a), bool(b)) != negated) for a, b in X]


@pytest.mark.parametrize("name", ["NOT", "and", "", 3])
def test_unknown_gate_lists_the_known(name: str) -> None:
    with pytest.raises(ValueError, match=r"logic_gate expects one of AND, OR, NAND, NOR, XOR, XNOR, got .*"):
        logic_gate(name)


def test_linear_target_is_exact_and_uniform() -> None:
    X, y = linear_target(20_000, rng=rng())
    assert X.shape == (20_000, 2)
    assert y.shape == (20_000, 1)
    assert np.abs(y[:, 0] - (2 * X[:, 0] + 4 * X[:, 1] + 1)).max() < 1e-14
    assert X.min() >= 0
    assert X.max() < 1
    assert np.abs(X.mean(axis=0) - 0.5).max() < 0.01
    assert np.abs(X.var(axis=0) - 1 / 12).max() < 0.002


def test_noise_is_gaussian_with_the_given_deviation() -> None:
    X, y = linear_target(20_000, noise=0.3, rng=rng())
    residual = y[:, 0] - (2 * X[:, 0] + 4 * X[:, 1] + 1)
    assert abs(residual.std() - 0.3) < 0.006
    assert abs(residual.mean()) < 0.01
    assert abs((np.abs(residual) < 0.3).mean() - 0.6827) < 0.015


def test_moons_lie_on_their_half_circles() -> None:
    X, y = moons(501, noise=0.0, rng=rng())
    upper, lower = X[y == 0], X[y == 1]
    assert np.abs(np.hypot(*upper.T) - 1).max() < 1e-12
    assert upper[:, 1].min() >= 0
    assert np.abs(np.hypot(*(lower - [1.0, 0.5]).T) - 1).max() < 1e-12
    assert lower[:, 1].max() <= 0.5
    assert upper[:, 0].min() < -0.9 < 0.9 < upper[:, 0].max()
    assert lower[:, 0].min() < 0.1 < 1.9 < lower[:, 0].max()


@pytest.mark.parametrize(("classes", "turns"), [(1, 0.0), (3, 0.75), (5, -1.5)])
def test_spirals_have_the_angle_that_belongs_to_the_radius(classes: int, turns: float) -> None:
    X, y = spirals(600, classes=classes, turns=turns, noise=0.0, rng=rng())
    r = np.hypot(*X.T)
    assert r.min() >= 0.1 - 1e-12
    assert r.max() < 1.0
    assert r.min() < 0.12
    assert r.max() > 0.98
    direction = np.exp(2j * np.pi * (y / classes + turns * r))
    assert np.abs(X[:, 0] + 1j * X[:, 1] - r * direction).max() < 1e-12


def test_blobs_sit_on_their_centres() -> None:
    centres = np.array([[0, 0, 5], [4, -2, 1]])
    X, y = blobs(10, centres, noise=0.0, rng=rng())
    assert np.array_equal(X, centres[y])
    X, y = blobs(20_000, centres, noise=0.5, rng=rng())
    for c in (0, 1):
        assert np.abs(X[y == c].mean(axis=0) - centres[c]).max() < 0.02
        assert np.abs(np.cov(X[y == c].T) - 0.25 * np.eye(3)).max() < 0.02


Sample = Callable[..., tuple[np.ndarray, np.ndarray]]


def blobs_of_two(n: int, **options: object) -> tuple[np.ndarray, np.ndarray]:
    return blobs(n, [[0.0, 0.0], [3.0, 3.0]], **options)  # type: ignore[arg-type]


DRAWN = pytest.mark.parametrize("sample", [linear_target, moons, spirals, blobs_of_two])


@DRAWN
def test_same_seed_same_bits(sample: Sample) -> None:
    first, again, other = sample(40, rng=rng(1)), sample(40, rng=rng(1)), sample(40, rng=rng(2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("n", [1, 2, 7, 100, 101])
@pytest.mark.parametrize(("sample", "classes"), [(moons, 2), (spirals, 3), (blobs_of_two, 2)])
def test_classes_are_as_even_as_n_allows_and_mixed(sample: Sample, classes: int, n: int) -> None:
    X, y = sample(n, rng=rng())
    counts = np.bincount(y, minlength=classes)
    assert X.shape == (n, 2)
    assert y.shape == (n,)
    assert len(counts) == classes
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1
    assert n < 100 or not np.array_equal(y, np.sort(y))


@DRAWN
def test_bad_arguments_are_sentences(sample: Sample) -> None:
    for n in (0, -3):
        with pytest.raises(ValueError, match=f"expects n >= 1, got {n}"):
            sample(n, rng=rng())
    with pytest.raises(TypeError, match=r"expects n as a whole number, got 2\.5"):
        sample(2.5, rng=rng())
    for noise in (-0.1, np.nan, np.inf):
        with pytest.raises(ValueError, match=f"expects noise >= 0, a standard deviation, got {noise}"):
            sample(10, noise=noise, rng=rng())
    for wrong in (None, 42, np.random.RandomState(0)):
        with pytest.raises(TypeError, match=r"expects rng as a numpy Generator, got .*default_rng\(seed\)"):
            sample(10, rng=wrong)
    with pytest.raises(TypeError, match="rng"):
        sample(10)


def test_bad_arguments_of_single_sets() -> None:
    with pytest.raises(ValueError, match="spirals expects classes >= 1, got 0"):
        spirals(10, classes=0, rng=rng())
    with pytest.raises(ValueError, match="finite number of turns, got nan"):
        spirals(10, turns=np.nan, rng=rng())
    with pytest.raises(ValueError, match=r"centres of shape \(k, d\), got \(2,\): one centre per row"):
        blobs(10, [1.0, 2.0], rng=rng())
    with pytest.raises(ValueError, match="blobs expects at least one example, got centres of shape"):
        blobs(10, np.empty((0, 2)), rng=rng())
    for size in (0, 13):
        with pytest.raises(ValueError, match="bars_and_stripes expects size"):
            bars_and_stripes(size)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_bars_and_stripes_are_all_and_only_the_patterns(size: int) -> None:
    """Compared with brute force over all 2^(size²) images."""
    given = {tuple(pattern) for pattern in bars_and_stripes(size).astype(int).tolist()}
    images = (np.arange(2**size**2)[:, None] >> np.arange(size**2) & 1).reshape(-1, size, size)
    rows = (images == images[:, :, :1]).all(axis=(1, 2))
    columns = (images == images[:, :1, :]).all(axis=(1, 2))
    wanted = {tuple(image.ravel().tolist()) for image in images[rows | columns]}
    assert given == wanted
    assert len(bars_and_stripes(size)) == len(wanted) == 2 ** (size + 1) - 2
    assert bars_and_stripes(size).dtype == np.float64
