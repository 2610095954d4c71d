"""Bagging: every member its own draw of the examples, and the same bits wherever it is trained."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_info

from dlbook import (
    SGD,
    Dense,
    Layer,
    ReLU,
    Sequential,
    Softmax,
    SoftmaxCrossEntropy,
    average,
    bagging,
    data,
    ensemble,
    fit,
    vote,
)

Train = Callable[[np.ndarray, np.ndarray, np.random.Generator], Layer]


def problem() -> tuple[np.ndarray, np.ndarray, Train]:
    """Products large enough for BLAS to cut them up; the function is local, as one in a notebook would be."""
    X, y, _, _ = data.mnist()

    def train(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Layer:
        model = Sequential(Dense(784, 100, rng=rng), ReLU(), Dense(100, 10, rng=rng))
        list(fit(model, SoftmaxCrossEntropy(), SGD(0.1), X, y, epochs=2, batch_size=50, rng=rng))
        return model

    return X[:200], y[:200], train


def bits(members: list[Layer]) -> list[bytes]:
    return [b"".join(p.tobytes() for p in member.params.values()) for member in members]


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.fixture(scope="module")
def serial() -> list[bytes]:
    X, y, train = problem()
    return bits(bagging(train, X, y, n_members=4, rng=np.random.default_rng(0)))


@pytest.fixture
def workers() -> Iterator[None]:
    """End the processes that joblib would keep for the next call."""
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize(
    "config",
    [
        {"backend": "loky", "n_jobs": 2},
        {"backend": "loky", "n_jobs": 2, "inner_max_num_threads": 2},
        {"backend": "threading", "n_jobs": 3},
    ],
    ids=["processes", "processes with two BLAS threads", "threads"],
)
def test_the_backend_changes_no_bit(config: dict[str, object], serial: list[bytes]) -> None:
    X, y, train = problem()
    with joblib.parallel_config(**config):
        members = bagging(train, X, y, n_members=4, rng=np.random.default_rng(0))
    assert bits(members) == serial


def test_the_number_of_blas_threads_changes_no_bit_and_is_put_back(serial: list[bytes]) -> None:
    """In a process of its own that starts with two threads, whatever the number here."""
    program = """
