"""Deep learning by hand: the classical networks, small enough to read.

Every chapter of the book reads from one module of this package. The mathematics needs NumPy alone; modules that draw,
show or download import what they need when they are used.
"""

from dlbook.accounting import describe
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
from dlbook.adversarial import fgsm, input_gradient
from dlbook.annealing import ais, base_bias
from dlbook.augment import random_rotate, random_shift, random_warp, rotate, shift
from dlbook.boltzmann import BoltzmannMachine
from dlbook.bptt import fit_truncated, forward_states
from dlbook.bridge import from_torch, to_onnx, to_torch
from dlbook.check import check_layer, check_loss, gradient_error, numerical_gradient
from dlbook.clipping import Clipped, clip_norm, clip_value, global_norm
from dlbook.conv import Conv2D
from dlbook.convolution import col2im, convolve, cross_correlate, im2col, rot180
from dlbook.datafiles import DataError
from dlbook.deep_boltzmann import DBM, DBN, fit_dbm, fit_dbn
from dlbook.dense import Dense
from dlbook.digits import Digits
from dlbook.dropout import Dropout, GaussianNoise
from dlbook.ensemble import average, bagging, vote
from dlbook.enumeration import exact_gradient, gibbs_matrix, joint_probabilities, log_likelihood, log_partition
from dlbook.evaluate import confusion, doubt, error_by_rejection, mcnemar, wilson
from dlbook.gaussian_rbm import GaussianBernoulliRBM
from dlbook.layer import Flatten, Layer
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D
from dlbook.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from dlbook.nearest import class_means, nearest, squared_distances
from dlbook.optim import SGD, Momentum, Nesterov, Optimizer
from dlbook.pad import DrawingPad, as_mnist, centre_of_mass
from dlbook.penalties import L1, L2, Constraint, MaxNorm, Penalty
from dlbook.perceptron import Perceptron, Update
from dlbook.pool import AvgPool2D, L2Pool2D, MaxPool2D
from dlbook.pseudo_likelihood import pseudo_log_likelihood
from dlbook.ratings import Ratings
from dlbook.rbm import BernoulliRBM
from dlbook.recommend import RatingRBM, item_mean, log_shares, one_hot, rmse, user_mean
from dlbook.recurrent import LSTM, RNN, LastStep
from dlbook.sequential import Sequential
from dlbook.states import binary_states, log_sum_exp
from dlbook.storage import load, restore, save, snapshot
from dlbook.tape import Variable, gradients, traced
from dlbook.train import Step, accuracy, fit, predict
from dlbook.train_rbm import fit_rbm
from dlbook.weights import trained_lenet5
from dlbook.zoo import lenet5, lenet5_1998, mnist_convnet

__version__ = "0.1.0"

__all__ = [
    "DBM",
    "DBN",
    "FTRL",
    "L1",
    "L2",
    "LSTM",
    "RNN",
    "SGD",
    "Adagrad",
    "Adam",
    "AvgPool2D",
    "BernoulliRBM",
    "BinaryCrossEntropy",
    "BoltzmannMachine",
    "Clipped",
    "Constraint",
    "Conv2D",
    "DataError",
    "Dense",
    "Digits",
    "DrawingPad",
    "Dropout",
    "Flatten",
    "GaussianBernoulliRBM",
    "GaussianNoise",
    "L2Pool2D",
    "LastStep",
    "Layer",
    "LeakyReLU",
    "Loss",
    "MaxNorm",
    "MaxPool2D",
    "Maxout",
    "MeanSquaredError",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "PReLU",
    "Penalty",
    "Perceptron",
    "RMSProp",
    "RadialBasis",
    "RatingRBM",
    "Ratings",
    "ReLU",
    "ScaledTanh",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Softplus",
    "Step",
    "Subsample2D",
    "TableConv2D",
    "Tanh",
    "Update",
    "Variable",
    "accuracy",
    "ais",
    "as_mnist",
    "average",
    "bagging",
    "base_bias",
    "binary_states",
    "centre_of_mass",
    "check_layer",
    "check_loss",
    "class_means",
    "clip_norm",
    "clip_value",
    "col2im",
    "confusion",
    "convolve",
    "cross_correlate",
    "describe",
    "doubt",
    "error_by_rejection",
    "exact_gradient",
    "fgsm",
    "fit",
    "fit_dbm",
    "fit_dbn",
    "fit_rbm",
    "fit_truncated",
    "forward_states",
    "from_torch",
    "gibbs_matrix",
    "global_norm",
    "gradient_error",
    "gradients",
    "im2col",
    "input_gradient",
    "item_mean",
    "joint_probabilities",
    "lenet5",
    "lenet5_1998",
    "load",
    "log_likelihood",
    "log_partition",
    "log_shares",
    "log_sum_exp",
    "mcnemar",
    "mnist_convnet",
    "nearest",
    "numerical_gradient",
    "one_hot",
    "predict",
    "pseudo_log_likelihood",
    "random_rotate",
    "random_shift",
    "random_warp",
    "relu",
    "restore",
    "rmse",
    "rot180",
    "rotate",
    "save",
    "shift",
    "sigmoid",
    "snapshot",
    "softmax",
    "softplus",
    "squared_distances",
    "to_onnx",
    "to_torch",
    "traced",
    "trained_lenet5",
    "user_mean",
    "vote",
    "wilson",
]
