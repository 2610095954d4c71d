"""Ways back through a softmax that miss a path or mix the examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.activations import Softmax, softmax
from dlbook.exercises.model import Mistake
from dlbook.shapes import Array


def _softmax_backward(dA: Array, A: Array) -> Array:
    return Softmax().backward(dA, A)[0]


def _inner(dA: Array, A: Array) -> Array:
    return np.asarray((dA * A).sum(axis=1, keepdims=True))


def _minus(inner: Callable[[Array, Array], Any]) -> Callable[[Array, Array], Any]:
    """Return a (dA − inner) with another inner sum."""
    return lambda dA, A: A * (dA - inner(dA, A))


def _first_jacobian(dA: Array, A: Array) -> Any:
    return dA @ (np.diag(A[0]) - np.outer(A[0], A[0]))


MISTAKES = (
    Mistake(
        "the diagonal of the Jacobian alone",
        lambda dA, A: dA * A * (1 - A),
        "a (1 − a) is the slope of an output with respect to its own score, as if softmax worked on each alone, "
        "like the sigmoid. Every score moves all outputs: add the paths over the other classes.",
    ),
    Mistake(
        "the sum over the classes is missing",
        lambda dA, A: A * dA,
        "a_j dA_j is the first half. A larger score takes probability from all classes: a_j Σ_k dA_k a_k goes off.",
    ),
    Mistake(
        "the weights a_k are missing in the sum",
        _minus(lambda dA, A: dA.sum(axis=1, keepdims=True)),
        "You subtract the plain sum of dA. In the sum each class counts with its probability: Σ_k dA_k a_k.",
    ),
    Mistake(
        "the plain mean of dA is subtracted",
        _minus(lambda dA, A: dA.mean(axis=1, keepdims=True)),
        "That is right where all classes are equally probable. In general each counts with its own probability: "
        "Σ_k dA_k a_k is a weighted mean.",
    ),
    Mistake(
        "the sum runs over the examples",
        _minus(lambda dA, A: (dA * A).sum(axis=0)),
        "Your sum is one number per class. It runs over the classes k of one example: axis 1, with keepdims.",
    ),
    Mistake(
        "the sum runs over everything",
        _minus(lambda dA, A: (dA * A).sum()),
        "Without an axis the sum mixes the examples. Each row has a sum of its own: axis 1, with keepdims.",
    ),
    Mistake(
        "the sum lost its axis",
        _minus(lambda dA, A: (dA * A).sum(axis=1)),
        "The sums have shape (m,), and NumPy sets them beside the columns: with m = K it runs and takes another "
        "example's sum, else it fails. keepdims=True keeps (m, 1).",
    ),
    Mistake(
        "a_j in front is missing",
        lambda dA, A: dA - _inner(dA, A),
        "dA − Σ dA a is the bracket. It is multiplied by a_j: a class without probability has no slope.",
    ),
    Mistake(
        "a_j is missing before dA",
        lambda dA, A: dA - A * _inner(dA, A),
        "a_j Σ dA a is right, but the first term is a_j dA_j, not dA_j: a_j stands before the whole bracket.",
    ),
    Mistake(
        "a_j is missing before the sum",
        lambda dA, A: A * dA - _inner(dA, A),
        "a_j dA_j is right, but the sum is multiplied by a_j as well: a_j stands before the whole bracket.",
    ),
    Mistake(
        "the sign is wrong",
        lambda dA, A: -_softmax_backward(dA, A),
        "The sum is subtracted from dA, not dA from the sum: the diagonal of the Jacobian is +a (1 − a).",
    ),
    Mistake(
        "the sum is added",
        _minus(lambda dA, A: -_inner(dA, A)),
        "Beside the diagonal the Jacobian is negative, −a_k a_j: what one class gains, the others lose.",
    ),
    Mistake(
        "a − dA: the shortcut of the cross-entropy",
        lambda dA, A: A - dA,
        "a − y is the result for one loss, the cross-entropy. dA is not y: it is ∂J/∂A of any loss, and must pass "
        "the Jacobian.",
    ),
    Mistake(
        "dA is not used",
        lambda dA, A: A * (1 - A),
        "These are slopes of the softmax alone. The chain rule multiplies them by what comes in, dA.",
    ),
    Mistake(
        "softmax is applied again",
        lambda dA, A: _softmax_backward(dA, softmax(A)),
        "A is the output of the softmax, so it is made of probabilities already. You treat it as scores.",
    ),
    Mistake(
        "dA in place of A in front",
        lambda dA, A: dA * (A - _inner(dA, A)),
        "The two have changed places: a_j stands before the bracket, dA_j in it.",
    ),
    Mistake(
        "the sum of a² in place of dA · a",
        _minus(lambda dA, A: (A * A).sum(axis=1, keepdims=True)),
        "In the sum each a_k multiplies the dA_k of its own class, not itself.",
    ),
    Mistake(
        "a matrix product mixes the examples",
        lambda dA, A: A * dA - dA @ A.T @ A,
        "dA @ A.T is (m, m): it pairs every example with every other. Only its diagonal is wanted, which is "
        "(dA * A).sum(axis=1).",
    ),
    Mistake(
        "the Jacobian of the first example for all",
        _first_jacobian,
        "The first row is right. diag(a) − a aᵀ depends on a: every example has its own.",
    ),
    Mistake(
        "divided by the number of examples",
        lambda dA, A: _softmax_backward(dA, A) / len(A),
        "1/m is in dA already, from the loss, where it is taken once.",
    ),
    Mistake(
        "the paths through the other classes alone",
        lambda dA, A: A * (dA * A - _inner(dA, A)),
        "You leave out the class's own path, dA_j a_j (1 − a_j), or count it with −a_j alone: the bracket [k = j] "
        "gives a_j dA_j in front of the sum.",
    ),
    Mistake(
        "the mean over the classes in place of the sum",
        _minus(lambda dA, A: (dA * A).mean(axis=1, keepdims=True)),
        "The weights a_k sum to 1, so Σ_k dA_k a_k is a mean already. np.mean divides by K once more.",
    ),
    Mistake(
        "a_j in place of a_k in the sum",
        _minus(lambda dA, A: A * dA.sum(axis=1, keepdims=True)),
        "You have a_j Σ_k dA_k. Inside the sum each dA_k is multiplied by its own a_k, which cannot stand outside.",
    ),
    Mistake(
        "A in place of the sum",
        _minus(lambda dA, A: A),
        "dA_j − a_j is the bracket for one loss. In general Σ_k dA_k a_k is subtracted, one number per row.",
    ),
    Mistake(
        "the sum alone",
        lambda dA, A: -A * _inner(dA, A),
        "−a_j Σ_k dA_k a_k is what goes to the other classes. The class's own part, a_j dA_j, is missing.",
    ),
    Mistake(
        "the Jacobians of all examples are added",
        lambda dA, A: dA @ sum(np.diag(a) - np.outer(a, a) for a in A),
        "Every example has its own Jacobian, diag(a) − a aᵀ, for its own row of dA. You apply the sum to all of them.",
    ),
    Mistake(
        "the Jacobian of the mean example",
        lambda dA, A: dA @ (np.diag(A.mean(axis=0)) - np.outer(A.mean(axis=0), A.mean(axis=0))),
        "diag(a) − a aᵀ depends on a, and every example has its own: the mean over the batch has no place here.",
    ),
    Mistake(
        "the last example alone",
        lambda dA, A: _softmax_backward(dA, A)[-1],
        "You return one row, that of the last example: does the loop overwrite its result in place of collecting it?",
    ),
)