import sys
sys.path[:0] = sys.argv[1:]
import numpy as np
from test_ensemble import bagging, bits, blas_threads, problem
X, y, train = problem()
before = blas_threads()
members = bagging(train, X, y, n_members=4, rng=np.random.default_rng(0))
assert blas_threads() == before
print(before, b"".join(bits(members)).hex())
"""
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", program, str(here), str(here.parent)],
        env=os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "2"),
        capture_output=True,
        text=True,
        check=True,
    )
    threads, digits = done.stdout.rsplit(maxsplit=1)
    assert threads == "[2]"
    assert digits == b"".join(serial).hex()


def test_without_joblib_the_members_are_trained_here(monkeypatch: pytest.MonkeyPatch, serial: list[bytes]) -> None:
    found = ensemble.find_spec
    monkeypatch.setattr(ensemble, "find_spec", lambda name: None if name == "joblib" else found(name))
    monkeypatch.setitem(sys.modules, "joblib", None)
    X, y, train = problem()
    assert bits(bagging(train, X, y, n_members=4, rng=np.random.default_rng(0))) == serial


class Recorded(Layer):
    """What a member was trained on; as a network it always answers the same."""

    def __init__(self, X: np.ndarray, y: np.ndarray, answer: np.ndarray | None = None) -> None:
        super().__init__()
        self.X, self.y, self.answer = X, y, answer

    def forward(self, X, rng=None):
        return np.tile(self.answer, (len(X), 1)), None

    def backward(self, dY, cache):
        return dY, {}


def test_members_see_their_own_draw_with_replacement() -> None:
    m = 2000
    X = np.arange(float(m))[:, None]
    members = bagging(lambda X, y, rng: Recorded(X, y), X, 10 * X[:, 0], n_members=5, rng=np.random.default_rng(0))
    for member in members:
        assert member.X.shape == (m, 1)
        np.testing.assert_array_equal(member.y, 10 * member.X[:, 0])
        distinct = len(np.unique(member.X)) / m
        assert distinct == pytest.approx(1 - np.exp(-1), abs=5 * 0.31 / np.sqrt(m))  # five standard deviations
    assert len({member.X.tobytes() for member in members}) == 5


def test_a_second_call_draws_anew_and_the_same_seed_the_same() -> None:
    X = np.arange(20.0)[:, None]

    def draws(rng: np.random.Generator) -> list[bytes]:
        return [m.X.tobytes() for m in bagging(lambda X, y, rng: Recorded(X, y), X, X, n_members=3, rng=rng)]

    rng = np.random.default_rng(0)
    first, second = draws(rng), draws(rng)
    assert len({*first, *second}) == 6
    assert draws(np.random.default_rng(0)) == first


def test_a_member_goes_on_drawing_from_its_own_generator() -> None:
    """The numbers of a member do not depend on how many others there are."""
    X = np.zeros((3, 1))

    def number(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Layer:
        return Recorded(X, y, rng.normal(size=2))

    few, many = ([m.answer for m in bagging(number, X, X, n_members=n, rng=np.random.default_rng(0))] for n in (2, 4))
    np.testing.assert_array_equal(few, many[:2])
    assert len({a.tobytes() for a in many}) == 4


def members(*answers: list[float]) -> list[Layer]:
    return [Recorded(np.zeros(0), np.zeros(0), np.array(answer)) for answer in answers]


def test_average_and_vote_by_hand() -> None:
    """One member is very sure of class 0, two lean towards class 1: the mean and the vote disagree."""
    three, X = members([0.9, 0.1, 0], [0.4, 0.6, 0], [0.45, 0.55, 0]), np.zeros((2, 1))
    np.testing.assert_allclose(average(three, X), [[1.75 / 3, 1.25 / 3, 0]] * 2)
    np.testing.assert_array_equal(vote(three, X), [1, 1])


def test_among_equals_the_first_class_wins() -> None:
    np.testing.assert_array_equal(vote(members([0, 0, 1], [0, 1, 0]), np.zeros((3, 1))), [1, 1, 1])
    np.testing.assert_array_equal(vote(members([0, 0, 1]), np.zeros((1, 1))), [2])


def test_the_mean_of_five_networks_is_no_worse_than_they_are_on_average() -> None:
    """A theorem, not luck: −ln is convex, so the loss of mean probabilities is at most the mean of the losses."""
    X, y, train = problem()
    _, _, X_test, y_test = data.mnist()
    five = bagging(train, X, y, n_members=5, rng=np.random.default_rng(0))

    def log_loss(probabilities: np.ndarray) -> float:
        return float(-np.log(probabilities[np.arange(len(y_test)), y_test]).mean())

    five = [Sequential(*member.layers, Softmax()) for member in five]
    alone = [log_loss(average([member], X_test)) for member in five]
    assert log_loss(average(five, X_test)) < np.mean(alone)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"n_members": 0}, ValueError, "n_members >= 1, got 0"),
        ({"rng": 0}, TypeError, "default_rng"),
        ({"y": np.zeros(3)}, ValueError, r"one target per example, got 4 examples and y of shape \(3,\)"),
        ({"train": lambda X, y, rng: None}, TypeError, "train to return a network, got None: end it with return model"),
    ],
)
def test_bad_input_gets_a_sentence(changes: dict[str, object], error: type[Exception], sentence: str) -> None:
    settings = {"n_members": 2, "rng": np.random.default_rng(0), "train": lambda X, y, rng: Recorded(X, y)}
    settings |= {"X": np.zeros((4, 1)), "y": np.zeros(4)} | changes
    with pytest.raises(error, match=sentence):
        bagging(**settings)


@pytest.mark.parametrize("decide", [average, vote])
@pytest.mark.parametrize(
    ("given", "sentence"),
    [([], "got none"), (members([0, 1], [0, 1, 0]), r"outputs of one shape, got \(2, 2\), \(2, 3\)")],
    ids=["none", "two shapes"],
)
def test_members_must_agree_about_the_shape(
    decide: Callable[[list[Layer], np.ndarray], np.ndarray], given: list[Layer], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        decide(given, np.zeros((2, 1)))


def test_a_single_output_is_no_vote() -> None:
    with pytest.raises(ValueError, match="got one output"):
        vote(members([0.7], [0.2]), np.zeros((2, 1)))
