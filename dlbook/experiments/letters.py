"""The next letter of the book's own prose: an LSTM and a plain recurrent network, and what the LSTM writes.

The first nine tenths of the text are for learning, the last tenth is the test. Both networks are read out after every
epoch, and the texts are written by the LSTM as it is after the last one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbook import data
from dlbook.activations import softmax
from dlbook.adaptive import Adam
from dlbook.bptt import fit_truncated, forward_states
from dlbook.clipping import Clipped
from dlbook.dense import Dense
from dlbook.dropout import Dropout
from dlbook.experiments.record import Report
from dlbook.layer import Layer
from dlbook.losses import SoftmaxCrossEntropy
from dlbook.recurrent import LSTM, RNN
from dlbook.schedules import cosine_decay
from dlbook.sequential import Sequential

SETTINGS: dict[str, Any] = {
    "networks": ["LSTM", "RNN"],
    "units": 128,
    "dropout": 0.3,
    "epochs": 20,
    "parallel": 32,
    "chunk": 50,
    "learning_rate": {"LSTM": 0.01, "RNN": 0.003},
    "clip_norm": 1.0,
    "seed": 0,
    "start": "the network ",
    "temperatures": [0.0, 0.3, 0.7, 1.0, 1.5],
    "letters": 240,
}


def run(settings: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return per network the test loss after every epoch, and the texts per temperature."""
    text = data.prose().lower()
    alphabet = sorted(set(text))
    codes = np.array([alphabet.index(letter) for letter in text])
    cut = len(codes) * 9 // 10
    one_hot = np.eye(len(alphabet), dtype=np.float32)
    T = (cut - 1) // settings["parallel"]
    X = codes[: settings["parallel"] * T].reshape(-1, T)
    y = codes[1 : settings["parallel"] * T + 1].reshape(-1, T)
    loss, chunks = SoftmaxCrossEntropy(), -(-T // settings["chunk"])
    total, done = settings["epochs"] * chunks * len(settings["networks"]), 0
    results: dict[str, Any] = {"test": {}, "parameters": {}, "texts": {}}
    for name in settings["networks"]:
        rng = np.random.default_rng(settings["seed"])
        rate, n = settings["learning_rate"][name], settings["units"]
        layer = (LSTM if name == "LSTM" else RNN)(len(alphabet), n, rng=rng)
        net = Sequential(layer, Dropout(settings["dropout"]), Dense(n, len(alphabet), rng=rng)).astype(np.float32)
        optimizer = Clipped(Adam(rate), norm=settings["clip_norm"])
        results["parameters"][name] = sum(p.size for p in net.params.values())
        results["test"][name] = []
        for step in fit_truncated(
            net,
            loss,
            optimizer,
            one_hot[X],
            y,
            chunk=settings["chunk"],
            epochs=settings["epochs"],
            rng=rng,
        ):
            optimizer.learning_rate = rate * cosine_decay(step.step, settings["epochs"] * chunks)
            done += 1
            report(done, total)
            if step.step % chunks == 0:
                J, _ = loss.forward(net(one_hot[codes[cut:-1]][None]), codes[None, cut + 1 :])
                results["test"][name].append(round(float(J), 4))
        if name == "LSTM":
            for temperature in settings["temperatures"]:
                rng = np.random.default_rng(settings["seed"])
                results["texts"][str(temperature)] = write(
                    net, alphabet, settings["start"], settings["letters"], temperature, rng=rng
                )
    return results


def write(
    model: Layer, alphabet: list[str], start: str, letters: int, temperature: float, *, rng: np.random.Generator
) -> str:
    """Return what the model writes behind ``start``: each letter is drawn, and read as the next input.

    Probabilities are softmax(z / temperature) (eq-temperature); at temperature 0 the most probable letter is taken.
    """
    one_hot = np.eye(len(alphabet), dtype=np.float32)
    codes = [alphabet.index(letter) for letter in start]
    unread, states = codes, None
    for _ in range(letters):
        Z, _, states = forward_states(model, one_hot[unread][None], states=states)
        z = Z[0, -1].astype(float)
        new = int(z.argmax()) if temperature == 0 else int(rng.choice(len(z), p=softmax(z / temperature)))
        unread = [new]
        codes = [*codes, new]
    return "".join(alphabet[code] for code in codes)
