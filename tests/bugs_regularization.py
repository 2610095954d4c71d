"""Planted bugs in penalties, dropout, augmentation, adversarial examples, bagging, and in what fit does with them."""

from __future__ import annotations

import types
from collections.abc import Callable
from itertools import product

import numpy as np
from test_augment import looped, turned
from test_ensemble import Recorded, members
from test_golden import GOLDEN, Drawn
from witnesses import Bug, Witness

import dlbook
from dlbook import SGD, Dense, Layer, Maxout, MeanSquaredError, Sequential
from dlbook.check import gradient_error, numerical_gradient


def params() -> dlbook.layer.Params:
    """Parameters of which some look like weights and are none: Maxout's bias is a matrix, PReLU's slopes multiply."""
    rng = np.random.default_rng(0)
    layers = Dense(3, 3, rng=rng), Maxout(3, 3, 3, rng=rng), dlbook.PReLU(3), dlbook.RNN(3, 3, rng=rng)
    named = Sequential(*layers).params
    return {name: rng.normal(size=p.shape) for name, p in named.items()}


def penalty_fails(make: Callable[[types.ModuleType], dlbook.Penalty]) -> Witness:
    """Say whether the gradient is not that of the value, or the value not that of a loop over all weights."""

    def witness(module: types.ModuleType) -> bool:
        penalty, given = make(module), params()
        grads = penalty.grads(given)
        for name, p in given.items():
            numeric = numerical_gradient(lambda x, name=name: penalty.value(given | {name: x}), p)
            if gradient_error(grads[name], numeric) > 1e-6:
                return True
        w = np.concatenate([given[name].ravel() for name in ("0.W", "1.W", "3.U", "3.W")])
        wanted = {"L2": 0.15 * (w**2).sum(), "L1": 0.3 * np.abs(w).sum()}
        wanted["_Sum"] = wanted["L1"] + wanted["L2"]
        return abs(penalty.value(given) - wanted[type(penalty).__name__]) > 1e-9

    return witness


def shared_weights_count_twice(module: types.ModuleType) -> bool:
    W = np.ones((2, 2))
    return module.L2(1.0).value({"0.W": W, "1.W": W}) != 2


