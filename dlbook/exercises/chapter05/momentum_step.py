"""Exercise 5.4: One step of momentum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.optim import Momentum
from dlbook.shapes import Array

Step: TypeAlias = Callable[[Array, Array, Array, float, float], Any]


def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, *shape: int, first: bool = False) -> Case:
        theta, v, g = (nonzero(rng, *shape) for _ in range(3))
        alpha, mu = float(rng.choice([0.1, 0.5, 2.0])), float(rng.choice([0.3, 0.8, 0.9]))
        return Case(label, (theta, np.zeros(shape) if first else v, g, alpha, mu))

    cases = [
        *(case("the first step of one number", 1, first=True) for _ in range(2)),
        *(case("the first step", 3, first=True) for _ in range(2)),
        case("the first step of a matrix", 1, 2, first=True),
        case("one number", 1),
        case("a matrix of one number", 1, 1),
        *(case("a vector", int(n)) for n in rng.integers(2, 5, size=4)),
        *(case("a matrix", *(int(n) for n in rng.integers(2, 4, size=2))) for _ in range(4)),
    ]
    return [*cases, in_float32(cases[-1])]


def _step(theta: Array, v: Array, g: Array, alpha: float, mu: float) -> tuple[Array, Array]:
    optimizer, params = Momentum(alpha, mu), {"theta": theta.copy()}
    optimizer.state["v.theta"] = v.copy()
    optimizer.step(params, {"theta": g})
    return params["theta"], optimizer.state["v.theta"]


def _rule(velocity: Step, move: Callable[[Array, Array, Array, float, float], Array]) -> Step:
    """Return the step θ − ``move``(new v, old v, g, α, μ) with the new v = ``velocity``(θ, v, g, α, μ)."""

    def step(theta: Array, v: Array, g: Array, alpha: float, mu: float) -> tuple[Array, Array]:
        new = velocity(theta, v, g, alpha, mu)
        return theta - move(new, v, g, alpha, mu), new

    return step


def _right(theta: Array, v: Array, g: Array, alpha: float, mu: float) -> Array:
    return mu * v + g


def _along(new: Array, v: Array, g: Array, alpha: float, mu: float) -> Array:
    return alpha * new


MOMENTUM_STEP = Exercise(
    "5.4",
    "One step of momentum",
    ("theta", "v", "g", "alpha", "mu"),
    ("theta", "v"),
    "the new theta and the new v, with the shape of theta",
    _step,
    _step_cases,
    (
        Mistake(
            "the gradient is damped by 1 − μ",
            _rule(lambda theta, v, g, alpha, mu: mu * v + (1 - mu) * g, _along),
            "μ v + (1 − μ) g is a running mean, as in Adam. Momentum here is a running sum, v ← μ v + g; with the mean "
            "α would have to be 1 / (1 − μ) times larger.",
        ),
        Mistake(
            "the step goes along the old v",
            _rule(_right, lambda new, v, g, alpha, mu: alpha * v),
            "The new v is right. But θ moves by the v of before, so that this gradient counts one step too late.",
        ),
        Mistake(
            "this is Nesterov's step",
            _rule(_right, lambda new, v, g, alpha, mu: alpha * (g + mu * new)),
            "θ moves by α (g + μ v). That looks one step ahead and is Nesterov's rule. Plain momentum moves by α v.",
        ),
        Mistake(
            "v is computed and not used",
            _rule(_right, lambda new, v, g, alpha, mu: alpha * g),
            "The new v is right. θ moves by α g, as in plain gradient descent: let it move by α v.",
        ),
        Mistake(
            "the learning rate is inside v",
            _rule(lambda theta, v, g, alpha, mu: mu * v + alpha * g, lambda new, v, g, alpha, mu: new),
            "v ← μ v + α g, θ ← θ − v is another convention, for another v. It differs as soon as α changes on the "
            "way. Here v adds up gradients, and α multiplies v.",
        ),
        Mistake(
            "v carries the minus and the learning rate",
            _rule(lambda theta, v, g, alpha, mu: mu * v - alpha * g, lambda new, v, g, alpha, mu: -new),
            "v ← μ v − α g, θ ← θ + v is the form of many papers, for a v that points downhill. Here v points uphill, "
            "as g does.",
        ),
        Mistake(
            "it climbs in place of descending",
            _rule(_right, lambda new, v, g, alpha, mu: -alpha * new),
            "You add α v. v is made of gradients, which point uphill: subtract.",
        ),
        Mistake(
            "the old v is returned",
            lambda theta, v, g, alpha, mu: (_step(theta, v, g, alpha, mu)[0], v),
            "θ is right. The new v must come back too: without it the next step remembers nothing new.",
        ),
        Mistake(
            "μ multiplies the gradient",
            _rule(lambda theta, v, g, alpha, mu: v + mu * g, _along),
            "v + μ g forgets nothing: the past is what fades. μ belongs to the old v.",
        ),
        Mistake(
            "μ multiplies both",
            _rule(lambda theta, v, g, alpha, mu: mu * (v + g), _along),
            "μ (v + g) shrinks the new gradient too. Only the old v fades.",
        ),
        Mistake(
            "nothing is forgotten: μ is missing",
            _rule(lambda theta, v, g, alpha, mu: v + g, _along),
            "v + g adds up all gradients for ever: a ball without friction. Multiply the old v by μ.",
        ),
        Mistake(
            "the learning rate is missing",
            _rule(_right, lambda new, v, g, alpha, mu: new),
            "v is right, and θ moves by the whole of it. Multiply by α.",
        ),
        Mistake(
            "the order of the answer is turned round",
            lambda theta, v, g, alpha, mu: _step(theta, v, g, alpha, mu)[::-1],
            "You return v first. Asked is the new theta, then the new v.",
        ),
    ),
    {
        "a v that is not zero": lambda theta, v, g, alpha, mu: bool(np.any(v)),
        "a matrix": lambda theta, v, g, alpha, mu: theta.ndim > 1,
        "more than one number": lambda theta, v, g, alpha, mu: theta.size > 1,
    },
)
