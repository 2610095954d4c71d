"""Planted bugs in perceptron, dense layer, activations, losses, optimizer and training."""

from __future__ import annotations

import types

import numpy as np
from cases import LOSSES
from test_golden import GOLDEN, ten_steps
from witnesses import Bug, Witness, differences_fail

import dlbook
from dlbook import SGD, Dense, check


def loss_differences_fail(case: str) -> Witness:
    def witness(module: types.ModuleType) -> bool:
        loss, shape, targets = LOSSES[case]
        rng = np.random.default_rng(2)
        mutant = getattr(module, type(loss).__name__)()
        return check.check_loss(mutant, rng.normal(size=shape), targets(rng)) > 1e-3

    return witness


def loss_differs_from_pytorch(case: str) -> Witness:
    def witness(module: types.ModuleType) -> bool:
        J, _ = getattr(module, case)().forward(GOLDEN[f"{case}/Z"], GOLDEN[f"{case}/y"])
        return abs(J - float(GOLDEN[f"{case}/J"])) > 1e-3

    return witness


def path_differs_from_pytorch(train: types.ModuleType, optim: types.ModuleType) -> bool:
    dlbook.Optimizer.register(optim.SGD)  # so that fit takes a changed one for an optimizer
    J, _ = ten_steps(train.fit, optim.SGD(0.5))
    return not np.allclose(J, GOLDEN["path/J"], rtol=0, atol=1e-6)


