"""Planted bugs in the accounting of networks, and in the layers of 1998's LeNet-5."""

from __future__ import annotations

import types

import numpy as np
from test_accounting import counted_by_loops
from test_receptive import naive_windows
from witnesses import Bug, Witness, differences_fail

from dlbook import Conv2D, Dense, MaxPool2D, ReLU, Sequential, architectures
from dlbook.accounting import describe
from dlbook.parts import Conv, Pool
from dlbook.rows import Signal

TABLE = ((0, 1), (1, 2), (0, 2), (0, 1, 2))


def windows_differ(module: types.ModuleType) -> bool:
    """Say whether the windows of two layers are not those that sliding finds, or see other pixels."""
    for size, padding, ceil in ((5, 0, False), (5, 0, True), (5, 2, True), (5, "same", False), (3, 1, True)):
        for n in range(40, 50):
            first = module.fit("first", module.Axis(n), 3, 2, 1)
            second = module.fit("second", first, size, 3, padding, ceil)
            inner, outer = naive_windows(n, 3, 2, 1), naive_windows(first.length, size, 3, padding, ceil)
            middle = len(outer) // 2
            seen = [pixel for unit in outer[middle] for pixel in inner[unit]]
            start = second.start + middle * second.jump
            if second.length != len(outer) or (min(seen), max(seen)) != (start, start + second.field - 1):
                return True
    return module.Axis(7, 3, 2).whole() != module.Axis(1, 15, 0)


def union_differs(module: types.ModuleType) -> bool:
    Axis = module.Axis
    return module.union("sum", [Axis(9, 3, 2, -2), Axis(9, 2, 2, 0)]) != Axis(9, 4, 2, -2)


def counts_differ(module: types.ModuleType) -> bool:
    cases = [
        ({"channels": 4, "size": 3, "groups": 2}, (6, 6, 5), (4, 4, 3)),
        ({"channels": 4, "size": 2, "stride": 2, "bias": False}, (3, 6, 4), (4, 3, 2)),
        ({"channels": 4, "size": 2, "table": TABLE}, (3, 4, 3), (4, 3, 2)),
    ]
    for arguments, shape, out in cases:
        row = module.Conv(**arguments).account(Signal.of(shape))
        if (row.parameters, row.multiplications) != counted_by_loops(Conv(**arguments), shape, out):
            return True
    return False


def layers_cost_something_else(module: types.ModuleType) -> bool:
    at = Signal.of((3, 8, 6))
    parts = [module.Subsample(2), module.Full(5), module.Full(5, learned=False), module.BatchNorm(), module.Flatten()]
    costs = [(row.parameters, row.multiplications, row.shape) for row in (part.account(at) for part in parts)]
    return costs != [
        (6, 36, (3, 4, 3)), (725, 720, (5,)), (0, 720, (5,)), (6, 0, (3, 8, 6)), (0, 0, (144,))
    ]  # fmt: skip


def blocks_differ(module: types.ModuleType) -> bool:
    branches = module.Branches(((Conv(2, 1),), (Conv(3, 3, 1, 1), Conv(1, 3, 1, 1)), (Pool(3, 1, 1),)))
    residual = module.Residual((Conv(4, 3, 2, 1),), (Conv(4, 1, 2),))
    block = module.Block("both", (Conv(4, 3), Conv(4, 2, 2)))
    rows = [part.account(Signal.of((4, 9, 9))) for part in (branches, residual, block)]
    found = [(row.shape, row.parameters, row.multiplications, row.field, row.window) for row in rows]
    return found != [
        ((7, 9, 9), 149, 143 * 81, (5, 5), (5, 5)),
        ((4, 5, 5), 168, 160 * 25, (3, 3), (3, 3)),
        ((4, 3, 3), 216, 144 * 49 + 64 * 9, (4, 4), (4, 4)),
    ]


def networks_differ(module: types.ModuleType) -> bool:
    rng = np.random.default_rng(0)
    layer = Conv2D(2, 2, 3, rng=rng, stride=2, padding=1)
    model = Sequential(layer, ReLU(), layer, Sequential(MaxPool2D(3, 1), ReLU()))
    d = module.describe(model, (2, 15, 13))
    return (d.parameters, d.shape) != (model.n_params, model(np.zeros((1, 2, 15, 13)))[0].shape)


