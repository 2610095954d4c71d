"""Same seed, same numbers, on any number of cores.

Whatever is computed element by element, drawn at random, or summed by NumPy itself has the same bits with one and with
two BLAS threads. Matrix products may be cut differently, which changes the order of a sum and so its last bits: there
the results agree to rounding, and everything the book prints agrees.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROGRAM = """
import sys
import numpy as np
from dlbook import *
from dlbook import data
from dlbook.perceptron import Perceptron

rng = np.random.default_rng(0)
Z = rng.normal(size=(300, 40))
results = {}
for layer in (Sigmoid(), Tanh(), ReLU(), LeakyReLU(), Softplus(), Softmax(), PReLU(40)):
    Y, cache = layer.forward(Z)
    results[f"bits.{type(layer).__name__}"] = np.concatenate([Y, layer.backward(Z, cache)[0]])
for loss, y in ((MeanSquaredError(), Z), (SoftmaxCrossEntropy(), np.arange(300) % 40)):
    J, cache = loss.forward(Z + 1, y)
    results[f"bits.{type(loss).__name__}"] = np.append(loss.backward(cache).ravel(), J)
X, y = data.moons(200, rng=rng)
results["bits.moons"] = X
results["bits.init"] = Dense(200, 100, rng=rng).params["W"]
model = Sequential(Dense(784, 64, rng=rng), ReLU(), Dense(64, 10, rng=rng))
X, y, _, _ = data.mnist()
steps = fit(model, SoftmaxCrossEntropy(), SGD(0.1), X[:2000], y[:2000], epochs=2, batch_size=100, rng=rng)
results["close.losses"] = np.array([s.loss for s in steps])
results["close.W"] = model.params["0.W"]
np.savez(sys.argv[1], **results)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, np.ndarray]]:
    folder, results = tmp_path_factory.mktemp("threads"), []
    for threads in ("1", "2"):
        limits = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), threads)
        path = folder / f"{threads}.npz"
        root = str(Path(__file__).parents[1])
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path)], check=True, cwd=root, env=os.environ | limits, timeout=300
        )
        results.append(dict(np.load(path)))
    return results


def test_what_needs_no_matrix_product_has_the_same_bits(runs: list[dict[str, np.ndarray]]) -> None:
    one, two = runs
    names = [name for name in one if name.startswith("bits.")]
    assert len(names) == 11
    for name in names:
        assert one[name].tobytes() == two[name].tobytes(), name


def test_training_agrees_to_rounding_and_prints_the_same(runs: list[dict[str, np.ndarray]]) -> None:
    one, two = runs
    np.testing.assert_allclose(one["close.W"], two["close.W"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(one["close.losses"], two["close.losses"], rtol=1e-11)
    assert [f"{J:.6f}" for J in one["close.losses"]] == [f"{J:.6f}" for J in two["close.losses"]]
