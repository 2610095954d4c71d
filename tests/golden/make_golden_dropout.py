"""Record what PyTorch computes, in float64, for the layers that draw random numbers, with what was drawn.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden_dropout.py``.
The arrays in ``dropout.npz`` were made with PyTorch 2.13.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(20240106)
torch.manual_seed(20240106)
golden: dict[str, np.ndarray] = {}


def record(case: str, X: torch.Tensor, Y: torch.Tensor, drawn: torch.Tensor) -> None:
    """Store input, output, what was drawn, a random upstream gradient, and what it becomes."""
    dY = torch.tensor(rng.normal(size=tuple(Y.shape)))
    Y.backward(dY)
    arrays = {"X": X, "Y": Y, "drawn": drawn, "dY": dY, "dX": X.grad}
    golden.update({f"{case}/{name}": a.detach().numpy() for name, a in arrays.items()})


X = torch.tensor(rng.normal(size=(5, 4)), requires_grad=True)
Y = nn.functional.dropout(X, 0.4, training=True)
record("Dropout", X, Y, (Y != 0).double())  # the mask: 1 where an entry is kept
X = torch.tensor(rng.normal(size=(5, 4)), requires_grad=True)
noise = torch.randn(5, 4, dtype=torch.float64)
record("GaussianNoise", X, X + 0.3 * noise, noise)

np.savez_compressed(Path(__file__).parent / "dropout.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
