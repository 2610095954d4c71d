"""What a machine of 256 hidden units learns from 10,000 digits: by CD-1 and by persistent contrastive divergence.

Pixels above 0.5 are 1, the others 0. Both machines see the same number of examples, with the same rate, which falls
linearly to 0. The likelihood is estimated by annealed importance sampling. The weights at a few moments are kept beside
the record, in 8 bits each, so that a chapter can let the machines dream without training them again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlbook import data, storage
from dlbook.annealing import ais, base_bias
from dlbook.experiments.record import RECORDS, Report
from dlbook.optim import SGD
from dlbook.penalties import L2
from dlbook.pseudo_likelihood import pseudo_log_likelihood
from dlbook.rbm import BernoulliRBM
from dlbook.shapes import Array
from dlbook.train_rbm import fit_rbm

SETTINGS: dict[str, Any] = {
    "methods": {"CD-1": False, "PCD": True},
    "n_hidden": 256,
    "epochs": 100,
    "batch_size": 100,
    "learning_rate": 0.05,
    "weight_decay": 0.0001,
    "seed": 0,
    "keep": {"CD-1": [100], "PCD": [1, 10, 100]},
    "ais": {"chains": 100, "temperatures": 10000},
}
WEIGHTS = RECORDS / "fantasies.npz"


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return per method, at the end of the epochs that are kept: reconstruction error, pseudo-likelihood, likelihood.

    ``log_likelihood`` is the mean over the test images in nats; ``low`` and ``high`` are its limits by three standard
    errors of Z; ``high`` is None where three standard errors are more than Z. The weights go to ``fantasies.npz`` in
    the present folder.
    """
    X, _, X_test, _ = data.mnist(dtype=np.float32)
    v, v_test = ((images > 0.5).astype(np.float32) for images in (X, X_test))
    per_run = settings["epochs"] * -(-len(v) // settings["batch_size"])
    results: dict[str, Any] = {"steps": per_run}
    kept: dict[str, Array] = {}
    done = 0
    for method, persistent in settings["methods"].items():
        rng = np.random.default_rng(settings["seed"])
        machine = BernoulliRBM(784, settings["n_hidden"], rng=rng).astype(np.float32)
        machine.params["a"][...] = base_bias(v)
        optimizer = SGD(settings["learning_rate"])
        chains = v[rng.integers(len(v), size=settings["batch_size"])] if persistent else None
        results[method] = {name: [] for name in ("epoch", "reconstruction", "pseudo", "log_likelihood", "low", "high")}
        penalty = L2(settings["weight_decay"])
        for step in fit_rbm(
            machine,
            optimizer,
            v,
            epochs=settings["epochs"],
            batch_size=settings["batch_size"],
            rng=rng,
            chains=chains,
            penalty=penalty,
        ):
            optimizer.learning_rate = settings["learning_rate"] * (1 - step.step / per_run)
            done += 1
            report(done, per_run * len(settings["methods"]))
            epoch, rest = divmod(step.step, per_run // settings["epochs"])
            if rest == 0 and epoch in settings["keep"][method]:
                kept |= {f"{method}.{epoch}.{name}": p for name, p in in_8_bits(machine).items()}
                measured = measures(machine, v, v_test, settings["ais"], np.random.default_rng(settings["seed"]))
                for name, value in {"epoch": epoch, **measured}.items():
                    results[method][name].append(value)
    storage.save(WEIGHTS.name, kept)
    return results


def measures(
    machine: BernoulliRBM, v: Array, v_test: Array, ways: dict[str, int], rng: np.random.Generator
) -> dict[str, float | None]:
    """Return the four measures of a machine, in nats but for the first."""
    back = machine.visible_mean(machine.hidden_probabilities(v_test))
    betas = np.linspace(0, 1, ways["temperatures"])
    Z = ais(machine, n_chains=ways["chains"], betas=betas, rng=rng, base=base_bias(v))
    free = float(machine.free_energy(v_test).mean())
    return {
        "reconstruction": round(float(((v_test - back) ** 2).mean()), 4),
        "pseudo": round(float(pseudo_log_likelihood(machine, v_test, rng=rng).mean()), 1),
        "log_likelihood": round(-free - Z.log_Z, 1),
        "low": round(-free - Z.high, 1),
        "high": round(-free - Z.low, 1) if np.isfinite(Z.low) else None,
    }


def in_8_bits(machine: BernoulliRBM) -> dict[str, Array]:
    """Return the parameters, the weights as whole numbers from −127 to 127 with one scale per hidden unit."""
    W = machine.params["W"]
    scale = np.abs(W).max(axis=1, keepdims=True) / 127
    biases = {name: machine.params[name].astype(np.float32) for name in "ab"}
    return {"W": np.round(W / scale).astype(np.int8), "scale": scale.astype(np.float32), **biases}


def machine(method: str, epoch: int, path: Path = WEIGHTS) -> BernoulliRBM:
    """Return the machine that was kept after an epoch, in float32.

    Raises:
        ValueError: none was kept of this method and epoch.
    """
    arrays, name = storage.load(path), f"{method}.{epoch}"
    if f"{name}.W" not in arrays:
        there = sorted(key.removesuffix(".W") for key in arrays if key.endswith(".W"))
        raise ValueError(f"no machine {name!r} was kept; there are {', '.join(there)}")
    W, scale, a, b = (arrays[f"{name}.{part}"] for part in ("W", "scale", "a", "b"))
    made = BernoulliRBM(len(a), len(b), rng=np.random.default_rng(0)).astype(np.float32)
    for key, value in {"W": W * scale, "a": a, "b": b}.items():
        made.params[key][...] = value
    return made
