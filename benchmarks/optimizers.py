"""One step of every optimizer on the parameters of a 784-256-128-10 network, dlbook beside PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.timing import side_by_side
from dlbook import SGD, Adagrad, Adam, Momentum, Nesterov, Optimizer, RMSProp

SHAPES = ((256, 784), (256,), (128, 256), (128,), (10, 128), (10,))
PAIRS: tuple[tuple[Optimizer, Callable[..., torch.optim.Optimizer], dict[str, object]], ...] = (
    (SGD(0.01), torch.optim.SGD, {}),
    (Momentum(0.01), torch.optim.SGD, {"momentum": 0.9}),
    (Nesterov(0.01), torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (Adagrad(0.01), torch.optim.Adagrad, {}),
    (RMSProp(0.01), torch.optim.RMSprop, {}),
    (Adam(0.01), torch.optim.Adam, {}),
)


def main() -> None:
    """Print the table."""
    print("\none step on the parameters alone, float32; median milliseconds\n")
    print(f"{'':10} {'dlbook':>9} {'PyTorch':>9} {'ratio':>7}")
    for optimizer, kind, settings in PAIRS:
        rng = np.random.default_rng(0)
        params = {str(i): rng.normal(size=s).astype(np.float32) for i, s in enumerate(SHAPES)}
        grads = {str(i): rng.normal(size=s).astype(np.float32) for i, s in enumerate(SHAPES)}
        theirs = [torch.tensor(p, requires_grad=True) for p in params.values()]
        for p, g in zip(theirs, grads.values(), strict=True):
            p.grad = torch.tensor(g)
        other = kind(theirs, lr=0.01, **settings)

        def ours(optimizer=optimizer, params=params, grads=grads) -> None:
            optimizer.step(params, grads)

        a, b = side_by_side(ours, other.step, rounds=15, per_round=30)
        print(f"{type(optimizer).__name__:10} {1e3 * a:>9.3f} {1e3 * b:>9.3f} {a / b:>7.2f}")


if __name__ == "__main__":
    main()
