"""LeNet-5 from this package, trained on by PyTorch in two processes, which take the steps of one.

``DistributedDataParallel`` over gloo, on this machine. Every process holds the network and half of each batch; the
gradients are averaged before each step. Beside it the same training in one process, by PyTorch and by NumPy alone, and
what becomes of it when the shards are unequal, and when nobody averages. Needs torch.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlbook import zoo
from dlbook.bridge import to_torch
from dlbook.bridge.needed import needed
from dlbook.experiments.frameworks import batches
from dlbook.experiments.record import Report
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.optim import Momentum
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.storage import load, save

SETTINGS: dict[str, Any] = {
    "seed": 0,
    "batch_size": 100,
    "steps": 50,
    "learning_rate": 0.05,
    "momentum": 0.9,
    "ways": {
        "two processes": [50, 50, True],
        "two processes, 80 and 20": [80, 20, True],
        "two processes, nothing averaged": [50, 50, False],
    },
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return, by way, the largest distance from the weights of one process after every step; losses; and seconds."""
    torch = needed("torch", "this experiment")
    total, start = 2 + len(settings["ways"]), time.perf_counter()
    alone, losses = in_numpy(settings)
    report(1, total)
    one = spawned(settings, [settings["batch_size"]], averaged=False)
    report(2, total)
    results: dict[str, Any] = {
        "versions": {"torch": torch.__version__},
        "parameters": alone.shape[1],
        "losses": [round(J, 6) for J in losses],
        "distance": {"one process": distances(one["weights.0"], alone)},
        "between processes": {},
        "seconds": {"one process": round(float(one["seconds.0"]), 2)},
    }
    for i, (name, (*sizes, averaged)) in enumerate(settings["ways"].items()):
        found = spawned(settings, sizes, averaged)
        results["distance"][name] = distances(found["weights.0"], alone)
        results["between processes"][name] = distances(found["weights.0"], found["weights.1"])
        results["seconds"][name] = round(float(found["seconds.0"]), 2)
        report(3 + i, total)
    results["seconds"]["all"] = round(time.perf_counter() - start, 1)
    return results


def distances(a: Array, b: Array) -> list[float]:
    """Return the largest difference of two weights after every step."""
    return [float(f"{d:.3g}") for d in np.abs(a - b).max(axis=1)]


def network(settings: dict[str, Any]) -> Sequential:
    """Return the network before the first step: the same in every process."""
    return zoo.lenet5(rng=np.random.default_rng(settings["seed"]))


def in_numpy(settings: dict[str, Any]) -> tuple[Array, list[float]]:
    """Train with this package alone; return all weights after every step, (steps, n), and the losses."""
    net, loss = network(settings), SoftmaxCrossEntropy()
    optimizer = Momentum(settings["learning_rate"], settings["momentum"])
    weights, losses = [], []
    for X, y in batches(settings, np.float64):
        Z, cache = net.forward(X)
        J, loss_cache = loss.forward(Z, y)
        optimizer.step(net.params, net.param_grads(loss.backward(loss_cache), cache))
        weights.append(np.concatenate([p.ravel() for p in net.params.values()]))
        losses.append(J)
    return np.array(weights), losses


def spawned(settings: dict[str, Any], sizes: list[int], averaged: bool) -> dict[str, Array]:
    """Train in one process per shard; return ``weights.RANK`` (steps, n) and ``seconds.RANK`` of all of them."""
    import torch.multiprocessing

    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(worker, (folder, settings, sizes, averaged), nprocs=len(sizes))
        loaded = [load(Path(folder) / f"{rank}.npz") for rank in range(len(sizes))]
    return {f"{name}.{rank}": a for rank, arrays in enumerate(loaded) for name, a in arrays.items()}


def worker(
    rank: int,
    folder: str,
    settings: dict[str, Any],
    sizes: list[int],
    averaged: bool,
) -> None:
    """Train on the rank-th shard of every batch."""
    import torch
    from torch import distributed, nn

    torch.set_num_threads(1)
    if sys.platform == "linux":  # they meet on this machine, without a network
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    meeting, p = f"file://{folder}/meeting", len(sizes)
    distributed.init_process_group("gloo", meeting, rank=rank, world_size=p)

    module = to_torch(network(settings))
    if averaged:
        module = nn.parallel.DistributedDataParallel(module)
    rate, momentum = settings["learning_rate"], settings["momentum"]
    optimizer = torch.optim.SGD(module.parameters(), rate, momentum)
    weights, start = [], time.perf_counter()
    for X, y in own(settings, rank, sizes):
        z, targets = module(torch.tensor(X)), torch.tensor(y)
        J = nn.functional.cross_entropy(z, targets)
        optimizer.zero_grad()
        J.backward()  # here the gradients of all processes are averaged
        optimizer.step()
        flat = [theta.detach().flatten() for theta in module.parameters()]
        weights.append(torch.cat(flat).numpy())

    took = np.array(time.perf_counter() - start)
    found = {"weights": np.array(weights), "seconds": took}
    save(Path(folder) / f"{rank}.npz", found)
    distributed.destroy_process_group()


def own(settings: dict[str, Any], rank: int, sizes: list[int]) -> Iterator[tuple[Array, Array]]:
    """Yield the rank-th shard of every batch."""
    first = sum(sizes[:rank])
    for X, y in batches(settings, np.float64):
        yield X[first : first + sizes[rank]], y[first : first + sizes[rank]]
