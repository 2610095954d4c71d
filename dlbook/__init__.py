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
from dlbook.check import check_layer, check_loss, gradient_error, numerical_gradient
from dlbook.datafiles import DataError
from dlbook.dense import Dense
from dlbook.digits import Digits
from dlbook.layer import Flatten, Layer
from dlbook.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from dlbook.optim import SGD, Optimizer
from dlbook.perceptron import Perceptron, Update
from dlbook.sequential import Sequential
from dlbook.storage import load, restore, save, snapshot
from dlbook.train import Step, accuracy, fit, predict

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "BinaryCrossEntropy",
    "DataError",
    "Dense",
    "Digits",
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
    "Update",
    "accuracy",
    "check_layer",
    "check_loss",
    "fit",
    "gradient_error",
    "load",
    "numerical_gradient",
    "predict",
    "relu",
    "restore",
    "save",
    "sigmoid",
    "snapshot",
    "softmax",
    "softplus",
]
