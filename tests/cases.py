"""Every public layer and loss, with inputs of several shapes: what the derivative tests run over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook import (
    LSTM,
    RNN,
    AvgPool2D,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    L2Pool2D,
    LastStep,
    Layer,
    LeakyReLU,
    Loss,
    Maxout,
    MaxPool2D,
    MeanSquaredError,
    PReLU,
    RadialBasis,
    ReLU,
    ScaledTanh,
    Sequential,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Softplus,
    Subsample2D,
    TableConv2D,
    Tanh,
)

Rng = np.random.Generator

RBF_CENTRES = np.array([[1.0, -1, 1, 1], [-1, -1, 1, -1], [0.5, 0, 0, 2]])

LAYERS: dict[str, tuple[Callable[[Rng], Layer], tuple[int, ...]]] = {
    "Dense": (lambda rng: Dense(4, 3, rng=rng), (5, 4)),
    "Dense-one-example": (lambda rng: Dense(4, 3, rng=rng), (1, 4)),
    "Dense-one-unit": (lambda rng: Dense(1, 1, rng=rng), (5, 1)),
    "Dense-square": (lambda rng: Dense(4, 4, rng=rng), (4, 4)),
    "Dense-leading-axes": (lambda rng: Dense(4, 3, rng=rng), (2, 5, 4)),
    "Sigmoid": (lambda rng: Sigmoid(), (5, 4)),
    "Sigmoid-slope": (lambda rng: Sigmoid(1.7), (5, 4)),
    "Tanh": (lambda rng: Tanh(), (5, 4)),
    "ReLU": (lambda rng: ReLU(), (5, 4)),
    "LeakyReLU": (lambda rng: LeakyReLU(0.1), (5, 4)),
    "PReLU": (lambda rng: PReLU(4), (5, 4)),
    "PReLU-image": (lambda rng: PReLU(4), (5, 4, 3, 2)),
    "Maxout": (lambda rng: Maxout(4, 2, 3, rng=rng), (5, 4)),
    "Maxout-one-piece": (lambda rng: Maxout(4, 2, 1, rng=rng), (5, 4)),
    "Maxout-leading-axes": (lambda rng: Maxout(4, 2, 3, rng=rng), (2, 3, 4)),
    "Softplus": (lambda rng: Softplus(), (5, 4)),
    "Softmax": (lambda rng: Softmax(), (5, 4)),
    "Softmax-leading-axes": (lambda rng: Softmax(), (2, 3, 4)),
    "Dropout": (lambda rng: Dropout(0.4), (5, 4)),
    "Dropout-none": (lambda rng: Dropout(0), (5, 4)),
    "Dropout-image": (lambda rng: Dropout(0.4), (2, 3, 4, 4)),
    "GaussianNoise": (lambda rng: GaussianNoise(0.3), (5, 4)),
    "Conv2D": (lambda rng: Conv2D(2, 3, 3, rng=rng), (2, 2, 5, 6)),
    "Conv2D-one-pixel": (lambda rng: Conv2D(2, 3, 1, rng=rng), (2, 2, 3, 3)),
    "Conv2D-padding-stride": (lambda rng: Conv2D(2, 3, 3, stride=2, padding=1, rng=rng), (2, 2, 6, 5)),
    "Conv2D-same-stride-even": (lambda rng: Conv2D(2, 3, (4, 2), stride=2, padding="same", rng=rng), (2, 2, 5, 6)),
    "Conv2D-stride-beyond-kernel": (lambda rng: Conv2D(2, 1, 2, stride=3, rng=rng), (3, 2, 7, 6)),
    "MaxPool2D": (lambda rng: MaxPool2D(2), (2, 2, 4, 6)),
    "MaxPool2D-overlapping": (lambda rng: MaxPool2D(3, 2, padding=1), (2, 2, 6, 5)),
    "AvgPool2D": (lambda rng: AvgPool2D(2), (2, 2, 4, 6)),
    "AvgPool2D-overlapping": (lambda rng: AvgPool2D(3, 2, padding="same"), (2, 2, 6, 5)),
    "L2Pool2D": (lambda rng: L2Pool2D(2), (2, 2, 4, 6)),
    "L2Pool2D-overlapping": (lambda rng: L2Pool2D((3, 2), 1), (2, 2, 6, 5)),
    "Flatten": (lambda rng: Flatten(), (5, 4, 3)),
    "RNN": (lambda rng: RNN(3, 4, rng=rng), (2, 5, 3)),
    "RNN-relu": (lambda rng: RNN(3, 4, rng=rng, activation="relu"), (2, 5, 3)),
    "RNN-one-step": (lambda rng: RNN(3, 4, rng=rng), (2, 1, 3)),
    "RNN-one-sequence": (lambda rng: RNN(3, 4, rng=rng), (1, 5, 3)),
    "RNN-one-unit": (lambda rng: RNN(1, 1, rng=rng), (2, 5, 1)),
    "LSTM": (lambda rng: LSTM(3, 4, rng=rng), (2, 5, 3)),
    "LSTM-one-step": (lambda rng: LSTM(3, 4, rng=rng), (2, 1, 3)),
    "LSTM-one-sequence": (lambda rng: LSTM(3, 4, rng=rng), (1, 5, 3)),
    "LSTM-one-unit": (lambda rng: LSTM(1, 1, rng=rng), (2, 5, 1)),
    "LastStep": (lambda rng: LastStep(), (2, 5, 3)),
    "Sequential-recurrent": (
        lambda rng: Sequential(LSTM(2, 3, rng=rng), RNN(3, 3, rng=rng), LastStep(), Dense(3, 2, rng=rng)),
        (2, 4, 2),
    ),
    "ScaledTanh": (lambda rng: ScaledTanh(), (5, 4)),
    "Subsample2D": (lambda rng: Subsample2D(3, 2, rng=rng), (2, 3, 5, 6)),
    "TableConv2D": (lambda rng: TableConv2D(3, ((0, 1), (1, 2), (0, 2), (0, 1, 2)), 3, rng=rng), (2, 3, 5, 6)),
    "RadialBasis": (lambda rng: RadialBasis(RBF_CENTRES), (5, 4)),
    "Sequential-nested": (
        lambda rng: Sequential(Flatten(), Sequential(Dense(6, 4, rng=rng), Tanh()), Dense(4, 2, rng=rng)),
        (5, 3, 2),
    ),
    "Sequential": (lambda rng: Sequential(Dense(4, 5, rng=rng), Sigmoid(), Dense(5, 3, rng=rng)), (6, 4)),
}

LOSSES: dict[str, tuple[Loss, tuple[int, ...], Callable[[Rng], np.ndarray]]] = {
    "MeanSquaredError": (MeanSquaredError(), (6, 3), lambda rng: rng.normal(size=(6, 3))),
    "MeanSquaredError-leading-axes": (MeanSquaredError(), (2, 5, 3), lambda rng: rng.normal(size=(2, 5, 3))),
    "BinaryCrossEntropy": (BinaryCrossEntropy(), (6, 3), lambda rng: rng.integers(2, size=(6, 3))),
    "BinaryCrossEntropy-soft": (BinaryCrossEntropy(), (6, 1), lambda rng: rng.uniform(size=(6, 1))),
    "SoftmaxCrossEntropy": (SoftmaxCrossEntropy(), (6, 4), lambda rng: rng.integers(4, size=6)),
    "SoftmaxCrossEntropy-soft": (SoftmaxCrossEntropy(), (6, 4), lambda rng: rng.dirichlet(np.ones(4), size=6)),
    "SoftmaxCrossEntropy-steps": (SoftmaxCrossEntropy(), (2, 5, 4), lambda rng: rng.integers(4, size=(2, 5))),
}
