"""Record what PyTorch's recurrent layers compute, in float64.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden_recurrent.py``.
The arrays in ``recurrent.npz`` were made with PyTorch 2.13.0.

PyTorch adds two biases; here the second is zero. It fills outputs behind the end of a short sequence up with zeros, so
dY is zero there and the outputs are recorded where the sequence has not ended.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = Path(__file__).parent
N_IN, N = 3, 4
rng = np.random.default_rng(20240103)
golden: dict[str, np.ndarray] = {}


def record(case: str, kind: str, m: int, T: int, *, states: bool = False, lengths: list[int] | None = None) -> None:
    """Store one run: inputs, outputs, upstream gradients, all gradients; with ``states``, first and final ones too."""
    make = nn.LSTM if kind == "lstm" else partial(nn.RNN, nonlinearity=kind)
    net = make(N_IN, N, batch_first=True).double()
    params = {"U": net.weight_ih_l0, "W": net.weight_hh_l0, "b": net.bias_ih_l0}
    with torch.no_grad():
        for p in params.values():
            p.copy_(torch.tensor(rng.normal(size=tuple(p.shape))))
        net.bias_hh_l0.zero_()
    X = torch.tensor(rng.normal(size=(m, T, N_IN)), requires_grad=True)
    names = ("h", "C") if kind == "lstm" else ("h",)
    draw = rng.normal if states else lambda size: np.zeros(size)
    first = {name: torch.tensor(draw(size=(m, N)), requires_grad=True) for name in names}
    start = tuple(s[None] for s in first.values())
    start = start if kind == "lstm" else start[0]
    real = torch.ones(m, T, dtype=torch.bool)
    if lengths is None:
        Y, final = net(X, start)
    else:
        real = torch.arange(T)[None] < torch.tensor(lengths)[:, None]
        packed, final = net(pack_padded_sequence(X, lengths, batch_first=True, enforce_sorted=False), start)
        Y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    final = dict(zip(names, final if kind == "lstm" else (final,), strict=True))
    dY = torch.tensor(rng.normal(size=(m, T, N))) * real[..., None]
    upstream = {name: torch.tensor(draw(size=(m, N))) for name in names}
    ((Y * dY).sum() + sum((final[name][0] * upstream[name]).sum() for name in names)).backward()
    arrays = {"X": X, "Y": Y, "dY": dY, "dX": X.grad}
    arrays |= {f"param.{k}": p for k, p in params.items()} | {f"grad.{k}": p.grad for k, p in params.items()}
    if states:
        for name in names:
            arrays |= {f"first.{name}": first[name], f"final.{name}": final[name][0]}
            arrays |= {f"dfirst.{name}": first[name].grad, f"dfinal.{name}": upstream[name]}
    if lengths is not None:
        arrays["lengths"] = torch.tensor(lengths)
    golden.update({f"{case}/{name}": a.detach().numpy() for name, a in arrays.items()})


for name, kind in (("RNN", "tanh"), ("RNN-relu", "relu"), ("LSTM", "lstm")):
    record(name, kind, 2, 5)
    record(f"{name}-one-step", kind, 2, 1)
    record(f"{name}-one-sequence", kind, 1, 5)
    record(f"{name}-state", kind, 3, 6, states=True)
    record(f"{name}-state-one-step-one-sequence", kind, 1, 1, states=True)
    record(f"{name}-state-lengths", kind, 4, 6, states=True, lengths=[3, 6, 1, 5])

X = torch.tensor(rng.normal(size=(2, 5, 3)), requires_grad=True)
dY = torch.tensor(rng.normal(size=(2, 3)))
Y = X[:, -1]
Y.backward(dY)
golden |= {"LastStep/X": X.detach().numpy(), "LastStep/Y": Y.detach().numpy(), "LastStep/dY": dY.numpy(),
           "LastStep/dX": X.grad.numpy()}  # fmt: skip

np.savez_compressed(HERE / "recurrent.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
