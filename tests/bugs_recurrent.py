"""Planted bugs of recurrent layers, clipping and truncated back-propagation."""

from __future__ import annotations

import types
from collections.abc import Callable

import numpy as np
from witnesses import Bug, Witness

import dlbook
from dlbook import LSTM, RNN, SGD, Dense, MeanSquaredError, Sequential
from dlbook.check import gradient_error, numerical_gradient
from dlbook.unrolled import Recurrent


def recurrent_fails(make: Callable[[types.ModuleType, np.random.Generator], Recurrent]) -> Witness:
    """Differences over X, the first state and all parameters; one sequence of two is short, all states are random.

    Everything is square, so that a wrong formula has the right shape. The forward pass is compared with running the
    short sequence alone: differences take it for what it is.
    """

    def witness(module: types.ModuleType) -> bool:
        rng = np.random.default_rng(5)
        layer = make(module, rng)
        for p in layer.params.values():
            p[...] = rng.normal(size=p.shape)
        X, dY, lengths = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3)), [4, 2]
        first, dfinal = (tuple(rng.normal(size=(2, 2, 3))) for _ in range(2))
        if len(layer.parts) == 1:
            first, dfinal = first[:1], dfinal[:1]

        def run() -> tuple[np.ndarray, object, tuple[np.ndarray, ...]]:
            H, cache = layer.forward(X, state=first, lengths=lengths)
            final = layer.final_state(cache)
            return H, cache, final if isinstance(final, tuple) else (final,)

        H, cache, final = run()
        alone = layer.forward(X[1:, :2], state=tuple(s[1:] for s in first))[0]
        if np.abs(H[1, :2] - alone).max() > 1e-9 or np.abs(final[0] - H[:, -1]).max() > 1e-9:
            return True
        if np.abs(H[1, 2:] - alone[0, -1]).max() > 1e-9:
            return True
        dX, dfirst, grads = layer.backward_states(dY, cache, dfinal)
        pairs = [(X, dX), *((p, grads[name]) for name, p in layer.params.items())]
        pairs += zip(first, dfirst if isinstance(dfirst, tuple) else (dfirst,), strict=True)

        def error(array: np.ndarray, gradient: np.ndarray) -> float:
            def J(value: np.ndarray) -> float:
                kept = array.copy()
                array[...] = value
                H, _, final = run()
                array[...] = kept
                return float((H * dY).sum() + sum((s * d).sum() for s, d in zip(final, dfinal, strict=True)))

            return gradient_error(gradient, numerical_gradient(J, array))

        return max(error(*pair) for pair in pairs) > 1e-3

    return witness


def on_changed_base(module: types.ModuleType, rng: np.random.Generator) -> Recurrent:
    """Return an LSTM whose inherited methods are those of the changed module."""
    names = ("backward_states", "final_state", "_sums", "_errors", "_padded")
    methods = {name: vars(module.Recurrent)[name] for name in names}
    return type("LSTM", (LSTM,), methods)(3, 3, rng=rng)


rnn = recurrent_fails(lambda module, rng: module.RNN(3, 3, rng=rng))
rnn_relu = recurrent_fails(lambda module, rng: module.RNN(3, 3, rng=rng, activation="relu"))
lstm = recurrent_fails(lambda module, rng: module.LSTM(3, 3, rng=rng))
base = recurrent_fails(on_changed_base)


def lstm_formula_fails(module: types.ModuleType) -> bool:
    """One step by the formulas; differences take the forward pass for what it is."""
    rng = np.random.default_rng(4)
    layer = module.LSTM(3, 3, rng=rng)
    x, h, C = rng.normal(size=(3, 3))
    i, f, a, o = (layer.params["U"] @ x + layer.params["W"] @ h + layer.params["b"]).reshape(4, 3)
    H = layer.forward(x[None, None], state=(h[None], C[None]))[0][0, 0]
    return np.abs(H - dlbook.sigmoid(o) * np.tanh(dlbook.sigmoid(f) * C + dlbook.sigmoid(i) * np.tanh(a))).max() > 1e-9


