"""``make bench``: networks, steps of optimizers and a Boltzmann machine, beside PyTorch and scikit-learn."""

from __future__ import annotations

import itertools
import os
import platform
import sys

import numpy as np

from benchmarks.timing import side_by_side
from dlbook import SGD, Dense, ReLU, Sequential, SoftmaxCrossEntropy

try:
    import torch
    from torch import nn

    from benchmarks import boltzmann, convnets, optimizers, recurrent
except ImportError as error:
    sys.exit(f"The benchmarks need {error.name}, which is not installed: pip install -r requirements-bench.txt")

SIZES = (784, 256, 128, 10)


def ours(sizes: tuple[int, ...], X: np.ndarray, y: np.ndarray, *, train: bool):
    """Return a function that does one training step, or one prediction, with dlbook."""
    rng = np.random.default_rng(0)
    layers = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [Dense(n_in, n_out, rng=rng), ReLU()]
    model = Sequential(*layers[:-1]).astype(X.dtype.type)
    loss, optimizer = SoftmaxCrossEntropy(), SGD(0.1)

    def step() -> float:
        Z, cache = model.forward(X)
        J, loss_cache = loss.forward(Z, y)
        optimizer.step(model.params, model.param_grads(loss.backward(loss_cache), cache))
        return J

    return step if train else lambda: model(X)


def pytorch(sizes: tuple[int, ...], X: np.ndarray, y: np.ndarray, *, train: bool):
    """Return the same with PyTorch."""
    torch.manual_seed(0)
    layers = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    model = nn.Sequential(*layers[:-1]).to(inputs.dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step() -> float:
        optimizer.zero_grad()
        J = nn.functional.cross_entropy(model(inputs), targets)
        J.backward()
        optimizer.step()
        return J.item()

    def predict() -> torch.Tensor:
        with torch.no_grad():
            return model(inputs)

    return step if train else predict


def main() -> None:
    """Print the table."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"PyTorch {torch.__version__} with {torch.get_num_threads()} threads"
    )
    print(
        f"{'-'.join(map(str, SIZES))} with ReLU, softmax cross-entropy, plain gradient descent; median milliseconds\n"
    )
    print(f"{'':10} {'batch':>6} {'dtype':>8} {'dlbook':>9} {'PyTorch':>9} {'ratio':>7}")
    for train in (True, False):
        for m in (32, 128, 1000):
            for dtype in (np.float32, np.float64):
                rng = np.random.default_rng(0)
                X, y = rng.normal(size=(m, SIZES[0])).astype(dtype), rng.integers(SIZES[-1], size=m)
                calls = [make(SIZES, X, y, train=train) for make in (ours, pytorch)]
                a, b = side_by_side(*calls, rounds=15, per_round=max(5, 4000 // m))
                what = "train step" if train else "predict"
                print(f"{what:10} {m:>6} {np.dtype(dtype).name:>8} {1e3 * a:>9.2f} {1e3 * b:>9.2f} {a / b:>7.2f}")
    convnets.main()
    optimizers.main()
    recurrent.main()
    boltzmann.main()


if __name__ == "__main__":
    main()
