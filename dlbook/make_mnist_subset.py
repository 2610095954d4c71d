"""Makes the balanced MNIST subset that is shipped with the package, or verifies it.

    python -m dlbook.make_mnist_subset             # writes dlbook/assets/mnist_subset.npz
    python -m dlbook.make_mnist_subset --verify    # compares the file with what the rule gives

The rule: the images of a digit are sorted by the SHA-256 of the text ``"<seed>:<split>:<index>"``, where the index
counts from 0 in the published file; the first 1,000 (test: 200) are taken. Row 10 r + d holds the r-th image of
digit d. A hash instead of a random generator, because its order can never change with a library's version. Training
images come from the training set alone and test images from the test set alone.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np

from .atomic import writing
from .datafiles import ASSETS
from .digits import SUBSET, Digits, full_bytes, subset_bytes
from .shapes import Array

SEED = 1998
PER_DIGIT = {"train": 1000, "test": 200}


def choose(labels: Array, split: str, per_digit: int) -> Array:
    """Return the indices of ``per_digit`` images of each digit, shape (10 · per_digit,), by the rule above.

    Raises:
        ValueError: a digit has fewer images.
    """
    counts = np.bincount(labels, minlength=10)
    if counts.min() < per_digit:
        raise ValueError(f"choose expects at least {per_digit} images of each digit, got {counts.tolist()}")

    def lot(index: int) -> bytes:
        return hashlib.sha256(f"{SEED}:{split}:{index}".encode()).digest()

    by_digit = [sorted(np.flatnonzero(labels == digit).tolist(), key=lot)[:per_digit] for digit in range(10)]
    return np.array(by_digit).T.ravel()


def make(full: Digits) -> Digits:
    """Return the subset of the full set, both as bytes; images of shape (m, 784)."""
    train = choose(full.y_train, "train", PER_DIGIT["train"])
    test = choose(full.y_test, "test", PER_DIGIT["test"])
    return Digits(
        full.X_train[train].reshape(len(train), -1),
        full.y_train[train],
        full.X_test[test].reshape(len(test), -1),
        full.y_test[test],
    )


def write(subset: Digits, path: Path) -> None:
    """Write the arrays to ``path``, compressed; to a temporary file first, so that a failure leaves the old one."""
    with writing(path) as file:
        np.savez_compressed(file, **subset._asdict())


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the embedded MNIST subset from the full set, or verify it.")
    parser.add_argument("--verify", action="store_true", help="compare the shipped file with the rule; write nothing")
    verify = parser.parse_args().verify
    subset = make(full_bytes())
    path = ASSETS / SUBSET
    if not verify:
        write(subset, path)
        sys.stdout.write(f"wrote {path}, {path.stat().st_size:,} bytes\n")
        return 0
    shipped = subset_bytes()
    wrong = [field for field in Digits._fields if not np.array_equal(getattr(subset, field), getattr(shipped, field))]
    sys.stdout.write(
        f"{path} {'differs from the rule in ' + ', '.join(wrong) if wrong else 'is what the rule gives'}\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
