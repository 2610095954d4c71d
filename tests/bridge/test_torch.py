"""PyTorch: equal answers, equal gradients, equal steps, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from bridge.sides import PRECISIONS, TOLERANCE, redrawn
from cases import LAYERS
from torch import nn

from dlbook import (
    LSTM,
    SGD,
    Adam,
    Dense,
    Dropout,
    GaussianNoise,
    L2Pool2D,
    Momentum,
    Nesterov,
    RMSProp,
    Sequential,
    SoftmaxCrossEntropy,
    Softplus,
    Tanh,
    fit,
    zoo,
)
from dlbook.bridge import from_torch, to_torch
from dlbook.bridge.torch import NAMES, RECURRENT_NAMES


def close(theirs: torch.Tensor, ours: np.ndarray) -> None:
    assert theirs.detach().numpy().dtype == ours.dtype
    tolerance = TOLERANCE[ours.dtype.type]
    np.testing.assert_allclose(theirs.detach().numpy(), ours, rtol=tolerance, atol=tolerance)


def trained(module: nn.Module) -> list[torch.Tensor]:
    return [p for p in module.parameters() if p.requires_grad]


@PRECISIONS
@pytest.mark.parametrize("case", LAYERS)
def test_a_layer_has_the_same_answers_and_gradients(case: str, dtype: type) -> None:
    layer, X = redrawn(case, dtype)
    module, x = to_torch(layer).eval(), torch.tensor(X, requires_grad=True)
    Y, cache = layer.forward(X)
    y = module(x)
    close(y, Y)
    dY = np.random.default_rng(1).normal(size=Y.shape).astype(dtype)
    dX, grads = layer.backward(dY, cache)
    y.backward(torch.tensor(dY))
    close(x.grad, dX)
    theirs = sorted((p.grad for p in trained(module)), key=lambda g: (g.shape, float(g.sum())))
    ours = sorted(grads.values(), key=lambda g: (g.shape, float(g.sum())))
    assert len(theirs) == len(ours)
    for a, b in zip(theirs, ours, strict=True):
        close(a, b)


@PRECISIONS
@pytest.mark.parametrize("case", LAYERS)
def test_weights_come_back(case: str, dtype: type) -> None:
    layer, _ = redrawn(case, dtype)
    other = LAYERS[case][0](np.random.default_rng(99)).astype(dtype)
    from_torch(other, to_torch(layer))
    for name, p in layer.params.items():
        np.testing.assert_array_equal(other.params[name], p)
        assert other.params[name].dtype == dtype


@pytest.mark.parametrize("make", [zoo.lenet5, zoo.mnist_convnet, zoo.lenet5_1998])
def test_networks_of_the_book(make) -> None:
    rng = np.random.default_rng(0)
    net = make(rng=rng)
    X = rng.uniform(size=(3, 1, 28, 28))
    X = zoo.on_32(X) if make is zoo.lenet5_1998 else X
    module = to_torch(net).eval()
    np.testing.assert_allclose(module(torch.tensor(X)).detach().numpy(), net(X), rtol=1e-12, atol=1e-12)


RULES = {
    "SGD": (lambda: SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "Momentum": (lambda: Momentum(0.05), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    "Nesterov": (lambda: Nesterov(0.05), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True)),
    "RMSProp": (lambda: RMSProp(0.001), lambda p: torch.optim.RMSprop(p, 0.001)),
    "Adam": (lambda: Adam(0.001), lambda p: torch.optim.Adam(p, 0.001)),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["dense", "lstm"])
def test_training_takes_the_same_path(rule: str, kind: str) -> None:
    rng = np.random.default_rng(3)
    first = [Dense(4, 6, rng=rng), Tanh()] if kind == "dense" else [LSTM(4, 6, rng=rng)]
    net = Sequential(*first, Dense(6, 3, rng=rng))
    X = rng.normal(size=(20, 4) if kind == "dense" else (20, 5, 4))
    y = rng.integers(3, size=X.shape[:-1])
    module, (ours, theirs) = to_torch(net), RULES[rule]
    optimizer = theirs(trained(module))
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        J = nn.functional.cross_entropy(module(torch.tensor(X)).flatten(0, -2), torch.tensor(y).flatten())
        J.backward()
        optimizer.step()
        losses.append(J.item())
    steps = fit(net, SoftmaxCrossEntropy(), ours(), X, y, epochs=20, batch_size=len(X), rng=rng)
    np.testing.assert_allclose([s.loss for s in steps], losses, rtol=0, atol=1e-10)
    copy = {name: p.copy() for name, p in net.params.items()}
    from_torch(net, module)
    for name, p in net.params.items():
        np.testing.assert_allclose(copy[name], p, rtol=0, atol=1e-10)


def test_weights_of_a_module_that_somebody_else_wrote() -> None:
    class Theirs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.reader = nn.LSTM(2, 3, batch_first=True)
            self.head = nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.reader(x)[0])

    torch.manual_seed(0)
    theirs, rng = Theirs(), np.random.default_rng(0)
    net = Sequential(LSTM(2, 3, rng=rng), Dense(3, 2, rng=rng)).astype(np.float32)
    X = rng.normal(size=(4, 5, 2)).astype(np.float32)
    for weights in (theirs, theirs.state_dict()):
        from_torch(net, weights)
        np.testing.assert_allclose(net(X), theirs(torch.tensor(X)).detach().numpy(), rtol=0, atol=1e-5)


def test_the_module_owns_its_weights() -> None:
    net = Sequential(Dense(2, 2, rng=np.random.default_rng(0)))
    module = to_torch(net)
    before = module[0].weight.detach().numpy().copy()
    net.params["0.W"] += 1
    np.testing.assert_array_equal(module[0].weight.detach().numpy(), before)


def test_exporting_draws_nothing() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    to_torch(zoo.lenet5(rng=np.random.default_rng(0)))
    assert torch.equal(torch.rand(3), expected)


def test_what_is_shared_stays_shared() -> None:
    rng = np.random.default_rng(0)
    shared = Dense(4, 4, rng=rng)
    module = to_torch(Sequential(shared, Tanh(), shared))
    assert module[0] is module[2]
    tied = Dense(4, 4, rng=rng)
    tied.params["W"] = shared.params["W"]
    module = to_torch(Sequential(shared, tied))
    assert module[0].weight is module[1].weight
    assert module[0].bias is not module[1].bias


def test_dropout_and_noise_are_there_while_training() -> None:
    x = torch.ones(1000, 10, dtype=torch.float64)
    torch.manual_seed(0)
    dropped = to_torch(Sequential(Dropout(0.4)))(x)
    assert {round(v, 9) for v in dropped.unique().tolist()} == {0.0, round(1 / 0.6, 9)}
    assert abs((dropped == 0).double().mean().item() - 0.4) < 0.02
    noisy = to_torch(Sequential(GaussianNoise(0.3)))(x) - x
    assert abs(noisy.std().item() - 0.3) < 0.01


def test_softplus_where_pytorch_would_cut_it_off() -> None:
    X = np.array([[19.0, 20.5, 25, 39, 41, -41]])
    np.testing.assert_allclose(to_torch(Softplus())(torch.tensor(X)).numpy(), Softplus()(X), rtol=0, atol=1e-13)
    assert abs(nn.Softplus()(torch.tensor(X)).numpy() - Softplus()(X)).max() > 1e-10


def test_the_gradient_of_an_empty_window() -> None:
    x = torch.zeros(1, 1, 2, 2, requires_grad=True)
    to_torch(L2Pool2D(2))(x).sum().backward()
    assert torch.equal(x.grad, torch.zeros_like(x))


def test_weights_that_do_not_fit_change_nothing() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Dense(4, 3, rng=rng), Tanh(), Dense(3, 2, rng=rng))
    before = {name: p.copy() for name, p in net.params.items()}
    wrong = [
        (nn.Sequential(nn.Linear(4, 3)), ValueError, "has 1 layers with weights .0., the model has 2"),
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 5)), ValueError, r"weight of layer '1' has shape \(5, 3\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2, bias=False)), ValueError, "where Dense has bias, weight"),
        (nn.Sequential(nn.Linear(4, 3), nn.LSTM(3, 2)), ValueError, "must have the same structure"),
        ("net.pt", TypeError, r"a PyTorch module or its state_dict\(\), got str"),
    ]
    for weights, error, message in wrong:
        with pytest.raises(error, match=message):
            from_torch(net, weights)
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, before[name])


def test_names_of_parameters() -> None:
    """A parameter without a name of its own would be taken for another."""
    for make, _ in LAYERS.values():
        layer = make(np.random.default_rng(0))
        if not isinstance(layer, Sequential):
            names = RECURRENT_NAMES if "U" in layer.params else NAMES
            assert len({names[name] for name in layer.params}) == len(layer.params)
