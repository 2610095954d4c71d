"""PyTorch's optimizers and ours walk the same path, 100 steps long (tests/golden/make_golden_optim.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import dlbook
from dlbook import Dense, Optimizer, Sequential, SoftmaxCrossEntropy, Tanh

GOLDEN = dict(np.load(Path(__file__).parent / "golden" / "optim.npz", allow_pickle=False))
CASES = sorted({key.split("/")[0] for key in GOLDEN if "/" in key})


def quadratic_path(optimizer: Optimizer, steps: int) -> np.ndarray:
    """Walk on J = θᵀ A θ / 2, whose curvatures reach from 1 to 1000."""
    params, path = {"theta": GOLDEN["start"].copy()}, []
    for _ in range(steps):
        optimizer.step(params, {"theta": GOLDEN["A"] @ params["theta"]})
        path.append(params["theta"].copy())
    return np.array(path)


def network_path(optimizer: Optimizer, steps: int) -> np.ndarray:
    """Train the small classifier on all its examples."""
    rng = np.random.default_rng(0)
    model, loss = Sequential(Dense(4, 6, rng=rng), Tanh(), Dense(6, 3, rng=rng)), SoftmaxCrossEntropy()
    model.params = {name: GOLDEN[f"param.{name}"].copy() for name in model.params}
    path = []
    for _ in range(steps):
        Z, cache = model.forward(GOLDEN["X"])
        _, loss_cache = loss.forward(Z, GOLDEN["y"])
        optimizer.step(model.params, model.param_grads(loss.backward(loss_cache), cache))
        path.append(np.concatenate([p.ravel() for p in model.params.values()]))
    return np.array(path)


@pytest.mark.parametrize("case", CASES)
def test_the_same_path(case: str) -> None:
    rate, network_rate = GOLDEN[f"{case}/rates"]
    make = getattr(dlbook, case)
    np.testing.assert_allclose(quadratic_path(make(rate), 100), GOLDEN[f"{case}/quadratic"], rtol=0, atol=1e-10)
    path = network_path(make(network_rate), 100)
    np.testing.assert_allclose(path[9::10], GOLDEN[f"{case}/network"], rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", CASES)
def test_the_path_is_worth_walking(case: str) -> None:
    """Both paths go down, and no two optimizers walk the same one."""
    theta = GOLDEN[f"{case}/quadratic"]
    J = np.einsum("ti,ij,tj->t", theta, GOLDEN["A"], theta)
    assert len(theta) == 100
    assert J[-1] < J[0] / 10
    for other in CASES:
        if other != case:
            for name in ("quadratic", "network"):
                assert np.abs(GOLDEN[f"{case}/{name}"] - GOLDEN[f"{other}/{name}"]).max() > 1e-2


def test_every_rule_but_ftrl_has_a_path() -> None:
    rules = {
        name
        for module in (dlbook.optim, dlbook.adaptive)
        for name, c in vars(module).items()
        if isinstance(c, type) and issubclass(c, Optimizer) and c is not Optimizer
    }
    assert rules == {*CASES, "FTRL"}
    assert rules <= set(dlbook.__all__)
