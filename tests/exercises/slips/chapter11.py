"""Known mistakes of chapter 11 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function, s


def sources_order(x, h, C, U, W, b):
    n = C.shape[1]
    z = np.einsum("mi,ni->mn", x, U) + np.einsum("mi,ni->mn", h, W) + b
    f, i, a, o = z[:, :n], z[:, n : 2 * n], z[:, 2 * n : 3 * n], z[:, 3 * n :]
    C = s(f) * C + s(i) * np.tanh(a)
    return s(o) * np.tanh(C), C


def shows_too_early(x, h, C, U, W, b):
    i, f, a, o = np.split(x @ U.T + h @ W.T + b, 4, axis=1)
    h = s(o) * np.tanh(C)
    return h, s(f) * C + s(i) * np.tanh(a)


def squashed_belt(x, h, C, U, W, b):
    i, f, a, o = np.split(x @ U.T + h @ W.T + b, 4, axis=1)
    C = np.tanh(s(f) * C + s(i) * np.tanh(a))
    return s(o) * C, C


def this_forget_gate(dh, f, o, C):
    behind, dC = 0, np.zeros(C.shape)
    for t in range(C.shape[1])[::-1]:
        dC[:, t] = dh[:, t] * o[:, t] / np.cosh(C[:, t]) ** 2
        if t < C.shape[1] - 1:
            dC[:, t] += behind * f[:, t]
        behind = dC[:, t]
    return dC


def whole_belt(dh, f, o, C):
    direct = dh * o * (1 - np.tanh(C) ** 2)
    return direct[:, ::-1].cumsum(axis=1)[:, ::-1]


def tanh_as_a_sigmoid(dh, dC, i, f, a, o, C_before, C):
    def slope(g):
        return g - g * g

    return np.hstack([dC * a * slope(i), dC * C_before * slope(f), dC * i * slope(a), dh * np.tanh(C) * slope(o)])


def one_error_for_all(dh, dC, i, f, a, o, C_before, C):
    parts = [a * i * (1 - i), C_before * f * (1 - f), i * (1 - a * a), np.tanh(C) * o * (1 - o)]
    return np.hstack([dh * part for part in parts])


def as_pytorch(x, h, U, W, b):
    gi, gh = np.split(x @ U.T + b, 3, axis=1), np.split(h @ W.T, 3, axis=1)
    r, u = s(gi[0] + gh[0]), s(gi[1] + gh[1])
    a = np.tanh(gi[2] + r * gh[2])
    return a + u * (h - a)


def written_share(x, h, U, W, b):
    n = h.shape[1]
    r, u = (s(x @ U[k * n : k * n + n].T + h @ W[k * n : k * n + n].T + b[k * n : k * n + n]) for k in (0, 1))
    a = np.tanh(x @ U[-n:].T + (h * r) @ W[-n:].T + b[-n:])
    return h + u * (a - h)


def all_at_once(Z, C, p):
    n = C.shape[1]
    i, f, o = (s(Z[:, k * n : k * n + n] + C * p[j]) for j, k in enumerate((0, 1, 3)))
    C = f * C + i * np.tanh(Z[:, 2 * n : 3 * n])
    return o * np.tanh(C), C


def second_bias(Z, C, p):
    i, f, a, o = np.split(Z, 4, axis=1)
    C = s(f + p[1]) * C + s(i + p[0]) * np.tanh(a)
    return np.tanh(C) * s(o + p[2]), C


def halved_output(x, h, C, U, W, b):
    i, f, a, o = np.split(x @ U.T + h @ W.T + b, 4, axis=1)
    C = s(f) * C + s(i) * np.tanh(a)
    return s(o) * C / 2, C


SLIPS: list[tuple[str, Function, str]] = [
    ("11.3", sources_order, "the order f, i, a, o"),
    ("11.3", shows_too_early, "h shows the old cell state"),
    ("11.3", squashed_belt, "tanh(C) is carried on in place of C"),
    ("11.4", this_forget_gate, "the forget gate of the wrong step"),
    ("11.4", whole_belt, "the forget gate is missing"),
    ("11.5", tanh_as_a_sigmoid, "the candidate with the slope of a sigmoid"),
    ("11.5", one_error_for_all, "all gates with the error of h"),
    ("11.6", as_pytorch, "the reset gate behind the product"),
    ("11.6", written_share, "u and 1 − u are exchanged"),
    ("11.7", all_at_once, "the output gate sees the old cell state"),
    ("11.7", second_bias, "p is added without the cell state"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("11.3", halved_output),
    ("11.6", lambda x, h, U, W, b: written_share(x, h, U, W, 2 * b)),
]
