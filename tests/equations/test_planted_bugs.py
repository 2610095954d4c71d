"""The tests of the equations can fail: with a bug planted in the package, the equation that it breaks is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equations import (
    bugs_at_work,
    bugs_backward,
    bugs_forward,
    bugs_gated,
    bugs_judging,
    bugs_optimization,
    bugs_recurrent,
    bugs_regularization,
    bugs_restricted,
    bugs_shared,
    bugs_structure,
)
from verify import load_tests

from dlbook import (
    SGD,
    BinaryCrossEntropy,
    Dense,
    Layer,
    LeakyReLU,
    Maxout,
    MeanSquaredError,
    Perceptron,
    PReLU,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    check,
    perceptron,
)


def one_sided(f: Callable[[Any], float], x: Any, h: float = 1e-5) -> Any:
    """Differences to one side only."""
    return np.array([(f(x + h * e.reshape(x.shape)) - f(x)) / h for e in np.eye(x.size)]).reshape(x.shape)


def mean_of_outer_products(self: Dense, dY: Any, cache: Any) -> dict[str, Any]:
    """The mean a second time."""
    return {"W": dY.T @ cache / len(dY), "b": dY.mean(axis=0)}


def wrong_classes_forgotten(self: SoftmaxCrossEntropy, cache: Any) -> Any:
    """δ only for the class that is true."""
    a, Y, m = cache
    return (a - Y) * Y / m


def forward_in_wrong_order(self: Sequential, X: Any, rng: Any = None) -> Any:
    """Each pair of Dense and activation the wrong way round."""
    caches = []
    for layer in [self.layers[i ^ 1 if i ^ 1 < len(self.layers) else i] for i in range(len(self.layers))]:
        X, cache = layer.forward(X)
        caches.append(cache)
    return X, caches


BUGS = {
    "eq-threshold-sign": (perceptron, "sign", np.sign),
    "eq-perceptron-gradient": (Perceptron, "gradients", lambda self, X, y: (y @ X, y.sum())),
    "eq-perceptron-loss": (Perceptron, "misclassified", lambda self, X, y: np.arange(len(X))),
    "eq-perceptron-rule": (
        Perceptron,
        "learn",
        lambda self, X, y, **_: iter([perceptron.Update(1, 0, self.w + X[0], self.b + 1, 0.0)]),
    ),
    "eq-adder": (Perceptron, "score", lambda self, X: X @ self.w),
    "eq-dense-batch": (Dense, "forward", lambda self, X, rng=None: (X @ self.params["W"].T, X)),
    "eq-forward-recursion": (Sequential, "forward", forward_in_wrong_order),
    "eq-softmax": ("dlbook.softmax", None, lambda z: np.exp(z) / np.exp(z).max()),
    "eq-parameter-count": (
        Layer,
        "n_params",
        property(lambda self: sum(p.size for p in self.params.values() if p.ndim > 1)),
    ),
    "eq-mse": (MeanSquaredError, "forward", lambda self, a, y: (float(((a - y) ** 2).mean()) / 2, None)),
    "eq-delta-batch": (MeanSquaredError, "backward", lambda self, cache: cache[0]),
    "eq-gradient-descent": (SGD, "_update", lambda self, params, grads: [np.add(params[k], grads[k]) for k in grads]),
    "eq-gradient-w-batch": (Dense, "param_grads", mean_of_outer_products),
    "eq-gradient-b-batch": (Dense, "param_grads", mean_of_outer_products),
    "eq-backprop-dense": (Dense, "backward", lambda self, dY, cache: (cache, {})),
    "eq-backprop-recursion": (Sigmoid, "backward", lambda self, dY, cache: (dY * cache, {})),
    "eq-sigmoid-derivative": (Sigmoid, "backward", lambda self, dY, cache: (dY * cache, {})),
    "eq-softmax-derivative": (Softmax, "backward", lambda self, dY, cache: (dY * cache * (1 - cache), {})),
    "eq-bce": (BinaryCrossEntropy, "forward", lambda self, z, y: (-float(np.log(1 / (1 + np.exp(-z))).mean()), None)),
    "eq-delta-bce": (BinaryCrossEntropy, "backward", lambda self, cache: (cache[0] - cache[1]) * cache[0]),
    "eq-delta-softmax": (SoftmaxCrossEntropy, "backward", wrong_classes_forgotten),
    "eq-delta-wrong": (Sigmoid, "backward", lambda self, dY, cache: (dY * cache, {})),
    "eq-steps-mse": (SGD, "_update", lambda self, params, grads: [np.subtract(p, 1, out=p) for p in params.values()]),
    "eq-bce-safe": (BinaryCrossEntropy, "forward", lambda self, z, y: (float(np.abs(z).mean()), None)),
    "eq-softmax-backward": (Softmax, "backward", lambda self, dY, cache: (dY * cache * (1 - cache), {})),
    "eq-softmax-gradient-w": (SoftmaxCrossEntropy, "backward", wrong_classes_forgotten),
    "eq-sigmoid-slope-derivative": (Sigmoid, "backward", lambda self, dY, cache: (dY * cache * (1 - cache), {})),
    "eq-tanh-derivative": (Tanh, "backward", lambda self, dY, cache: (dY * (1 - cache), {})),
    "eq-relu-derivative": (ReLU, "backward", lambda self, dY, cache: (dY, {})),
    "eq-leaky-relu": (LeakyReLU, "forward", lambda self, X, rng=None: (np.maximum(X, 0), X > 0)),
    "eq-prelu": (PReLU, "forward", lambda self, X, rng=None: (np.maximum(X, 0), X)),
    "eq-prelu-gradient": (PReLU, "backward", lambda self, dY, X: (dY, {"a": (dY * X).sum(axis=0)})),
    "eq-maxout": (Maxout, "forward", lambda self, X, rng=None: (X @ self.params["W"][0].T + self.params["b"][0], X)),
    "eq-central-difference": (check, "numerical_gradient", one_sided),
    "eq-gradient-error": (check, "gradient_error", lambda g, n: float(np.abs(g - n).max())),
    **bugs_at_work.BUGS,
    **bugs_backward.BUGS,
    **bugs_forward.BUGS,
    **bugs_gated.BUGS,
    **bugs_judging.BUGS,
    **bugs_optimization.BUGS,
    **bugs_recurrent.BUGS,
    **bugs_regularization.BUGS,
    **bugs_restricted.BUGS,
    **bugs_shared.BUGS,
    **bugs_structure.BUGS,
}


@pytest.mark.parametrize("label", BUGS)
def test_planted_bug_is_caught(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, name, bug = BUGS[label]
    if name is None:
        monkeypatch.setattr(target, bug)
    else:
        monkeypatch.setattr(target, name, bug)
    (verification,) = (test for test in load_tests(Path(__file__).parent) if test.label == label)
    with pytest.raises(AssertionError, match=f"^{label} is off by"):
        verification.run()
