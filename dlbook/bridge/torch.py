"""To PyTorch and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlbook.activations import LeakyReLU, Maxout, PReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from dlbook.bridge.needed import form_of, needed
from dlbook.conv import Conv2D
from dlbook.dense import Dense
from dlbook.dropout import Dropout, GaussianNoise
from dlbook.layer import Flatten, Layer, Params
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.unrolled import Recurrent

# What PyTorch calls the book's parameters; recurrent layers have a second bias besides, which only adds to the first.
NAMES = {"W": "weight", "a": "weight", "b": "bias"}
RECURRENT_NAMES = {"U": "weight_ih_l0", "W": "weight_hh_l0", "b": "bias_ih_l0"}
SECOND_BIAS = "bias_hh_l0"


def to_torch(model: Layer) -> Any:
    """Return the network as a ``torch.nn.Module`` with copies of its weights, in their precision.

    A :class:`~dlbook.sequential.Sequential` becomes a ``torch.nn.Sequential``, and a layer that PyTorch has becomes
    PyTorch's own, so that ``state_dict`` has the usual names: ``0.weight``, ``0.bias``, …. The module is in training
    mode, as PyTorch's always are at first: call ``eval()`` to predict without dropout and noise. The module can be
    trained on: gradients and steps are those of the book. A layer that stands twice stays one, and so does an array
    that two layers share. Of the two biases of PyTorch's recurrent layers the second stays zero and is not trained:
    the gradients of both are equal, and training both would double each step of their sum.

    Raises:
        ModuleNotFoundError: PyTorch is not installed.
        TypeError: a layer that is not of the book.
    """
    torch = needed("torch", "to_torch")
    with torch.random.fork_rng(devices=[]):  # modules draw weights, which are replaced: the caller sees no draw
        return _module(model, {}, {})


def from_torch(model: Layer, weights: Any) -> None:
    """Put the weights of a PyTorch module into ``model``, in place and in the precision of ``model``.

    Layers are matched in their order, so that the names of the module's layers do not matter, and every array must
    have the shape of its parameter. Both biases of PyTorch's recurrent layers are added up.

    Args:
        model: a network of the same structure.
        weights: a module, or its ``state_dict()``.

    Raises:
        TypeError: ``weights`` is something else, or ``model`` has a layer that is not of the book.
        ValueError: the weights do not fit; nothing is changed then.
    """
    state = weights.state_dict() if hasattr(weights, "state_dict") else weights
    if not isinstance(state, Mapping):
        raise TypeError(f"from_torch expects a PyTorch module or its state_dict(), got {type(weights).__name__}")
    given: dict[str, Params] = {}
    for key, tensor in state.items():
        place, _, leaf = key.rpartition(".")
        given.setdefault(place, {})[leaf] = np.asarray(tensor.detach().cpu().numpy())
    layers = [layer for layer in _flat(model) if layer.params]
    if len(given) != len(layers):
        raise ValueError(
            f"the module has {len(given)} layers with weights ({', '.join(given)}), the model has {len(layers)} "
            f"({', '.join(type(layer).__name__ for layer in layers)}): both must have the same structure"
        )
    new = [_read(layer, place, given[place]) for layer, place in zip(layers, given, strict=True)]
    for layer, arrays in zip(layers, new, strict=True):
        for name, a in arrays.items():
            layer.params[name][...] = a


def _flat(model: Layer) -> list[Layer]:
    if isinstance(model, Sequential):
        return [inner for layer in model.layers for inner in _flat(layer)]
    form_of(FORMS, model, "PyTorch")
    return [model]


def _read(layer: Layer, place: str, given: Params) -> Params:
    """Return the layer's parameters, in its own names, from those of one layer of the module."""
    recurrent = isinstance(layer, Recurrent)
    names = {name: (RECURRENT_NAMES if recurrent else NAMES)[name] for name in layer.params}
    wanted = {*names.values(), SECOND_BIAS} if recurrent else set(names.values())
    if given.keys() != wanted:
        raise ValueError(
            f"layer {place!r} of the module has {', '.join(given)}, where {type(layer).__name__} "
            f"has {', '.join(sorted(wanted))}: both must have the same structure"
        )
    arrays = {name: given[theirs] for name, theirs in names.items()}
    if recurrent:
        arrays["b"] = arrays["b"] + given[SECOND_BIAS]
    for name, a in arrays.items():
        if a.shape != layer.params[name].shape:
            raise ValueError(
                f"{names[name]} of layer {place!r} has shape {a.shape}, "
                f"{name} of {type(layer).__name__} has {layer.params[name].shape}"
            )
    return arrays