def dense_takes_images(module: types.ModuleType) -> bool:
    try:
        module.describe([Dense(3, 2, rng=np.random.default_rng(0))], (3, 4, 4))
    except ValueError:
        return False
    return True


def totals(name: str, shape: tuple[int, ...], parameters: int, multiplications: int) -> Witness:
    def witness(module: types.ModuleType) -> bool:
        d = describe(getattr(module, name)(), shape)
        return (d.parameters, d.multiplications) != (parameters, multiplications)

    return witness


def squashes_differently(module: types.ModuleType) -> bool:
    return not np.allclose(module.ScaledTanh()(np.array([[1.0, -1.0]])), [[1, -1]], atol=1e-4)


def sums_differently(module: types.ModuleType) -> bool:
    layer = module.Subsample2D(1, 2, rng=np.random.default_rng(0))
    layer.params["a"][:] = 0.5
    return layer(np.ones((1, 1, 2, 2))).item() != 2


def sees_other_maps(module: types.ModuleType) -> bool:
    layer, X = module.TableConv2D(3, TABLE, 3, rng=np.random.default_rng(0)), np.zeros((3, 3, 3, 3))
    X[range(3), range(3)] = 1  # example i lights up map i alone
    seen = layer(X)[:, :, 0, 0] != 0
    return [tuple(np.flatnonzero(maps)) for maps in seen.T] != list(TABLE)


def farthest_wins(module: types.ModuleType) -> bool:
    centres = np.random.default_rng(0).normal(size=(4, 5))
    return list(module.RadialBasis(centres)(centres).argmax(axis=1)) != [0, 1, 2, 3]


alexnet = totals("alexnet", architectures.IMAGENET, 60_965_224, 724_406_816)
googlenet = totals("googlenet", architectures.IMAGENET, 6_998_552, 1_582_671_872)
resnet = totals("resnet50", architectures.IMAGENET, 25_557_032, 3_857_973_248)
subsample = differences_fail(lambda module, rng: module.Subsample2D(3, 2, rng=rng), 2, 3, 4, 4)
table = differences_fail(lambda module, rng: module.TableConv2D(3, TABLE, 3, rng=rng), 2, 3, 4, 4)

