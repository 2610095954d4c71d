"""Record what PyTorch computes, in float64: penalties by its automatic differentiation, weight decay, max-norm.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden_penalties.py``.
The arrays in ``penalties.npz`` were made with PyTorch 2.13.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(20240107)
golden: dict[str, np.ndarray] = {}

W = torch.tensor(rng.normal(size=(4, 3)), requires_grad=True)
R = 0.2 * W.abs().sum() + 0.3 / 2 * (W**2).sum()
R.backward()
golden |= {"W": W.detach().numpy(), "R": R.detach().numpy(), "dW": W.grad.numpy()}

# Renormalized along the first axis: rows of a matrix, filters of a convolution.
for name, shape in (("dense", (4, 5)), ("convolution", (4, 3, 2, 2))):
    V = torch.tensor(rng.normal(size=shape))
    golden |= {f"{name}/before": V.numpy(), f"{name}/after": torch.renorm(V, p=2, dim=0, maxnorm=1.5).numpy()}

# Ten steps with weight decay, on weights and not on biases.
model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
X, y = torch.tensor(rng.normal(size=(20, 4))), torch.tensor(rng.integers(3, size=20))
golden |= {"path/X": X.numpy(), "path/y": y.numpy()}
for i in (0, 2):
    golden[f"path/param.{i}.W"] = model[i].weight.detach().numpy().copy()
    golden[f"path/param.{i}.b"] = model[i].bias.detach().numpy().copy()
weights, biases = ([getattr(model[i], kind) for i in (0, 2)] for kind in ("weight", "bias"))
optimizer = torch.optim.SGD([{"params": weights, "weight_decay": 0.1}, {"params": biases}], lr=0.5)
for _ in range(10):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(X), y).backward()
    optimizer.step()
golden |= {"path/final.W": model[0].weight.detach().numpy(), "path/final.b": model[0].bias.detach().numpy()}

np.savez_compressed(Path(__file__).parent / "penalties.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
