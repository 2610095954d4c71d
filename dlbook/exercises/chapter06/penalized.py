"""Exercise 6.3: A penalized loss and its gradient."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.chapter06.wrong_penalties import bias_priced, data_times, penalized, priced
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.model import Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int, lam: float | None = None) -> Case:
        strength = float(rng.choice([0.5, 1.5, 3.0])) if lam is None else lam
        X, y = normal(rng, m, n), normal(rng, m)
        return Case(label, (X, y, nonzero(rng, n), float(nonzero(rng)), strength))

    cases = [
        case("one example, one weight, no penalty", 1, 1, 0.0),
        case("several examples, no penalty", 3, 2, 0.0),
        case("as many examples as weights, no penalty", 3, 3, 0.0),
        case("one example, no penalty", 1, 3, 0.0),
        case("one weight, no penalty", 4, 1, 0.0),
        case("one example, one weight", 1, 1),
        case("one example", 1, 3),
        case("one weight", 4, 1),
        *(case("as many examples as weights", k, k) for k in (2, 3, 4)),
        *(case("a random batch", int(m), int(n)) for m, n in rng.integers(2, 7, size=(7, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


PENALIZED = Exercise(
    "6.3",
    "A penalized loss and its gradient",
    ("X", "y", "w", "b", "lam"),
    ("J", "dw", "db"),
    "J (a number), dw (n,) and db (a number)",
    penalized,
    _cases,
    (
        Mistake(
            "the bias pays, too",
            bias_priced(1, 1),
            "J contains b² and db contains λ b. The penalty is for weights alone: a bias shifts the output and makes "
            "nothing steep.",
        ),
        Mistake(
            "the bias pays in its gradient only",
            bias_priced(0, 1),
            "J and dw are right. db contains λ b, although J does not contain b²: biases carry no penalty.",
        ),
        Mistake(
            "the bias pays in the loss only",
            bias_priced(1, 0),
            "The gradients are right. J contains b²: the sum of squares runs over the weights alone.",
        ),
        Mistake(
            "the penalty is missing in the gradient",
            priced(dw=lambda w, lam, m: 0 * w),
            "J is right, and dw is the gradient of the data's part alone. The derivative of λ/2 Σ w² is added to it.",
        ),
        Mistake(
            "the penalty is missing in the loss",
            priced(J=lambda w, lam, m: 0.0),
            "The gradients are right, and they belong to a loss with a penalty. J itself lacks it: what is reported "
            "must be what is differentiated.",
        ),
        Mistake(
            "the penalty is missing everywhere",
            priced(lambda w, lam, m: 0.0, lambda w, lam, m: 0 * w),
            "These are J and its gradient without λ. Add λ/2 Σ w² to the loss, and its derivative to dw.",
        ),
        Mistake(
            "the ½ of the penalty is missing",
            priced(lambda w, lam, m: lam * float((w**2).sum()), lambda w, lam, m: 2 * lam * w),
            "You charge λ Σ w², twice the price. With λ/2 the 2 from the square cancels in the derivative.",
        ),
        Mistake(
            "the ½ of the penalty is missing in the loss",
            priced(J=lambda w, lam, m: lam * float((w**2).sum())),
            "dw is right, but J contains λ Σ w², whose derivative would be 2 λ w: the price is half of that.",
        ),
        Mistake(
            "2 λ w in place of λ w in the gradient",
            priced(dw=lambda w, lam, m: 2 * lam * w),
            "J is right. In the derivative of λ/2 w² the 2 of the square and the ½ cancel.",
        ),
        Mistake(
            "the penalty is divided by m",
            priced(lambda w, lam, m: lam / (2 * m) * float((w**2).sum()), lambda w, lam, m: lam / m * w),
            "This is the convention λ/2m of some texts. Here the mean belongs to the examples, and the penalty stands "
            "beside it undivided: it does not know how many examples there are.",
        ),
        Mistake(
            "the penalty is divided by m in the gradient",
            priced(dw=lambda w, lam, m: lam / m * w),
            "J is right. In dw, 1/m belongs to the sum over the examples; λ w is not divided.",
        ),
        Mistake(
            "absolute values: this is L1",
            priced(lambda w, lam, m: lam * float(np.abs(w).sum()), lambda w, lam, m: lam * np.sign(w)),
            "You charge λ Σ |w|, whose derivative is λ sign(w). Asked is L2, with squares.",
        ),
        Mistake(
            "the length of w in place of its square",
            priced(J=lambda w, lam, m: lam / 2 * float(np.sqrt((w**2).sum()))),
            "dw is right. In J stands ‖w‖, as np.linalg.norm gives it. The penalty is the squared length.",
        ),
        Mistake(
            "the mean over the examples is missing",
            data_times(lambda m: m, lambda m: m),
            "The data's part of J and of the gradients is m times too large: it is a mean. Beside a sum the same λ is "
            "m times weaker.",
        ),
        Mistake(
            "the mean over the examples is missing in the gradients",
            data_times(lambda m: 1, lambda m: m),
            "J is right. Xᵀ e and the sum of e add over the examples: divide both by m.",
        ),
        Mistake(
            "the mean over the examples is missing in dw",
            data_times(lambda m: 1, lambda m: m, lambda m: 1),
            "J and db are right. Xᵀ e adds over the examples: divide it by m, before λ w is added.",
        ),
        Mistake(
            "the mean over the examples is missing in db",
            data_times(lambda m: 1, lambda m: 1, lambda m: m),
            "J and dw are right. db is the mean of the errors, not their sum.",
        ),
        Mistake(
            "the penalty is subtracted from the gradient",
            priced(dw=lambda w, lam, m: -lam * w),
            "J is right. In the update W − α (…) the penalty gets its minus; in the gradient λ w is added.",
        ),
        Mistake(
            "half of λ w in the gradient",
            priced(dw=lambda w, lam, m: lam / 2 * w),
            "J is right. The ½ of λ/2 w² cancels against the 2 of the square: the derivative is λ w.",
        ),
        Mistake(
            "the ½ before the squared error is missing",
            data_times(lambda m: 2, lambda m: 1),
            "The gradients are right. J contains the mean of e² in place of half of it.",
        ),
        Mistake(
            "the error has the wrong sign",
            data_times(lambda m: 1, lambda m: -1),
            "J is right, because squares do not notice. In the gradients the error is a − y, not y − a.",
        ),
    ),
    {
        "a λ other than 0": lambda X, y, w, b, lam: lam != 0,
        "more than one example": lambda X, y, w, b, lam: several(X),
        "more than one weight": lambda X, y, w, b, lam: several(w),
    },
)