def last_step_fails(module: types.ModuleType) -> bool:
    layer, rng = module.LastStep(), np.random.default_rng(1)
    return max(dlbook.check_layer(layer, rng.normal(size=(2, 4, 3)), rng=rng).values()) > 1e-3


def clipping_fails(module: types.ModuleType) -> bool:
    g = {"a": np.array([3.0, 0.0]), "b": np.array([[-4.0]])}
    short, long, cut = module.clip_norm(g, 10.0), module.clip_norm(g, 1.0), module.clip_value(g, 3.5)
    params = {"a": np.zeros(2), "b": np.zeros((1, 1))}
    module.Clipped(SGD(1.0), norm=1.0).step(params, g)
    expected = [(short, 3, -4), (long, 0.6, -0.8), (cut, 3, -3.5), (params, -0.6, 0.8)]
    return not all(np.allclose([got["a"][0], got["b"][0, 0]], [a, b]) for got, a, b in expected)


def chunks_fail(module: types.ModuleType) -> bool:
    """With parameters that hardly move, the chunks' losses are those of the whole sequence, cut."""
    rng = np.random.default_rng(2)
    model = Sequential(Dense(2, 2, rng=rng), RNN(2, 3, rng=rng), LSTM(3, 2, rng=rng))
    X, y = rng.normal(size=(2, 7, 2)), rng.normal(size=(2, 7, 2))
    steps = list(module.fit_truncated(model, MeanSquaredError(), SGD(1e-300), X, y, chunk=3, epochs=2, rng=rng))
    Y, _ = model.forward(X)
    whole = [MeanSquaredError().forward(Y[:, k : k + 3], y[:, k : k + 3])[0] for k in (0, 3, 6)]
    return not np.allclose([s.loss for s in steps], 2 * whole, rtol=0, atol=1e-9)


