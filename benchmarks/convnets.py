"""One training step of convolutional networks, dlbook beside PyTorch and beside the matrix products alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from benchmarks.timing import side_by_side
from dlbook import SGD, Conv2D, Dense, Sequential, SoftmaxCrossEntropy, zoo

M = 50
Step = Callable[[], object]


def torch_mnist_convnet() -> nn.Sequential:
    """Return Source 004's network, without dropout as when ours gets no random numbers."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10)),
    )


def torch_lenet5() -> nn.Sequential:
    """Return LeNet-5 in its modern form."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


NETWORKS = {"32-64-1024": (zoo.mnist_convnet, torch_mnist_convnet), "LeNet-5": (zoo.lenet5, torch_lenet5)}


def ours(model: Sequential, X: np.ndarray, y: np.ndarray) -> Step:
    """Return a training step with dlbook."""
    loss, optimizer = SoftmaxCrossEntropy(), SGD(0.01)

    def step() -> None:
        Z, cache = model.forward(X)
        _, loss_cache = loss.forward(Z, y)
        optimizer.step(model.params, model.param_grads(loss.backward(loss_cache), cache))

    return step


def pytorch(model: nn.Module, X: np.ndarray, y: np.ndarray) -> Step:
    """Return the same with PyTorch."""
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()

    return step


def products(model: Sequential, X: np.ndarray) -> Step:
    """Return the matrix products of our step and nothing else: no windows laid out, no activations, no update."""
    rng = np.random.default_rng(0)
    todo: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def need(times: int, rows: int, inner: int, columns: int, *, left: bool = False, right: bool = False) -> None:
        """Make one product ready; ``left`` or ``right`` is the factor that comes transposed."""
        A = rng.normal(size=(inner, rows) if left else (rows, inner)).astype(X.dtype)
        B = rng.normal(size=(columns, inner) if right else (inner, columns)).astype(X.dtype)
        result = np.empty((rows, columns), X.dtype)
        todo.extend([(A.T if left else A, B.T if right else B, result)] * times)

    first = True
    for layer in model.layers:
        Y = layer(X)
        if isinstance(layer, Dense):
            need(1, M, layer.n_in, layer.n_out, right=True)
            need(1, layer.n_out, M, layer.n_in, left=True)
            if not first:
                need(1, M, layer.n_out, layer.n_in)
            first = False
        if isinstance(layer, Conv2D):
            (k_h, k_w), c, o, n = layer.size, layer.c_in, layer.c_out, Y.shape[3] * M
            need(Y.shape[2], o, k_h * k_w * c, n)
            need(Y.shape[2], k_h * k_w * c, n, o, right=True)
            if not first:
                need(Y.shape[2], k_w * c, k_h * o, n)
            first = False
        X = Y

    def step() -> None:
        for A, B, result in todo:
            np.matmul(A, B, out=result)

    return step


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    X, y = rng.uniform(size=(M, 1, 28, 28)).astype(np.float32), rng.integers(10, size=M)
    print(f"\nconvolutional networks, one training step, batch {M}, float32; median milliseconds")
    print("(products: the matrix products of our step alone, and their share of its time)\n")
    print(f"{'':12} {'dlbook':>9} {'PyTorch':>9} {'ratio':>7} {'products':>9} {'share':>7}")
    for name, (make_ours, make_theirs) in NETWORKS.items():
        torch.manual_seed(0)
        model = make_ours(rng=np.random.default_rng(0)).astype(np.float32)
        calls = ours(model, X, y), pytorch(make_theirs(), X, y), products(model, X)
        a, b, c = side_by_side(*calls, rounds=25, per_round=5 if name == "32-64-1024" else 20)
        print(f"{name:12} {1e3 * a:>9.2f} {1e3 * b:>9.2f} {a / b:>7.2f} {1e3 * c:>9.2f} {c / a:>7.0%}")


if __name__ == "__main__":
    main()
