"""Exercise 5.5: One step of Adam."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter05.wrong_adam import adam, moved
from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake

ARGUMENTS = ("theta", "m", "v", "g", "t", "alpha", "beta1", "beta2", "eps")


def _adam_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, t: int, eps: float, *shape: int) -> Case:
        theta, m, g = (nonzero(rng, *shape) for _ in range(3))
        v = np.abs(nonzero(rng, *shape))
        if t == 1:
            m, v = np.zeros(shape), np.zeros(shape)
        beta1, beta2 = float(rng.choice([0.5, 0.9])), float(rng.choice([0.8, 0.99]))
        return Case(label, (theta, m, v, g, t, float(rng.choice([0.1, 0.5])), beta1, beta2, eps))

    cases = [
        *(case("the first step of one number", 1, eps, 1) for eps in (0.5, 1e-8)),
        *(case("the first step", 1, eps, 3) for eps in (0.5, 1e-8)),
        case("the first step of a matrix", 1, 0.1, 1, 2),
        case("the second step of one number", 2, 0.1, 1),
        case("a matrix of one number", 3, 0.1, 1, 1),
        *(case("an early step", int(t), 0.1, 3) for t in rng.integers(2, 6, size=3)),
        *(case("a small ε", int(t), 1e-8, 2) for t in rng.integers(2, 6, size=3)),
        *(case("a matrix", int(t), 0.3, 2, 3) for t in rng.integers(2, 9, size=3)),
    ]
    return [*cases, in_float32(cases[-1])]


ADAM_STEP = Exercise(
    "5.5",
    "One step of Adam",
    ARGUMENTS,
    ("theta", "m", "v"),
    "the new theta, m and v, with the shape of theta",
    moved(adam()),
    _adam_cases,
    (
        Mistake(
            "the bias correction is missing",
            adam(correct_m=False, correct_v=False),
            "m and v are right, the step uses them as they are. Both began at 0 and are too small by 1 − βᵗ: divide "
            "that out, m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).",
        ),
        Mistake(
            "m alone is corrected",
            adam(correct_v=False),
            "m̂ is right. v starts at 0 too, and with β₂ near 1 it stays too small for long: divide by 1 − β₂ᵗ.",
        ),
        Mistake(
            "v alone is corrected",
            adam(correct_m=False),
            "v̂ is right. m starts at 0 too: divide it by 1 − β₁ᵗ.",
        ),
        Mistake(
            "the corrected means are kept",
            adam(keep_hats=True),
            "θ is right. But m̂ and v̂ come back as the new m and v. The next step would correct them again: the hats "
            "are for this step alone.",
        ),
        Mistake(
            "1 − β in place of 1 − βᵗ",
            adam(shortfall=lambda beta, t: 1 - beta),
            "The first step is right. The correction fades as the means fill: its exponent is the number of the step.",
        ),
        Mistake(
            "the steps are counted from one too many",
            adam(shortfall=lambda beta, t: 1 - beta ** (t + 1)),
            "You correct with t + 1. The t that comes is the number of this step, and the first is 1.",
        ),
        Mistake(
            "the steps are counted from one too few",
            adam(shortfall=lambda beta, t: 1 - beta ** (t - 1)),
            "You correct with t − 1. The t that comes is 1 for the first step: there 1 − β⁰ is 0, and you divide "
            "by it.",
        ),
        Mistake(
            "β t in place of βᵗ",
            adam(shortfall=lambda beta, t: 1 - beta * t),
            "The t is an exponent: beta1**t. 1 − β t is soon negative, where 1 − βᵗ climbs from 1 − β to 1.",
        ),
        Mistake(
            "the correction multiplies",
            adam(multiply=True),
            "m (1 − β₁ᵗ) makes too small a number smaller. Divide.",
        ),
        Mistake(
            "ε stands inside the root",
            adam(below=lambda v_hat, eps, v_scale: np.sqrt(v_hat + eps)),
            "√(v̂ + ε) and √v̂ + ε differ, much so where v̂ is small. Here ε stands outside, as in PyTorch.",
        ),
        Mistake(
            "ε is missing",
            adam(below=lambda v_hat, eps, v_scale: np.sqrt(v_hat)),
            "You divide by √v̂ alone. Where a gradient has always been 0 that is 0/0: add ε to the root.",
        ),
        Mistake(
            "ε stands beside √v, not beside √v̂",
            adam(below=lambda v_hat, eps, v_scale: np.sqrt(v_hat) + eps / np.sqrt(v_scale)),
            "The paper's shortened form, with the correction drawn into α, adds ε to √v before the correction: the "
            "same rule with another ε at each step. Here ε is added to √v̂.",
        ),
        Mistake(
            "β₁ and β₂ are swapped",
            adam(swap=True),
            "β₁ belongs to m, the mean of gradients, and β₂ to v, the mean of their squares.",
        ),
        Mistake(
            "v averages gradients, not squares",
            adam(square=abs),
            "v is a mean of g², a positive number. Yours is a mean of |g|: square, then take the root of the mean.",
        ),
        Mistake(
            "the root is missing",
            adam(below=lambda v_hat, eps, v_scale: v_hat + eps),
            "You divide by v̂. A gradient ten times larger would make the step ten times *smaller*: divide by √v̂.",
        ),
        Mistake(
            "1 − β is missing in both means",
            adam(weight=lambda beta: 1.0),
            "β m + g is a sum, as in momentum. A mean weighs the new gradient by 1 − β₁, and the square by 1 − β₂.",
        ),
        Mistake(
            "the gradient in place of its mean",
            adam(numerator="g"),
            "θ moves by g / √v̂: that is RMSProp with a correction. Adam moves by m̂ / √v̂.",
        ),
        Mistake(
            "it climbs in place of descending",
            adam(sign=1),
            "You add the step. m is made of gradients, which point uphill: subtract.",
        ),
        Mistake(
            "the step uses the old means",
            adam(old=True),
            "The new m and v are right, but θ moves by those of before. Update them first, then step. (The first step "
            "has no old ones at all.)",
        ),
    ),
    {
        "t of 2 and more": lambda *args: args[4] > 1,
        "a matrix": lambda *args: args[0].ndim > 1,
        "an ε of 0.01 and more": lambda *args: args[8] > 0.01,
    },
)
