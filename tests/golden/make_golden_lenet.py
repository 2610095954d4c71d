"""Record what PyTorch computes, in float64, for the layers that only LeNet-5 of 1998 has.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden_lenet.py``.
The arrays in ``lenet.npz`` were made with PyTorch 2.13.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
rng = np.random.default_rng(19981101)
golden: dict[str, np.ndarray] = {}


def tensor(shape: tuple[int, ...]) -> torch.Tensor:
    """Random numbers that remember their gradient."""
    return torch.tensor(rng.normal(size=shape), requires_grad=True)


def record(case: str, X: torch.Tensor, Y: torch.Tensor, params: dict[str, torch.Tensor]) -> None:
    """Store input, output, a random upstream gradient, and all gradients of one layer."""
    dY = torch.tensor(rng.normal(size=tuple(Y.shape)))
    Y.backward(dY)
    arrays = {"X": X, "Y": Y, "dY": dY, "dX": X.grad} | {f"param.{k}": p for k, p in params.items()}
    arrays |= {f"grad.{k}": p.grad for k, p in params.items()}
    golden.update({f"{case}/{name}": a.detach().numpy() for name, a in arrays.items()})


X = tensor((5, 4))
record("ScaledTanh", X, 1.7159 * torch.tanh(2 * X / 3), {})
X, a, b = tensor((2, 3, 5, 6)), tensor((3,)), tensor((3,))
total = nn.functional.avg_pool2d(X, 2, divisor_override=1)
record("Subsample2D", X, a[:, None, None] * total + b[:, None, None], {"a": a, "b": b})
table = ((0, 1), (1, 2), (0, 2), (0, 1, 2))
X, W, b = tensor((2, 3, 5, 6)), tensor((9, 3, 3)), tensor((4,))
maps, first = [], 0
for seen in table:
    kernels = W[first : first + len(seen)]
    maps.append(nn.functional.conv2d(X[:, list(seen)], kernels[None]))
    first += len(seen)
record("TableConv2D", X, torch.cat(maps, dim=1) + b[:, None, None], {"W": W, "b": b})
X, centres = tensor((5, 4)), torch.tensor([[1.0, -1, 1, 1], [-1, -1, 1, -1], [0.5, 0, 0, 2]], dtype=torch.float64)
record("RadialBasis", X, -(torch.cdist(X, centres) ** 2), {})

np.savez_compressed(HERE / "lenet.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
