"""Record what PyTorch computes for convolution and pooling, in float64, over the grid of tests/grids.py.

Run from the repository root, where PyTorch is installed: ``PYTHONPATH=tests python tests/golden/make_golden_conv.py``.
The arrays in ``conv.npz`` were made with PyTorch 2.13.0.
"""

from __future__ import annotations

from pathlib import Path

import grids
import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
rng = np.random.default_rng(20240102)
golden: dict[str, np.ndarray] = {}


def tensor(shape: tuple[int, ...]) -> torch.Tensor:
    """Eighths, which compress well; the same number comes up several times, so that maxima tie."""
    return torch.tensor(rng.integers(-12, 13, size=shape) / 8, requires_grad=True)


def record(case: str, X: torch.Tensor, Y: torch.Tensor, params: dict[str, torch.Tensor]) -> None:
    """Store input, output, a random upstream gradient, and all gradients of one layer."""
    dY = tensor(tuple(Y.shape)).detach()
    Y.backward(dY)
    arrays = {"X": X, "Y": Y, "dY": dY, "dX": X.grad} | {f"param.{k}": p for k, p in params.items()}
    arrays |= {f"grad.{k}": p.grad for k, p in params.items()}
    golden.update({f"{case}/{name}": a.detach().numpy() for name, a in arrays.items()})


def pad(X: torch.Tensor, case: grids.Case, fill: float = 0.0) -> torch.Tensor:
    """Pad each axis in front and behind: PyTorch's own "same" knows no stride."""
    (H, W), size, stride, padding = case
    rows, columns = grids.borders(H, size[0], stride[0], padding), grids.borders(W, size[1], stride[1], padding)
    return nn.functional.pad(X, (*columns, *rows), value=fill)


def convolution(key: str, case: grids.Case, c_in: int, c_out: int) -> None:
    """Record one convolution; where PyTorch has the padding itself, let it do it."""
    _, size, stride, padding = case
    X, W, b = tensor((2, c_in, *case[0])), tensor((c_out, c_in, *size)), tensor((c_out,))
    if isinstance(padding, int):
        Z = nn.functional.conv2d(X, W, b, stride, padding)
    else:
        Z = nn.functional.conv2d(pad(X, case), W, b, stride)
    record(key, X, Z, {"W": W, "b": b})


def pooling(kind: str, key: str, case: grids.Case) -> None:
    """Record one pooling; where PyTorch has the padding itself, let it do it."""
    _, size, stride, padding = case
    X, own = tensor((2, 2, *case[0])), padding if isinstance(padding, int) else 0
    if kind == "MaxPool2D":
        Y = nn.functional.max_pool2d(X if own else pad(X, case, -np.inf), size, stride, own)
    elif kind == "AvgPool2D":
        Y = nn.functional.avg_pool2d(X if own else pad(X, case), size, stride, own)
    else:  # squared and summed by hand: the gradient of lp_pool2d at a window of zeros is not a number
        squares = nn.functional.avg_pool2d(pad(X, case) ** 2, size, stride) * (size[0] * size[1])
        Y = torch.where(squares > 0, squares, 1).sqrt() * (squares > 0)
    record(key, X, Y, {})


for number, case in enumerate(grids.golden(grids.CONVOLUTIONS)):
    convolution(f"Conv2D-{grids.name(case)}", case, c_in=1 + number % 3, c_out=1 + number // 3 % 3)
for kind in ("MaxPool2D", "AvgPool2D", "L2Pool2D"):
    for case in grids.golden(grids.POOLINGS):
        pooling(kind, f"{kind}-{grids.name(case)}", case)

# The cases of tests/cases.py that bear these names.
convolution("Conv2D", ((5, 6), (3, 3), (1, 1), "valid"), c_in=2, c_out=3)
convolution("Conv2D-same-stride-even", ((5, 6), (4, 2), (2, 2), "same"), c_in=2, c_out=3)
pooling("MaxPool2D", "MaxPool2D", ((4, 6), (2, 2), (2, 2), "valid"))
pooling("AvgPool2D", "AvgPool2D", ((4, 6), (2, 2), (2, 2), "valid"))
pooling("L2Pool2D", "L2Pool2D", ((4, 6), (2, 2), (2, 2), "valid"))

np.savez_compressed(HERE / "conv.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
