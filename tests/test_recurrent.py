"""RNN and LSTM: states, lengths and their gradients. The derivatives without them are tested in test_gradients.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlbook import LSTM, RNN, LastStep, sigmoid
from dlbook.check import gradient_error, numerical_gradient
from dlbook.tape import Variable, gradients, traced
from dlbook.unrolled import Recurrent

Make = Callable[[np.random.Generator], Recurrent]
GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "recurrent.npz", allow_pickle=False))
MAKERS: dict[str, Make] = {
    "RNN": lambda rng: RNN(3, 4, rng=rng),
    "RNN-relu": lambda rng: RNN(3, 4, rng=rng, activation="relu"),
    "LSTM": lambda rng: LSTM(3, 4, rng=rng),
}
LENGTHS = np.array([3, 6, 0, 5])


def state_of(layer: Recurrent, get: Callable[[str], np.ndarray]):
    values = tuple(get(part) for part in layer.parts)
    return values if len(values) > 1 else values[0]


def parts_of(state) -> tuple[np.ndarray, ...]:
    return state if isinstance(state, tuple) else (state,)


def drawn(name: str, m: int, T: int):
    """A layer with random parameters, sequences, and random states."""
    rng = np.random.default_rng(7)
    layer = MAKERS[name](rng)
    for p in layer.params.values():
        p[...] = rng.normal(size=p.shape)
    X, dY = rng.normal(size=(m, T, 3)), rng.normal(size=(m, T, 4))
    first, dfinal = (state_of(layer, lambda part: rng.normal(size=(m, 4))) for _ in range(2))
    return layer, X, dY, first, dfinal


@pytest.mark.parametrize("case", sorted({key.split("/")[0] for key in GOLDEN if "-state" in key}))
def test_states_and_lengths_are_those_of_pytorch(case: str) -> None:
    g = {key.split("/")[1]: a for key, a in GOLDEN.items() if key.split("/")[0] == case}
    layer = MAKERS[case.split("-state")[0]](np.random.default_rng(0))
    layer.params = {name: g[f"param.{name}"] for name in layer.params}
    lengths = g.get("lengths")
    m, T = g["X"].shape[:2]
    Y, cache = layer.forward(g["X"], state=state_of(layer, lambda part: g[f"first.{part}"]), lengths=lengths)
    dX, dfirst, grads = layer.backward_states(g["dY"], cache, state_of(layer, lambda part: g[f"dfinal.{part}"]))
    real = np.arange(T) < (np.full(m, T) if lengths is None else lengths)[:, None]
    expected = {"Y": Y[real] - g["Y"][real], "dX": dX - g["dX"]}
    expected |= {f"grad.{name}": grad - g[f"grad.{name}"] for name, grad in grads.items()}
    for part, final, gradient in zip(layer.parts, parts_of(layer.final_state(cache)), parts_of(dfirst), strict=True):
        expected |= {f"final.{part}": final - g[f"final.{part}"], f"dfirst.{part}": gradient - g[f"dfirst.{part}"]}
    assert {
        name: np.abs(difference).max() for name, difference in expected.items() if np.abs(difference).max() > 1e-10
    } == {}


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("T", [1, 6])
@pytest.mark.parametrize("name", MAKERS)
def test_finite_differences_with_states(name: str, T: int, lengths: np.ndarray | None) -> None:
    """J takes in the outputs and the final state; every parameter, X and every part of the first state is shifted."""
    layer, X, dY, first, dfinal = drawn(name, 4, T)
    lengths = None if lengths is None else np.minimum(lengths, T)

    def J() -> float:
        H, cache = layer.forward(X, state=first, lengths=lengths)
        final = zip(parts_of(layer.final_state(cache)), parts_of(dfinal), strict=True)
        return float((H * dY).sum() + sum((s * d).sum() for s, d in final))

    dX, dfirst, grads = layer.backward_states(dY, layer.forward(X, state=first, lengths=lengths)[1], dfinal)
    pairs = {"X": (X, dX)} | {key: (p, grads[key]) for key, p in layer.params.items()}
    pairs |= {part: pair for part, *pair in zip(layer.parts, parts_of(first), parts_of(dfirst), strict=True)}
    for key, (array, gradient) in pairs.items():

        def J_at(value: np.ndarray, array: np.ndarray = array) -> float:
            kept = array.copy()
            array[...] = value
            result = J()
            array[...] = kept
            return result

        assert gradient_error(gradient, numerical_gradient(J_at, array)) < 1e-7, key


@pytest.mark.parametrize("name", MAKERS)
def test_the_tape_agrees_with_states_and_lengths(name: str) -> None:
    layer, X, dY, first, dfinal = drawn(name, 4, 6)
    H, cache = layer.forward(X, state=first, lengths=LENGTHS)
    dX, dfirst, grads = layer.backward_states(dY, cache, dfinal)
    net, x = traced(layer), Variable(X)
    start = [Variable(part) for part in parts_of(first)]
    h, tape_cache = net.forward(x, state=tuple(start), lengths=LENGTHS)
    final = parts_of(net.final_state(tape_cache))
    np.testing.assert_array_equal(h.value, H)
    J = (h * dY).sum() + sum((s * d).sum() for s, d in zip(final, parts_of(dfinal), strict=True))
    by_tape = gradients(J, [x, *start, *net.params.values()])
    for one, other in zip(by_tape, [dX, *parts_of(dfirst), *grads.values()], strict=True):
        assert gradient_error(one, other) < 1e-10


@pytest.mark.parametrize("name", MAKERS)
def test_forward_is_the_formula_step_by_step(name: str) -> None:
    layer, X, _, first, _ = drawn(name, 2, 5)
    U, W, b = (layer.params[key] for key in "UWb")
    H, cache = layer.forward(X, state=first)
    states = parts_of(layer.states(cache))
    np.testing.assert_array_equal([S[:, 0] for S in states], parts_of(first))
    for k in range(2):
        state = [part[k] for part in parts_of(first)]
        for t in range(5):
            z = U @ X[k, t] + W @ state[0] + b
            if name == "LSTM":
                i, f, a, o = z.reshape(4, -1)
                C = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(a)
                state = [sigmoid(o) * np.tanh(C), C]
                gates = [sigmoid(i), sigmoid(f), np.tanh(a), sigmoid(o)]
                np.testing.assert_allclose([g[k, t] for g in layer.gates(cache)], gates, rtol=0, atol=1e-13)
            else:
                state = [np.tanh(z) if name == "RNN" else np.maximum(z, 0)]
            np.testing.assert_allclose(H[k, t], state[0], rtol=0, atol=1e-13)
            np.testing.assert_allclose([S[k, t + 1] for S in states], state, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", MAKERS)
def test_a_batch_of_different_lengths_is_every_sequence_alone(name: str) -> None:
    layer, X, dY, first, dfinal = drawn(name, 4, 6)
    dY[np.arange(6) >= LENGTHS[:, None]] = 0  # a loss looks at real steps only
    garbage = X.copy()
    garbage[np.arange(6) >= LENGTHS[:, None]] = 1e6
    H, cache = layer.forward(garbage, state=first, lengths=LENGTHS)
    dX, dfirst, grads = layer.backward_states(dY, cache, dfinal)
    total = dict.fromkeys(grads, 0.0)
    for k, length in enumerate(LENGTHS):
        final = [part[k] for part in parts_of(layer.final_state(cache))]
        np.testing.assert_array_equal(H[k, length:], np.broadcast_to(final[0], (6 - length, 4)))
        assert not dX[k, length:].any()
        if length == 0:  # nothing is read: the state and its gradient pass
            for before, after in ((first, layer.final_state(cache)), (dfinal, dfirst)):
                for a, c in zip(parts_of(before), parts_of(after), strict=True):
                    np.testing.assert_array_equal(a[k], c[k])
            continue
        one = slice(k, k + 1)
        own = state_of(layer, dict(zip(layer.parts, (s[one] for s in parts_of(first)), strict=True)).get)
        own_dfinal = state_of(layer, dict(zip(layer.parts, (s[one] for s in parts_of(dfinal)), strict=True)).get)
        H_alone, cache_alone = layer.forward(X[one, :length], state=own)
        dX_alone, dfirst_alone, grads_alone = layer.backward_states(dY[one, :length], cache_alone, own_dfinal)
        np.testing.assert_allclose(H[one, :length], H_alone, rtol=0, atol=1e-13)
        np.testing.assert_allclose(dX[one, :length], dX_alone, rtol=0, atol=1e-13)
        for a, c in zip(parts_of(dfirst), parts_of(dfirst_alone), strict=True):
            np.testing.assert_allclose(a[one], c, rtol=0, atol=1e-13)
        for a, c in zip(final, parts_of(layer.final_state(cache_alone)), strict=True):
            np.testing.assert_allclose(a, c[0], rtol=0, atol=1e-13)
        total = {key: total[key] + g for key, g in grads_alone.items()}
    for key, g in grads.items():
        np.testing.assert_allclose(g, total[key], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MAKERS)
def test_full_lengths_change_nothing(name: str) -> None:
    layer, X, dY, first, _ = drawn(name, 4, 6)
    H, cache = layer.forward(X, state=first)
    H_given, cache_given = layer.forward(X, state=first, lengths=[6, 6, 6, 6])
    np.testing.assert_array_equal(H, H_given)
    np.testing.assert_array_equal(layer.backward(dY, cache)[0], layer.backward(dY, cache_given)[0])


@pytest.mark.parametrize("name", MAKERS)
def test_two_pieces_are_the_whole(name: str) -> None:
    """States forward and gradients of states back: cutting a sequence changes nothing."""
    layer, X, dY, first, dfinal = drawn(name, 2, 7)
    H, cache = layer.forward(X, state=first)
    whole = layer.backward_states(dY, cache, dfinal)
    H1, cache1 = layer.forward(X[:, :3], state=first)
    H2, cache2 = layer.forward(X[:, 3:], state=layer.final_state(cache1))
    dX2, dmiddle, grads2 = layer.backward_states(dY[:, 3:], cache2, dfinal)
    dX1, dfirst, grads1 = layer.backward_states(dY[:, :3], cache1, dmiddle)
    np.testing.assert_allclose(np.concatenate([H1, H2], axis=1), H, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.concatenate([dX1, dX2], axis=1), whole[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(parts_of(dfirst), parts_of(whole[1]), rtol=0, atol=1e-12)
    for key, g in whole[2].items():
        np.testing.assert_allclose(grads1[key] + grads2[key], g, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MAKERS)
def test_states_are_copies_and_arguments_stay(name: str) -> None:
    layer, X, dY, first, dfinal = drawn(name, 2, 5)
    for array in (X, dY, *parts_of(first), *parts_of(dfinal)):
        array.setflags(write=False)
    H, cache = layer.forward(X, state=first, lengths=[5, 2])
    kept = H.copy()
    for part in parts_of(layer.final_state(cache)):
        part[...] = 9
    results = [layer.backward_states(dY, cache, dfinal) for _ in range(2)]
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(parts_of(results[0][1]), parts_of(results[1][1]))
    np.testing.assert_array_equal(H, kept)


@pytest.mark.parametrize("name", MAKERS)
def test_float32_states(name: str) -> None:
    layer, X, dY, first, dfinal = drawn(name, 4, 6)
    layer.astype(np.float32)
    H, cache = layer.forward(X.astype(np.float32), state=first, lengths=LENGTHS)
    dX, dfirst, grads = layer.backward_states(dY.astype(np.float32), cache, dfinal)
    arrays = [H, dX, *grads.values(), *parts_of(dfirst), *parts_of(layer.final_state(cache))]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_gates_do_not_overflow() -> None:
    layer = LSTM(1, 2, rng=np.random.default_rng(0))
    layer.params["b"][...] = 1e4
    H, cache = layer.forward(np.full((1, 3, 1), -1e8))
    assert np.isfinite(H).all()
    assert np.isfinite(layer.backward(np.ones_like(H), cache)[0]).all()


def test_the_forget_gate_starts_open() -> None:
    rng = np.random.default_rng(0)
    b = LSTM(3, 4, rng=rng).params["b"].reshape(4, 4)  # i, f, a, o
    np.testing.assert_array_equal(b, [[0] * 4, [1] * 4, [0] * 4, [0] * 4])
    assert not LSTM(3, 4, rng=rng, forget_bias=0).params["b"].any()


def test_blocks_start_like_layers_of_their_own() -> None:
    def init(shape, n_in, n_out, *, rng):
        return np.full(shape, 100.0 * n_in + n_out)

    layer = LSTM(3, 4, rng=np.random.default_rng(0), init=init, recurrent_init=init)
    assert (layer.params["U"] == 304).all()
    assert layer.params["U"].shape == (16, 3)
    assert (layer.params["W"] == 404).all()
    assert layer.params["W"].shape == (16, 4)


def test_last_step_takes_the_last_state_of_every_length() -> None:
    layer, X, _, first, _ = drawn("LSTM", 4, 6)
    H, cache = layer.forward(X, state=first, lengths=LENGTHS)
    np.testing.assert_array_equal(LastStep()(H), layer.final_state(cache)[0])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5, 3), r"expects X of shape \(m, T, 3\), got \(5, 3\); one sequence is a batch of one, use X\[None\]"),
        ((2, 5, 4), r"expects X of shape \(m, T, 3\), got \(2, 5, 4\)"),
        ((2, 3, 5, 3), "their steps the second axis"),
        ((2, 0, 3), "an axis has length 0"),
    ],
)
@pytest.mark.parametrize("name", MAKERS)
def test_wrong_sequences(name: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MAKERS[name](np.random.default_rng(0)).forward(np.zeros(shape))


def test_one_number_per_step() -> None:
    with pytest.raises(ValueError, match=r"use X\[\.\.\., None\]"):
        RNN(1, 4, rng=np.random.default_rng(0)).forward(np.zeros((2, 5)))


@pytest.mark.parametrize(
    ("lengths", "kind", "message"),
    [
        ([1, 2, 3], ValueError, r"lengths of shape \(2,\), got \(3,\)"),
        ([1, 6], ValueError, "lengths from 0 to 5, the number of steps in X, got 1 to 6"),
        ([-1, 5], ValueError, "got -1 to 5"),
        ([1.0, 5.0], TypeError, "lengths as whole numbers, got float64"),
        ([True, False], TypeError, "got bool"),
    ],
)
def test_wrong_lengths(lengths: list, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        RNN(3, 4, rng=np.random.default_rng(0)).forward(np.zeros((2, 5, 3)), lengths=lengths)


h = np.zeros((2, 4))


@pytest.mark.parametrize(
    ("name", "state", "kind", "message"),
    [
        ("RNN", h[0], ValueError, r"h of state of shape \(2, 4\), got \(4,\)"),
        ("RNN", h[:1], ValueError, r"h of state of shape \(2, 4\), got \(1, 4\)"),
        ("RNN", (h, h), TypeError, "RNN expects state as one array h of shape .*, got 2 array"),
        ("LSTM", h, TypeError, r"LSTM expects state as the pair \(h, C\) of shape .*, got 1 array"),
        ("LSTM", (h, h[:, :3]), ValueError, r"C of state of shape \(2, 4\), got \(2, 3\)"),
        ("LSTM", (h, h.astype(int)), TypeError, "C of state as floating-point numbers"),
        ("RNN", np.full((2, 4), np.nan), ValueError, "got NaN in h of state"),
    ],
)
def test_wrong_states(name: str, state, kind: type[Exception], message: str) -> None:
    layer = MAKERS[name](np.random.default_rng(0))
    with pytest.raises(kind, match=message):
        layer.forward(np.zeros((2, 5, 3)), state=state)
    _, cache = layer.forward(np.zeros((2, 5, 3)))
    with pytest.raises(kind, match=message.replace("state", "dstate")):
        layer.backward_states(np.zeros((2, 5, 4)), cache, state)


def test_wrong_arguments() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match='activation="tanh" or activation="relu", got \'sigmoid\''):
        RNN(3, 4, rng=rng, activation="sigmoid")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="LSTM expects n_hidden as a whole number"):
        LSTM(3, 4.0, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="RNN expects rng as a numpy Generator"):
        RNN(3, 4, rng=0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="recurrent_init returns of shape"):
        RNN(3, 4, rng=rng, recurrent_init=lambda shape, n_in, n_out, *, rng: np.zeros(n_in))
    with pytest.raises(ValueError, match=r"LastStep expects X of shape \(m, T, n\), got \(2, 3\)"):
        LastStep().forward(np.zeros((2, 3)))
