"""Convolutional networks that one can train: as functions that return a network with fresh weights.

What the famous ones cost, too large to be trained here, is in :mod:`dlbook.architectures`.
"""

from __future__ import annotations

import numpy as np

from dlbook.activations import ReLU
from dlbook.architectures import LENET5_C3
from dlbook.conv import Conv2D
from dlbook.dense import Dense
from dlbook.dropout import Dropout
from dlbook.init import he_normal
from dlbook.layer import Flatten
from dlbook.lenet1998 import RadialBasis, ScaledTanh, Subsample2D, TableConv2D, fan_in_uniform
from dlbook.pool import MaxPool2D
from dlbook.sequential import Sequential
from dlbook.shapes import Array
from dlbook.windows import as_images

# The ten digits on 7 × 12 pixels, with room for descenders, as the outputs of LeNet-5 compare with. Our own drawing.
BITMAPS = """
..###.. ...##.. ..###.. .#####. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..###.. .##.##. ##...## ...###. ##..... .##.... ##...## ##...## ##...##
##...## .####.. ##...## .....## ...###. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## .....## ..####. ##..... ##..... ....##. ##...## ##...##
##...## ...##.. ....##. ..####. .##.##. ######. ######. ....##. .#####. ##...##
##...## ...##.. ...##.. .....## .##.##. .....## ##...## ...##.. ##...## .######
##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
##...## ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
..###.. .###### ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def lenet5(*, rng: np.random.Generator) -> Sequential:
    """LeNet-5 in its modern form, for X (m, 1, 28, 28): 61,706 parameters.

    Maximum pooling and ReLU for learned sub-sampling and tanh, a third convolution that sees all six maps, and ten
    linear outputs for the cross-entropy of softmax: 400 → 120 → 84 → 10 (Source 002).
    """
    return Sequential(
        *(Conv2D(1, 6, 5, rng=rng, padding=2, init=he_normal), ReLU(), MaxPool2D(2)),
        *(Conv2D(6, 16, 5, rng=rng, init=he_normal), ReLU(), MaxPool2D(2), Flatten()),
        *(Dense(400, 120, rng=rng, init=he_normal), ReLU(), Dense(120, 84, rng=rng, init=he_normal), ReLU()),
        Dense(84, 10, rng=rng),
    )


def lenet5_1998(*, rng: np.random.Generator) -> Sequential:
    """LeNet-5 as LeCun et al. (1998) describe it, for X (m, 1, 32, 32) from :func:`on_32`: 60,000 parameters.

    The layers C1, S2, C3 with its table, S4, C5, F6 and the radial-basis output, each but the last followed by
    1.7159 tanh(2x/3); weights start uniform on ±2.4 / n_in. Train it with the cross-entropy of softmax and small
    steps, SGD(0.01): the outputs are squared distances, about −84 at first. Different from the paper are the pictures
    of the digits, drawn anew, the missing class for what is no character, and the optimizer, which there takes a step
    of its own for every weight from an estimate of the second derivative.
    """
    return Sequential(
        *(Conv2D(1, 6, 5, rng=rng, init=fan_in_uniform), ScaledTanh(), Subsample2D(6, rng=rng), ScaledTanh()),
        *(TableConv2D(6, LENET5_C3, 5, rng=rng), ScaledTanh(), Subsample2D(16, rng=rng), ScaledTanh()),
        *(Conv2D(16, 120, 5, rng=rng, init=fan_in_uniform), ScaledTanh(), Flatten()),
        *(Dense(120, 84, rng=rng, init=fan_in_uniform), ScaledTanh(), RadialBasis(digit_bitmaps())),
    )


def mnist_convnet(*, rng: np.random.Generator) -> Sequential:
    """Source 004's network for handwritten digits, for X (m, 1, 28, 28): 3,274,634 parameters.

    Two convolutions of 5 × 5 with 32 and 64 maps, each with ReLU and a 2 × 2 maximum, 1,024 units, dropout of one half.
    """
    return Sequential(
        *(Conv2D(1, 32, 5, rng=rng, padding="same", init=he_normal), ReLU(), MaxPool2D(2)),
        *(Conv2D(32, 64, 5, rng=rng, padding="same", init=he_normal), ReLU(), MaxPool2D(2), Flatten()),
        *(Dense(7 * 7 * 64, 1024, rng=rng, init=he_normal), ReLU(), Dropout(0.5), Dense(1024, 10, rng=rng)),
    )


def on_32(X: Array) -> Array:
    """Return images (m, 1, 28, 28) of ink 0…1 on 32 × 32 pixels, paper as −0.1 and ink as 1.175: for LeNet-5 of 1998.

    The mean is then about 0, and every stroke can lie in the middle of a window of the last convolution.
    """
    X = as_images("on_32", X, 1)
    ink: Array = np.pad(X, ((0, 0), (0, 0), (2, 2), (2, 2)))
    return np.asarray(ink * X.dtype.type(1.275) - X.dtype.type(0.1))


def digit_bitmaps() -> Array:
    """Return the pictures of the digits, +1 for ink and −1 for paper: (10, 84), row by row."""
    ink = np.array([[list(digit) for digit in row.split()] for row in BITMAPS.split("\n") if row]) == "#"
    return np.asarray(np.where(ink, 1.0, -1.0).transpose(1, 0, 2).reshape(10, -1))
