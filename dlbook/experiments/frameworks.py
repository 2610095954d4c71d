"""The same network in NumPy and in PyTorch: same weights, same gradients, same path, and the time of both.

LeNet-5 in its modern form on the images of MNIST inside the package, Adam, the same batches on both sides. The path
is walked in float32 and in float64, and once more with an ε in PyTorch's Adam that another library has by default.
Times are processor seconds of one thread, the ways taking turns; each number is the median over rounds. Needs torch,
onnx and onnxruntime.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dlbook import data, zoo
from dlbook.activations import ReLU
from dlbook.adaptive import Adam
from dlbook.bridge import from_torch, to_onnx, to_torch
from dlbook.bridge.needed import needed
from dlbook.dense import Dense
from dlbook.experiments.record import Report
from dlbook.layer import Params
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.pool import MaxPool2D
from dlbook.recurrent import LSTM, LastStep
from dlbook.sequential import Sequential
from dlbook.shapes import Array

SETTINGS: dict[str, Any] = {
    "seed": 0,
    "batch_size": 100,
    "steps": 200,
    "learning_rate": 0.001,
    "paths": {
        "float32": ["float32", 1e-8],
        "float64": ["float64", 1e-8],
        "float64, another ε": ["float64", 1e-7],
    },
    "timed": {
        "784-256-128-10": [[784], [1, 100, 1000]],
        "LeNet-5": [[1, 28, 28], [1, 100]],
        "LSTM 28 × 64": [[28, 28], [1, 100]],
    },
    "rounds": 15,
    "seconds_per_turn": 0.1,
}
Call = Callable[[], object]


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return versions, the distances along each path, and milliseconds by network, batch, task and program."""
    torch = needed("torch", "this experiment")
    versions = {name: needed(name, "this experiment").__version__ for name in ("torch", "onnx", "onnxruntime")}
    torch.set_num_threads(1)
    total = len(settings["paths"]) * settings["steps"] + sum(len(b) for _, b in settings["timed"].values())
    done = 0
    results: dict[str, Any] = {"versions": versions, "nodes": nodes(settings), "paths": {}, "milliseconds": {}}
    for name, (precision, eps) in settings["paths"].items():
        path: dict[str, list[float]] = {"ours": [], "theirs": [], "gradient": [], "weights": [], "decisions": []}
        for compared in walk(settings, np.dtype(precision).type, eps):
            for values, value in zip(path.values(), compared, strict=True):
                values.append(float(f"{value:.9g}"))
            done += 1
            report(done, total)
        results["paths"][name] = path
    for name, (shape, batches) in settings["timed"].items():
        results["milliseconds"][name] = {}
        for m in batches:
            results["milliseconds"][name][str(m)] = timed(settings, name, shape, m)
            done += 1
            report(done, total)
    return results


