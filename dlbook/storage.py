"""Saving and loading: plain arrays, no pickle, nothing half-written.

A file is written under a temporary name, and renamed when it is whole. A run that is killed and resumed from a
snapshot ends with the same bits as one that was not.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from dlbook.atomic import writing
from dlbook.layer import Layer, Params
from dlbook.optim import Optimizer
from dlbook.shapes import Array


def save(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write named arrays, such as ``model.params``, to one ``.npz`` file.

    Raises:
        TypeError: something other than a mapping of plain arrays.
        OSError: the disk is full or the folder is missing; an older file of that name is then still whole.
    """
    if not isinstance(arrays, Mapping) or not all(isinstance(name, str) for name in arrays):
        raise TypeError(f"save expects a mapping of names to arrays, got {type(arrays).__name__}: use model.params")
    plain = {name: np.asarray(a) for name, a in arrays.items()}
    for name, a in plain.items():
        if a.dtype.hasobject:
            raise TypeError(f"save expects plain numbers, got Python objects in {name!r}")
    with writing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, a in plain.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, a, allow_pickle=False)


def load(path: str | os.PathLike[str]) -> Params:
    """Read the arrays that :func:`save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged or something else.
    """
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return {_array_name(member): _read(archive, member) for member in archive.namelist()}
        except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError) as error:
            raise ValueError(f"{path} is damaged or was not written by dlbook.save: {error}") from error


def _array_name(member: str) -> str:
    if not member.endswith(".npy"):
        raise ValueError(f"{member} in it is not an array")
    return member.removesuffix(".npy")


def _read(archive: zipfile.ZipFile, member: str) -> Array:
    with archive.open(member) as file:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def snapshot(model: Layer, optimizer: Optimizer, rng: np.random.Generator) -> Params:
    """Return copies of all that training needs to go on: parameters, the optimizer's and the generator's state.

    Take it at the end of an epoch: :func:`dlbook.train.fit` begins with a new order of the examples.
    """
    state = json.dumps(rng.bit_generator.state, default=np.ndarray.tolist)
    return (
        {f"model/{name}": p.copy() for name, p in model.params.items()}
        | {f"optimizer/{name}": s.copy() for name, s in optimizer.state.items()}
        | {"rule": np.array(optimizer.rule), "learning_rate": np.array(optimizer.learning_rate)}
        | {"rng": np.frombuffer(state.encode(), dtype=np.uint8)}
    )


def restore(arrays: Params, model: Layer, optimizer: Optimizer, rng: np.random.Generator) -> None:
    """Put a :func:`snapshot` back into the given objects.

    Raises:
        ValueError: it is no snapshot, or it belongs to another model or kind of optimizer or generator; nothing is
            changed then.
    """
    if not arrays.keys() >= {"rule", "learning_rate", "rng"}:
        raise ValueError(f"restore expects what snapshot returned, got arrays named {list(arrays)}")
    params = model.params
    saved = {key.removeprefix("model/"): a for key, a in arrays.items() if key.startswith("model/")}
    needed, held = ({name: f"{a.dtype}{a.shape}" for name, a in group.items()} for group in (params, saved))
    if needed != held:
        raise ValueError(f"the snapshot does not fit: it holds {held}, the model needs {needed}")
    if str(arrays["rule"]) != optimizer.rule:
        raise ValueError(f"the snapshot holds the memory of {arrays['rule']}, the optimizer is {optimizer.rule}")
    state = json.loads(arrays["rng"].tobytes().decode())
    kind = type(rng.bit_generator).__name__
    if state["bit_generator"] != kind:
        raise ValueError(f"the snapshot holds the state of a {state['bit_generator']} generator, rng is a {kind}")
    for name, a in saved.items():
        params[name][...] = a
    optimizer.state = {
        key.removeprefix("optimizer/"): a.copy() for key, a in arrays.items() if key.startswith("optimizer/")
    }
    optimizer.learning_rate = float(arrays["learning_rate"])
    rng.bit_generator.state = state