BUGS: dict[str, Bug] = {
    "field: grows by the whole window": ("receptive", "(size - 1) * self.jump", "size * self.jump", windows_differ),
    "field: the layer's own stride": (
        "receptive",
        "field = self.field + (size - 1) * self.jump",
        "field = self.field + (size - 1) * self.jump * stride",
        windows_differ,
    ),
    "jump: strides are added": ("receptive", "self.jump * stride,", "self.jump + stride,", windows_differ),
    "field: padding forgotten": ("receptive", "self.start - before * self.jump", "self.start", windows_differ),
    "field: padding in pixels": ("receptive", "self.start - before * self.jump", "self.start - before", windows_differ),
    "ceil: always one more": ("receptive", "one_more = ceil and left and", "one_more = ceil and", windows_differ),
    "ceil: a window in the border alone": (
        "receptive",
        "span.out * stride < span.before + axis.length",
        "True",
        windows_differ,
    ),
    "ceil: rounded down": ("receptive", "span.out + one_more", "span.out", windows_differ),
    "union: only the largest field": (
        "receptive",
        "stop - start",
        "max(axis.field for axis in ends)",
        union_differs,
    ),
    "conv: groups forgotten": ("parts", "self.channels // self.groups\n", "self.channels\n", counts_differ),
    "conv: the table forgotten": ("parts", "sum(len(set(maps)) for maps in self.table)", "c_in * len(self.table)",
                                  counts_differ),
    "conv: one bias for all": ("parts", "self.bias * self.channels", "self.bias", counts_differ),
    "conv: a bias always": ("parts", "self.bias * self.channels", "self.channels", counts_differ),
    "conv: multiplied once for all places": ("parts", "weights * math.prod(after.shape[1:])", "weights", counts_differ),
    "conv: places of the input": ("parts", "math.prod(after.shape[1:])", "math.prod(at.shape[1:])", counts_differ),
    "conv: biases multiply": (
        "parts",
        "weights * math.prod(after.shape[1:])",
        "parameters * math.prod(after.shape[1:])",
        counts_differ,
    ),
    "full: only the maps count": ("parts", "weights = math.prod(at.shape)", "weights = at.shape[0]",
                                  layers_cost_something_else),
    "full: fixed weights count": ("parts", "self.learned * (", "(", layers_cost_something_else),
    "batch norm: running mean and variance count": ("parts", "2 * at.shape[0], 0, at", "4 * at.shape[0], 0, at",
                                                    layers_cost_something_else),
    "sub-sampling: no bias": ("parts", "2 * at.shape[0], math", "at.shape[0], math", layers_cost_something_else),
    "branches: channels are not added": ("blocks", "sum(end.shape[0] for end in ends)", "ends[0].shape[0]",
                                         blocks_differ),
    "branches: only the first counts": ("blocks", "for rows in walked for row in rows]", "for row in walked[0]]",
                                        blocks_differ),
    "residual: the shortcut costs nothing": ("blocks", "[*body, *shortcut]", "body", blocks_differ),
    "block: the field starts anew": ("blocks", "        at = rows[-1].after\n", "", blocks_differ),
    "describe: a shared layer learns twice": ("accounting", "counted.update(own)", "pass", networks_differ),
    "describe: stride forgotten": ("accounting", "layer.size, layer.stride, layer.padding)\n        case Table",
                                   "layer.size, 1, layer.padding)\n        case Table", networks_differ),
    "describe: the first layer of a network is the network": ("accounting", "_flat(item.layers)", "item.layers[:1]",
                                              networks_differ),
    "describe: full layers take anything": ("accounting", "if at.shape != takes:", "if False:", dense_takes_images),
    "alexnet: one card": ("architectures", "groups=2, ", "", alexnet),
    "alexnet: no border": ("architectures", "Conv(96, 11, 4, 2,", "Conv(96, 11, 4, 0,", alexnet),
    "googlenet: pools round down": ("architectures", "pool = Pool(3, 2, ceil=True)", "pool = Pool(3, 2)", googlenet),
    "googlenet: a reduction too many": ("architectures", "(Pool(3, 1, 1), *conv(pooled, 1))",
                                        "(Pool(3, 1, 1), *conv(pooled, 1), *conv(pooled, 1))", googlenet),
    "resnet: normalized twice": ("architectures", "BatchNorm())\n\n    def bottleneck",
                                          "BatchNorm(), BatchNorm())\n\n    def bottleneck", resnet),
    "resnet: the other stride": ("architectures", "if stride_in == 1 else", "if stride_in == 3 else", resnet),
    "scaled tanh: slope 3/2": ("lenet1998", "slope = 2 / 3", "slope = 3 / 2", squashes_differently),
    "scaled tanh: derivative of tanh": (
        "lenet1998",
        "self.slope * (self.height - cache**2 / self.height)",
        "1 - cache**2",
        differences_fail(lambda module, rng: module.ScaledTanh(), 5, 4),
    ),
    "sub-sampling: the mean for the sum": ("lenet1998", "total = self.area * mean", "total = mean", sums_differently),
    "sub-sampling: the gradient of the mean": ("lenet1998", "backward(self.area * self", "backward(self", subsample),
    "sub-sampling: one coefficient for all": (
        "lenet1998",
        '{"a": (dY * total).sum(axis=(0, 2, 3))',
        '{"a": (dY * total).sum() + np.zeros(3)',
        subsample,
    ),
    "table: every map sees all": ("lenet1998", "[self.place] * self.exists", "[self.place]", sees_other_maps),
    "table: kernels in another order": (
        "lenet1998",
        'grads["W"][self.pairs]',
        'grads["W"][self.pairs][::-1]',
        table,
    ),
    "radial basis: far is large": ("lenet1998", "return -np.einsum", "return np.einsum", farthest_wins),
    "radial basis: factor 2 forgotten": (
        "lenet1998",
        "-2 * np.einsum",
        "-np.einsum",
        differences_fail(lambda module, rng: module.RadialBasis(rng.normal(size=(4, 4))), 4, 4),
    ),
}  # fmt: skip
