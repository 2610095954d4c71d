"""Exercise 12.6: The gradients of CD-1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.exercises.chapter12.machines import bits, machine, parameters, sigmoid
from dlbook.exercises.draw import in_float32, several
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_visible: int, n_hidden: int) -> Case:
        W, a, b = parameters(rng, n_visible, n_hidden)
        u_h, u_v = (np.round(rng.uniform(0.02, 0.98, size=(m, n)), 2) for n in (n_hidden, n_visible))
        return Case(label, (bits(rng, m, n_visible), W, a, b, u_h, u_v))

    cases = [
        *(case("one example, one visible and one hidden unit", 1, 1, 1) for _ in range(2)),
        *(case("one example", 1, n, 2) for n in (3, 4)),
        case("one example, one hidden unit", 1, 3, 1),
        case("one visible unit", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        *(case("as many hidden as visible units", 2, n, n) for n in (2, 3)),
        case("examples, visible and hidden units of one number", 3, 3, 3),
        *(case("a random batch", *(int(k) for k in rng.integers(3, 7, size=3))) for _ in range(8)),
    ]
    return [*cases, in_float32(cases[-1])]


def _reference(v: Array, W: Array, a: Array, b: Array, u_h: Array, u_v: Array) -> tuple[Array, Array, Array]:
    rbm = machine(W, a, b)
    h = (u_h < rbm.hidden_probabilities(v)).astype(v.dtype)
    after = (u_v < rbm.visible_mean(h)).astype(v.dtype)
    data, chain = rbm.free_energy_grads(v), rbm.free_energy_grads(after)
    return data["W"] - chain["W"], data["a"] - chain["a"], data["b"] - chain["b"]


def _coins(u: Array, p: Array) -> Array:
    return np.asarray((u < p).astype(p.dtype))


def _slip(
    *,
    hidden: Callable[[Array, Array], Array] = _coins,
    visible: Callable[[Array, Array], Array] = _coins,
    biases: tuple[float, float] = (1, 1),
    first: Callable[[Array, Array], Array] = lambda p, h: p,
    last: Callable[[Array, Array, Array], Array] = lambda p, h, p_after: p_after,
    step: Callable[..., Any] = lambda dW, da, db, m: (dW / m, da / m, db / m),
) -> Callable[..., Any]:
    """Return CD-1 with one thing done in another way; ``step`` gets the sums over the batch."""

    def gradients(v: Array, W: Array, a: Array, b: Array, u_h: Array, u_v: Array) -> Any:
        p = sigmoid(v @ W.T + biases[1] * b)
        h = hidden(u_h, p)
        after = visible(u_v, sigmoid(h @ W + biases[0] * a))
        start, end = first(p, h), last(p, h, sigmoid(after @ W.T + biases[1] * b))
        return step(end.T @ after - start.T @ v, (after - v).sum(axis=0), (end - start).sum(axis=0), len(v))

    return gradients


def _of_means(v: Array, W: Array, a: Array, b: Array, u_h: Array, u_v: Array) -> tuple[Array, Array, Array]:
    p = sigmoid(v @ W.T + b)
    after = _coins(u_v, sigmoid(_coins(u_h, p) @ W + a))
    end = sigmoid(after @ W.T + b)
    dW = np.outer(end.mean(axis=0), after.mean(axis=0)) - np.outer(p.mean(axis=0), v.mean(axis=0))
    return dW, (after - v).mean(axis=0), (end - p).mean(axis=0)


def _digging_only(v: Array, W: Array, a: Array, b: Array, u_h: Array, u_v: Array) -> tuple[Array, Array, Array]:
    p = sigmoid(v @ W.T + b)
    return -p.T @ v / len(v), -v.mean(axis=0), -p.mean(axis=0)


ONE_STEP = Exercise(
    "12.6",
    "The gradients of CD-1",
    ("v", "W", "a", "b", "u_h", "u_v"),
    ("dW", "da", "db"),
    "gradients of the shapes of W, a and b",
    _reference,
    _cases,
    (
        Mistake(
            "data minus model in the sign of an ascent",
            _slip(step=lambda dW, da, db, m: (-dW / m, -da / m, -db / m)),
            "Your numbers would *raise* the likelihood if they were added. Asked for are gradients of the loss −ℓ, "
            "which an optimizer subtracts: chain minus data in the products p vᵀ.",
        ),
        Mistake(
            "the weights by the sum, the biases by the mean",
            _slip(step=lambda dW, da, db, m: (dW, da / m, db / m)),
            "As in the listing of source 004: the product of matrices has summed over the batch, the means of the "
            "biases have not. Divide dW by m, too.",
        ),
        Mistake(
            "the mean over the batch is missing",
            _slip(step=lambda dW, da, db, m: (dW, da, db)),
            "Your gradients are m times too large: they are sums over the examples, and means are asked for.",
        ),
        Mistake(
            "probabilities drive the picture",
            _slip(hidden=lambda u, p: p),
            "On the way down the hidden units must be tossed, h = (u_h < p). With probabilities they could tell the "
            "picture more than one bit each.",
        ),
        Mistake(
            "the picture is not tossed",
            _slip(visible=lambda u, p: p),
            "The chain's picture after the step is a sample: 1 where u_v < p, else 0. You go on with the "
            "probabilities.",
        ),
        Mistake(
            "nothing is tossed",
            _slip(hidden=lambda u, p: p, visible=lambda u, p: p),
            "A Gibbs step draws h and then v. You pass on probabilities in both, which is no sample of the machine.",
        ),
        Mistake(
            "rounded in place of tossed",
            _slip(hidden=lambda u, p: _coins(0.5 + 0 * u, p), visible=lambda u, p: _coins(0.5 + 0 * u, p)),
            "Above 0.5 is the more probable value. A unit with probability 0.6 is off in four cases of ten: compare "
            "the probability with the random numbers given.",
        ),
        Mistake(
            "coins upside down",
            _slip(hidden=lambda u, p: _coins(p, u), visible=lambda u, p: _coins(p, u)),
            "u is uniform on (0, 1), so it lies *below* p with probability p: a unit is on where u < p.",
        ),
        Mistake(
            "the hidden coins in the data's part",
            _slip(first=lambda p, h: h),
            "The coins h are needed to go on. In the gradient their probabilities do the same on average with less "
            "noise.",
        ),
        Mistake(
            "the old hidden units with the new picture",
            _slip(last=lambda p, h, after: p),
            "The hidden units must look at the new picture: compute their probabilities again from v after the step.",
        ),
        Mistake(
            "the old hidden coins with the new picture",
            _slip(last=lambda p, h, after: h),
            "h belongs to the first picture. For the second term, compute the probabilities of the hidden units given "
            "the new picture.",
        ),
        Mistake(
            "dW is transposed",
            _slip(step=lambda dW, da, db, m: (dW.T / m, da / m, db / m)),
            "∂J/∂W has the shape of W, one row for each hidden unit: p.T @ v.",
        ),
        Mistake(
            "the gradients of the biases are exchanged",
            _slip(step=lambda dW, da, db, m: (dW / m, db / m, da / m)),
            "a belongs to the visible units: da is a difference of pictures, db one of hidden probabilities.",
        ),
        Mistake(
            "the visible bias is missing on the way down",
            _slip(biases=(0, 1)),
            "A visible unit is on with probability σ(a_i + Σ_j w_ji h_j).",
        ),
        Mistake(
            "the hidden bias is missing on the way up",
            _slip(biases=(1, 0)),
            "A hidden unit is on with probability σ(b_j + Σ_i w_ji v_i).",
        ),
        Mistake(
            "the data's part alone",
            _digging_only,
            "That lowers the energy of the data and of much else. The second part, from the chain, is missing.",
        ),
        Mistake(
            "the product of the means",
            _of_means,
            "A weight asks how often its two ends are on *together*: the mean of the products, not the product of the "
            "means.",
        ),
    ),
    {
        "more than one example": lambda v, *rest: several(v),
        "more than one hidden unit": lambda v, W, a, b, *rest: several(b),
        "different numbers of visible and hidden units": lambda v, W, a, b, *rest: len(a) != len(b),
    },
)
