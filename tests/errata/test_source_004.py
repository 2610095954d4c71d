"""Errata of source 004, networks and their training: what is printed fails, what is right passes.

Boltzmann machines are in test_source_004_rbm.py.
"""

from __future__ import annotations

import ast
import io
import re
import runpy
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from errata.numeric import agree, far_apart, gradient
from errata.tensorflow1 import Session, Tensor, namespace

Array = np.ndarray
Run = Callable[..., dict[str, Any]]
REFERENCES = Path(__file__).parents[2] / "chapters" / "references.bib"


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def year(key: str) -> int:
    """The year of a bibliography entry."""
    entry = REFERENCES.read_text(encoding="utf-8").split("{" + key + ",")[1].split("\n}")[0]
    (found,) = re.findall(r"year\s*=\s*\{(\d+)\}", entry)
    return int(found)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a listing as a file of its own, with the names it may use."""

    def run_listing(listing: str, **names: object) -> dict[str, Any]:
        path = tmp_path / "listing.py"
        path.write_text(listing, encoding="utf-8")
        tf = namespace(np.random.default_rng(0))
        return runpy.run_path(str(path), init_globals={"tf": tf, "np": np, **names})

    return run_listing


def test_neg_was_renamed(run: Run) -> None:
    """The sigmoid with tf.neg fails beside tf.multiply; with tf.negative it is the sigmoid."""
    printed = "def sigmoid(x):\n    return tf.div(tf.constant(1.0), tf.add(tf.constant(1.0), tf.exp(tf.neg(x))))\n"
    z = np.linspace(-3, 3, 7)
    with pytest.raises(AttributeError, match="neg"):
        run(printed)["sigmoid"](z)
    assert agree(run(printed.replace("tf.neg(", "tf.negative("))["sigmoid"](z), sigmoid(z))


def test_sub_was_renamed(run: Run) -> None:
    """The error with tf.sub fails beside tf.subtract."""
    a_2, y = np.array([[0.2], [0.9]]), np.array([[0.0], [1.0]])
    with pytest.raises(AttributeError, match="sub"):
        run("error = tf.sub(a_2, y)", a_2=a_2, y=y)
    assert agree(run("error = tf.subtract(a_2, y)", a_2=a_2, y=y)["error"], a_2 - y)


def test_sigmoid_derivative_never_exceeds_a_quarter() -> None:
    """By finite differences the derivative is nowhere greater than 0.25, and below it away from 0."""
    z = np.linspace(-8, 8, 161)
    slope = (sigmoid(z + 1e-6) - sigmoid(z - 1e-6)) / 2e-6
    assert not (slope > 0.25 + 1e-9).any()  # printed: greater everywhere
    assert ((slope > 0) & (slope <= 0.25 + 1e-9)).all()


def test_sigmoid_derivative_reaches_a_quarter() -> None:
    """At 0 it is 0.25 itself, so "always smaller" fails there."""
    at_zero = sigmoid(np.array(0.0)) * (1 - sigmoid(np.array(0.0)))
    assert not at_zero < 0.25
    assert at_zero == 0.25


def test_step_goes_against_the_gradient() -> None:
    """A step along the gradient raises the error, one against it lowers the error."""
    X, y, w = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([1.0, 0.0]), np.array([0.3, 0.1])

    def error() -> float:
        return 0.5 * float(((sigmoid(X @ w) - y) ** 2).sum())

    before, slope, start = error(), gradient(error, w), w.copy()
    w[:] = start + 0.1 * slope
    assert error() > before
    w[:] = start - 0.1 * slope
    assert error() < before


def test_weights_and_biases_step_alike() -> None:
    """Weights by the sum and biases by the mean follow no multiple of one gradient; both by the mean do."""
    g = np.random.default_rng(4)
    m, X, y = 5, g.normal(size=(5, 2)), g.random(size=(5, 1))
    w, b = g.normal(size=(2, 1)), g.normal(size=1)

    def mean_loss() -> float:
        return 0.5 * float(((sigmoid(X @ w + b) - y) ** 2).mean())

    a = sigmoid(X @ w + b)
    d_z = (a - y) * a * (1 - a)
    exact = np.concatenate([gradient(mean_loss, w).ravel(), gradient(mean_loss, b)])
    printed = np.concatenate([(X.T @ d_z).ravel(), d_z.mean(axis=0)])
    right = np.concatenate([(X.T @ d_z).ravel() / m, d_z.mean(axis=0)])
    assert agree((printed / exact)[:2], np.full(2, m))  # m times for the weights
    assert agree((printed / exact)[2:], np.ones(1))  # once for the bias
    assert far_apart(printed / np.linalg.norm(printed), exact / np.linalg.norm(exact))
    assert agree(right, exact)


LOOP = """
for i in range(1000):
    x_value = np.random.rand(train_batch_size, 2)
    y_value = linear_fun(x_value)
    sess.run(optimizer, feed_dict={a_0: x_value, y: y_value})
    if i % 100 == 0:
        test_x = np.random.rand(test_batch_size, 2)
        res_val = sess.run(res, feed_dict={a_0: test_x, y: linear_fun(test_x)})
        print res_val