def max_norm_fails(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(0)
    for shape, units in (((3, 3), 3), ((3, 3, 3), 9), ((3, 3, 3, 3), 3)):
        W = rng.normal(size=shape) * rng.uniform(0.1, 2, size=(*shape[:-1], 1))
        before = W.reshape(units, -1).copy()
        module.MaxNorm(1.5).project({"W": W})
        length = np.linalg.norm(before, axis=1, keepdims=True)
        if not np.allclose(W.reshape(units, -1), before * np.minimum(1, 1.5 / length), rtol=1e-12):
            return True
    return False


def differs_from_pytorch(case: str, make: Callable[[types.ModuleType], Layer]) -> Witness:
    def witness(module: types.ModuleType) -> bool:
        X, drawn, Y, dY, dX = (GOLDEN[f"{case}/{name}"] for name in ("X", "drawn", "Y", "dY", "dX"))
        layer = make(module)
        output, cache = layer.forward(X, Drawn(drawn))
        back, _ = layer.backward(dY, cache)
        return not (np.allclose(output, Y, atol=1e-10) and np.allclose(back, dX, atol=1e-10))

    return witness


dropout = differs_from_pytorch("Dropout", lambda module: module.Dropout(0.4))
noise = differs_from_pytorch("GaussianNoise", lambda module: module.GaussianNoise(0.3))


def share_of_zeros_differs(module: types.ModuleType) -> bool:
    Y, _ = module.Dropout(0.2).forward(np.ones((1000, 10)), np.random.default_rng(0))
    return abs((Y == 0).mean() - 0.2) > 0.05


def extras_of_fit_fail(train: types.ModuleType) -> bool:
    """Follow two steps by hand: J + R is reported, its gradient is walked, then comes the projection."""
    rng = np.random.default_rng(0)
    model, X, y = Dense(3, 2, rng=rng), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    W, b = model.params["W"].copy(), model.params["b"].copy()
    settings = {"penalty": dlbook.L2(0.4), "constraint": dlbook.MaxNorm(0.5), "prepare": lambda X, y, rng: 2 * X + 1}
    steps = train.fit(model, MeanSquaredError(), SGD(0.3), X, y, epochs=2, batch_size=6, rng=rng, **settings)
    for s in steps:
        Z = 2 * X + 1
        error = Z @ W.T + b - y
        J = (error**2).sum() / 12 + 0.2 * (W**2).sum()
        W, b = W - 0.3 * (error.T @ Z / 6 + 0.4 * W), b - 0.3 * error.mean(axis=0)
        W = W * np.minimum(1, 0.5 / np.linalg.norm(W, axis=1, keepdims=True))
        if abs(s.loss - J) > 1e-9 or not np.allclose(model.params["W"], W) or not np.allclose(model.params["b"], b):
            return True
    return False


def moves_otherwise(module: types.ModuleType) -> bool:
    """Say whether loops over pixels move images to other places."""
    rng = np.random.default_rng(0)
    X, angles = rng.uniform(size=(3, 6, 6)), np.array([15.0, -40.0, 100.0])
    dx, dy = np.array([1.25, -0.5, 3.0]), np.array([-2.0, 0.75, 1.5])
    shifted = looped(X, lambda i, row, column: (row - dy[i], column - dx[i]))
    turn = np.allclose(module.rotate(X, angles), looped(X, turned(angles, 6, 6)), atol=1e-9)
    return not (turn and np.allclose(module.shift(X, dx, dy), shifted, atol=1e-9))


def one_angle_for_all(module: types.ModuleType) -> bool:
    X = np.tile(np.random.default_rng(0).uniform(size=(1, 6, 6)), (5, 1, 1))
    return len(np.unique(module.random_rotate(X, rng=np.random.default_rng(1)), axis=0)) < 5


def not_the_worst_corner(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(0)
    model, loss, X, y = Dense(4, 1, rng=rng), MeanSquaredError(), rng.uniform(0.2, 0.8, size=(1, 4)), np.ones((1, 1))
    worst = max(loss.forward(model(X + 0.1 * np.array(s)), y)[0] for s in product((-1, 1), repeat=4))
    return abs(loss.forward(model(module.fgsm(model, loss, X, y, 0.1)), y)[0] - worst) > 1e-9


def leaves_the_range(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(0)
    X = module.fgsm(Dense(4, 1, rng=rng), MeanSquaredError(), np.ones((1, 4)), np.zeros((1, 1)), 0.1)
    return X.max() > 1


def draws_badly(module: types.ModuleType) -> bool:
    """Each member: m pairs, with replacement, its own; and numbers of its own after that."""
    X = np.arange(200.0)[:, None]

    def train(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Layer:
        return Recorded(X, y, rng.normal(size=2))

    three = module.bagging(train, X, 3 * X[:, 0], n_members=3, rng=np.random.default_rng(0))
    pairs = all(member.X.shape == X.shape and (member.y == 3 * member.X[:, 0]).all() for member in three)
    repeats = all(100 < len(np.unique(member.X)) < 150 for member in three)
    own = len({member.X.tobytes() for member in three}) == len({member.answer.tobytes() for member in three}) == 3
    return not (pairs and repeats and own)


def decides_badly(module: types.ModuleType) -> bool:
    three, X = members([0.9, 0.1, 0], [0.4, 0.6, 0], [0.45, 0.55, 0]), np.zeros((2, 1))
    mean = np.allclose(module.average(three, X), [[1.75 / 3, 1.25 / 3, 0]] * 2)
    return not (mean and np.array_equal(module.vote(three, X), [1, 1]))


def l1(module: types.ModuleType) -> dlbook.Penalty:
    return module.L1(0.3)


def l2(module: types.ModuleType) -> dlbook.Penalty:
    return module.L2(0.3)


def elastic(module: types.ModuleType) -> dlbook.Penalty:
    return module.L1(0.3) + module.L2(0.3)


BUGS: dict[str, Bug] = {
    "l2: one half forgotten": ("penalties", "0.5 * self.strength", "self.strength", penalty_fails(l2)),
    "l2: factor 2 left over": ("penalties", "self.strength * p if", "2 * self.strength * p if", penalty_fails(l2)),
    "l2: the norm is not squared": (
        "penalties",
        "(W**2).sum().item()",
        "(W**2).sum().item() ** 0.5",
        penalty_fails(l2),
    ),
    "l1: gradient of the square": ("penalties", "np.sign(p)", "p", penalty_fails(l1)),
    "l1: sign forgotten": ("penalties", "np.sign(p)", "np.ones_like(p)", penalty_fails(l1)),
    "l1: absolute value forgotten": ("penalties", "np.abs(W).sum()", "W.sum()", penalty_fails(l1)),
    "penalty: biases too": ("penalties", 'in ("W", "U")', 'in ("W", "U", "b")', penalty_fails(l2)),
    "penalty: recurrent input weights forgotten": ("penalties", 'in ("W", "U")', 'in ("W",)', penalty_fails(l2)),
    "penalty: whatever has two axes is a weight": (
        "penalties",
        'name.rsplit(".", 1)[-1] in ("W", "U")',
        "p.ndim >= 2",
        penalty_fails(l2),
    ),
    "penalty: shared weights count twice": (
        "penalties",
        "if first[id(p)] == name}",
        "}",
        shared_weights_count_twice,
    ),
    "penalty: one of two forgotten in the value": (
        "penalties",
        "+ self.other.value(params)",
        "",
        penalty_fails(elastic),
    ),
    "penalty: one of two forgotten in the gradient": ("penalties", "+ other[name]", "", penalty_fails(elastic)),
    "max-norm: over the units": ("penalties", "else -1", "else -2", max_norm_fails),
    "max-norm: over rows of a filter": (
        "penalties",
        "if W.ndim == 4 else -1",
        "if W.ndim == 5 else -1",
        max_norm_fails,
    ),
    "max-norm: short vectors stretched": ("penalties", "np.maximum(norm, self.radius)", "norm", max_norm_fails),
    "max-norm: square root forgotten": ("penalties", "np.sqrt(", "np.positive(", max_norm_fails),
    "max-norm: entries clipped one by one": (
        "penalties",
        "W *= self.radius / np.maximum(norm, self.radius)",
        "np.clip(W, -self.radius, self.radius, out=W)",
        max_norm_fails,
    ),
    "dropout: not rescaled": ("dropout", "/ (1 - self.p)", "/ 1", dropout),
    "dropout: scaled by the share dropped": ("dropout", "/ (1 - self.p)", "/ self.p", dropout),
    "dropout: delta passes everywhere": ("dropout", "cache.shape) * cache", "cache.shape) * 1", dropout),
    "dropout: delta is not scaled": ("dropout", "cache.shape) * cache", "cache.shape) * (cache > 0)", dropout),
    "dropout: p is kept instead of dropped": ("dropout", ">= self.p", "< self.p", share_of_zeros_differs),
    "noise: variance for standard deviation": ("dropout", "self.sigma * epsilon", "self.sigma**2 * epsilon", noise),
    "noise: multiplied": ("dropout", "X + self.sigma * epsilon", "X * (1 + self.sigma * epsilon)", noise),
    "fit: penalty not reported": ("train", "J += penalty.value(model.params)", "pass", extras_of_fit_fail),
    "fit: penalty not differentiated": ("train", "g + more[name]", "g", extras_of_fit_fail),
    "fit: penalty differentiated, the loss not": ("train", "g + more[name]", "more[name]", extras_of_fit_fail),
    "fit: never projected": ("train", "constraint.project(model.params)", "pass", extras_of_fit_fail),
    "fit: gradient projected instead": (
        "train",
        "constraint.project(model.params)",
        "constraint.project(grads)",
        extras_of_fit_fail,
    ),
    "fit: prepared batch not used": ("train", "forward(X_batch, rng)", "forward(X[batch], rng)", extras_of_fit_fail),
    "rotation: clockwise": ("augment", "sin * right + cos * down", "cos * down - sin * right", moves_otherwise),
    "rotation: about a pixel's corner": ("augment", "rows.mean()", "len(rows) / 2", moves_otherwise),
    "rotation: about the origin": ("augment", "rows.mean(), columns.mean()", "0, 0", moves_otherwise),
    "rotation: degrees taken for radians": (
        "augment",
        "np.deg2rad(degrees - 90 * quarters)",
        "degrees - 90 * quarters",
        moves_otherwise,
    ),
    "rotation: quarters forgotten": ("augment", "astype(int) % 4", "astype(int) * 0", moves_otherwise),
    "interpolation: nearest pixel": ("augment", "(rows - top)", "(rows - top).round()", moves_otherwise),
    "interpolation: weights swapped": (
        "augment",
        "(1 - down) * above + down * below",
        "down * above + (1 - down) * below",
        moves_otherwise,
    ),
    "interpolation: neighbour of the next row": ("augment", "pixels(W + 2)", "pixels(W + 1)", moves_otherwise),
    "interpolation: edge repeated outside": (
        "augment",
        "(1, 1), (1, 1)))",
        "(1, 1), (1, 1)), mode='edge')",
        moves_otherwise,
    ),
    "shift: to the left": ("augment", "columns - _per_image", "columns + _per_image", moves_otherwise),
    "augmentation: one angle for the whole batch": ("augment", "largest, size=len(X))", "largest)", one_angle_for_all),
    "fgsm: downhill": ("adversarial", "X + epsilon", "X - epsilon", not_the_worst_corner),
    "fgsm: along the gradient itself": (
        "adversarial",
        "np.sign(input_gradient",
        "(input_gradient",
        not_the_worst_corner,
    ),
    "fgsm: not clipped": ("adversarial", "np.clip(adversarial, low, high)", "adversarial", leaves_the_range),
    "bagging: without replacement": (
        "ensemble",
        "rng.integers(len(X), size=len(X))",
        "rng.permutation(len(X))",
        draws_badly,
    ),
    "bagging: targets not drawn": ("ensemble", "return X[drawn], y[drawn]", "return X[drawn], y", draws_badly),
    "bagging: half of the examples": ("ensemble", "size=len(X)", "size=len(X) // 2", draws_badly),
    "bagging: one seed for all": (
        "ensemble",
        "y, own) for own in generators)",
        "y, np.random.default_rng(0)) for own in generators)",
        draws_badly,
    ),
    "bagging: sum instead of mean": ("ensemble", "np.mean(_outputs", "np.sum(_outputs", decides_badly),
    "bagging: median instead of mean": ("ensemble", "np.mean(_outputs", "np.median(_outputs", decides_badly),
    "bagging: the loudest member decides": (
        "ensemble",
        "(Y.argmax(axis=-1)[..., None] == np.arange(K)).astype(int)",
        "Y",
        decides_badly,
    ),
}