BUGS: dict[str, Bug] = {
    "rnn: the path through the state forgotten": ("recurrent", "dh_before = dZ[t] @ W", "dh_before = 0 * dh", rnn),
    "rnn: W not transposed on the way back": ("recurrent", "dZ[t] @ W", "dZ[t] @ W.T", rnn),
    "rnn: derivative 1 - h": ("recurrent", "1 - H[1:] ** 2", "1 - H[1:]", rnn),
    "rnn: derivative at the step before": ("recurrent", "1 - H[1:] ** 2", "1 - H[:-1] ** 2", rnn),
    "rnn: relu passes everything": ("recurrent", "(H[1:] > 0)", "(H[1:] >= 0)", rnn_relu),
    "rnn: only the last step has an error": (
        "recurrent",
        "dh += dH[t]",
        "dh += dH[t] if t == len(dH) - 1 else 0",
        rnn,
    ),
    "rnn: the derivative stands left of the matrix": (
        "recurrent",
        "dh_before = dZ[t] @ W",
        "dh_before = (dh @ W) * (1 - H[t + 1] ** 2)",
        rnn,
    ),
    "rnn: padded steps have a gradient": ("recurrent", "dZ[padded] = 0", "pass", rnn),
    "rnn: the gradient of a kept state is lost": (
        "recurrent",
        "dh_before += np.where(padded[t, :, None], dh, 0)",
        "pass",
        rnn,
    ),
    "rnn: padded steps change the state": (
        "recurrent",
        "np.copyto(H[t + 1], H[t], where=padded[t, :, None])",
        "pass",
        rnn,
    ),
    "rnn: the first state is ignored": ("recurrent", "H[0] = start[0]", "H[0] = 0", rnn),
    "last step: the first one": ("recurrent", "dX[:, -1] = dY", "dX[:, 0] = dY", last_step_fails),
    "recurrent: dW pairs a step with itself": ("unrolled", "H[:-1].reshape", "H[1:].reshape", base),
    "recurrent: db averaged": ("unrolled", "delta.sum(axis=0)", "delta.mean(axis=0)", base),
    "recurrent: X's gradient sees one block of U": (
        "unrolled",
        'dX = (dZ.reshape(T * m, -1) @ self.params["U"])',
        'dX = (dZ.reshape(T * m, -1)[:, :3] @ self.params["U"][:3])',
        base,
    ),
    "recurrent: the gradient of the final state is dropped": (
        "unrolled",
        'self._unpack("dstate", dstate, m, H.dtype)',
        'self._unpack("dstate", None, m, H.dtype)',
        base,
    ),
    "recurrent: one step too many": (
        "unrolled",
        "np.arange(T)[:, None] >= steps",
        "np.arange(T)[:, None] > steps",
        base,
    ),
    "recurrent: the state before the last step": ("unrolled", "S[-1].copy()", "S[-2].copy()", base),
    "lstm: the plain RNN's recursion for the hidden state": (
        "lstm",
        "dh_before = dZ[t] @ W",
        "dh_before = dZ[t, :, :3] @ W[:3]",
        lstm,
    ),
    "lstm: the output gate is left out of the hidden recursion": (
        "lstm",
        "dh_before = dZ[t] @ W",
        "dh_before = dZ[t, :, :9] @ W[:9]",
        lstm,
    ),
    "lstm: the cell's error does not pass the forget gate": ("lstm", "dC *= keep[t]", "pass", lstm),
    "lstm: the cell's error ends at each step": ("lstm", "dC *= keep[t]", "dC[...] = 0", lstm),
    "lstm: the hidden state's error does not enter the cell": ("lstm", "dC += dh * into_C[t]", "pass", lstm),
    "lstm: the output gate receives the cell's error": (
        "lstm",
        "factors[t, :, 3] *= dh",
        "factors[t, :, 3] *= dC",
        lstm,
    ),
    "lstm: the forget gate sees the new cell state": ("lstm", "*= C[:-1]", "*= C[1:]", lstm),
    "lstm: input gate and candidate exchanged": ("lstm", "factors[:, :, 0] *= a", "factors[:, :, 0] *= i", lstm),
    "lstm: the candidate has a sigmoid's derivative": ("lstm", "i * (1 - a**2)", "i * a * (1 - a)", lstm),
    "lstm: tanh of the cell forgotten in the output gate": ("lstm", "factors[:, :, 3] *= tanh_C", "pass", lstm),
    "lstm: 1 - tanh C": ("lstm", "(1 - tanh_C**2)", "(1 - tanh_C)", lstm),
    "lstm: the gates in another order": ("lstm", "i, f, a, o = gates[t]", "i, f, o, a = gates[t]", lstm_formula_fails),
    "lstm: half of the sigmoid forgotten in W": (
        "lstm",
        'W = self.params["W"] * half[:, None]',
        'W = self.params["W"]',
        lstm_formula_fails,
    ),
    "lstm: a kept cell forgets": ("lstm", "np.where(padded[:, :, None], 1, f)", "f", lstm),
    "clip: each gradient by its own norm": (
        "clipping",
        "{name: g * scale for name, g in grads.items()}",
        "{name: g * min(1.0, limit / global_norm({name: g})) for name, g in grads.items()}",
        clipping_fails,
    ),
    "clip: short gradients are made long": ("clipping", "min(1.0, limit / norm)", "limit / norm", clipping_fails),
    "clip: the largest entry for the norm": (
        "clipping",
        "return largest * float(np.sqrt(squares))",
        "return largest",
        clipping_fails,
    ),
    "clip: only from above": ("clipping", "np.clip(g, -limit, limit)", "np.minimum(g, limit)", clipping_fails),
    "clip: the optimizer sees the old gradients": (
        "clipping",
        "grads = clip_norm(grads, self.norm)",
        "clip_norm(grads, self.norm)",
        clipping_fails,
    ),
    "chunks: the state is not carried": (
        "bptt",
        "states=states)\n            J",
        "states=None)\n            J",
        chunks_fail,
    ),
    "chunks: the state is carried into the next epoch": (
        "bptt",
        "        states: States = None\n        for start",
        "        states = None if epoch == 1 else states\n        for start",
        chunks_fail,
    ),
    "chunks: targets one step behind": ("bptt", "y[:, now]", "np.roll(y, 1, axis=1)[:, now]", chunks_fail),
}
