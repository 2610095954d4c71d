"""Record what PyTorch computes, in float64, so that the tests can compare without PyTorch.

Run from the repository root, where PyTorch is installed: ``python tests/golden/make_golden.py``.
The arrays in ``layers.npz`` were made with PyTorch 2.13.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
rng = np.random.default_rng(20240101)
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


X, W, b = tensor((5, 4)), tensor((3, 4)), tensor((3,))
record("Dense", X, nn.functional.linear(X, W, b), {"W": W, "b": b})
X, W, b = tensor((2, 5, 4)), tensor((3, 4)), tensor((3,))
record("Dense-leading-axes", X, nn.functional.linear(X, W, b), {"W": W, "b": b})
X = tensor((5, 4))
record("Sigmoid", X, torch.sigmoid(X), {})
X = tensor((5, 4))
record("Sigmoid-slope", X, torch.sigmoid(1.7 * X), {})
X = tensor((5, 4))
record("Tanh", X, torch.tanh(X), {})
X = tensor((5, 4))
record("ReLU", X, torch.relu(X), {})
X = tensor((5, 4))
record("LeakyReLU", X, nn.functional.leaky_relu(X, 0.1), {})
X, a = tensor((5, 4)), tensor((4,))
record("PReLU", X, nn.functional.prelu(X, a), {"a": a})
X, a = tensor((5, 4, 3, 2)), tensor((4,))
record("PReLU-image", X, nn.functional.prelu(X, a), {"a": a})
X, W, b = tensor((5, 4)), tensor((3, 2, 4)), tensor((3, 2))
record("Maxout", X, (torch.einsum("mi,koi->mko", X, W) + b).amax(dim=1), {"W": W, "b": b})
X = tensor((5, 4))
record("Softplus", X, nn.functional.softplus(X, threshold=1e9), {})
X = tensor((5, 4))
record("Softmax", X, torch.softmax(X, dim=-1), {})
X = tensor((5, 4, 3))
record("Flatten", X, X.flatten(1), {})
X, W0, b0, W2, b2 = tensor((6, 4)), tensor((5, 4)), tensor((5,)), tensor((3, 5)), tensor((3,))
hidden = torch.sigmoid(nn.functional.linear(X, W0, b0))
record("Sequential", X, nn.functional.linear(hidden, W2, b2), {"0.W": W0, "0.b": b0, "2.W": W2, "2.b": b2})

y = torch.tensor(rng.normal(size=(6, 3)))
Z = tensor((6, 3))
J = 0.5 * ((Z - y) ** 2).sum(dim=1).mean()
J.backward()
golden |= {"MeanSquaredError/Z": Z.detach().numpy(), "MeanSquaredError/y": y.numpy(),
           "MeanSquaredError/J": J.detach().numpy(), "MeanSquaredError/dZ": Z.grad.numpy()}  # fmt: skip
y = torch.tensor(rng.integers(2, size=(6, 3)).astype(float))
Z = tensor((6, 3))
J = nn.functional.binary_cross_entropy_with_logits(Z, y, reduction="none").sum(dim=1).mean()
J.backward()
golden |= {"BinaryCrossEntropy/Z": Z.detach().numpy(), "BinaryCrossEntropy/y": y.numpy(),
           "BinaryCrossEntropy/J": J.detach().numpy(), "BinaryCrossEntropy/dZ": Z.grad.numpy()}  # fmt: skip
labels = torch.tensor(rng.integers(4, size=6))
Z = tensor((6, 4))
J = nn.functional.cross_entropy(Z, labels)
J.backward()
golden |= {"SoftmaxCrossEntropy/Z": Z.detach().numpy(), "SoftmaxCrossEntropy/y": labels.numpy(),
           "SoftmaxCrossEntropy/J": J.detach().numpy(), "SoftmaxCrossEntropy/dZ": Z.grad.numpy()}  # fmt: skip

# Ten steps of gradient descent on a small classifier: the whole path of the loss.
model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
X, y = torch.tensor(rng.normal(size=(20, 4))), torch.tensor(rng.integers(3, size=20))
golden |= {"path/X": X.numpy(), "path/y": y.numpy()}
for i in (0, 2):
    golden[f"path/param.{i}.W"] = model[i].weight.detach().numpy().copy()
    golden[f"path/param.{i}.b"] = model[i].bias.detach().numpy().copy()
optimizer, path = torch.optim.SGD(model.parameters(), lr=0.5), []
for _ in range(10):
    optimizer.zero_grad()
    J = nn.functional.cross_entropy(model(X), y)
    J.backward()
    optimizer.step()
    path.append(J.item())
golden["path/J"] = np.array(path)
golden["path/final.W"] = model[0].weight.detach().numpy()

np.savez_compressed(HERE / "layers.npz", **golden)
print(f"{len(golden)} arrays, PyTorch {torch.__version__}")