"""


def test_training_loop_runs(run: Run) -> None:
    """The print statement is no Python 3, and ``res`` has no value; with both repaired the loop runs."""
    with pytest.raises(SyntaxError):
        ast.parse(LOOP)
    sess = SimpleNamespace(run=lambda what, feed_dict: what)
    names = {"sess": sess, "optimizer": None, "cost": 1.5, "a_0": "a_0", "y": "y", "linear_fun": lambda x: x}
    names |= {"train_batch_size": 4, "test_batch_size": 3}
    python3 = LOOP.replace("print res_val", "print(res_val)")
    with pytest.raises(NameError, match="res"):
        run(python3, **names)
    output = io.StringIO()
    with redirect_stdout(output):
        run(python3.replace("sess.run(res,", "sess.run(cost,"), **names)
    assert output.getvalue().split() == ["1.5"] * 10


def test_sigmoid_output_cannot_reach_the_targets() -> None:
    """Whatever the weights, outputs below 1 miss y = 2 x1 + 4 x2 + 1 by 32/3 on average; a linear output fits."""
    grid = (np.arange(200) + 0.5) / 200
    x1, x2 = np.meshgrid(grid, grid)
    y = 2 * x1 + 4 * x2 + 1
    best_below_one = np.minimum(y, 1.0)  # the best that numbers between 0 and 1 can do
    assert ((best_below_one - y) ** 2).mean() == pytest.approx(32 / 3, rel=1e-3)
    X = np.stack([x1.ravel(), x2.ravel()], axis=1)
    for seed in range(5):
        g = np.random.default_rng(seed)
        output = sigmoid(sigmoid(X @ g.normal(size=(2, 5))) @ g.normal(0, 20, size=(5, 1)))
        assert ((output - y.reshape(-1, 1)) ** 2).mean() > 10
    linear = np.column_stack([X, np.ones(len(X))])
    solution = np.linalg.lstsq(linear, y.ravel(), rcond=None)[0]
    assert agree(solution, [2, 4, 1])


def test_dropout_paper_is_of_2014() -> None:
    """The bibliography has the year of the journal."""
    assert year("srivastava2014") != 2013
    assert year("srivastava2014") == 2014


def test_lenet_is_not_of_1988() -> None:
    """The network appeared in 1989, LeNet-5 in 1998."""
    years = {year("lecun1989"), year("lecun1998")}
    assert 1988 not in years
    assert years == {1989, 1998}


def test_convolution_has_no_normalizer() -> None:
    """The kernel for edges sums to 0, so dividing by its sum fails; without division flat areas give 0."""
    edges = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
    flat, spot = np.full((3, 3), 7), np.array([[0, 0, 0], [0, 9, 0], [0, 0, 0]])
    with pytest.raises(ZeroDivisionError):
        int((flat * edges).sum()) / int(edges.sum())
    assert (flat * edges).sum() == 0
    assert (spot * edges).sum() == 72


def test_stray_bracket() -> None:
    """The printed line has a bracket too many."""
    printed = "node3 = tf.add(node1, node2)]"
    with pytest.raises(SyntaxError, match="unmatched"):
        ast.parse(printed)
    assert ast.parse(printed.removesuffix("]"))


def test_print_puts_a_space() -> None:
    """The output as Python prints it."""
    output = io.StringIO()
    with redirect_stdout(output):
        print("sess.run(node3):", 3.0)
    assert output.getvalue().strip() != "sess.run(node3):3.0"
    assert output.getvalue().strip() == "sess.run(node3): 3.0"


def test_evaluation_needs_the_session(run: Run) -> None:
    """After the with-block there is no default session; inside it the evaluation works."""
    printed = "with tf.Session() as sess:\n    pass\nprint('test accuracy %g' % accuracy.eval(feed_dict={}))\n"
    right = "with tf.Session() as sess:\n    print('test accuracy %g' % accuracy.eval(feed_dict={}))\n"
    with pytest.raises(ValueError, match="No default session"):
        run(printed, accuracy=Tensor())
    output = io.StringIO()
    with redirect_stdout(output):
        run(right, accuracy=Tensor())
    assert output.getvalue() == "test accuracy 0.5\n"
    assert not Session.open_now