Known = dict[int, Any]  # by identity: what stands twice is made once


def _module(layer: Layer, modules: Known, parameters: Known) -> Any:
    """Return the layer's module with its weights."""
    from torch import nn

    if id(layer) in modules:
        return modules[id(layer)]
    if isinstance(layer, Sequential):
        module = nn.Sequential(*(_module(inner, modules, parameters) for inner in layer.layers))
    else:
        module = form_of(FORMS, layer, "PyTorch")(layer)
        names = RECURRENT_NAMES if isinstance(layer, Recurrent) else NAMES
        for name, p in layer.params.items():
            setattr(module, names[name], parameters.setdefault(id(p), _parameter(p)))
        if isinstance(layer, Recurrent):
            setattr(module, SECOND_BIAS, _parameter(np.zeros_like(layer.params["b"])).requires_grad_(False))
    modules[id(layer)] = module
    return module


def _parameter(a: Array) -> Any:
    import torch

    return torch.nn.Parameter(torch.tensor(a))


def _form(make: Callable[[Any, Any, Any], Any]) -> Callable[[Any], Any]:
    """Return ``make(layer, torch.nn, the book's modules)`` as a function of the layer alone."""

    def form(layer: Any) -> Any:
        from torch import nn

        from dlbook.bridge import _torch_modules

        return make(layer, nn, _torch_modules)

    return form


def _convolution(layer: Any, nn: Any, own: Any) -> Any:
    if layer.padding == "same":
        return own.Conv2d(layer.size, layer.stride, "same")
    padding = 0 if layer.padding == "valid" else layer.padding
    return nn.Conv2d(layer.c_in, layer.c_out, layer.size, layer.stride, padding)


def _table(layer: Any, nn: Any, own: Any) -> Any:
    import torch

    place, exists = torch.tensor(layer.place), torch.tensor(layer.exists)
    return own.Conv2d(layer.size, layer.conv.stride, "valid", place, exists)


def _radial(layer: Any, nn: Any, own: Any) -> Any:
    import torch

    return own.RadialBasis(torch.tensor(layer.centres))


# Weights are put in afterwards.
FORMS: dict[type[Layer], Callable[[Any], Any]] = {
    Dense: _form(lambda layer, nn, own: nn.Linear(layer.n_in, layer.n_out)),
    Conv2D: _form(_convolution),
    MaxPool2D: _form(lambda layer, nn, own: own.MaxPool2d(layer.size, layer.stride, layer.padding, -np.inf)),
    AvgPool2D: _form(lambda layer, nn, own: own.AvgPool2d(layer.size, layer.stride, layer.padding)),
    L2Pool2D: _form(lambda layer, nn, own: own.L2Pool2d(layer.size, layer.stride, layer.padding)),
    Flatten: _form(lambda layer, nn, own: nn.Flatten()),
    Sigmoid: _form(lambda layer, nn, own: nn.Sigmoid() if layer.slope == 1 else own.Sigmoid(layer.slope)),
    Tanh: _form(lambda layer, nn, own: nn.Tanh()),
    ReLU: _form(lambda layer, nn, own: nn.ReLU()),
    LeakyReLU: _form(lambda layer, nn, own: nn.LeakyReLU(layer.slope)),
    PReLU: _form(lambda layer, nn, own: nn.PReLU(layer.n_channels)),
    Maxout: _form(lambda layer, nn, own: own.Maxout()),
    Softplus: _form(lambda layer, nn, own: nn.Softplus(threshold=own.SOFTPLUS_LINE)),
    Softmax: _form(lambda layer, nn, own: nn.Softmax(dim=-1)),
    Dropout: _form(lambda layer, nn, own: nn.Dropout(layer.p)),
    GaussianNoise: _form(lambda layer, nn, own: own.GaussianNoise(layer.sigma)),
    RNN: _form(lambda layer, nn, own: own.RNN(layer.n_in, layer.n_hidden, 1, layer.activation, batch_first=True)),
    LSTM: _form(lambda layer, nn, own: own.LSTM(layer.n_in, layer.n_hidden, batch_first=True)),
    LastStep: _form(lambda layer, nn, own: own.LastStep()),
    ScaledTanh: _form(lambda layer, nn, own: own.ScaledTanh()),
    Subsample2D: _form(lambda layer, nn, own: own.Subsample2d(layer.size, layer.size, "valid")),
    TableConv2D: _form(_table),
    RadialBasis: _form(_radial),
}
