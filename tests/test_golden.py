"""Witness 3 for every derivative: arrays that PyTorch computed in float64 (tests/golden/make_golden*.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from cases import LAYERS, LOSSES

import dlbook
from dlbook import SGD, Dense, Sequential, SoftmaxCrossEntropy, Tanh, fit

FILES = ("dropout", "layers", "recurrent", "conv", "lenet")
GOLDEN = {
    key: a
    for file in FILES
    for key, a in np.load(Path(__file__).parent / "golden" / f"{file}.npz", allow_pickle=False).items()
}
CASES = {key.split("/")[0] for key in GOLDEN} - {"path"}


class Drawn(np.random.Generator):
    """A generator that draws what was recorded; a mask of ones and zeros is as good as the numbers it came from."""

    def __init__(self, numbers: np.ndarray) -> None:
        super().__init__(np.random.PCG64())
        self.random = self.standard_normal = lambda shape: numbers.reshape(shape)


@pytest.mark.parametrize("case", sorted(CASES & LAYERS.keys()))
def test_layer(case: str) -> None:
    g = {key.split("/")[1]: a for key, a in GOLDEN.items() if key.split("/")[0] == case}
    layer = LAYERS[case][0](np.random.default_rng(0))
    if case == "Maxout":
        layer = dlbook.Maxout(4, 2, 3, rng=np.random.default_rng(0))
    for name in layer.params:
        layer.params[name] = g[f"param.{name}"].copy()
    Y, cache = layer.forward(g["X"], Drawn(g["drawn"]) if "drawn" in g else None)
    np.testing.assert_allclose(Y, g["Y"], rtol=0, atol=1e-10)
    dX, grads = layer.backward(g["dY"], cache)
    np.testing.assert_allclose(dX, g["dX"], rtol=0, atol=1e-10)
    assert grads.keys() == {key.removeprefix("grad.") for key in g if key.startswith("grad.")}
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, g[f"grad.{name}"], rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", sorted(CASES & LOSSES.keys()))
def test_loss(case: str) -> None:
    g = {key.split("/")[1]: a for key, a in GOLDEN.items() if key.split("/")[0] == case}
    J, cache = LOSSES[case][0].forward(g["Z"], g["y"])
    assert pytest.approx(float(g["J"]), abs=1e-12) == J
    np.testing.assert_allclose(LOSSES[case][0].backward(cache), g["dZ"], rtol=0, atol=1e-10)


def test_every_layer_and_loss_has_a_golden_case() -> None:
    assert {c.split("-")[0] for c in CASES} == {c.split("-")[0] for c in LAYERS | LOSSES}


def ten_steps(
    fit: Callable[..., Iterator[dlbook.Step]], optimizer: dlbook.Optimizer
) -> tuple[list[float], dict[str, np.ndarray]]:
    """Train the recorded network on all recorded examples at once; return J before every step, and the parameters."""
    rng = np.random.default_rng(0)
    model = Sequential(Dense(4, 6, rng=rng), Tanh(), Dense(6, 3, rng=rng))
    for name in model.params:
        model.params[name] = GOLDEN[f"path/param.{name}"].copy()
    X, y = GOLDEN["path/X"], GOLDEN["path/y"]
    steps = fit(model, SoftmaxCrossEntropy(), optimizer, X, y, epochs=10, batch_size=len(X), rng=rng)
    return [s.loss for s in steps], model.params


def test_ten_steps_of_training_take_the_same_path() -> None:
    J, params = ten_steps(fit, SGD(0.5))
    np.testing.assert_allclose(J, GOLDEN["path/J"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(params["0.W"], GOLDEN["path/final.W"], rtol=0, atol=1e-10)
