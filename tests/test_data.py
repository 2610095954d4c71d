"""The door to the data sets: what it offers, and that opening it needs NumPy alone."""

from __future__ import annotations

import subprocess
import sys

from dlbook import data


def test_offers_exactly_what_it_lists() -> None:
    public = {name for name, value in vars(data).items() if callable(value)}
    assert public == set(data.__all__)
    assert data.__all__ == sorted(data.__all__)


def test_embedded_data_needs_numpy_alone_and_no_network() -> None:
    """In a process of its own where sockets are closed and the other packages cannot be imported."""
    program = """
import socket, sys

def refuse(*arguments, **options):
    raise AssertionError("the embedded data asked for the network")

for name in ("pooch", "requests", "tqdm", "matplotlib", "ipywidgets", "joblib"):
    sys.modules[name] = None
socket.socket.connect = refuse
import numpy as np
from dlbook import data
rng = np.random.default_rng(0)
print(len(data.mnist().X_train), len(data.sunspots()[0]), len(data.moons(5, rng=rng)[0]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "10000 309 5\n"
