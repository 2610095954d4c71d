"""Known mistakes of chapter 12 as a student types them, in other words than the catalogue's."""

from __future__ import annotations

import itertools

import numpy as np
from exercises.answers.model import Function, s


def as_in_source_000(v, W, a, b):
    code = s(np.dot(v, np.transpose(W)) + a)
    return code, s(np.dot(code, W) + b)


def bits_as_code(v, W, a, b):
    code = np.round(s(v @ W.T + b))
    return code, s(code @ W + a)


def minus_the_logarithm(v, W, a, b):
    F = []
    for x in v:
        z = b + W @ x
        F.append(a @ x + sum(np.logaddexp(0, z_j) for z_j in z))
    return np.array(F)


def entropy_forgotten(v, W, a, b):
    z = v @ W.T + b
    return -v @ a - np.einsum("mj,mj->m", np.exp(-np.logaddexp(0, -z)), z)


def brute_force(W, a, b):
    Z = 0
    for v in itertools.product([0, 1], repeat=len(a)):
        for h in itertools.product([0, 1], repeat=len(b)):
            with np.errstate(over="ignore"):
                Z += np.exp(np.dot(a, v) + np.dot(b, h) + np.array(h) @ W @ np.array(v))
    with np.errstate(divide="ignore"):
        return np.log(Z)


def states_from_one(W, a, b):
    terms = []
    n_v, n_h = len(a), len(b)
    for number in range(1, 2 ** (n_v + n_h)):
        state = np.array([number >> k & 1 for k in range(n_v + n_h)])
        v, h = state[:n_v], state[n_v:]
        terms.append(v @ a + h @ b + h @ W @ v)
    return np.logaddexp.reduce(terms)


def largest_kept_out(W, a, b):
    terms = [
        np.dot(a, v) + np.dot(b, h) + np.array(h) @ W @ np.array(v)
        for v in itertools.product([0, 1], repeat=len(a))
        for h in itertools.product([0, 1], repeat=len(b))
    ]
    return np.log(np.exp(np.array(terms) - max(terms)).sum())


def largest_hidden_kept_out(W, a, b):
    terms = np.array(
        [np.dot(b, h) + np.logaddexp(0, a + np.array(h) @ W).sum() for h in itertools.product([0, 1], repeat=len(b))]
    )
    return np.log(np.exp(terms - terms.max()).sum())


def gradient_to_add(v, W, a, b, u_h, u_v):
    p = s(v @ W.T + b)
    y = 1.0 * (u_v < s((u_h < p) @ W + a))
    q = s(y @ W.T + b)
    return (p.T @ v - q.T @ y) / len(v), (v - y).mean(0), (p - q).mean(0)


def listing_of_source_004(v, W, a, b, u_h, u_v):
    p = s(v @ W.T + b)
    y = np.maximum(np.sign(s(np.maximum(np.sign(p - u_h), 0) @ W + a) - u_v), 0)
    q = s(y @ W.T + b)
    return q.T @ y - p.T @ v, (y - v).mean(0), (q - p).mean(0)


def mean_field(V, H, W, a, b):
    p = s(s(V @ W.T + b) @ W + a)
    return np.array([[np.prod(np.where(to == 1, row, 1 - row)) for to in V] for row in p])


def columns_add_up(V, H, W, a, b):
    joint = np.exp((V @ a)[:, None] + H @ b + V @ W.T @ H.T)
    return joint / joint.sum(axis=0) @ (joint / joint.sum(axis=1, keepdims=True)).T


def proportional(V, H, W, a, b):
    up = np.exp(V @ W.T @ H.T + b @ H.T)
    down = np.exp(H @ W @ V.T + a @ V.T)
    return np.einsum("vh,hw->vw", up, down)


def divided_in_the_end(V, H, W, a, b):
    T = np.zeros((len(V), len(V)))
    for h in H:
        to_h = np.exp(V @ a + b @ h + V @ W.T @ h)
        T += np.outer(to_h, to_h)
    return T / T.sum(axis=1)[:, None]


SLIPS: list[tuple[str, Function, str]] = [
    ("12.3", as_in_source_000, "the biases are exchanged"),
    ("12.3", bits_as_code, "the code is rounded to bits"),
    ("12.4", minus_the_logarithm, "the sign of the whole"),
    ("12.4", entropy_forgotten, "the mean energy"),
    ("12.5", brute_force, "the exponentials overflow"),
    ("12.5", states_from_one, "the state with all units off is left out"),
    ("12.5", largest_kept_out, "the largest term is not added again"),
    ("12.5", largest_hidden_kept_out, "the largest hidden term is not added again"),
    ("12.6", gradient_to_add, "data minus model in the sign of an ascent"),
    ("12.6", listing_of_source_004, "the weights by the sum, the biases by the mean"),
    ("12.7", mean_field, "probabilities in place of hidden states"),
    ("12.7", columns_add_up, "from and to are exchanged"),
    ("12.7", proportional, "the factors are not divided by their sum"),
    ("12.7", divided_in_the_end, "the joint probabilities multiplied, the rows divided"),
]


def half_the_softplus(v, W, a, b):
    return -v @ a - 0.5 * np.logaddexp(0, v @ W.T + b).sum(axis=1)


def one_hidden_state(V, H, W, a, b):
    p = s(H[-1:] @ W + a)
    return np.repeat(np.where(V == 1, p, 1 - p).prod(axis=1)[None], len(V), axis=0)


NAMELESS: list[tuple[str, Function]] = [
    ("12.4", half_the_softplus),  # resembles a missing term
    ("12.7", one_hidden_state),  # rows alike, and yet not P(v')
]
