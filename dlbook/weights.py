"""Trained weights that come with the package, to play with at once."""

from __future__ import annotations

import numpy as np

from dlbook.datafiles import DataError, read_asset_arrays
from dlbook.sequential import Sequential
from dlbook.zoo import lenet5

LENET5 = "lenet5.npz"


def trained_lenet5() -> Sequential:
    """Return :func:`dlbook.zoo.lenet5`, trained on 55,000 digits that were shifted and turned a little, in float32.

    For X (m, 1, 28, 28), ink from 0 to 1, as float32; the ten outputs are the values before the softmax. The file
    holds the weights in half precision, 0.12 MB. :mod:`dlbook.make_lenet5_weights` made it.

    Raises:
        DataError: the file is missing, damaged or of another network.
    """
    model = lenet5(rng=np.random.default_rng(0)).astype(np.float32)  # the draws are all overwritten
    arrays = read_asset_arrays(LENET5)
    needed = {name: p.shape for name, p in model.params.items()}
    if {name: a.shape for name, a in arrays.items()} != needed:
        raise DataError(f"{LENET5} holds other arrays than {needed}: install the package again")
    for name, p in model.params.items():
        p[...] = arrays[name]
    return model
