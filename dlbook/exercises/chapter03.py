"""Exercises of chapter 3: the δ of the output layer, the recursion, the gradients, a whole step, gradient checking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlbook.activations import Sigmoid, sigmoid
from dlbook.check import numerical_gradient
from dlbook.exercises.chapter02 import dense, network
from dlbook.exercises.draw import in_float32, nonzero, normal, several
from dlbook.exercises.functions import Cubic
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.losses import MeanSquaredError
from dlbook.optim import SGD
from dlbook.shapes import Array


def _slope(z: Array) -> Array:
    """σ'(z)."""
    a = sigmoid(z)
    return np.asarray(a * (1 - a))


def _slope_of_z(z: Array) -> Array:
    """Return z (1 − z): σ' as if z were the activation already."""
    return np.asarray(z * (1 - z))


def _with_activation(activation: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Callable[..., Array]:
    """δ of the output layer with another activation a, and its slope as a function of a."""
    return lambda Z, Y: (activation(Z) - Y) * slope(activation(Z))


# 3.3 --------------------------------------------------------------------------------------------------------------
def _output_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n: int) -> Case:
        Y = np.zeros((m, n))
        Y[np.arange(m), rng.integers(n, size=m)] = 1
        return Case(label, (normal(rng, m, n), Y if n > 1 else rng.integers(2, size=(m, 1)).astype(float)))

    cases = [
        case("one example, one unit", 1, 1),
        case("one example", 1, 3),
        case("two examples, one unit", 2, 1),
        case("three examples, one unit", 3, 1),
        *(case("one example", 1, n) for n in (2, 4)),
        Case("a saturated unit", (np.array([[6.0], [-6.0]]), np.array([[0.0], [0.0]]))),
        *(case("as many examples as units", n, n) for n in (2, 3, 4)),
        *(case("a random batch", int(rng.integers(2, 7)), int(rng.integers(2, 5))) for _ in range(6)),
        Case("targets between 0 and 1", (normal(rng, 3, 2), np.round(rng.uniform(size=(3, 2)), 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _output_delta(Z: Array, Y: Array) -> Array:
    """δ without 1/m: the package's δ times m."""
    A, cache = Sigmoid().forward(Z)
    loss = MeanSquaredError()
    return Sigmoid().backward(loss.backward(loss.forward(A, Y)[1]) * len(Z), cache)[0]


OUTPUT_DELTA = Exercise(
    "3.3",
    "The δ of the output layer",
    ("Z", "Y"),
    ("delta",),
    "one row per example, shape (m, n)",
    _output_delta,
    _output_cases,
    (
        Mistake(
            "σ' is missing",
            lambda Z, Y: sigmoid(Z) - Y,
            "You have ∂J/∂a = a − y. The chain rule goes on to z with the factor σ'(z) = a (1 − a). (Without it you "
            "have the δ "
            "of cross-entropy, where this factor cancels.)",
        ),
        Mistake(
            "σ'(a) in place of σ'(z)",
            lambda Z, Y: (sigmoid(Z) - Y) * _slope(sigmoid(Z)),
            "The sigmoid is applied twice: the derivative is taken at z, and σ'(z) = a (1 − a) is already expressed by "
            "a.",
        ),
        Mistake(
            "the sign is wrong",
            lambda Z, Y: (Y - sigmoid(Z)) * _slope(Z),
            "The derivative of ½ (a − y)² with respect to a is a − y. With y − a the network would climb.",
        ),
        Mistake(
            "the factor ½ of the loss is missing",
            lambda Z, Y: 2 * _output_delta(Z, Y),
            "Your δ is twice too large: it belongs to ‖a − y‖². The loss here is ½ ‖a − y‖², so that the 2 cancels.",
        ),
        Mistake(
            "the mean over the batch is taken already",
            lambda Z, Y: _output_delta(Z, Y) / len(Z),
            "Your δ is m times too small. This δ belongs to one example's own loss; 1/m comes once, with the gradients "
            "of W and b. (The package's dZ includes it: there it must not come again later.)",
        ),
        Mistake(
            "divided by the number of entries",
            lambda Z, Y: _output_delta(Z, Y) / Z.size,
            "You divide by m · n, as np.mean does over a whole matrix. δ is the derivative of one example's loss: no "
            "mean.",
        ),
        Mistake(
            "the examples are averaged",
            lambda Z, Y: _output_delta(Z, Y).mean(axis=0),
            "One δ for the whole batch is too little: the gradient of W pairs each example's δ with that example's "
            "input.",
        ),
        Mistake(
            "a matrix product in place of ⊙",
            lambda Z, Y: (sigmoid(Z) - Y) @ _slope(Z),
            "a − y and σ'(z) belong together entry by entry: each unit has its own slope. Use *, not @.",
        ),
        Mistake(
            "the error is taken before the activation",
            lambda Z, Y: (Z - Y) * _slope(Z),
            "You compare z with y. The loss compares the output, a = σ(z), with y.",
        ),
        Mistake(
            "z (1 − z) in place of a (1 − a)",
            lambda Z, Y: (sigmoid(Z) - Y) * _slope_of_z(Z),
            "σ'(z) = σ(z) (1 − σ(z)): the rule a (1 − a) wants the activation. You put in z itself.",
        ),
        Mistake(
            "the slope of tanh",
            _with_activation(sigmoid, lambda a: 1 - a**2),
            "1 − a² is the slope of tanh. The sigmoid's is a (1 − a).",
        ),
        Mistake(
            "tanh in place of the sigmoid",
            _with_activation(np.tanh, lambda a: 1 - a**2),
            "This is the δ of a tanh layer. Here a = σ(z) = 1 / (1 + e^−z), and its slope is a (1 − a).",
        ),
        Mistake(
            "1 / 1 + e^−z: brackets are missing",
            _with_activation(lambda Z: 1 + np.exp(-Z), lambda a: a * (1 - a)),
            "Python reads 1 / 1 + np.exp(-Z) as (1 / 1) + e^−z, which is larger than 1. Write 1 / (1 + np.exp(-Z)).",
        ),
        Mistake(
            "e^+z in the sigmoid",
            _with_activation(lambda Z: sigmoid(-Z), lambda a: a * (1 - a)),
            "1 / (1 + e^z) falls where the sigmoid climbs: it is σ(−z). The exponent carries a minus.",
        ),
    ),
    {"more than one example": lambda Z, Y: several(Z), "more than one unit": lambda Z, Y: Z.shape[1] > 1},
)


# 3.4 --------------------------------------------------------------------------------------------------------------
def _hidden_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_next: int, n: int) -> Case:
        return Case(label, (normal(rng, m, n_next), normal(rng, n_next, n), normal(rng, m, n)))

    cases = [
        case("one example, one unit in each layer", 1, 1, 1),
        case("one example", 1, 2, 3),
        case("one unit in the next layer", 3, 1, 2),
        case("one hidden unit", 3, 2, 1),
        case("one unit in each layer", 3, 1, 1),
        case("one example, one unit in the next layer", 1, 1, 3),
        case("one example, one hidden unit", 1, 3, 1),
        *(case("layers and batch of one size", n, n, n) for n in (2, 3, 4)),
        *(case("layers equally wide", n + 1, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _hidden_delta(delta_next: Array, W_next: Array, Z: Array) -> Array:
    A, cache = Sigmoid().forward(Z)
    dA, _ = dense(W_next, np.zeros(len(W_next))).backward(delta_next, A)
    return Sigmoid().backward(dA, cache)[0]


HIDDEN_DELTA = Exercise(
    "3.4",
    "One layer back",
    ("delta_next", "W_next", "Z"),
    ("delta",),
    "one row per example, shape (m, n_l)",
    _hidden_delta,
    _hidden_cases,
    (
        Mistake(
            "σ' is missing",
            lambda d, W, Z: d @ W,
            "This is ∂J/∂a of the hidden layer. One more step of the chain rule leads to z: multiply by σ'(z), entry "
            "by entry.",
        ),
        Mistake(
            "σ'(a) in place of σ'(z)",
            lambda d, W, Z: (d @ W) * _slope(sigmoid(Z)),
            "The sigmoid is applied twice: σ'(z) = a (1 − a) with a = σ(z). Taken at a, it is the slope at another "
            "point.",
        ),
        Mistake(
            "the activation in place of its derivative",
            lambda d, W, Z: (d @ W) * sigmoid(Z),
            "You multiply by a = σ(z). The chain rule needs the slope, σ'(z) = a (1 − a).",
        ),
        Mistake(
            "W is transposed",
            lambda d, W, Z: (d @ W.T) * _slope(Z),
            "The text's Wᵀ δ is for a column. For rows it is δ W, without a transpose: (m, n_{l+1}) times (n_{l+1}, "
            "n_l). "
            "With equally wide layers the wrong product runs, too.",
        ),
        Mistake(
            "the text's order of the product, for rows",
            lambda d, W, Z: (W.T @ d) * _slope(Z),
            "Wᵀ δ is right when every column of δ is an example. Here the rows are: turn the product round, δ W.",
        ),
        Mistake(
            "the slope is applied before W",
            lambda d, W, Z: (d * _slope(Z)) @ W,
            "σ'(z^l) belongs to the units of layer l, so it comes after W has carried δ there: (δ W) ⊙ σ'(z).",
        ),
        Mistake(
            "entry by entry in place of the matrix product",
            lambda d, W, Z: d * W * _slope(Z),
            "A hidden unit acts on every unit of the next layer, and its δ adds up all these ways: a matrix product.",
        ),
        Mistake(
            "divided by the number of examples",
            lambda d, W, Z: _hidden_delta(d, W, Z) / len(Z),
            "Your δ is m times too small. 1/m comes once, with the gradients of W and b; with one in each layer the "
            "first "
            "layers would learn 1/m² as fast.",
        ),
        Mistake(
            "the sign is wrong",
            lambda d, W, Z: -_hidden_delta(d, W, Z),
            "The minus of gradient descent belongs to the update alone, not to the derivatives.",
        ),
        Mistake(
            "z (1 − z) in place of a (1 − a)",
            lambda d, W, Z: (d @ W) * _slope_of_z(Z),
            "σ'(z) = σ(z) (1 − σ(z)): the rule a (1 − a) wants the activation. You put in z itself.",
        ),
        Mistake(
            "1 − a²: the slope of tanh, taken at the sigmoid",
            lambda d, W, Z: (d @ W) * (1 - sigmoid(Z) ** 2),
            "1 − a² is the slope where a = tanh(z). For a = σ(z) it is a (1 − a).",
        ),
        Mistake(
            "the slope of tanh",
            lambda d, W, Z: (d @ W) * (1 - np.tanh(Z) ** 2),
            "1 − tanh²(z) belongs to a tanh layer. This layer is a sigmoid one: σ'(z) = a (1 − a).",
        ),
        Mistake(
            "the slope of ReLU",
            lambda d, W, Z: (d @ W) * (Z > 0),
            "You let δ through where z > 0, as a ReLU layer does. The sigmoid's slope is a (1 − a) everywhere.",
        ),
    ),
    {
        "more than one example": lambda d, W, Z: several(Z),
        "more than one unit in the next layer": lambda d, W, Z: several(W),
        "more than one hidden unit": lambda d, W, Z: Z.shape[1] > 1,
    },
)


# 3.5 --------------------------------------------------------------------------------------------------------------
def _gradient_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_out: int, n_in: int) -> Case:
        return Case(label, (normal(rng, m, n_out), normal(rng, m, n_in)))

    cases = [
        case("one example, one unit, one input", 1, 1, 1),
        case("one example", 1, 2, 3),
        case("two examples, one unit, one input", 2, 1, 1),
        case("one example, one input", 1, 3, 1),
        case("one example, one unit", 1, 1, 3),
        case("one unit", 3, 1, 2),
        case("one input", 3, 2, 1),
        *(case("batch and layers of one size", n, n, n) for n in (2, 3, 4)),
        *(case("as many inputs as units", n + 2, n, n) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 7, size=3))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _gradients(delta: Array, A_prev: Array) -> tuple[Array, Array]:
    layer = dense(np.zeros((delta.shape[1], A_prev.shape[1])), np.zeros(delta.shape[1]))
    grads = layer.param_grads(delta / len(delta), A_prev)
    return grads["W"], grads["b"]


def _with_db(db: Callable[[Array], Any]) -> Callable[[Array, Array], Any]:
    return lambda delta, A_prev: (_gradients(delta, A_prev)[0], db(delta))


def _times(c: Callable[[Array], float], d: Callable[[Array], float]) -> Callable[[Array, Array], Any]:
    def scaled(delta: Array, A_prev: Array) -> tuple[Array, Array]:
        dW, db = _gradients(delta, A_prev)
        return c(delta) * dW, d(delta) * db

    return scaled


GRADIENTS = Exercise(
    "3.5",
    "The gradients of one layer",
    ("delta", "A_prev"),
    ("dW", "db"),
    "dW (n_out, n_in) and db (n_out,)",
    _gradients,
    _gradient_cases,
    (
        Mistake(
            "the mean over the batch is missing",
            _times(len, len),
            "Your gradients are m times too large: J is the mean of the examples' losses. Without 1/m, a batch twice "
            "as large "
            "would take steps twice as long.",
        ),
        Mistake(
            "the mean over the batch is missing in dW",
            _times(len, lambda d: 1),
            "db is right. The matrix product δᵀ A adds over the examples and does not average: divide by m, as for db.",
        ),
        Mistake(
            "the mean over the batch is missing in db",
            _times(lambda d: 1, len),
            "dW is right. db adds the δ of all examples and is divided by m as well.",
        ),
        Mistake(
            "the mean over the batch is taken twice",
            _times(lambda d: 1 / len(d), lambda d: 1 / len(d)),
            "Your gradients are m times too small. This delta comes without 1/m: divide once.",
        ),
        Mistake(
            "dW is transposed",
            lambda d, A: (A.T @ d / len(d), d.mean(axis=0)),
            "A gradient has the shape of its parameter: dW is (n_out, n_in) like W. The product is δᵀ A, not Aᵀ δ.",
        ),
        Mistake(
            "db is summed over the wrong axis",
            _with_db(lambda d: d.mean(axis=1)),
            "You average over the units and get one number per example. There is one bias per unit: average over the "
            "examples, axis 0.",
        ),
        Mistake(
            "db is one number for all units",
            _with_db(lambda d: d.mean()),
            "Without an axis, the mean runs over examples and units alike. Each unit has a bias of its own: axis=0.",
        ),
        Mistake(
            "db keeps an axis of length one",
            _with_db(lambda d: d.mean(axis=0, keepdims=True)),
            "Your db has shape (1, n_out), b has (n_out,). The update b − η db would turn b into a matrix. Leave out "
            "keepdims.",
        ),
        Mistake(
            "entry by entry in place of the matrix product",
            lambda d, A: (d * A / len(d), d.mean(axis=0)),
            "δ * A multiplies entries. dW adds the outer products δ aᵀ of all examples, which is the matrix product δᵀ "
            "A.",
        ),
        Mistake(
            "the sign is wrong",
            _times(lambda d: -1, lambda d: -1),
            "These are the gradients with a minus. The minus belongs to the update, W − η dW.",
        ),
        Mistake(
            "divided by the number of units",
            _times(lambda d: len(d) / d.shape[1], lambda d: len(d) / d.shape[1]),
            "You divide by n_out, which is delta.shape[1]. The mean runs over the examples: m is delta.shape[0].",
        ),
    ),
    {
        "more than one example": lambda d, A: several(d),
        "more than one unit": lambda d, A: d.shape[1] > 1,
        "more than one input": lambda d, A: A.shape[1] > 1,
    },
)


# 3.6 --------------------------------------------------------------------------------------------------------------
def _step_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, m: int, n_0: int, n_1: int, n_2: int) -> Case:
        first, second = (normal(rng, n_1, n_0), nonzero(rng, n_1)), (normal(rng, n_2, n_1), nonzero(rng, n_2))
        Y = rng.integers(2, size=(m, n_2)).astype(float)
        return Case(label, (*first, *second, normal(rng, m, n_0), Y, float(rng.choice([0.5, 2.0, 3.0]))))

    cases = [
        case("one example, one unit in each layer", 1, 1, 1, 1),
        case("two examples, one unit in each layer", 2, 1, 1, 1),
        case("one example", 1, 2, 3, 2),
        case("one example, one hidden unit", 1, 3, 1, 2),
        case("one example, one output unit", 1, 2, 3, 1),
        case("one hidden unit", 3, 2, 1, 2),
        *(case("batch and layers of one size", n, n, n, n) for n in (2, 3)),
        *(case("as many hidden units as inputs", 4, n, n, 1) for n in (2, 3)),
        *(case("a random batch", *(int(k) for k in rng.integers(2, 6, size=4))) for _ in range(6)),
    ]
    return [*cases, in_float32(cases[-1])]


def _training_step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, eta: float) -> tuple[Array, ...]:
    model, loss = network([W1.copy(), W2.copy()], [b1.copy(), b2.copy()]), MeanSquaredError()
    A, cache = model.forward(X)
    SGD(eta).step(model.params, model.param_grads(loss.backward(loss.forward(A, Y)[1]), cache))
    return tuple(model.params[name] for name in ("0.W", "0.b", "2.W", "2.b"))


def _by_hand(
    *,
    mean: bool = True,
    out_slope: bool = True,
    hidden_slope: bool = True,
    early_update: bool = False,
    wrong_input: bool = False,
    scale: tuple[float, float, float, float] = (1, 1, 1, 1),
    with_eta: bool = True,
    linear_output: bool = False,
    slope_at_a: bool = False,
) -> Callable[..., tuple[Array, ...]]:
    """Return a training step with a mistake built in."""

    def step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, eta: float) -> tuple[Array, ...]:
        eta = (eta if with_eta else 1.0) / (len(X) if mean else 1)
        A1 = sigmoid(X @ W1.T + b1)
        Z2 = A1 @ W2.T + b2
        A2 = Z2 if linear_output else sigmoid(Z2)
        d2 = (A2 - Y) * (A2 * (1 - A2) if out_slope and not linear_output else 1)
        V2 = W2 - eta * scale[2] * d2.T @ A1
        d1 = d2 @ (V2 if early_update else W2) * (_slope(A1) if slope_at_a else A1 * (1 - A1) if hidden_slope else 1)
        V1 = W1 - eta * scale[0] * d1.T @ (A1 if wrong_input else X)
        return V1, b1 - eta * scale[1] * d1.sum(axis=0), V2, b2 - eta * scale[3] * d2.sum(axis=0)

    return step


def _steps_longer(
    weights: Callable[[Array], float], biases: Callable[[Array], float]
) -> Callable[..., tuple[Array, ...]]:
    """Return a training step whose moves are longer by a factor that depends on Y."""

    def step(*args: Any) -> tuple[Array, ...]:
        Y, factors = args[5], (weights, biases, weights, biases)
        pairs = zip(args[:4], _training_step(*args), factors, strict=True)
        return tuple(old + factor(Y) * (new - old) for old, new, factor in pairs)

    return step


def _four_gradients(*args: Any) -> tuple[Array, ...]:
    W1, b1, W2, b2, X, Y, _ = args
    new = _training_step(W1, b1, W2, b2, X, Y, 1.0)
    return W1 - new[0], b1 - new[1], W2 - new[2], b2 - new[3]


def _one_by_one_example(*args: Any) -> tuple[Array, ...]:
    W1, b1, W2, b2, X, Y, eta = args
    for x, y in zip(X, Y, strict=True):
        W1, b1, W2, b2 = _training_step(W1, b1, W2, b2, x[None], y[None], eta)
    return W1, b1, W2, b2


TRAINING_STEP = Exercise(
    "3.6",
    "A whole training step",
    ("W1", "b1", "W2", "b2", "X", "Y", "eta"),
    ("W1", "b1", "W2", "b2"),
    "the new W1 (n_1, n_0), b1 (n_1,), W2 (n_2, n_1), b2 (n_2,)",
    _training_step,
    _step_cases,
    (
        Mistake(
            "W2 is updated before it is used",
            _by_hand(early_update=True),
            "δ¹ is carried back through the new W2. The gradient belongs to the old parameters, all of them: compute "
            "every "
            "gradient first, then update.",
        ),
        Mistake(
            "the mean over the batch is missing",
            _by_hand(mean=False),
            "Your steps are m times too long: J is the mean over the examples, so every gradient is divided by m.",
        ),
        Mistake(
            "it climbs in place of descending",
            _by_hand(scale=(-1, -1, -1, -1)),
            "You add the gradient. Descent subtracts it: W − η dW.",
        ),
        Mistake(
            "the learning rate is missing",
            _by_hand(with_eta=False),
            "You take the whole gradient as the step. Multiply it by η.",
        ),
        Mistake(
            "σ' is missing in the hidden layer",
            _by_hand(hidden_slope=False),
            "The output layer's parameters are right. δ¹ = (δ² W²) ⊙ σ'(z¹): the factor a¹ (1 − a¹) is missing.",
        ),
        Mistake(
            "σ' is missing in the output layer",
            _by_hand(out_slope=False),
            "a − y alone is the δ of cross-entropy. For the squared error it is (a − y) ⊙ a (1 − a).",
        ),
        Mistake(
            "the biases never learn",
            _by_hand(scale=(1, 0, 1, 0)),
            "The weights are right. b1 and b2 come back unchanged: each moves by −η times the mean of its δ.",
        ),
        Mistake(
            "only the output layer learns",
            _by_hand(scale=(0, 0, 1, 1)),
            "W2 and b2 are right, W1 and b1 come back unchanged: carry δ² one layer back.",
        ),
        Mistake(
            "off by one layer: A1 in place of X",
            _by_hand(wrong_input=True),
            "The gradient of W1 pairs δ¹ with what entered layer 1, which is X. A1 is what left it.",
        ),
        Mistake(
            "the sum in the biases, the mean in the weights",
            _steps_longer(lambda Y: 1, len),
            "W1 and W2 are right. b1 and b2 move m times too far: their gradient is the mean of δ, with the same 1/m.",
        ),
        Mistake(
            "the mean in the biases, the sum in the weights",
            _steps_longer(len, lambda Y: 1),
            "b1 and b2 are right. W1 and W2 move m times too far: δᵀ A adds over the examples, divide by m as well.",
        ),
        Mistake(
            "divided by the entries of Y, not by the examples",
            _steps_longer(lambda Y: 1 / Y.shape[1], lambda Y: 1 / Y.shape[1]),
            "Your steps are n_2 times too short: you divide by m · n_2, as Y.size or np.mean over a matrix does. J is "
            "the mean over the m examples alone.",
        ),
        Mistake(
            "the gradients are returned",
            _four_gradients,
            "These are dW1, db1, dW2 and db2. Return the new parameters: W1 − η dW1, and so on.",
        ),
        Mistake(
            "an update after each example",
            _one_by_one_example,
            "You go on with new parameters after every row of X: that is m steps. One step on a batch takes the mean "
            "gradient at the old parameters.",
        ),
        Mistake(
            "the output layer is linear",
            _by_hand(linear_output=True),
            "You take z² as the output and δ² = z² − y. The output layer is a sigmoid one, too: a² = σ(z²), "
            "δ² = (a² − y) ⊙ a² (1 − a²).",
        ),
        Mistake(
            "σ'(a) in place of σ'(z) in the hidden layer",
            _by_hand(slope_at_a=True),
            "W2 and b2 are right. In δ¹ the sigmoid is applied twice: σ'(z¹) = a¹ (1 − a¹) is already expressed by a¹.",
        ),
    ),
    {
        "more than one example": lambda W1, b1, W2, b2, X, Y, eta: several(X),
        "more than one output unit": lambda W1, b1, W2, b2, X, Y, eta: several(W2),
        "more than one hidden unit": lambda W1, b1, W2, b2, X, Y, eta: several(W1),
    },
)


# 3.7 --------------------------------------------------------------------------------------------------------------
def _difference_cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, h: float, *shape: int) -> Case:
        return Case(label, (Cubic(), nonzero(rng, *shape), h))

    return [
        case("one number", 0.1, 1),
        case("two numbers, a large h", 0.5, 2),
        case("a vector", 0.1, 4),
        case("a vector, a small h", 1e-4, 3),
        case("a matrix of one entry", 0.1, 1, 1),
        case("a matrix of one entry, a small h", 1e-3, 1, 1),
        case("one number, a small h", 1e-3, 1),
        *(case("a random matrix", h, *(int(k) for k in rng.integers(2, 4, size=2))) for h in (0.5, 0.1, 0.01, 1e-3)),
        *(case("a random vector", h, int(rng.integers(2, 6))) for h in (0.2, 0.05)),
    ]


def _one_by_one(quotient: Callable[[float, float, float, float], float]) -> Callable[..., Array]:
    """Return the numerical gradient whose entries are ``quotient(f(x + h), f(x), f(x − h), h)``."""

    def gradient(f: Callable[[Array], float], x: Array, h: float) -> Array:
        result = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            e = np.zeros(x.shape)
            e[index] = h
            result[index] = quotient(f(x + e), f(x), f(x - e), h)
        return result

    return gradient


def _not_put_back(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result, x = np.zeros(x.shape), x.copy()
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        result[index] = (above - f(x)) / (2 * h)
    return result


def _step_not_reset(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result, e = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e[index] = h
        result[index] = (f(x + e) - f(x - e)) / (2 * h)
    return result


def _row_by_row(f: Callable[[Array], float], x: Array, h: float) -> Array:
    result = np.zeros(x.shape)
    for i in range(len(x)):
        e = np.zeros(x.shape)
        e[i] = h
        result[i] = (f(x + e) - f(x - e)) / (2 * h)
    return result


CENTRAL_DIFFERENCES = Exercise(
    "3.7",
    "Gradient checking by central differences",
    ("f", "x", "h"),
    ("gradient",),
    "an array with the shape of x",
    numerical_gradient,
    _difference_cases,
    (
        Mistake(
            "forward differences",
            _one_by_one(lambda above, here, below, h: (above - here) / h),
            "(f(x + h) − f(x)) / h has an error of order h. The central difference, from x − h to x + h, has one of "
            "order h²: "
            "with h = 10⁻⁵ five more digits.",
        ),
        Mistake(
            "backward differences",
            _one_by_one(lambda above, here, below, h: (here - below) / h),
            "(f(x) − f(x − h)) / h looks to one side only, and has an error of order h. Use both sides.",
        ),
        Mistake(
            "divided by h in place of 2h",
            _one_by_one(lambda above, here, below, h: (above - below) / h),
            "Your gradient is twice too large: from x − h to x + h the distance is 2h.",
        ),
        Mistake(
            "the difference is not divided by h",
            _one_by_one(lambda above, here, below, h: (above - below) / 2),
            "You halve the difference of the values. A slope is a difference of values by a difference of places: "
            "divide by 2h. "
            "(a / 2 * h is (a / 2) · h: brackets help.)",
        ),
        Mistake(
            "multiplied by h: brackets are missing",
            _one_by_one(lambda above, here, below, h: (above - below) / 2 * h),
            "Python reads d / 2 * h as (d / 2) · h. Write d / (2 * h).",
        ),
        Mistake(
            "the sign is wrong",
            _one_by_one(lambda above, here, below, h: (below - above) / (2 * h)),
            "You subtract f(x + h) from f(x − h). The slope is later minus earlier.",
        ),
        Mistake(
            "all entries are moved at once",
            lambda f, x, h: np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h)),
            "x + h adds h to every entry: this is the sum of all partial derivatives, in every place. Move one entry "
            "at a time.",
        ),
        Mistake(
            "a whole row is moved at once",
            _row_by_row,
            "x[i] is a row where x is a matrix, and all of it moves. Visit single entries: np.ndindex(x.shape).",
        ),
        Mistake(
            "the entry is not put back",
            _not_put_back,
            "After the first entry, x is no longer where you started: each further derivative is taken at another "
            "place. "
            "Put the entry back before the next.",
        ),
        Mistake(
            "the step vector is not reset",
            _step_not_reset,
            "The first entry is right. After it e still holds the earlier h, and several entries move at once: start "
            "every entry with a new e of zeros.",
        ),
        Mistake(
            "a small h of your own in place of the argument",
            lambda f, x, h: numerical_gradient(f, x, 1e-5),
            "Your numbers are those of a much smaller step, such as 10⁻⁵. Whoever calls the function chooses h.",
        ),
    ),
    {
        "x of two axes": lambda f, x, h: x.ndim == 2,
        "more than one number in x": lambda f, x, h: x.size > 1,
        "h of 0.01 and more": lambda f, x, h: h >= 0.01,
    },
)

EXERCISES = (OUTPUT_DELTA, HIDDEN_DELTA, GRADIENTS, TRAINING_STEP, CENTRAL_DIFFERENCES)