def misses_examples(train: types.ModuleType) -> bool:
    """Every example is used exactly once per epoch, also when the batch size does not divide m."""

    class Seen(dlbook.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.X: list[np.ndarray] = []

        def forward(self, X, rng=None):
            self.X.append(X.copy())
            return X, None

        def backward(self, dY, cache):
            return dY, {}

    model, X = Seen(), np.arange(10.0)[:, None]
    list(train.fit(model, dlbook.MeanSquaredError(), SGD(0.1), X, X, epochs=1, batch_size=4,
                   rng=np.random.default_rng(0)))  # fmt: skip
    seen = np.concatenate(model.X).ravel()
    return not np.array_equal(np.sort(seen), np.arange(10)) or np.array_equal(seen, np.arange(10))


def epoch_mean_differs(train: types.ModuleType) -> bool:
    """The record of an epoch is the mean over its examples; nothing learns here, so it equals J of the whole set."""
    rng = np.random.default_rng(0)
    model, X, y = Dense(2, 1, rng=rng), rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    J, _ = dlbook.MeanSquaredError().forward(model(X), y)
    optimizer = SGD(1e-300)
    [record] = train.fit(
        model, dlbook.MeanSquaredError(), optimizer, X, y, epochs=1, batch_size=4, rng=rng, every="epoch"
    )
    return abs(record.loss - J) > 1e-9


def perceptron_gradient_fails(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(3)
    p, X, y = module.Perceptron(2), rng.normal(size=(30, 2)), np.sign(rng.normal(size=30))
    p.w, p.b = rng.normal(size=2), 0.3
    brute = sum(max(0.0, -yi * (p.w @ xi + p.b)) for xi, yi in zip(X, y, strict=True))

    def loss(theta: np.ndarray) -> float:
        p.w, p.b = theta[:2], theta[2]
        return p.loss(X, y)

    theta = np.array([*p.w, p.b])
    dw, db = p.gradients(X, y)
    error = check.gradient_error(np.array([*dw, db]), check.numerical_gradient(loss, theta))
    p.w, p.b = theta[:2], theta[2]
    return error > 1e-3 or abs(p.loss(X, y) - brute) > 1e-9


def perceptron_does_not_learn(module: types.ModuleType) -> bool:
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    p, y = module.Perceptron(2), np.array([-1, -1, -1, 1])
    list(p.learn(X, y, rng=np.random.default_rng(0), max_steps=200))
    return not np.array_equal(p.predict(X), y)


# Everything is square, so that a wrong formula has the right shape and only its numbers can betray it.
dense = differences_fail(lambda module, rng: module.Dense(4, 4, rng=rng), 4, 4)
stack = differences_fail(
    lambda module, rng: module.Sequential(Dense(4, 4, rng=rng), dlbook.Sigmoid(), Dense(4, 4, rng=rng)), 4, 4
)


def activation(name: str, *args: float) -> Witness:
    return differences_fail(lambda module, rng: getattr(module, name)(*args), 5, 4)


maxout = differences_fail(lambda module, rng: module.Maxout(4, 2, 3, rng=rng), 5, 4)

BUGS: dict[str, Bug] = {
    "dense: W not transposed on the way back": (
        "dense",
        'dY @ self.params["W"], grads',
        'dY @ self.params["W"].T, grads',
        dense,
    ),
    "dense: dW is X times delta, transposed": ("dense", "delta.T @ X", "(X.T @ delta)", dense),
    "dense: db averaged instead of summed": ("dense", "delta.sum(axis=0)", "delta.mean(axis=0)", dense),
    "dense: db summed over the units": ("dense", "delta.sum(axis=0)", "delta.sum(axis=1)", dense),
    "dense: dW divided by m a second time": ("dense", "delta.T @ X", "delta.T @ X / len(X)", dense),
    "dense: the gradient is not a number": ("dense", "delta.T @ X", "delta.T @ X * np.nan", dense),
    "dense: bias forgotten in forward": ("dense", 'Z += self.params["b"]', "pass", dense),
    "sequential: layers not reversed": (
        "sequential",
        "range(len(self.layers) - 1, stop, -1)",
        "range(stop + 1, len(self.layers))",
        stack,
    ),
    "sequential: a layer skipped": (
        "sequential",
        "range(len(self.layers) - 1, stop, -1)",
        "range(len(self.layers) - 1, stop + 1, -1)",
        stack,
    ),
    "sigmoid: derivative at y instead of z": (
        "activations",
        "self.slope * dY * cache * (1 - cache)",
        "self.slope * dY * sigmoid(cache) * (1 - sigmoid(cache))",
        activation("Sigmoid"),
    ),
    "sigmoid: slope forgotten": ("activations", "self.slope * dY * cache", "dY * cache", activation("Sigmoid", 1.7)),
    "tanh: 1 - y": ("activations", "1 - cache**2", "1 - cache", activation("Tanh")),
    "relu: passes everything": ("activations", "dY * (cache > 0), {}", "dY * (cache >= 0), {}", activation("ReLU")),
    "leaky relu: branches swapped": (
        "activations",
        "np.where(cache, dY, self.slope * dY)",
        "np.where(cache, self.slope * dY, dY)",
        activation("LeakyReLU", 0.1),
    ),
    "prelu: slope's gradient counts the positive side": (
        "activations",
        "np.where(cache > 0, 0, cache)",
        "cache",
        differences_fail(lambda module, rng: module.PReLU(4), 5, 4),
    ),
    "prelu: one slope for all channels": (
        "activations",
        ".sum(axis=others)",
        ".sum() + np.zeros(self.n_channels)",
        differences_fail(lambda module, rng: module.PReLU(4), 5, 4),
    ),
    "maxout: all pieces receive delta": (
        "activations",
        "np.put_along_axis(dZ, winner, dY[..., None, :], axis=-2)",
        "dZ += dY[..., None, :]",
        maxout,
    ),
    "softplus: derivative 1 + e^-y": (
        "activations",
        "np.expm1(-cache)",
        "(-1 - np.exp(-cache))",
        activation("Softplus"),
    ),
    "softmax: only the diagonal of the Jacobian": (
        "activations",
        "cache * (dY - (dY * cache).sum(axis=-1, keepdims=True))",
        "dY * cache * (1 - cache)",
        activation("Softmax"),
    ),
    "mse: 1/m missing in the gradient": ("losses", "error / m", "error", loss_differences_fail("MeanSquaredError")),
    "mse: factor 2 left over": ("losses", "error / m", "2 * error / m", loss_differences_fail("MeanSquaredError")),
    "mse: 1/m missing in the loss": ("losses", "/ (2 * m)", "/ 2", loss_differences_fail("MeanSquaredError")),
    "mse: divided by all entries": (
        "losses",
        "Z[..., 0].size",
        "Z.size",
        loss_differs_from_pytorch("MeanSquaredError"),
    ),
    "bce: sign of delta": ("losses", "(a - y) / m", "(y - a) / m", loss_differences_fail("BinaryCrossEntropy")),
    "bce: y z forgotten": ("losses", "((Z > 0) - y)", "(Z > 0)", loss_differences_fail("BinaryCrossEntropy")),
    "bce: sigma' left in": (
        "losses",
        "(a - y) / m",
        "(a - y) * a * (1 - a) / m",
        loss_differences_fail("BinaryCrossEntropy"),
    ),
    "cross-entropy: only the true class has a gradient": (
        "losses",
        "(a - Y) / m",
        "(a - Y) * Y / m",
        loss_differences_fail("SoftmaxCrossEntropy"),
    ),
    "cross-entropy: 1/m missing": (
        "losses",
        "return J.item() / m",
        "return J.item()",
        loss_differences_fail("SoftmaxCrossEntropy"),
    ),
    "cross-entropy: softmax over the batch": (
        "losses",
        "axis=-1, keepdims=True",
        "axis=0, keepdims=True",
        loss_differs_from_pytorch("SoftmaxCrossEntropy"),
    ),
    "sgd: uphill": (
        "optim",
        "-= self.learning_rate * g",
        "+= self.learning_rate * g",
        lambda module: path_differs_from_pytorch(dlbook.train, module),
    ),
    "sgd: learning rate forgotten": (
        "optim",
        "self.learning_rate * g",
        "g",
        lambda module: path_differs_from_pytorch(dlbook.train, module),
    ),
    "fit: one update behind": (
        "train",
        "optimizer.step(model.params, grads)",
        "optimizer.step(model.params, grads) if step else None",
        lambda module: path_differs_from_pytorch(module, dlbook.optim),
    ),
    "fit: last batch dropped": (
        "train",
        "range(0, len(X), batch_size)",
        "range(0, len(X) - batch_size + 1, batch_size)",
        misses_examples,
    ),
    "fit: never shuffles": ("train", "rng.permutation(len(X))", "np.arange(len(X))", misses_examples),
    "fit: shuffles X but not y": (
        "train",
        "y[batch]",
        "y[start : start + batch_size]",
        lambda module: path_differs_from_pytorch(module, dlbook.optim),
    ),
    "fit: epoch's mean ignores the smaller last batch": (
        "train",
        "s.loss * size, seen + size",
        "s.loss * batch_size, seen + size",
        epoch_mean_differs,
    ),
    "perceptron: gradient over all points": (
        "perceptron",
        "-(y[M] @ np.asarray(X)[M])",
        "-(y @ np.asarray(X))",
        perceptron_gradient_fails,
    ),
    "perceptron: sign of the bias gradient": (
        "perceptron",
        "-float(y[M].sum())",
        "float(y[M].sum())",
        perceptron_gradient_fails,
    ),
    "perceptron: loss over the correct points": (
        "perceptron",
        "self.score(X) <= 0)",
        "self.score(X) > 0)",
        perceptron_gradient_fails,
    ),
    "perceptron: steps away from the example": (
        "perceptron",
        "self.w + learning_rate",
        "self.w - learning_rate",
        perceptron_does_not_learn,
    ),
    "perceptron: bias never learns": (
        "perceptron",
        "self.b += learning_rate * float(y[i])",
        "pass",
        perceptron_does_not_learn,
    ),
    "perceptron: a point on the line counts as right": (
        "perceptron",
        "self.score(X) <= 0)",
        "self.score(X) < 0)",
        perceptron_does_not_learn,
    ),
}
