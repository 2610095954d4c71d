"""Exercise 12.7: One Gibbs step as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.enumeration import gibbs_matrix
from dlbook.exercises.chapter12.machines import machine, parameters, sigmoid
from dlbook.exercises.draw import in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array
from dlbook.states import binary_states

Function: TypeAlias = Callable[[Array, Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, n_visible: int, n_hidden: int) -> Case:
        states = binary_states(n_visible), binary_states(n_hidden)
        return Case(label, (*states, *parameters(rng, n_visible, n_hidden)))

    cases = [
        *(case("one visible and one hidden unit", 1, 1) for _ in range(2)),
        *(case("one visible unit", 1, n) for n in (2, 3)),
        *(case("one hidden unit", n, 1) for n in (2, 3)),
        *(case("as many hidden as visible units", n, n) for n in (2, 3)),
        *(case("a random machine", *(int(k) for k in rng.integers(2, 4, size=2))) for _ in range(5)),
        case("a random machine", 3, 2),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(V: Array, H: Array, W: Array, a: Array, b: Array) -> Array:
    return gibbs_matrix(machine(W, a, b)).astype(W.dtype)


def _all_units(p: Array, states: Array) -> Array:
    return np.asarray(np.where(states, p[:, None], 1 - p[:, None]).prod(axis=2))


def _on_units(p: Array, states: Array) -> Array:
    return np.asarray(np.where(states, p[:, None], 1).prod(axis=2))


def _up(V: Array, H: Array, W: Array, b: Array) -> Array:
    return _all_units(sigmoid(V @ W.T + b), H)


def _down(V: Array, H: Array, W: Array, a: Array) -> Array:
    return _all_units(sigmoid(H @ W + a), V)


def _slip(
    up: Callable[[Array, Array], Array] = lambda to_h, p_v: to_h,
    down: Callable[[Array, Array], Array] = lambda to_v, p_h: to_v,
) -> Function:
    """Return the product of the ways up and down, one of them changed; p_v and p_h are the marginals as columns."""

    def gibbs(V: Array, H: Array, W: Array, a: Array, b: Array) -> Array:
        joint = _joint(V, H, W, a, b)
        p_v, p_h = joint.sum(axis=1, keepdims=True), joint.sum(axis=0)[:, None]
        return np.asarray(up(_up(V, H, W, b), p_v) @ down(_down(V, H, W, a), p_h))

    return gibbs


def _factors_added(p: Array, states: Array) -> Array:
    return np.asarray(np.where(states, p[:, None], 1 - p[:, None]).sum(axis=2))


def _joint(V: Array, H: Array, W: Array, a: Array, b: Array) -> Array:
    P = np.exp(V @ a[:, None] + H @ b + V @ W.T @ H.T)
    return np.asarray(P / P.sum())


def _joint_twice(V: Array, H: Array, W: Array, a: Array, b: Array) -> Array:
    P = _joint(V, H, W, a, b)
    return np.asarray(P @ P.T)


def _most_probable(to_h: Array, p_v: Array) -> Array:
    return np.asarray(np.eye(to_h.shape[1])[to_h.argmax(axis=1)])


TRANSITIONS = Exercise(
    "12.7",
    "One Gibbs step as a matrix",
    ("V", "H", "W", "a", "b"),
    ("T",),
    "T of shape (2^n_v, 2^n_v), row: from, column: to",
    _reference,
    _cases,
    (
        Mistake(
            "from and to are exchanged",
            lambda V, H, W, a, b: _reference(V, H, W, a, b).T,
            "Row r holds the probabilities of all pictures that can follow picture r, so the rows add up to 1. Yours "
            "do in the columns.",
        ),
        Mistake(
            "probabilities in place of hidden states",
            lambda V, H, W, a, b: _all_units(sigmoid(sigmoid(V @ W.T + b) @ W + a), V),
            "You send the probabilities of the hidden units down. The pixels then know nothing of each other. Sum over "
            "all hidden states h: P(h | v) P(v' | h).",
        ),
        Mistake(
            "only units that are on",
            lambda V, H, W, a, b: _on_units(sigmoid(V @ W.T + b), H) @ _on_units(sigmoid(H @ W + a), V),
            "A unit that is off in the state has its factor, too: 1 − p.",
        ),
        Mistake(
            "all hidden states alike",
            _slip(up=lambda to_h, p_v: np.full_like(to_h, 1 / to_h.shape[1])),
            "You average over the hidden states. Each counts with its probability given the picture, P(h | v).",
        ),
        Mistake(
            "the sum without P(h | v)",
            _slip(up=lambda to_h, p_v: np.ones_like(to_h)),
            "You add P(v' | h) over all h. Each term has the factor P(h | v), which says where one comes from.",
        ),
        Mistake(
            "the most probable hidden state",
            _slip(up=_most_probable),
            "You go down from one hidden state. The others are drawn, too, each with its probability.",
        ),
        Mistake(
            "P(v') in every row",
            lambda V, H, W, a, b: (
                np.tile(np.exp(-machine(W, a, b).free_energy(V)), (len(V), 1))
                / np.exp(-machine(W, a, b).free_energy(V)).sum()
            ),
            "That is where the chain is after many steps, wherever it began. One step remembers its start.",
        ),
        Mistake(
            "the joint probability of both pictures",
            _slip(up=lambda to_h, p_v: to_h * p_v),
            "You have P(v) T(v' | v), the flow from v to v'. The start is given: its probability does not belong here.",
        ),
        Mistake(
            "two steps",
            lambda V, H, W, a, b: np.linalg.matrix_power(_reference(V, H, W, a, b), 2),
            "This is T times T: up, down, up and down again. One step goes up once and down once.",
        ),
        Mistake(
            "the step of the hidden units",
            lambda V, H, W, a, b: _down(V, H, W, a) @ _up(V, H, W, b),
            "You begin and end in the hidden layer, h → v → h'. The step asked for is v → h → v'.",
        ),
        Mistake(
            "the biases are exchanged",
            lambda V, H, W, a, b: _reference(V, H, W, b, a),
            "A unit adds its own bias: b on the way up, a on the way down.",
        ),
        Mistake(
            "the hidden bias is missing",
            lambda V, H, W, a, b: _reference(V, H, W, a, 0 * b),
            "On the way up each hidden unit adds its bias b.",
        ),
        Mistake(
            "the visible bias is missing",
            lambda V, H, W, a, b: _reference(V, H, W, 0 * a, b),
            "On the way down each visible unit adds its bias a.",
        ),
        Mistake(
            "the factors are not divided by their sum",
            lambda V, H, W, a, b: np.exp(H @ b + V @ W.T @ H.T) @ np.exp(V @ a + H @ W @ V.T),
            "e^(h_j z_j) is proportional to a probability. Divide by the sum over the two values of the unit, "
            "1 + e^(z_j), which makes a sigmoid of it: the rows must add up to 1.",
        ),
        Mistake(
            "the factors are added",
            lambda V, H, W, a, b: _factors_added(sigmoid(V @ W.T + b), H) @ _factors_added(sigmoid(H @ W + a), V),
            "Given the other layer the units are independent. The probability that *all* of them are as in the state "
            "is the product of their probabilities, not the sum.",
        ),
        Mistake(
            "W is used the wrong way round",
            lambda V, H, W, a, b: _all_units(sigmoid(V @ W + b), H) @ _all_units(sigmoid(H @ W.T + a), V),
            "W has one row for each hidden unit, and fits either way only if both layers have the same size. With one "
            "state per row it is V @ W.T on the way up and H @ W on the way down.",
        ),
        Mistake(
            "the sigmoids are missing",
            lambda V, H, W, a, b: _all_units(V @ W.T + b, H) @ _all_units(H @ W + a, V),
            "A weighted sum can be negative or above 1. The probability that a unit is on is its sigmoid.",
        ),
        Mistake(
            "the joint probabilities multiplied",
            _joint_twice,
            "Σ_h P(v, h) P(v', h) lacks two denominators: up it is P(h | v) = P(v, h)/P(v), down it is "
            "P(v' | h) = P(v', h)/P(h).",
        ),
        Mistake(
            "the joint probabilities multiplied, the rows divided",
            lambda V, H, W, a, b: _joint_twice(V, H, W, a, b) / _joint_twice(V, H, W, a, b).sum(axis=1, keepdims=True),
            "Rows that add up to 1 are not enough. P(v' | h) = P(v', h)/P(h) has a denominator of its own for every h, "
            "and it stands *inside* the sum.",
        ),
        Mistake(
            "the columns are made to add up to 1",
            lambda V, H, W, a, b: _reference(V, H, W, a, b) / _reference(V, H, W, a, b).sum(axis=0),
            "From one picture the chain must go somewhere, so each *row* adds up to 1, by itself. The columns need "
            "not.",
        ),
        Mistake(
            "the way up alone",
            lambda V, H, W, a, b: _up(V, H, W, b),
            "These are the probabilities of the hidden states given each picture, the first half of the step.",
        ),
    ),
    {
        "more than one visible unit": lambda V, H, W, a, b: several(a),
        "more than one hidden unit": lambda V, H, W, a, b: several(b),
        "different numbers of visible and hidden units": lambda V, H, W, a, b: len(a) != len(b),
    },
)
