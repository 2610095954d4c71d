"""Witness 2 for every derivative: the tape runs the same forward code and must agree to 1e-10."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cases import LAYERS, LOSSES
from mutants import planted

from dlbook import (
    L1,
    L2,
    LSTM,
    RNN,
    BinaryCrossEntropy,
    Dense,
    Layer,
    Penalty,
    Sequential,
    Tanh,
    tape,
    tape_rules,
    tape_variable,
)
from dlbook.activations import sigmoid
from dlbook.check import gradient_error, numerical_gradient
from dlbook.tape import Variable, gradients, topological_order, traced

LIMIT = 1e-10


def errors(layer: Layer, shape: tuple[int, ...]) -> dict[str, float]:
    """Compare the layer's own backward with the tape; all parameters are drawn anew, so that no bias is zero."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=shape)
    for p in layer.params.values():
        p[...] = rng.normal(size=p.shape)
    Y, cache = layer.forward(X, np.random.default_rng(2))
    dY = rng.normal(size=Y.shape)
    dX, grads = layer.backward(dY, cache)
    net, x = traced(layer), Variable(X)
    y, _ = net.forward(x, np.random.default_rng(2))
    np.testing.assert_allclose(y.value, Y, rtol=1e-12, atol=1e-14)
    by_tape = dict(zip(["X", *net.params], gradients(y, [x, *net.params.values()], dY), strict=True))
    return {name: gradient_error(by_tape[name], right) for name, right in {"X": dX, **grads}.items()}


@pytest.mark.parametrize("case", LAYERS)
def test_layer(case: str) -> None:
    make, shape = LAYERS[case]
    found = errors(make(np.random.default_rng(1)), shape)
    assert max(found.values()) < LIMIT, found


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case: str) -> None:
    loss, shape, targets = LOSSES[case]
    rng = np.random.default_rng(2)
    Z, y = rng.normal(size=shape), targets(rng)
    J, cache = loss.forward(Z, y)
    z = Variable(Z)
    by_tape, _ = loss.forward(z, y)
    assert by_tape.value == pytest.approx(J, rel=1e-12)
    assert gradient_error(gradients(by_tape, [z])[0], loss.backward(cache)) < LIMIT


@pytest.mark.parametrize("case", LAYERS)
def test_parameters_alone_or_the_input_alone_can_be_variables(case: str) -> None:
    make, shape = LAYERS[case]
    rng = np.random.default_rng(3)
    layer, X = make(rng), rng.normal(size=shape)
    Y, cache = layer.forward(X, np.random.default_rng(2))
    dY = rng.normal(size=Y.shape)
    dX, grads = layer.backward(dY, cache)
    x = Variable(X)
    y, _ = layer.forward(x, np.random.default_rng(2))
    assert gradient_error(gradients(y, [x], dY)[0], dX) < LIMIT
    if grads:
        net = traced(layer)
        y, _ = net.forward(X, np.random.default_rng(2))
        by_tape = gradients(y, list(net.params.values()), dY)
        assert max(map(gradient_error, by_tape, grads.values())) < LIMIT


@pytest.mark.parametrize("penalty", [L2(0.3), L1(0.2), L1(0.2) + L2(0.3)], ids=["L2", "L1", "elastic"])
def test_penalty(penalty: Penalty) -> None:
    net = Sequential(Dense(3, 4, rng=np.random.default_rng(2)), Tanh(), Dense(4, 2, rng=np.random.default_rng(3)))
    params = {name: Variable(p) for name, p in net.params.items()}
    by_tape = gradients(penalty.value(params), list(params.values()))
    assert max(map(gradient_error, by_tape, penalty.grads(net.params).values())) < LIMIT


@pytest.mark.parametrize("make", [RNN, LSTM])
def test_recurrent_layers_with_states_and_sequences_of_different_lengths(make: Callable[..., RNN | LSTM]) -> None:
    rng = np.random.default_rng(4)
    layer, X, lengths = make(2, 3, rng=rng), rng.normal(size=(4, 5, 2)), [5, 1, 0, 3]
    parts = [rng.normal(size=(4, 3)) for _ in layer.parts]
    H, cache = layer.forward(X, state=layer._pack(tuple(parts)), lengths=lengths)
    dH = rng.normal(size=H.shape)
    dX, dstate, grads = layer.backward_states(dH, cache)
    net, x, states = traced(layer), Variable(X), [Variable(part) for part in parts]
    h, _ = net.forward(x, state=layer._pack(tuple(states)), lengths=lengths)
    found = gradients(h, [x, *states, *net.params.values()], dH)
    right = [dX, *(dstate if len(parts) > 1 else [dstate]), *grads.values()]
    assert max(map(gradient_error, found, right)) < LIMIT


