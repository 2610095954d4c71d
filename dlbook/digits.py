"""Handwritten digits: MNIST, whole or as the small balanced subset that is shipped with the package.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits"; CC BY-SA 3.0. How the
subset was chosen: :mod:`dlbook.make_mnist_subset`; attribution: ``assets/MNIST.txt``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .datafiles import DataError, read_asset_arrays, read_idx
from .download import fetch
from .shapes import Array

SUBSET = "mnist_subset.npz"

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# SHA-256 of the decompressed content, in the order of the fields of Digits.
FILES = {
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Digits(NamedTuple):
    """Images, one per row, and labels; unpacks as ``X_train, y_train, X_test, y_test``."""

    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array


def mnist(full: bool = False, *, dtype: Any = np.float64) -> Digits:
    """Return handwritten digits: images of 28 × 28 pixels, read row by row, and the digits they show.

    The subset has 10,000 training images (1,000 per digit) and 2,000 test images (200 per digit). Its digits come
    in the order 0, 1, …, 9, 0, 1, …, so every leading part of 10 k rows is balanced too. The full set has 60,000 and
    10,000 images in the published order.

    Args:
        full: the full set. The first call downloads 11 MB and keeps them in the cache folder; the environment variable
            ``DLBOOK_DATA`` names a folder with local copies instead.
        dtype: floating-point type of the images. The full set takes 440 MB as float64, 220 MB as ``np.float32``.

    Returns:
        ``X_train`` and ``X_test`` of shape (m, 784), ink from 0 (none) to 1 (full); ``y_train`` and ``y_test`` of
        shape (m,), integers 0…9. ``X.reshape(-1, 1, 28, 28)`` gives images with one channel.

    Raises:
        TypeError: ``dtype`` is not a floating-point type.
        DataError: a file is missing, damaged or out of reach.
    """
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"mnist expects a floating-point dtype, got {np.dtype(dtype)}: images are scaled to 0…1")
    raw = full_bytes() if full else subset_bytes()
    return Digits(
        *(
            np.divide(part.reshape(len(part), -1), 255, dtype=dtype) if field.startswith("X") else part.astype(np.int64)
            for field, part in zip(Digits._fields, raw, strict=True)
        )
    )


def subset_bytes() -> Digits:
    """Return the embedded subset as it is stored: bytes, 0…255, images of shape (m, 784)."""
    arrays = read_asset_arrays(SUBSET)
    if set(arrays) != set(Digits._fields):
        raise DataError(
            f"{SUBSET} holds {sorted(arrays)}, expected {sorted(Digits._fields)}: install the package again"
        )
    return Digits(**arrays)


def full_bytes() -> Digits:
    """Return the full set as it is published: bytes, 0…255, images of shape (m, 28, 28)."""
    return Digits(*(fetch(name, MIRRORS, partial(read_idx, name=name, sha256=known)) for name, known in FILES.items()))
