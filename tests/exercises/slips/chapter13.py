"""Known mistakes of chapter 13 as a student writes them, in other words than the catalogue's."""

from __future__ import annotations

import numpy as np
from exercises.answers.model import Function, s


def index_minus_one(R, W, b):
    p = np.zeros((len(R), len(b)))
    for u in range(len(R)):
        p[u] = s(b + sum(W[:, i, R[u, i] - 1] for i in range(R.shape[1])))
    return p


def ratings_as_numbers(R, W, b):
    z = np.tile(b, (len(R), 1))
    for u, i in np.argwhere(R > 0):
        z[u] = z[u] + R[u, i] * W[:, i, R[u, i] - 1]
    return s(z)


def added_once_per_user(R, W, b):
    z = np.tile(b, (len(R), 1))
    u, i = np.nonzero(R)
    z[u] += W[:, i, R[u, i] - 1].T
    return s(z)


def mean_rating_of_the_items(R, W, b):
    n = (R > 0).sum(axis=1)
    z = np.zeros((len(R), len(b)))
    for u in range(len(R)):
        for i in np.flatnonzero(R[u]):
            z[u] += W[:, i, R[u, i] - 1] / n[u]
    return s(z + b)


def no_sums(p, W, a):
    e = np.exp(p @ W.reshape(len(W), -1) + a.ravel()).reshape(len(p), *a.shape)
    return e @ np.arange(1.0, a.shape[1] + 1)


def zero_based(p, W, a):
    e = np.exp(np.tensordot(p, W, axes=1) + a)
    return (e * np.arange(a.shape[1])).sum(axis=-1) / e.sum(axis=-1)


def likeliest(p, W, a):
    return 1 + np.argmax(np.tensordot(p, W, axes=1) + a, axis=-1)


def unit_spread(v, W, a, b, sigma):
    return a + s(v @ W.T + b) @ W


def squashed(v, W, a, b, sigma):
    return s(sigma * (s(b + v @ (W / sigma).T) @ W) + a)


def feed_forward(v, W1, W2, b1, b2, steps):
    for _ in range(steps):
        first = s(np.dot(v, W1.T) + b1)
        second = s(np.dot(first, W2.T) + b2)
    return first, second


def at_once(v, W1, W2, b1, b2, steps):
    m1, m2 = np.full((len(v), len(b1)), 0.5), np.full((len(v), len(b2)), 0.5)
    for _ in range(steps):
        m1, m2 = s(v @ W1.T + m2 @ W2 + b1), s(m1 @ W2.T + b2)
    return m1, m2


def quiet_start(v, W1, W2, b1, b2, steps):
    m2 = np.zeros((len(v), len(b2)))
    for _ in range(steps):
        m1 = s(v @ W1.T + m2 @ W2 + b1)
        m2 = s(m1 @ W2.T + b2)
    return m1, m2


def visible_by_hidden(W1, W2, W3):
    n0, n1, n2, n3 = W1.shape[1], len(W1), len(W2), len(W3)
    W = np.zeros((n0 + n2, n1 + n3))
    W[:n0, :n1], W[n0:, :n1], W[n0:, n1:] = W1.T, W2, W3.T
    return W


def second_layer_left(W1, W2, W3):
    return np.vstack([np.hstack([W2.T, W1]), np.hstack([W3, np.zeros((len(W3), W1.shape[1]))])])


def in_parallel(s_, W, b, u):
    return (u < s(s_ @ W + b)).astype(float)


def downhill(s_, W, b, u):
    new = s_.copy()
    for i in range(len(b)):
        new[:, i] = new @ W[:, i] + b[i] > 0
    return new


def in_parallel_and_halved(s_, W, b, u):
    return (u < s(s_ @ W / 2 + b)).astype(float)


def plus_in_the_exponent(v, W, a, b, sigma):
    h = 1 / (1 + np.exp(np.dot(v / sigma, W.T) + b))
    return a + sigma * np.dot(h, W)


def weighted_sums_sent_down(v, W, a, b, sigma):
    h = np.einsum("mi,ji->mj", v / sigma, W) + b
    return sigma * (h @ W) + a


def returned_too_soon(v, W1, W2, b1, b2, steps):
    m2 = np.full((len(v), len(b2)), 0.5)
    for _ in range(steps):
        m1 = s(v @ W1.T + m2 @ W2 + b1)
        m2 = s(m1 @ W2.T + b2)
        return m1, m2  # the indent
    return None


def square_layers(v, W1, W2, b1, b2, steps):
    m1, m2 = np.full((len(v), len(b1)), 0.5), np.full((len(v), len(b2)), 0.5)
    for _ in range(steps):
        m1 = s(np.dot(v, W1.T) + np.dot(m2, W2.T) + b1)
        m2 = s(np.dot(m1, W2) + b2)
    return m1, m2


def copied_in_the_loop(s_, W, b, u):
    for i in range(len(b)):
        new = np.array(s_)
        new[:, i] = u[:, i] < s(new @ W[i] + b[i])
    return new


def switched_on(s_, W, b, u):
    new = s_.copy()
    for i in range(len(b)):
        for k in range(len(new)):
            if u[k, i] < s(new[k] @ W[i] + b[i]):
                new[k, i] = 1
    return new


SLIPS: list[tuple[str, Function, str]] = [
    ("13.3", index_minus_one, "a missing rating counts as the highest one"),
    ("13.3", added_once_per_user, "the last rating alone"),
    ("13.3", ratings_as_numbers, "the stars multiply the weights"),
    ("13.3", mean_rating_of_the_items, "the mean over the ratings in place of their sum"),
    ("13.4", no_sums, "exponentials that are not divided by their sum"),
    ("13.4", zero_based, "the stars count from 0"),
    ("13.4", likeliest, "the most probable rating in place of the mean"),
    ("13.5", unit_spread, "σ is missing both ways"),
    ("13.5", squashed, "a sigmoid on the visible units"),
    ("13.6", feed_forward, "nothing comes from above"),
    ("13.6", at_once, "both layers at the same time"),
    ("13.5", plus_in_the_exponent, "the probability of being off"),
    ("13.5", weighted_sums_sent_down, "the sigmoid is missing"),
    ("13.6", quiet_start, "the start is 0"),
    ("13.6", returned_too_soon, "one step, however many are asked for"),
    ("13.6", square_layers, "W2 is used the wrong way round"),
    ("13.7", visible_by_hidden, "the transpose"),
    ("13.7", second_layer_left, "h2 before v"),
    ("13.8", in_parallel, "all units at once"),
    ("13.8", downhill, "the more probable state"),
    ("13.8", copied_in_the_loop, "only the last unit is drawn"),
    ("13.8", switched_on, "units go on and never off"),
]

# Wrong, and like a known mistake, but another one
NAMELESS: list[tuple[str, Function]] = [
    ("13.4", lambda p, W, a: np.round(zero_based(p, W, a))),
    ("13.6", lambda v, W1, W2, b1, b2, steps: at_once(v, W1, W2, b1, 2 * b2, steps)),
    ("13.8", in_parallel_and_halved),
]