@pytest.mark.parametrize("same_layer", [True, False])
def test_shared_parameters_add_up(same_layer: bool) -> None:
    rng = np.random.default_rng(5)
    shared = Dense(3, 3, rng=rng)
    other = shared if same_layer else Dense(3, 3, rng=rng)
    other.params["W"] = shared.params["W"]  # two layers may also share one array alone
    net, X = Sequential(shared, Tanh(), other), rng.normal(size=(4, 3))
    Y, cache = net.forward(X)
    dY = rng.normal(size=Y.shape)
    _, grads = net.backward(dY, cache)
    copy = traced(net)
    assert copy.params["0.W"] is copy.params["2.W"]
    assert net.params["0.W"] is shared.params["W"]
    [dW] = gradients(copy.forward(X)[0], [copy.params["0.W"]], dY)
    assert gradient_error(dW, grads["0.W"] + grads["2.W"]) < LIMIT


def test_one_variable_on_many_paths() -> None:
    x = Variable([0.3, -2.0])
    y = x * x + x * np.sin(1.0) - x / (1 + x**2)
    [dx] = gradients(y, [x], np.array([1.0, 10.0]))
    v = x.value
    np.testing.assert_allclose(dx, [1, 10] * (2 * v + np.sin(1.0) - (1 - v**2) / (1 + v**2) ** 2), rtol=1e-12)


def test_a_node_waits_until_all_that_use_it_are_done() -> None:
    """A lattice: 2^60 paths lead back, and each node is visited once."""
    x = Variable(1.0)
    y = x
    for _ in range(60):
        y = y + y * 0.5  # y is used twice
    assert gradients(y, [x])[0] == pytest.approx(1.5**60, rel=1e-12)
    order = topological_order(y.node)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) == 121
    assert all(place[parent] > place[node] for node in order for parent, _ in node.parents)


def test_the_second_sweep_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(6)
    net, x = traced(Dense(3, 2, rng=rng)), Variable(rng.normal(size=(4, 3)))
    J = (net.forward(x)[0] ** 2).sum()
    xs = [x, *net.params.values()]
    first, second = gradients(J, xs), gradients(J, xs)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    first[0][...] = 0  # belongs to the caller
    np.testing.assert_array_equal(gradients(J, xs)[0], second[0])


def test_gradients_of_something_in_between_and_of_y_itself() -> None:
    x = Variable([1.0, 2.0, 3.0])
    z = x * 2
    J = (z**2).sum()
    dJ, dz, dx = gradients(J, [J, z, x])
    assert dJ == 1
    np.testing.assert_array_equal(dz, 2 * z.value)
    np.testing.assert_array_equal(dx, 4 * z.value)


def test_what_is_not_used_has_gradient_zero() -> None:
    x, unused = Variable([1.0, 2.0]), Variable(np.ones((2, 3), np.float32))
    _, zero = gradients(x.sum(), [x, unused])
    np.testing.assert_array_equal(zero, np.zeros((2, 3)))
    assert zero.dtype == np.float32


@pytest.mark.parametrize(
    ("step", "times", "nodes", "slope"),
    [
        (lambda z, x: z * 1.0001 + x, 25_000, 50_001, sum(1.0001**k for k in range(25_001))),
        (lambda z, x: z.reshape(1), 5_000, 5_001, 1.0),  # views of views
        (lambda z, x: z[:1] + np.concatenate([z, x])[1:] - x, 1_000, 5_001, 1.0),
    ],
    ids=["arithmetic", "views", "several"],
)
def test_a_graph_of_50000_nodes(
    step: Callable[[Variable, Variable], Variable], times: int, nodes: int, slope: float
) -> None:
    """Deeper than any recursion could go: on the way there, on the way back, and when the record is thrown away."""
    x = Variable([1.0])
    z = x
    for _ in range(times):
        z = step(z, x)
    assert len(topological_order(z.node)) == nodes > sys.getrecursionlimit()
    assert gradients(z, [x])[0][0] == pytest.approx(slope, rel=1e-9)


def test_a_graph_as_wide_as_deep_writes_in_place() -> None:
    x = Variable(np.ones(3))
    z = np.zeros_like(x)
    for k in range(500):
        z += x
        z[k % 3] *= 0.5
    v = np.zeros(3)
    for k in range(500):
        v += 1
        v[k % 3] *= 0.5
    np.testing.assert_allclose(z.value, v, rtol=1e-12)
    np.testing.assert_allclose(gradients(z, [x], np.ones(3))[0], v, rtol=1e-12)  # linear, so x times slope is z


def test_float32_stays_float32() -> None:
    x = Variable(np.ones((2, 3), np.float32))
    y = (np.where(x > 0, np.exp(x), 0) @ np.ones((3, 1))).sum()
    assert gradients((x * 2).sum(), [x])[0].dtype == np.float32
    assert gradients(y, [x])[0].dtype == np.float32


