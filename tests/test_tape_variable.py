"""Variables behave like arrays: same values, same views, same effects of writing; what they cannot do, they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import planted

from dlbook import tape_variable
from dlbook.check import gradient_error, numerical_gradient
from dlbook.shapes import as_array
from dlbook.tape import Variable, gradients


def both(program: Callable[[Any], Any], x: np.ndarray) -> None:
    """Run a program on an array and on a variable: the same result, and the gradient is that of differences."""
    variable = Variable(x)
    y, right = program(variable), program(x.copy())
    np.testing.assert_allclose(y.value, right, rtol=1e-12)
    dY = np.random.default_rng(0).normal(size=np.shape(right))
    differences = numerical_gradient(lambda x: float((dY * program(x.copy())).sum()), x)
    assert gradient_error(gradients(y, [variable], dY)[0], differences) < 1e-8


X = np.random.default_rng(1).normal(size=(3, 4))


def writes_through_views(x: Any) -> Any:
    y = x * 1
    top, flat, turned = y[:2], y.reshape(-1), y.T
    top *= 2  # changes y, and with it the other views
    flat[5:8] = flat[:3] ** 2
    turned[0] += flat[-3:]
    row = turned[:, 1]
    np.tanh(row, out=row)
    return top @ turned + flat[1] * row.sum()


def does_not_write_through_copies(x: Any) -> Any:
    y = x * 1
    copies = [y.copy(), y[[0, 1]], y.T.reshape(-1), y.flatten(), y[np.array([True, False, True])], +y, y + 0]
    for copy in copies:
        copy *= 3
        copy[...] = 7
    return y


def keeps_what_was_computed_before(x: Any) -> Any:
    y = x * 1
    square, old = y * y, y.copy()
    y[0] = 5
    y += 1
    return square * old + y


def rebinds_single_numbers(x: Any) -> Any:
    J = x.sum()
    first = J
    J += 1
    J *= x[0, 0]
    entry = x[1, 1]
    same = entry
    entry -= 4
    return J * first + entry * same


def writes_into_an_empty_array(x: Any) -> Any:
    H = np.empty((4, 3), x.dtype, like=x)
    H[0] = 0
    for t in range(3):
        np.tanh(x[:, t] + H[t], out=H[t + 1])
    C, D = np.zeros((2, 2, 3), like=x)  # two views of one array
    C[...] = H[2:]
    D[1] = C[0]
    D += C
    return D * H[:2]


def overwrites_everything(x: Any) -> Any:
    y = x * 2
    y[...] = x
    y[:] = y[::-1] + y  # the right side is complete before anything is written
    return y


def swaps_rows(x: Any) -> Any:
    y = x.copy()
    y[[0, 1]] = y[[1, 0]] * 2
    return y


PROGRAMS = [
    writes_through_views, does_not_write_through_copies, keeps_what_was_computed_before, rebinds_single_numbers,
    writes_into_an_empty_array, overwrites_everything, swaps_rows,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_writing(program: Callable[[Any], Any]) -> None:
    both(program, X)


VIEWS: list[Callable[[Any], Any]] = [
    lambda a: a[::-1], lambda a: a[len(a) // 2 :], lambda a: a.T, lambda a: a.reshape(-1, 1),
    lambda a: a.swapaxes(0, 1)[:, :2], lambda a: a.copy(), lambda a: a + 0, lambda a: a[[0, -1]],
]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(VIEWS), st.integers(0, 5)), min_size=1, max_size=6))
def test_any_mixture_of_views_and_writes(steps: list[tuple[int, Callable[[Any], Any], int]]) -> None:
    def program(x: Any) -> Any:
        names = [x * 1]
        for source, view, target in steps:
            names.append(view(names[source % len(names)]))
            name = names[target % len(names)]
            name *= 1.5
            name[0] = name[-1] * 0.5 + 0.1
        return sum(name.sum() * k for k, name in enumerate(names, 1))

    both(program, np.random.default_rng(2).normal(size=(4, 2)))


def test_what_an_array_has() -> None:
    x = Variable(X)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == (X.shape, 2, 12, X.dtype, 3)
    assert (np.shape(x), np.ndim(x), np.size(x)) == (X.shape, 2, 12)
    assert repr(Variable([1.0])) == "Variable([1.])"
    assert isinstance(x > 0, np.ndarray)
    assert isinstance(np.isfinite(x).all(), np.bool_)
    assert x.argmax(axis=0).tolist() == X.argmax(axis=0).tolist()
    assert bool(x[0, 0] > -9)
    assert isinstance((x > 0).astype(float), np.ndarray)
    assert isinstance(x.astype(bool), np.ndarray)
    assert isinstance(np.zeros_like(x, dtype=bool), np.ndarray)
    assert x.astype(np.float32).dtype == np.float32
    assert x.astype(float, copy=False) is x
    assert x.astype(float) is not x


def test_a_variable_is_a_copy_and_cannot_be_changed_from_outside() -> None:
    given = np.array([1.0, 2.0])
    x = Variable(given)
    given[0] = 9
    assert x.value[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        x.value[0] = 9


def test_whole_numbers_become_floating_point_and_float32_stays() -> None:
    assert Variable([1, 2]).dtype == float
    assert Variable(True).dtype == float
    assert Variable(np.float32(2)).dtype == np.float32
    for wrong in ("text", 1j, None, [[1], "a"]):
        with pytest.raises((TypeError, ValueError)):
            Variable(wrong)  # type: ignore[arg-type]


def test_as_array_lets_variables_pass_and_nothing_else() -> None:
    x = Variable(X)
    assert as_array(x) is x  # type: ignore[arg-type]
    assert type(as_array(np.ma.array([1.0]))) is np.ndarray
    assert type(as_array([1.0])) is np.ndarray


LOSES = [
    lambda x: np.asarray(x),
    lambda x: np.array([x, x]),
    lambda x: X.copy().__setitem__(0, x[0]),
    lambda x: x.copy().__setitem__(0, [x[0, 0]] * 4),
    lambda x: np.add([x[0]], 1),
]


@pytest.mark.parametrize("program", LOSES)
def test_what_would_lose_the_record_is_refused(program: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"its record would be lost: use shapes.as_array .* np.empty\(…, like=X\)"):
        program(Variable(X))


def test_plain_arrays_cannot_be_written_to() -> None:
    x, plain = Variable(X), np.zeros((3, 4))
    for program in (
        lambda: np.add(x, 1, out=plain),
        lambda: plain.__iadd__(x),
        lambda: np.sum(x, axis=0, out=plain[0]),
    ):
        with pytest.raises(TypeError, match=r"does not fit into a plain array: make that with np.empty"):
            program()
    assert not plain.any()


def test_numbers_are_asked_for_by_value() -> None:
    J = Variable(X).sum()
    with pytest.raises(TypeError, match=r"write J.item\(\), or float\(J.value\)"):
        float(J)
    assert isinstance(J.item(), Variable)
    assert isinstance(Variable([[2.0]]).item() * 1, Variable)
    with pytest.raises(ValueError, match="reshape"):
        Variable(X).item()


@pytest.mark.parametrize(
    "program", [lambda x: x.__setitem__(0, 1), lambda x: x.__iadd__(1), lambda x: x[0].__imul__(2)]
)
def test_a_given_variable_cannot_be_overwritten(program: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"overwrite a Variable whose gradient is wanted: take x.copy\(\)"):
        program(Variable(X))


UNKNOWN: dict[str, Callable[[Any], Any]] = {
    "np.arctan2:": lambda x: np.arctan2(x, 1),
    "np.cumsum:": lambda x: x.cumsum(),
    "np.linalg.norm:": lambda x: np.linalg.norm(x),
    "np.add.reduce:": lambda x: np.add.reduce(x),
    "np.add.at:": lambda x: np.add.at(x.copy(), 0, 1.0),
    r"np.exp\(…, dtype=…\):": lambda x: np.exp(x, dtype=np.float32),
    r"np.sum\(…, dtype=…\):": lambda x: x.sum(dtype=np.float32),
    r"np.sum\(…, a=…\):": lambda x: np.sum(a=x),
    r"np.mean\(…, where=…\):": lambda x: np.mean(x, where=X > 0),
    "np.flip:": lambda x: np.flip(m=x),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_the_tape_does_not_know_is_named(name: str) -> None:
    with pytest.raises(TypeError, match=f"the tape does not know {name} use what it knows, or write a rule"):
        UNKNOWN[name](Variable(X))


def test_padding_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match='mode="constant" alone'):
        np.pad(Variable(X), 1, mode="edge")


def test_methods_that_are_missing_are_named() -> None:
    x = Variable(X)
    assert not hasattr(x, "tolist")
    with pytest.raises(AttributeError, match=r"a Variable has no 'tolist'; its plain array is x.value"):
        x.tolist()


BUGS: dict[str, tuple[Any, str, str]] = {
    "a view does not look again": (Variable.node, "if view and view.seen is not view.root._node", "if False"),
    "a copy is taken for a view": (
        Variable._moved,
        "np.may_share_memory(y._node.value, self._node.value)",
        "True",
    ),
    "writing to a view stays there": (Variable.__setitem__, "self._view.root if self._view else self", "self"),
    "a chain of views in the wrong order": (Variable._look, "reversed(functions)", "functions"),
    "a single number is written to": (Variable.__array_ufunc__, "out[0] is xs[0] and np.ndim(y) == 0", "False"),
    "record: the last argument's node only": (tape_variable.record, "in pairs if", "in list(pairs)[-1:] if"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_bug_is_caught(bug: str) -> None:
    caught = 0
    with planted(*BUGS[bug]):
        for program in PROGRAMS:
            try:
                both(program, X)
            except (AssertionError, ValueError, IndexError, TypeError):
                caught += 1
    assert caught
