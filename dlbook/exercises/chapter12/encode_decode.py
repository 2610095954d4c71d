"""Exercise 12.3: Encode and decode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import softmax
from dlbook.exercises.chapter12.machines import bits, machine, parameters, sigmoid
from dlbook.exercises.draw import in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Function: TypeAlias = Callable[[Array, Array, Array, Array], tuple[Array, Array]]
OnArray: TypeAlias = Callable[[Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_visible: int, n_hidden: int) -> Case:
        return Case(label, (bits(rng, m, n_visible), *parameters(rng, n_visible, n_hidden)))

    cases = [
        *(case("one example, one visible and one hidden unit", 1, 1, 1) for _ in range(2)),
        case("one example", 1, 3, 2),
        case("one example, one hidden unit", 1, 3, 1),
        case("one visible unit", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        *(case("as many hidden as visible units", 2, n, n) for n in (2, 3)),
        case("examples, visible and hidden units of one number", 3, 3, 3),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(v: Array, W: Array, a: Array, b: Array) -> tuple[Array, Array]:
    rbm = machine(W, a, b)
    code = rbm.hidden_probabilities(v)
    return code, rbm.visible_mean(code)


def _slip(
    up: OnArray = sigmoid,
    down: OnArray = sigmoid,
    *,
    biases: tuple[float, float] = (1, 1),
    between: OnArray = lambda code: code,
) -> Function:
    """Return both ways with one thing done in another way."""

    def encode_decode(v: Array, W: Array, a: Array, b: Array) -> tuple[Array, Array]:
        code = up(v @ W.T + biases[1] * b)
        return code, down(between(code) @ W + biases[0] * a)

    return encode_decode


def _same(z: Array) -> Array:
    return z


def _rounded(z: Array) -> Array:
    return np.asarray((sigmoid(z) > 0.5).astype(z.dtype))


ENCODE_DECODE = Exercise(
    "12.3",
    "Encode and decode",
    ("v", "W", "a", "b"),
    ("code", "back"),
    "code of shape (m, n_h), back of shape (m, n_v)",
    _reference,
    _cases,
    (
        Mistake(
            "the biases are exchanged",
            lambda v, W, a, b: (c := sigmoid(v @ W.T + a), sigmoid(c @ W + b)),
            "a belongs to the visible layer and b to the hidden one, and a unit adds its own bias: b on the way up, a "
            "on the way down.",
        ),
        Mistake(
            "the weights are transposed",
            lambda v, W, a, b: _reference(v, W.T, a, b),
            "W has one row per hidden unit. Hidden unit j sees the picture through its row, v @ W.T; a visible unit "
            "sees the code through its column.",
        ),
        Mistake(
            "the same matrix product in both directions",
            lambda v, W, a, b: (c := sigmoid(v @ W.T + b), sigmoid(c @ W.T + a)),
            "On the way down each visible unit sums over the hidden ones, the other index of W: no transpose there.",
        ),
        Mistake(
            "no sigmoid on the way up",
            _slip(up=_same),
            "The code holds probabilities. v @ W.T + b is the argument of the sigmoid, any number at all.",
        ),
        Mistake(
            "no sigmoid on the way down",
            _slip(down=_same),
            "What comes back are probabilities of pixels, between 0 and 1: the sigmoid is missing on the way down.",
        ),
        Mistake(
            "no sigmoid at all",
            _slip(_same, _same),
            "Both results should be probabilities. A unit is on with probability σ of its weighted sum.",
        ),
        Mistake(
            "the hidden bias is missing",
            _slip(biases=(1, 0)),
            "The weighted sum of a hidden unit includes its own bias b.",
        ),
        Mistake(
            "the visible bias is missing",
            _slip(biases=(0, 1)),
            "On the way down each visible unit adds its own bias a, as hidden units do on the way up.",
        ),
        Mistake(
            "both biases are missing",
            _slip(biases=(0, 0)),
            "Every unit has a bias of its own: b in the hidden layer, a in the visible one.",
        ),
        Mistake(
            "the code is rounded to bits",
            _slip(up=_rounded),
            "Above 0.5 is the more probable value, not the probability. The code asked for is the probability itself.",
        ),
        Mistake(
            "decoded from rounded bits",
            _slip(between=lambda code: np.asarray((code > 0.5).astype(code.dtype))),
            "The code is right. You round it before decoding; here the probabilities themselves go down.",
        ),
        Mistake(
            "the picture is rounded",
            _slip(down=_rounded),
            "The code is right. What comes back should be the probability of each pixel, not its more probable value.",
        ),
        Mistake(
            "decoded from the weighted sums",
            lambda v, W, a, b: (sigmoid(v @ W.T + b), sigmoid((v @ W.T + b) @ W + a)),
            "The code is right, but what you send down is the sum before the sigmoid. Decode the code.",
        ),
        Mistake(
            "the sign of the exponent",
            _slip(lambda z: sigmoid(-z), lambda z: sigmoid(-z)),
            "Low energy is probable, and a positive weighted sum lowers the energy of a unit that is on: σ(z), not "
            "σ(−z).",
        ),
        Mistake(
            "softmax in place of the sigmoid",
            _slip(softmax, softmax),
            "A softmax lets exactly one unit of a layer be on. Here each unit is on or off independently of the "
            "others.",
        ),
        Mistake(
            "tanh in place of the sigmoid",
            _slip(np.tanh, np.tanh),
            "The two values of a unit are 0 and 1, and the probability of 1 is the sigmoid. tanh would be for units of "
            "−1 and 1.",
        ),
        Mistake(
            "twice the weighted sum",
            _slip(lambda z: sigmoid(2 * z), lambda z: sigmoid(2 * z)),
            "A factor of 2 in the exponent belongs to units of −1 and 1. With 0 and 1 the energies of on and off "
            "differ by z, once.",
        ),
    ),
    {
        "more than one example": lambda v, W, a, b: several(v),
        "more than one hidden unit": lambda v, W, a, b: several(b),
        "different numbers of visible and hidden units": lambda v, W, a, b: len(a) != len(b),
    },
)