def test_upstream_gradients() -> None:
    x = Variable([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"needs dY = ∂J/∂y, as y is no single number: its shape is \(1, 2\)"):
        gradients(x * 2, [x])
    with pytest.raises(ValueError, match=r"expects dY of shape \(1, 2\), as y has it, got \(2,\)"):
        gradients(x * 2, [x], [1.0, 1.0])
    dY = np.array([[1.0, -1.0]])
    dY.setflags(write=False)
    np.testing.assert_array_equal(gradients(x, [x], dY)[0], dY)
    np.testing.assert_array_equal(gradients((x * 3).sum(keepdims=True), [x])[0], [[3, 3]])  # (1, 1) is one number too


def test_the_safe_forms_have_the_right_slope_where_they_are_put_together() -> None:
    z = Variable(np.array([[0.0, -0.0]]))
    np.testing.assert_array_equal(gradients(sigmoid(z).sum(), [z])[0], [[0.25, 0.25]])
    y = np.array([[0.0, 1.0]])
    J, _ = BinaryCrossEntropy().forward(z, y)
    np.testing.assert_array_equal(gradients(J, [z])[0], [[0.5, -0.5]])


def test_gradients_of_what_is_no_variable() -> None:
    x = Variable([1.0, 2.0])
    with pytest.raises(TypeError, match="y as a Variable, got float: nothing is recorded"):
        gradients(3.0, [x])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a list of Variables"):
        gradients(x.sum(), x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a list of Variables"):
        gradients(x.sum(), [np.ones(2)])  # type: ignore[list-item]


def test_against_finite_differences_through_a_whole_network() -> None:
    rng = np.random.default_rng(7)
    net, loss = Sequential(Dense(3, 4, rng=rng), Tanh(), Dense(4, 2, rng=rng)), LOSSES["SoftmaxCrossEntropy"][0]
    X, y = rng.normal(size=(5, 3)), rng.integers(2, size=5)
    x = Variable(X)
    J, _ = loss.forward(net.forward(x)[0], y)
    assert gradient_error(gradients(J, [x])[0], numerical_gradient(lambda X: loss.forward(net(X), y)[0], X)) < 1e-7


def test_traced_is_a_copy() -> None:
    layer = Dense(3, 2, rng=np.random.default_rng(8))
    net = traced(layer)
    assert isinstance(layer.params["W"], np.ndarray)
    assert isinstance(net.params["W"], Variable)
    layer.params["W"][...] = 0
    assert net.params["W"].value.any()


def test_examples_in_the_text() -> None:
    assert doctest.testmod(tape).failed == 0


# Bugs in the tape itself: each must be noticed by a layer, or by a variable on several paths.


def witness_fails() -> bool:
    try:
        found = [max(errors(LAYERS[c][0](np.random.default_rng(1)), LAYERS[c][1]).values()) for c in WITNESSES]
        test_one_variable_on_many_paths()
        test_a_node_waits_until_all_that_use_it_are_done()
        test_shared_parameters_add_up(same_layer=False)
        test_loss("SoftmaxCrossEntropy")
    except (AssertionError, LookupError, TypeError, ValueError):  # a gradient whose shape does not fit is noticed too
        return True
    return max(found) > 1e-3


WITNESSES = ["Dense", "Dense-square", "PReLU-image", "Maxout", "Softmax", "LSTM", "Conv2D", "Sequential"]

BUGS: dict[str, tuple[Any, str, str]] = {
    "sweep: the last use counts alone": (gradients, "dJ[parent] + share if parent in dJ else share", "share"),
    "sweep: ∂J/∂y is taken as one": (gradients, "_upstream(y.value, dY)", "np.ones_like(y.value)"),
    "order: nodes as they are met": (topological_order, "if uses[parent] == 0:", "if parent not in order:"),
    "order: each node's uses are counted once": (topological_order, "uses[parent] += 1", "uses[parent] = 1"),
    "unbroadcast: one copy instead of the sum": (
        tape_rules.unbroadcast,
        "np.sum(g, axis=stretched",
        "np.mean(g, axis=stretched",
    ),
    "unbroadcast: leading axes averaged": (
        tape_rules.unbroadcast,
        "np.sum(g, axis=tuple",
        "np.mean(g, axis=tuple",
    ),
    "elementwise: local derivative forgotten": (tape_rules.elementwise, "g * derivative(y, *xs)", "g"),
    "move: one place too far": (tape_rules.homeward, "[1:]", "[:-1]"),
    "move: the last copy counts alone": (
        tape_rules.homeward,
        "return np.bincount(came_from.ravel(), g.ravel(), x.size + 1)[1:].reshape(x.shape)",
        "d = np.zeros(x.size + 1); d[came_from.ravel()] = g.ravel(); return d[1:].reshape(x.shape)",
    ),
    "put: what was overwritten still counts": (tape_rules.put, "partial(written, new=0)", "np.copy"),
    "put: what is written does not count": (tape_rules.put, "homeward(came, np.asarray(new))]", "None]"),
    "einsum: roles not swapped": (tape_rules.swap_roles, "[out, *terms[:i]", "[terms[i], *terms[:i]"),
    "sum: as if it were a mean": (tape_rules.total, "np.broadcast_to(g if", "g.size / x.size * np.broadcast_to(g if"),
    "an input is forgotten": (tape_variable.record, "for x, back in pairs if", "for x, back in list(pairs)[:1] if"),
    "traced: shared parameters are parted": (traced, "= variables[id(p)]", "= Variable(p)"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_bug_is_caught(bug: str) -> None:
    with planted(*BUGS[bug]):
        assert witness_fails(), f"{bug}: nobody noticed"


def test_the_witness_is_content_without_a_bug() -> None:
    with planted(gradients, "share", "share"):
        assert not witness_fails()
    assert not witness_fails()
