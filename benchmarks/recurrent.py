"""Forward and backward through recurrent layers, dlbook beside PyTorch."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import nn

from benchmarks.timing import side_by_side
from dlbook import LSTM, RNN
from dlbook.unrolled import Recurrent

N_IN, N_HIDDEN, M, T = 64, 128, 32, 50
KINDS = {
    "LSTM": (LSTM, nn.LSTM),
    "RNN, tanh": (RNN, nn.RNN),
    "RNN, relu": (partial(RNN, activation="relu"), partial(nn.RNN, nonlinearity="relu")),
}


def ours(layer: Recurrent, X: np.ndarray, dY: np.ndarray):
    """Return a function that goes forward and back once: all gradients, that of X included."""

    def step() -> None:
        _, cache = layer.forward(X)
        layer.backward(dY, cache)

    return step


def pytorch(layer: nn.Module, X: np.ndarray, dY: np.ndarray):
    """Return the same with PyTorch."""
    inputs, upstream = torch.from_numpy(X).requires_grad_(), torch.from_numpy(dY)

    def step() -> None:
        layer.zero_grad()
        inputs.grad = None
        layer(inputs)[0].backward(upstream)

    return step


def main() -> None:
    """Print the table."""
    print(
        f"\n{N_IN} inputs, {N_HIDDEN} hidden units, batch {M}, {T} steps; forward and backward, median milliseconds\n"
    )
    print(f"{'':10} {'dtype':>8} {'dlbook':>9} {'PyTorch':>9} {'ratio':>7}")
    for name, (make_ours, make_theirs) in KINDS.items():
        for dtype in (np.float32, np.float64):
            rng = np.random.default_rng(0)
            X, dY = (rng.normal(size=(M, T, n)).astype(dtype) for n in (N_IN, N_HIDDEN))
            torch.manual_seed(0)
            theirs = make_theirs(N_IN, N_HIDDEN, batch_first=True).to(torch.from_numpy(X).dtype)
            layer = make_ours(N_IN, N_HIDDEN, rng=rng).astype(dtype)
            a, b = side_by_side(ours(layer, X, dY), pytorch(theirs, X, dY), rounds=15, per_round=5)
            print(f"{name:10} {np.dtype(dtype).name:>8} {1e3 * a:>9.2f} {1e3 * b:>9.2f} {a / b:>7.2f}")
