"""Planted bugs in optimizers, initializers, schedules, and in what functions do at extreme inputs."""

from __future__ import annotations

import types
from collections.abc import Callable

import extremes
import numpy as np
from test_init import CASES as INITS
from test_init import N_IN, N_OUT, SHAPE, distance
from test_optim_golden import GOLDEN, quadratic_path
from witnesses import Bug, Witness

from dlbook import Adagrad, Optimizer
from dlbook.init import Initializer


def path_differs(case: str) -> Witness:
    """Say whether PyTorch walks another path."""

    def witness(module: types.ModuleType) -> bool:
        optimizer = getattr(module, case)(GOLDEN[f"{case}/rates"][0])
        with np.errstate(all="ignore"):
            return not np.allclose(quadratic_path(optimizer, 100), GOLDEN[f"{case}/quadratic"], rtol=0, atol=1e-10)

    return witness


def ftrl_differs(module: types.ModuleType) -> bool:
    """Say whether FTRL leaves Adagrad's path, keeps what λ₁ should set to zero, or misses where λ₂ would put it."""
    grads = np.random.default_rng(0).normal(0.3, 1, size=(30, 4))
    ftrl, adagrad = {"x": np.full(4, 0.5)}, {"x": np.full(4, 0.5)}
    rules: list[Optimizer] = [module.FTRL(0.3, beta=0.7), Adagrad(0.3, eps=0.7)]
    for g in grads:
        for rule, params in zip(rules, (ftrl, adagrad), strict=True):
            rule.step(params, {"x": g})
    sparse, ridge = {"x": np.zeros(1)}, {"x": np.zeros(1)}
    module.FTRL(0.5, l1=2.0).step(sparse, {"x": np.array([1.9])})
    module.FTRL(0.5, beta=1.0, l1=2.0, l2=3.0).step(ridge, {"x": np.array([-4.0])})
    # the smallest of −4 w + ½ σ w² + w² + 2 |w| + 3/2 w², with σ = 4/0.5: w = (4 − 2) / (8 + 2 + 3)
    wanted = [*adagrad["x"], 0, 2 / 13]
    return not np.allclose([*ftrl["x"], *sparse["x"], *ridge["x"]], wanted, rtol=0, atol=1e-12)


def shared_gradients_are_lost(module: types.ModuleType) -> bool:
    W = np.zeros(2)
    module.SGD(1.0).step({"a": W, "b": W}, {"a": np.ones(2), "b": np.ones(2)})
    return not np.array_equal(W, [-2, -2])


def distribution_differs(case: str, make: Callable[[types.ModuleType], Initializer]) -> Witness:
    def witness(module: types.ModuleType) -> bool:
        W = make(module)(SHAPE, N_IN, N_OUT, rng=np.random.default_rng(1))
        return distance(W, INITS[case][2]) > 0.006

    return witness


def schedule_differs(module: types.ModuleType) -> bool:
    got = [
        *[module.step_decay(t, 2, 0.5) for t in range(4)],
        *[module.exponential_decay(t, 0.5) for t in range(3)],
        *[module.cosine_decay(t, 2) for t in range(4)],
        *[module.warm_up(t, 2) for t in range(3)],
    ]
    return not np.allclose(got, [1, 1, 0.5, 0.5, 1, 0.5, 0.25, 1, 0.5, 0, 0, 0.5, 1, 1], rtol=0, atol=1e-12)


def extreme(check: Callable[..., float], *cases: str) -> Witness:
    """Say whether one of the promises is broken, or something overflows."""

    def witness(module: types.ModuleType) -> bool:
        try:
            return max(check(module, case, dtype) for case in cases for dtype in (np.float64, np.float32)) > 1
        except FloatingPointError:
            return True

    return witness


