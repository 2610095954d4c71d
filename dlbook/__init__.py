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
from dlbook.adaptive import FTRL, Adagrad, Adam, RMSProp
from dlbook.bptt import fit_truncated, forward_states
from dlbook.check import check_layer, check_loss, gradient_error, numerical_gradient
from dlbook.clipping import Clipped, clip_norm, clip_value, global_norm
from dlbook.datafiles import DataError
from dlbook.dense import Dense
from dlbook.digits import Digits
from dlbook.layer import Flatten, Layer
from dlbook.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from dlbook.optim import SGD, Momentum, Nesterov, Optimizer
from dlbook.perceptron import Perceptron, Update
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.sequential import Sequential
from dlbook.storage import load, restore, save, snapshot
from dlbook.train import Step, accuracy, fit, predict

__version__ = "0.1.0"

__all__ = [
    "FTRL",
    "LSTM",
    "RNN",
    "SGD",
    "Adagrad",
    "Adam",
    "BinaryCrossEntropy",
    "Clipped",
    "DataError",
    "Dense",
    "Digits",
    "Flatten",
    "LastStep",
    "Layer",
    "LeakyReLU",
    "Loss",
    "Maxout",
    "MeanSquaredError",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "PReLU",
    "Perceptron",
    "RMSProp",
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
    "clip_norm",
    "clip_value",
    "fit",
    "fit_truncated",
    "forward_states",
    "global_norm",
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
