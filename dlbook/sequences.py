"""Data in the order of time: two puzzles that ask for memory, and the spots on the sun."""

from __future__ import annotations

import numpy as np

from .datafiles import ASSETS, DataError
from .shapes import Array, generator, positive_int


def adding_problem(n: int, length: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw sequences of numbers of which two are marked; the target is the sum of the two.

    The numbers are uniform on [0, 1). One mark is in the first half of the sequence, one in the second. Always to
    answer 1 has the mean squared error Var(u + v) = 1/6 ≈ 0.167, so a network below that has found the marks.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997, experiment 4,
    simplified as in later work: numbers on [0, 1), a fixed length, one mark in each half.

    Args:
        n: number of sequences.
        length: number of steps, at least 2.

    Returns:
        ``X`` of shape (n, length, 2), the numbers in ``X[..., 0]`` and the marks, 0.0 or 1.0, in ``X[..., 1]``;
        ``y`` of shape (n, 1).
    """
    positive_int("adding_problem", n, "n")
    if positive_int("adding_problem", length, "length") < 2:
        raise ValueError(f"adding_problem expects length >= 2, got {length}: two numbers are marked")
    numbers = generator("adding_problem", rng).uniform(size=(n, length))
    marks = np.zeros((n, length))
    every = np.arange(n)
    marks[every, rng.integers(0, length // 2, size=n)] = 1.0
    marks[every, rng.integers(length // 2, length, size=n)] = 1.0
    return np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=1, keepdims=True)


def copy_problem(
    n: int, delay: int, *, length: int = 10, symbols: int = 8, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw sequences to be remembered and repeated after a delay.

    The input is ``length`` random symbols, ``delay`` blanks of which the last is replaced by the signal "now", then
    ``length`` blanks; the wanted output is blank until the signal has passed and then repeats the symbols. Symbols are
    0 … symbols - 1, the blank is ``symbols``, the signal ``symbols + 1``.

    Source: the same task in Hochreiter and Schmidhuber (1997) and M. Arjovsky, A. Shah and Y. Bengio, "Unitary
    evolution recurrent neural networks", 2016.

    Args:
        n: number of sequences.
        delay: steps between the last symbol and the first step of the answer, at least 1.
        length: number of symbols to remember.
        symbols: number of different symbols.

    Returns:
        ``X`` of shape (n, T, symbols + 2), one-hot, T = 2 · length + delay; ``y`` of shape (n, T), integer classes
        0 … symbols, where ``symbols`` is the blank.
    """
    for name, value in {"n": n, "delay": delay, "length": length, "symbols": symbols}.items():
        positive_int("copy_problem", value, name)
    secret = generator("copy_problem", rng).integers(0, symbols, size=(n, length))
    given = np.full((n, 2 * length + delay), symbols)
    wanted = given.copy()
    given[:, :length] = secret
    given[:, length + delay - 1] = symbols + 1
    wanted[:, length + delay :] = secret
    return np.eye(symbols + 2)[given], wanted


def sunspots() -> tuple[Array, Array]:
    """Return the yearly mean sunspot numbers from 1700 to 2008, which rise and fall in about eleven years.

    Source: international sunspot number, version 1.0 (NOAA's National Geophysical Data Center; SILSO, Royal Observatory
    of Belgium); public domain. Credit in ``assets/SUNSPOTS.txt``.

    Returns:
        ``years`` of shape (309,), integers, and ``numbers`` of shape (309,), the mean number of each year.

    Raises:
        DataError: the file is missing or damaged.
    """
    path = ASSETS / "sunspots.csv"
    try:
        table = np.loadtxt(path, delimiter=",", skiprows=1)
        if table.shape != (309, 2):
            raise ValueError(f"{table.shape} numbers instead of (309, 2)")
    except (FileNotFoundError, ValueError) as error:
        raise DataError(f"{path} is missing or damaged ({error}): install the package again") from error
    return table[:, 0].astype(np.int64), table[:, 1].copy()
