"""Exercise 13.5: Encode and decode continuous numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlbook.activations import sigmoid
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.gaussian_rbm import GaussianBernoulliRBM
from dlbook.shapes import Array

Reconstruct: TypeAlias = Callable[[Array, Array, Array, Array, Array], Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_v: int, n_h: int) -> Case:
        sigma = rng.choice([0.25, 0.5, 2.0, 3.0], size=n_v)
        return Case(label, (normal(rng, m, n_v), normal(rng, n_h, n_v), nonzero(rng, n_v), nonzero(rng, n_h), sigma))

    cases = [
        *(case("one example, one visible and one hidden unit", 1, 1, 1) for _ in range(2)),
        *(case("one example", 1, n_v, n_h) for n_v, n_h in ((2, 3), (3, 2))),
        case("one visible unit", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        case("one visible and one hidden unit", 3, 1, 1),
        *(case("examples and units of one number", n, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(7)),
    ]
    return [*cases, in_float32(cases[-1])]


def _slip(
    *,
    scaled: Callable[[Array, Array, Array], Array] = lambda v, a, sigma: v / sigma,
    hidden: Callable[[Array], Array] = sigmoid,
    bias: float = 1.0,
    visible: Callable[[Array, Array, Array], Array] = lambda z, a, sigma: a + sigma * z,
) -> Reconstruct:
    """Return the function with one thing done in another way."""

    def reconstruct(v: Array, W: Array, a: Array, b: Array, sigma: Array) -> Array:
        h = hidden(scaled(v, a, sigma) @ W.T + b * np.asarray(bias, b.dtype))
        return visible(h @ W, a, sigma)

    return reconstruct


def _reference(v: Array, W: Array, a: Array, b: Array, sigma: Array) -> Array:
    machine = GaussianBernoulliRBM(len(a), len(b), rng=np.random.default_rng(0), sigma=sigma)
    machine.params = {"W": W, "a": a, "b": b}
    return machine.visible_mean(machine.hidden_probabilities(v))


CONTINUOUS = Exercise(
    "13.5",
    "Encode and decode numbers",
    ("v", "W", "a", "b", "sigma"),
    ("mean",),
    "the mean of v given the hidden probabilities, shape (m, n_v)",
    _reference,
    _cases,
    (
        Mistake(
            "σ is missing on the way up",
            _slip(scaled=lambda v, a, sigma: v),
            "The hidden units see v in units of its own spread: v / σ. Metres or millimetres must not matter to them.",
        ),
        Mistake(
            "σ is missing on the way down",
            _slip(visible=lambda z, a, sigma: a + z),
            "W^T h counts in units of σ. To come back to the units of v, multiply by σ.",
        ),
        Mistake(
            "σ is missing both ways",
            _slip(scaled=lambda v, a, sigma: v, visible=lambda z, a, sigma: a + z),
            "That is right for σ = 1 alone. The hidden units see v / σ, and their answer is multiplied by σ again.",
        ),
        Mistake(
            "σ² in place of σ on the way up",
            _slip(scaled=lambda v, a, sigma: v / sigma**2),
            "The variance stands in the quadratic term of the energy. In the term with W it is σ, to the first power.",
        ),
        Mistake(
            "σ² in place of σ on the way down",
            _slip(visible=lambda z, a, sigma: a + sigma**2 * z),
            "Complete the square of (v − a)²/(2σ²) − (v/σ) z: the mean lies at a + σ z.",
        ),
        Mistake(
            "multiplied by σ on the way up, divided on the way down",
            _slip(scaled=lambda v, a, sigma: v * sigma, visible=lambda z, a, sigma: a + z / sigma),
            "The other way round: v / σ has no unit, that is what the hidden units see. Down again it is multiplied.",
        ),
        Mistake(
            "a sigmoid on the visible units",
            _slip(visible=lambda z, a, sigma: sigmoid(a + sigma * z)),
            "The visible units are not binary any more. Given h, v is normally distributed, and its mean is linear in "
            "h.",
        ),
        Mistake(
            "the visible bias is taken off first",
            _slip(scaled=lambda v, a, sigma: (v - a) / sigma),
            "In this energy W meets v / σ, not (v − a) / σ. (Taking a off is another convention, with another b: "
            "b − W a/σ in place of b.)",
        ),
        Mistake(
            "the visible bias is scaled too",
            _slip(visible=lambda z, a, sigma: sigma * (a + z)),
            "a is measured in the units of v already. Only W^T h has to be multiplied by σ.",
        ),
        Mistake(
            "the visible bias is missing",
            _slip(visible=lambda z, a, sigma: sigma * z),
            "a is where v lies when all hidden units are off. It is added on the way down.",
        ),
        Mistake(
            "the hidden bias is missing",
            _slip(bias=0.0),
            "On the way up each hidden unit adds its bias b before the sigmoid.",
        ),
        Mistake(
            "divided by σ both ways",
            _slip(visible=lambda z, a, sigma: a + z / sigma),
            "v / σ is right on the way up, it has no unit. W^T h has none either: to come back to the units of v, "
            "*multiply* by σ.",
        ),
        Mistake(
            "σ² both ways",
            _slip(scaled=lambda v, a, sigma: v / sigma**2, visible=lambda z, a, sigma: a + sigma**2 * z),
            "In the term of the energy that holds W, v is divided by σ, to the first power: v / σ up, σ W^T h down. "
            "The square belongs to the parabola.",
        ),
        Mistake(
            "the sigmoid is missing",
            _slip(hidden=lambda z: z),
            "You send the weighted sum down. The hidden units are still 0 or 1, and what goes down is the probability "
            "that each is on, the sigmoid of its sum.",
        ),
        Mistake(
            "the probability of being off",
            _slip(hidden=lambda z: sigmoid(-z)),
            "Your hidden units have 1 − p. In σ(z) = 1/(1 + e^(−z)) the exponent is negative.",
        ),
        Mistake(
            "tanh in place of the sigmoid",
            _slip(hidden=np.tanh),
            "tanh lies between −1 and 1. The hidden units are 0 or 1: what they send is a probability, a sigmoid.",
        ),
        Mistake(
            "states in place of probabilities",
            _slip(hidden=lambda z: (z > 0).astype(z.dtype)),
            "You send 0 and 1 down. Asked for is the mean of v given the *probabilities* of the hidden units.",
        ),
    ),
    {
        "more than one example": lambda v, W, a, b, sigma: several(v),
        "more than one visible unit": lambda v, W, a, b, sigma: several(a),
        "more than one hidden unit": lambda v, W, a, b, sigma: several(b),
    },
)
