"""Every rule of the tape against finite differences, over shapes and broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from mutants import planted
from numpy.lib.stride_tricks import sliding_window_view

from dlbook import tape_functions, tape_rules
from dlbook.check import gradient_error, numerical_gradient
from dlbook.tape import Variable, gradients
from dlbook.tape_functions import COMPOSED, MOVERS, RULES
from dlbook.tape_rules import LOCAL

LIMIT = 1e-8


def worst(function: Callable[..., Any], *xs: np.ndarray) -> float:
    """Compare the tape with plain NumPy (equal values) and with differences; return the largest error."""
    rng = np.random.default_rng(9)
    variables = [Variable(x) for x in xs]
    y = function(*variables)
    np.testing.assert_allclose(y.value, function(*xs), rtol=1e-12, atol=1e-14)
    assert np.shape(y) == np.shape(function(*xs))
    dY = rng.normal(size=y.shape)
    found = []
    for i, dx in enumerate(gradients(y, variables, dY)):

        def J(x: np.ndarray, i: int = i) -> float:
            return float((dY * function(*xs[:i], x, *xs[i + 1 :])).sum())

        found.append(gradient_error(dx, numerical_gradient(J, xs[i])))
    return max(found)


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def positive(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).uniform(0.5, 2, size=shape)


A, B, C, P = draw(3, 4), draw(3, 4, seed=1), draw(2, 3, 4), positive(3, 4)
v, w = draw(4), draw(3)

ELEMENTWISE: dict[Any, tuple[Any, ...]] = {
    np.add: (A, B),
    np.subtract: (A, B),
    np.multiply: (A, B),
    np.divide: (A, P),
    np.power: (P, B),
    np.maximum: (A, B),
    np.minimum: (A, B),
    np.logaddexp: (A, B),
    np.positive: (A,),
    np.negative: (A,),
    np.square: (A,),
    np.sqrt: (P,),
    np.exp: (A,),
    np.expm1: (A,),
    np.log: (P,),
    np.log1p: (P,),
    np.tanh: (A,),
    np.absolute: (A,),
}


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.__name__)
def test_elementwise(function: Any) -> None:
    assert worst(function, *ELEMENTWISE[function]) < LIMIT


def test_where() -> None:
    c = A > 0
    assert worst(lambda a, b: np.where(c, a, b), A, v) < LIMIT
    assert worst(lambda a: np.where(c[0], a, 0), A) < LIMIT
    assert worst(lambda b: np.where(c, 1.0, b), w[:, None]) < LIMIT
    for truth in (3 * c, 0.5 * c, Variable(2.0 * c)):  # not 0 means true, and how large it is means nothing
        x = Variable(A)
        np.testing.assert_array_equal(gradients(np.where(truth, x, -2 * x).sum(), [x])[0], np.where(c, 1, -2))


@pytest.mark.parametrize("b", [0, 0.0, 1, 2, np.float32(0), np.array([0.0, 3.0])])
def test_a_power_at_zero(b: Any) -> None:
    x = Variable([0.0, 0.0])
    np.testing.assert_array_equal(gradients((x**b).sum(), [x])[0], np.broadcast_to(b, 2) == 1)


def test_every_local_derivative_is_tested() -> None:
    assert LOCAL.keys() == ELEMENTWISE.keys() | {np.where}


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.__name__)
def test_a_wrong_local_derivative_is_caught(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, right in enumerate(LOCAL[function]):
        wrong = list(LOCAL[function])
        wrong[i] = lambda *xs, right=right: 1.01 * right(*xs)
        with monkeypatch.context() as m:
            m.setitem(LOCAL, function, tuple(wrong))
            assert worst(function, *ELEMENTWISE[function]) > 1e-3


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.integers(0, 2**32 - 1))
def test_broadcasting(shapes: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.uniform(1, 2, size=shape) for shape in shapes.input_shapes)
    assert worst(lambda a, b: a * b + a / b, a, b) < 1e-7


def test_operators_with_numbers_and_arrays_on_either_side() -> None:
    x = Variable(P)
    for y in (2 - x, 2 / x, 2**x, x**2, -x, abs(x), +x, np.float64(2) * x, np.float32(2) - x, A * x, A - x):
        assert isinstance(y, Variable)
    assert worst(lambda x: 2 - x + (2 / x) * 2**x - x**3 + abs(-x) + A * x - np.float64(3) * x, P) < LIMIT
    assert worst(lambda x: x @ ([[1.0]] * 4) + np.einsum("ij,j->i", x, [1.0, 2, 3, 4])[0], A) < LIMIT
    assert worst(lambda x: B.T @ x + [[1.0], [2.0], [3.0], [4.0]] * x[0], A) < LIMIT


@pytest.mark.parametrize(
    ("a", "b"),
    [((3, 4), (4, 2)), ((4,), (4,)), ((4,), (4, 2)), ((3, 4), (4,)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 5)),
     ((5, 1, 3, 4), (2, 4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((1, 1), (1, 1))],
)  # fmt: skip
def test_matmul(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    assert worst(np.matmul, draw(*a), draw(*b)) < LIMIT


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("...i,koi->...ko", [(2, 5, 3), (2, 4, 3)]),
        ("...i,...i->...", [(2, 5, 3), (5, 3)]),
        ("...i,...j->ij...", [(2, 5, 3), (5, 2)]),
        ("ij->i", [(2, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij,k->ik", [(2, 3), (4,)]),  # j is summed, and nothing else has it
        ("i,j,k->kji", [(2,), (3,), (4,)]),
        ("ij,ij->", [(2, 3), (2, 3)]),
        ("ij,ij->ij", [(2, 1), (2, 3)]),  # an axis of length 1 is stretched
        ("... i , o i -> ... o", [(2, 3), (4, 3)]),
    ],
)
def test_einsum(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    xs = [draw(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert worst(lambda *xs: np.einsum(subscripts, *xs), *xs) < LIMIT
    assert worst(lambda *xs: np.einsum(subscripts, *xs, optimize=True), *xs) < LIMIT


@pytest.mark.parametrize("subscripts", ["ij", "ii->i", "ij,jk"])
def test_einsum_that_the_tape_does_not_know(subscripts: str) -> None:
    xs = [Variable(np.ones((3, 3))) for _ in subscripts.split(",")]
    with pytest.raises(TypeError, match="the tape needs einsum with '->' and each letter once per array"):
        np.einsum(subscripts, *xs)


AXES = [None, 0, -1, 1, (0, 2), (-1, 0), (0, 1, 2), ()]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("function", [np.sum, np.mean, np.max, np.min, np.amax, np.amin])
def test_reductions(function: Any, axis: Any, keepdims: bool) -> None:
    assert worst(lambda x: function(x, axis=axis, keepdims=keepdims), C) < LIMIT


def test_reductions_as_methods() -> None:
    assert worst(lambda x: x.sum(1) + x.mean(axis=-2) * x.max(axis=1) - x.min(1), C) < LIMIT
    assert worst(lambda x: x.sum() * x.mean(), C) < LIMIT


def test_the_first_of_equal_numbers_is_the_largest() -> None:
    x = Variable([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_array_equal(gradients(x.max(axis=1).sum(), [x])[0], [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(gradients(np.maximum(x, 3).sum(), [x])[0], np.zeros((2, 3)))


INDEX = np.array([[0, 2, 1, 0], [2, 2, 0, 1]])
MOVES: dict[Any, list[Callable[[Any], Any]]] = {
    np.ascontiguousarray: [lambda x: np.ascontiguousarray(x.T, like=x)],
    np.broadcast_to: [lambda x: np.broadcast_to(x, (5, 2, 3, 4))],
    np.copy: [np.copy, lambda x: x.copy()],
    np.expand_dims: [lambda x: np.expand_dims(x, (0, 2))],
    np.flip: [np.flip, lambda x: np.flip(x, axis=(0, 2))],
    np.moveaxis: [lambda x: np.moveaxis(x, 0, -1)],
    np.ravel: [np.ravel, lambda x: x.ravel(), lambda x: x.flatten()],
    np.repeat: [lambda x: np.repeat(x, 2, axis=1), lambda x: x.repeat(3)],
    np.reshape: [lambda x: x.reshape(4, -1), lambda x: x.reshape((6, 4)), lambda x: np.reshape(x, -1)],
    np.roll: [lambda x: np.roll(x, 2, axis=1)],
    np.rot90: [lambda x: np.rot90(x, 2, axes=(1, 2))],
    np.squeeze: [lambda x: np.squeeze(x[:, :1], axis=1), lambda x: x[:1, :, :1].squeeze()],
    np.swapaxes: [lambda x: np.swapaxes(x, 0, 2), lambda x: x.swapaxes(1, 2)],
    np.take: [lambda x: np.take(x, [3, 0, 0], axis=2)],
    np.take_along_axis: [lambda x: np.take_along_axis(x, INDEX[:, None, :], axis=1)],
    np.tile: [lambda x: np.tile(x, (2, 1, 3))],
    np.transpose: [lambda x: x.T, lambda x: x.transpose(1, 0, 2), lambda x: x.transpose((2, 1, 0)), np.transpose],
    sliding_window_view: [
        lambda x: sliding_window_view(x, (2, 3), axis=(1, 2)),
        lambda x: sliding_window_view(x, 2, axis=0)[:, ::2],
    ],
    "index": [
        lambda x: x[0],
        lambda x: x[..., -1],
        lambda x: x[1, 2, 3],
        lambda x: x[:, ::-1, 1:3],
        lambda x: x[:, None, 1:, ::2],
        lambda x: x[:, [0, 0, 2, 0]],  # one row three times
        lambda x: x[np.array([0, 1]), :, np.array([3, 3])],
        lambda x: x[C > 0],
        lambda x: x[:, C[0] > 0],
        lambda x: x[INDEX[:, :2] % 2, INDEX[:, 1:3]],
        lambda x: x[[], :],
    ],
}


@pytest.mark.parametrize(("name", "move"), [(name, move) for name, moves in MOVES.items() for move in moves])
def test_moves(name: Any, move: Callable[[Any], Any]) -> None:
    assert worst(move, C) < LIMIT


def test_every_mover_is_tested() -> None:
    assert MOVES.keys() - {"index"} == MOVERS


def test_iteration() -> None:
    assert worst(lambda x: sum(k * row for k, row in enumerate(x, 1)), A) < LIMIT


OTHERS: dict[Any, list[tuple[Any, ...]]] = {
    np.concatenate: [
        (lambda *xs: np.concatenate(xs), A, B),
        (lambda *xs: np.concatenate(xs, axis=-1), A, B, w[:, None]),
        (lambda x: np.concatenate([x, A, 2 * x], 1), B),
    ],
    np.stack: [(lambda *xs: np.stack(xs, axis=1), A, B), (lambda *xs: np.stack(xs), v, v, v), (np.stack, C)],
    np.tensordot: [
        (np.tensordot, C, draw(3, 4, 2)),
        (lambda a, b: np.tensordot(a, b, axes=1), C, draw(4, 5)),
        (lambda a, b: np.tensordot(a, b, axes=([0, 2], [1, 0])), C, draw(4, 2, 3)),
        (lambda a, b: np.tensordot(a, b, axes=(1, 0)), C, draw(3)),
        (lambda a, b: np.tensordot(a, b, axes=0), v, w),
    ],
    np.dot: [(np.dot, v, v), (np.dot, A, v), (np.dot, A, B.T), (np.dot, C, draw(5, 4, 2)), (np.dot, v, B.T)],
    np.pad: [
        (lambda x: np.pad(x, 1), A),
        (lambda x: np.pad(x, ((0, 1), (2, 0))), A),
        (lambda x: np.pad(x, pad_width=(1, 2), constant_values=3.0), A),
        (lambda x: np.maximum(np.pad(x, 1, constant_values=-np.inf), -1), A),
    ],
    np.split: [
        (lambda x: np.concatenate(np.split(x, 2, axis=1)[::-1]), A),
        (lambda x: np.split(x, [1, 2])[1] * np.split(x, [1, 2])[2], A),
    ],
    np.mean: [],  # these four among the reductions
    np.max: [],
    np.amax: [],
    np.min: [],
    np.amin: [],
    np.copyto: [],
    np.put_along_axis: [],
}


@pytest.mark.parametrize("case", [case for cases in OTHERS.values() for case in cases])
def test_others(case: tuple[Any, ...]) -> None:
    function, *xs = case
    assert worst(function, *xs) < LIMIT


def test_every_function_is_tested() -> None:
    assert COMPOSED.keys() | {np.concatenate} == OTHERS.keys()
    assert RULES.keys() - LOCAL.keys() == {np.sum, np.einsum, np.matmul}


def test_written_places() -> None:
    def write(x: Any, new: Any) -> Any:
        y = x * 1
        y[1:, ::2] = new
        y[0] = new[0, 0]
        y[[2, 2], [0, 1]] = new[:, 1]  # twice the same row, other columns
        y[:, 3] *= 2
        y[y.value > 1 if isinstance(y, Variable) else y > 1] = 0.5
        return y

    assert worst(write, A, draw(2, 2)) < LIMIT


def test_of_several_numbers_written_to_one_place_the_last_counts() -> None:
    x, y = Variable([1.0, 2.0, 3.0]), np.zeros_like(Variable(np.ones(2)))
    y[[0, 0, 1]] = x
    np.testing.assert_array_equal(y.value, [2, 3])
    np.testing.assert_array_equal(gradients(y.sum(), [x])[0], [0, 1, 1])


def test_put_along_axis_and_copyto() -> None:
    def put(x: Any, new: Any) -> Any:
        y = x.copy()
        np.put_along_axis(y, INDEX[:, None, :], new, axis=1)
        return y

    def copy(x: Any, new: Any) -> Any:
        y = x.copy()
        np.copyto(y, new, where=C > 0)
        np.copyto(y[0], x[1])
        return y

    assert worst(put, C, draw(2, 1, 4)) < LIMIT
    assert worst(copy, C, v) < LIMIT


def test_out_and_where() -> None:
    def function(a: Any, b: Any) -> Any:
        y = np.zeros_like(a)
        np.add(a, b, out=y)
        np.exp(a, out=y, where=B > 0)
        np.multiply(a[:, 1:], b[1:], out=y[:, 1:], where=B[:, 1:] > 0)
        np.sum(a, axis=0, out=y[0])
        np.matmul(a[1:], b, out=y[1:, 0])
        return y

    assert worst(function, A, v) < LIMIT
    z = Variable([0.0, 2.0])  # the logarithm of 0 is not taken, and not differentiated
    y = np.log(z, where=z > 0, out=np.zeros_like(z))
    np.testing.assert_array_equal(gradients(y.sum(), [z])[0], [0, 0.5])


BUGS: dict[str, tuple[Any, str, str, Callable[[], None]]] = {
    "mean: divided by all": (tape_functions.mean, "x.size // total.size", "x.size", test_reductions_as_methods),
    "max: the smallest": (tape_functions.pick, "which(rows", "np.argmin(rows", test_reductions_as_methods),
    "matmul: letters of rows": (tape_rules.matmul, '"i" * (np.ndim(A) > 1)', '"i"', lambda: test_matmul((4,), (4, 2))),
    "einsum: summed axes forgotten": (
        tape_rules.swap_roles,
        "if not set(terms[i])",
        "if False and not set(terms[i])",
        lambda: test_einsum("ij,k->ik", [(2, 3), (4,)]),
    ),
    "concatenate: every piece is the first": (
        tape_rules.concatenate,
        "back(*ends[i : i + 2])",
        "back(*ends[:2])",
        lambda: test_others(OTHERS[np.concatenate][0]),
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_bug_is_caught(bug: str) -> None:
    function, right, wrong, witness = BUGS[bug]
    witness()
    with planted(function, right, wrong), pytest.raises((AssertionError, ValueError)):
        witness()