def lenet5_in_torch() -> Any:
    """Return LeNet-5 as one writes it in PyTorch."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def nodes(settings: dict[str, Any]) -> list[list[str]]:
    """Return the graph in the ONNX file of LeNet-5: each operation, what it reads and what it writes."""
    net = zoo.lenet5(rng=np.random.default_rng(settings["seed"])).astype(np.float32)
    proto = to_onnx(net, np.zeros((1, 1, 28, 28), np.float32))
    return [[node.op_type, ", ".join(node.input), ", ".join(node.output)] for node in proto.graph.node]


def batches(settings: dict[str, Any], dtype: type[np.floating[Any]]) -> Iterator[tuple[Array, Array]]:
    """Yield the batches that every way of training sees."""
    X, y, _, _ = data.mnist(dtype=dtype)
    rng, m = np.random.default_rng(settings["seed"]), settings["batch_size"]
    order = np.concatenate([rng.permutation(len(X)) for _ in range(1 + settings["steps"] * m // len(X))])
    for step in range(settings["steps"]):
        batch = order[step * m : (step + 1) * m]
        yield X[batch].reshape(m, 1, 28, 28), y[batch].astype(np.int64)


def walk(
    settings: dict[str, Any], dtype: type[np.floating[Any]], eps: float
) -> Iterator[tuple[float, float, float, float, int]]:
    """Yield what is compared at every step.

    Both losses, the largest distance between the gradients, that between the
    weights after the step, and how many decisions fell differently.
    """
    import torch

    def fresh() -> Sequential:
        rng = np.random.default_rng(settings["seed"])
        return zoo.lenet5(rng=rng).astype(dtype)

    net, twin, rate = fresh(), fresh(), settings["learning_rate"]
    exported = to_torch(net)
    module = lenet5_in_torch().to(exported[0].weight.dtype)
    module.load_state_dict(exported.state_dict())
    loss, optimizer = SoftmaxCrossEntropy(), Adam(rate)
    theirs = torch.optim.Adam(module.parameters(), rate, eps=eps)
    for X, y in batches(settings, dtype):
        other = decisions(net, module, X)

        Z, cache = net.forward(X)
        J, loss_cache = loss.forward(Z, y)
        dZ = loss.backward(loss_cache)
        grads = net.param_grads(dZ, cache)
        optimizer.step(net.params, grads)

        z, targets = module(torch.tensor(X)), torch.tensor(y)
        J_theirs = torch.nn.functional.cross_entropy(z, targets)
        theirs.zero_grad()
        J_theirs.backward()
        their_grads = [p.grad.numpy() for p in module.parameters()]
        gradient = distance(grads, dict(zip(grads, their_grads, strict=True)))
        theirs.step()

        from_torch(twin, module)
        weights = distance(net.params, twin.params)
        yield J, J_theirs.item(), gradient, weights, other


def decisions(net: Sequential, module: Any, X: Array) -> int:
    """Return how often a ReLU is open on one side only, or another pixel of a window is the largest."""
    import torch

    Y, y, count = X, torch.tensor(X), 0
    with torch.no_grad():
        for layer, theirs in zip(net.layers, module, strict=True):
            before, their_before = Y, y.numpy()
            Y, y = layer(Y), theirs(y)
            if isinstance(layer, ReLU):
                count += int(((Y > 0) != (y.numpy() > 0)).sum())
            elif isinstance(layer, MaxPool2D):
                winners = [_winners(a) for a in (before, their_before)]
                count += int((winners[0] != winners[1]).sum())
    return count


def _winners(X: Array) -> Array:
    """Return which pixel of every window of 2 × 2 is the largest, the first among equals."""
    m, c, H, W = X.shape
    windows = X.reshape(m, c, H // 2, 2, W // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    first: Array = windows.reshape(m, c, H // 2, W // 2, 4).argmax(axis=-1)
    return first


def distance(a: Params, b: Params) -> float:
    """Return the largest difference of two numbers at the same place."""
    return max(float(np.abs(a[name] - b[name]).max()) for name in a)


def network(name: str, rng: np.random.Generator) -> Sequential:
    """Return one of the networks that are timed."""
    if name == "LeNet-5":
        return zoo.lenet5(rng=rng)
    if name.startswith("LSTM"):
        return Sequential(LSTM(28, 64, rng=rng), LastStep(), Dense(64, 10, rng=rng))
    return Sequential(Dense(784, 256, rng=rng), ReLU(), Dense(256, 128, rng=rng), ReLU(), Dense(128, 10, rng=rng))


def timed(settings: dict[str, Any], name: str, shape: list[int], m: int) -> dict[str, dict[str, float]]:
    """Return the milliseconds of a training step and of a prediction, in float32, by program."""
    rng = np.random.default_rng(settings["seed"])
    net = network(name, rng).astype(np.float32)
    X, y = rng.uniform(size=(m, *shape)).astype(np.float32), rng.integers(10, size=m)
    steps, predictions = training(net, X, y), predicting(net, X)
    return {"training step": side_by_side(settings, steps), "prediction": side_by_side(settings, predictions)}


def training(net: Sequential, X: Array, y: Array) -> dict[str, Call]:
    """Return one training step with Adam, by program."""
    import torch

    optimizer, loss = Adam(0.001), SoftmaxCrossEntropy()
    module, inputs, targets = to_torch(net), torch.tensor(X), torch.tensor(y)
    theirs = torch.optim.Adam([p for p in module.parameters() if p.requires_grad], 0.001)

    def ours() -> None:
        Z, cache = net.forward(X)
        _, loss_cache = loss.forward(Z, y)
        optimizer.step(net.params, net.param_grads(loss.backward(loss_cache), cache))

    def pytorch() -> None:
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(module(inputs), targets).backward()
        theirs.step()

    return {"dlbook": ours, "PyTorch": pytorch}


def predicting(net: Sequential, X: Array) -> dict[str, Call]:
    """Return one prediction, by program."""
    import onnxruntime
    import torch

    module, inputs = to_torch(net).eval(), torch.tensor(X)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    content = to_onnx(net, X).SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def pytorch() -> None:
        with torch.no_grad():
            module(inputs)

    return {"dlbook": lambda: net(X), "PyTorch": pytorch, "onnxruntime": lambda: session.run(None, {"X": X})}


def side_by_side(settings: dict[str, Any], calls: dict[str, Call]) -> dict[str, float]:
    """Return the milliseconds of each call; they take turns, so that a machine that slows down slows all."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        repeats = {}
        for name, call in calls.items():
            call()  # the first one fills the caches
            repeats[name] = max(1, round(settings["seconds_per_turn"] / max(seconds(call, 3), 1e-6)))
        rounds = [
            {name: seconds(call, repeats[name]) for name, call in calls.items()} for _ in range(settings["rounds"])
        ]
    return {name: round(1e3 * float(np.median([turn[name] for turn in rounds])), 4) for name in calls}


def seconds(call: Call, times: int) -> float:
    """Return the processor seconds of one call."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times
