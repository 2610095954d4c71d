"""Record the paths that PyTorch's optimizers walk, in float64, so that the tests can compare without PyTorch.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden_optim.py``.
The arrays in ``optim.npz`` were made with PyTorch 2.13.0.

Two landscapes: an ill-conditioned quadratic, J = θᵀ A θ / 2 in six dimensions with curvatures from 1 to 1000, turned
so that no axis is special; and a small classifier with tanh. Every optimizer takes 100 steps on both. Of the network,
every tenth is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
STEPS = 100
Make = Callable[[Iterable[torch.Tensor], float], torch.optim.Optimizer]
OPTIMIZERS: dict[str, tuple[Make, float, float]] = {  # learning rates on the quadratic, and on the network
    "SGD": (lambda p, rate: torch.optim.SGD(p, lr=rate), 0.0015, 0.5),
    "Momentum": (lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9), 0.001, 0.2),
    "Nesterov": (lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9, nesterov=True), 0.001, 0.2),
    "Adagrad": (lambda p, rate: torch.optim.Adagrad(p, lr=rate), 0.3, 0.1),
    "RMSProp": (lambda p, rate: torch.optim.RMSprop(p, lr=rate), 0.01, 0.01),
    "Adam": (lambda p, rate: torch.optim.Adam(p, lr=rate), 0.05, 0.05),
}

rng = np.random.default_rng(20240601)
turn, _ = np.linalg.qr(rng.normal(size=(6, 6)))
A = turn @ np.diag(np.logspace(0, 3, 6)) @ turn.T
start = rng.normal(size=6)
X, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)
weights = {"0.W": rng.normal(size=(6, 4)), "0.b": rng.normal(size=6),
           "2.W": rng.normal(size=(3, 6)), "2.b": rng.normal(size=3)}  # fmt: skip
golden = {"A": A, "start": start, "X": X, "y": y} | {f"param.{name}": p for name, p in weights.items()}


def walk(params: list[torch.Tensor], loss: Callable[[], torch.Tensor], optimizer: torch.optim.Optimizer) -> np.ndarray:
    """Return all parameters after each step, one row per step."""
    path = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        path.append(torch.cat([p.detach().ravel() for p in params]).numpy())
    return np.array(path)


for case, (make, rate, network_rate) in OPTIMIZERS.items():
    theta, curvature = torch.tensor(start, requires_grad=True), torch.tensor(A)
    golden[f"{case}/quadratic"] = walk([theta], lambda t=theta, c=curvature: t @ c @ t / 2, make([theta], rate))
    W0, b0, W2, b2 = params = [torch.tensor(p, requires_grad=True) for p in weights.values()]

    def loss(W0=W0, b0=b0, W2=W2, b2=b2) -> torch.Tensor:
        hidden = torch.tanh(nn.functional.linear(torch.tensor(X), W0, b0))
        return nn.functional.cross_entropy(nn.functional.linear(hidden, W2, b2), torch.tensor(y))

    golden[f"{case}/network"] = walk(params, loss, make(params, network_rate))[9::10]
    golden[f"{case}/rates"] = np.array([rate, network_rate])

np.savez_compressed(HERE / "optim.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
