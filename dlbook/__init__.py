"""Deep learning by hand: the classical networks, small enough to read.

Every chapter of the book reads from one module of this package. The mathematics needs NumPy alone; modules that draw,
show or download import what they need when they are used.
"""

from dlbook.activations import (
    LeakyReLU,
    Maxout,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    relu,
    sigmoid,
    softmax,
    softplus,
)
from dlbook.dense import Dense
from dlbook.layer import Flatten, Layer, Sequential
from dlbook.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from dlbook.optim import SGD, Optimizer
from dlbook.perceptron import Perceptron
from dlbook.storage import load, restore, save, snapshot
from dlbook.train import Step, accuracy, fit, predict

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "BinaryCrossEntropy",
    "Dense",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Loss",
    "Maxout",
    "MeanSquaredError",
    "Optimizer",
    "PReLU",
    "Perceptron",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Softplus",
    "Step",
    "Tanh",
    "accuracy",
    "fit",
    "load",
    "predict",
    "relu",
    "restore",
    "save",
    "sigmoid",
    "snapshot",
    "softmax",
    "softplus",
]