cross_entropy = extreme(extremes.softmax_cross_entropy, *extremes.ROWS)
BUGS: dict[str, Bug] = {
    "momentum: sign": (
        "optim",
        "v += g\n            params[name] -= self.learning_rate * v",
        "v -= g\n            params[name] -= self.learning_rate * v",
        path_differs("Momentum"),
    ),
    "momentum: forgets nothing": ("optim", "v *= self.momentum", "v *= 1", path_differs("Momentum")),
    "momentum: an average instead of a sum": (
        "optim",
        "v += g",
        "v += (1 - self.momentum) * g",
        path_differs("Momentum"),
    ),
    "momentum: learning rate inside and outside": (
        "optim",
        "v += g",
        "v += self.learning_rate * g",
        path_differs("Momentum"),
    ),
    "nesterov: does not look ahead": ("optim", "(g + self.momentum * v)", "v", path_differs("Nesterov")),
    "nesterov: looks ahead with the new velocity alone": (
        "optim",
        "(g + self.momentum * v)",
        "(g + v)",
        path_differs("Nesterov"),
    ),
    "step: one of two gradients of a shared parameter": (
        "optim",
        "total[name] + g if name in total else g",
        "g",
        shared_gradients_are_lost,
    ),
    "adagrad: gradient not squared": (
        "adaptive",
        "n += g**2\n            params",
        "n += abs(g)\n            params",
        path_differs("Adagrad"),
    ),
    "adagrad: no root": ("adaptive", "g / (np.sqrt(n) + self.eps)", "g / (n + self.eps)", path_differs("Adagrad")),
    "adagrad: sum updated after the step": (
        "adaptive",
        "(np.sqrt(n) + self.eps)",
        "(np.sqrt(n - g**2) + self.eps)",
        path_differs("Adagrad"),
    ),
    "rmsprop: gradient not squared": (
        "adaptive",
        "(1 - self.rho) * g**2",
        "(1 - self.rho) * abs(g)",
        path_differs("RMSProp"),
    ),
    "rmsprop: a sum instead of a mean": ("adaptive", "(1 - self.rho) * g**2", "g**2", path_differs("RMSProp")),
    "rmsprop: epsilon inside the root": (
        "adaptive",
        "g / (np.sqrt(v) + self.eps)",
        "g / np.sqrt(v + self.eps)",
        path_differs("RMSProp"),
    ),
    "rmsprop: weights of old and new swapped": (
        "adaptive",
        "v *= self.rho\n            v += (1 - self.rho)",
        "v *= 1 - self.rho\n            v += self.rho",
        path_differs("RMSProp"),
    ),
    "adam: no bias correction of m": ("adaptive", "(m / (1 - self.beta1**t))", "m", path_differs("Adam")),
    "adam: no bias correction of v": ("adaptive", "v / (1 - self.beta2**t)", "v", path_differs("Adam")),
    "adam: steps counted from 0": (
        "adaptive",
        'int(self.state.get("t", 0)) + 1',
        'max(1, int(self.state.get("t", 0)))',
        path_differs("Adam"),
    ),
    "adam: the count is forgotten": ("adaptive", 'self.state["t"] = np.array(t)', "pass", path_differs("Adam")),
    "adam: gradient not squared": ("adaptive", "(1 - self.beta2) * g**2", "(1 - self.beta2) * g", path_differs("Adam")),
    "adam: epsilon inside the root": (
        "adaptive",
        "(np.sqrt(v / (1 - self.beta2**t)) + self.eps)",
        "np.sqrt(v / (1 - self.beta2**t) + self.eps)",
        path_differs("Adam"),
    ),
    "adam: betas swapped": ("adaptive", "m *= self.beta1", "m *= self.beta2", path_differs("Adam")),
    "ftrl: sigma without the old root": (
        "adaptive",
        "(np.sqrt(n + g**2) - np.sqrt(n)) * theta",
        "np.sqrt(n + g**2) * theta",
        ftrl_differs,
    ),
    "ftrl: sign of the gradient": (
        "adaptive",
        "z += self.learning_rate * g -",
        "z += -self.learning_rate * g -",
        ftrl_differs,
    ),
    "ftrl: starts are pulled to zero": ("adaptive", "-self.beta * theta", "0 * theta", ftrl_differs),
    "ftrl: l1 shrinks nothing but zeros": (
        "adaptive",
        "(np.clip(z, -force, force) - z)",
        "(np.where(abs(z) <= force, z, 0) - z)",
        ftrl_differs,
    ),
    "ftrl: l1 ignored": ("adaptive", "np.clip(z, -force, force)", "0", ftrl_differs),
    "ftrl: l2 ignored": ("adaptive", "+ self.learning_rate * self.l2", "", ftrl_differs),
    "ftrl: beta ignored": ("adaptive", "(self.beta + np.sqrt(n)", "(np.sqrt(n)", ftrl_differs),
    "ftrl: gradient not squared": (
        "adaptive",
        "n += g**2\n            theta",
        "n += abs(g)\n            theta",
        ftrl_differs,
    ),
    "init: variance taken for the spread": (
        "init",
        "scale=np.sqrt(2 / n_in)",
        "scale=2 / n_in",
        distribution_differs("he_normal", lambda m: m.he_normal),
    ),
    "init: He with the outputs": (
        "init",
        "np.sqrt(2 / n_in)",
        "np.sqrt(2 / n_out)",
        distribution_differs("he_normal", lambda m: m.he_normal),
    ),
    "init: Glorot uniform with the spread as its bound": (
        "init",
        "6 / (n_in",
        "2 / (n_in",
        distribution_differs("glorot_uniform", lambda m: m.glorot_uniform),
    ),
    "init: Glorot normal with the uniform's bound": (
        "init",
        "np.sqrt(2 / (n_in",
        "np.sqrt(6 / (n_in",
        distribution_differs("glorot_normal", lambda m: m.glorot_normal),
    ),
    "init: scale squared": (
        "init",
        "scale=scale, size",
        "scale=scale**2, size",
        distribution_differs("normal", lambda m: m.normal(0.3)),
    ),
    "init: cut off instead of drawn again": (
        "init",
        "W[outside] = rng.normal(size=np.count_nonzero(outside))",
        "W = np.clip(W, -2, 2)",
        distribution_differs("truncated_normal", lambda m: m.truncated_normal(0.1)),
    ),
    "init: drawn again once only": (
        "init",
        "np.abs(W) > 2",
        "np.abs(W) > 2.5",
        distribution_differs("truncated_normal", lambda m: m.truncated_normal(0.1)),
    ),
    "schedules: decays after the first step": (
        "schedules",
        '_step("step_decay", step) //',
        '(_step("step_decay", step) + 1) //',
        schedule_differs,
    ),
    "schedules: half a wave too many": ("schedules", "math.pi * done", "2 * math.pi * done", schedule_differs),
    "schedules: rises again after the end": (
        "schedules",
        'done = min(_step("cosine_decay", step) / positive_int("cosine_decay", steps, "steps"), 1)',
        "done = step / steps",
        schedule_differs,
    ),
    "schedules: the first step is lost": (
        "schedules",
        '(_step("warm_up", step) + 1)',
        '_step("warm_up", step)',
        schedule_differs,
    ),
    "extreme: sigmoid by its definition": (
        "activations",
        "np.where(z >= 0, 1, e) / (1 + e)",
        "1 / (1 + np.exp(-z))",
        extreme(extremes.activation, "Sigmoid"),
    ),
    "extreme: softplus by its definition": (
        "activations",
        "np.logaddexp(_real(z), 0)",
        "np.log(1 + np.exp(_real(z)))",
        extreme(extremes.activation, "Softplus"),
    ),
    "extreme: softplus loses the left side": (
        "activations",
        "np.logaddexp(_real(z), 0)",
        "np.maximum(_real(z), 0) + np.log(1 + np.exp(-np.abs(_real(z))))",
        extreme(extremes.activation, "Softplus"),
    ),
    "extreme: softmax without the largest": (
        "activations",
        "z - z.max(axis=axis, keepdims=True)",
        "z",
        extreme(extremes.softmax, *extremes.ROWS),
    ),
    "extreme: softmax of differences that overflow": (
        "activations",
        'np.errstate(over="ignore")',
        "np.errstate()",
        extreme(extremes.softmax, *extremes.ROWS),
    ),
    "extreme: cross-entropy of a rounded one": ("losses", "np.log1p(rest)", "np.log(1 + rest)", cross_entropy),
    "extreme: a little added to the logarithm": ("losses", "np.log1p(rest)", "np.log(1 + rest + 1e-12)", cross_entropy),
    "extreme: the largest counted twice": (
        "losses",
        "np.where(largest, 0, e)",
        "np.where(largest, 1e-12, e)",
        cross_entropy,
    ),
    "extreme: binary cross-entropy by a difference": (
        "losses",
        "((Z > 0) - y) * Z",
        "np.maximum(Z, 0) - y * Z",
        extreme(extremes.pairs, "BinaryCrossEntropy"),
    ),
    "extreme: binary cross-entropy of a rounded one": (
        "losses",
        "np.log1p(e)",
        "np.log(1 + e)",
        extreme(extremes.pairs, "BinaryCrossEntropy"),
    ),
}
