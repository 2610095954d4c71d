"""Saving and loading: plain arrays, no pickle, nothing half-written.

A file is written under a temporary name, and renamed when it is whole. A run that is killed and resumed from a
snapshot ends with the same bits as one that was not.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlbook.layer import Layer, Params
from dlbook.optim import Optimizer
from dlbook.shapes import Array


def save(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write named arrays, such as ``model.params``, to one ``.npz`` file.

    Raises:
        TypeError: something other than a mapping of plain arrays.
        OSError: the disk is full or the folder is missing; an older file of that name is then still whole.
    """
    if not isinstance(arrays, Mapping):
        raise TypeError(f"save expects a mapping of names to arrays, got {type(arrays).__name__}: use model.params")
    plain = {name: np.asarray(a) for name, a in arrays.items()}
    for name, a in plain.items():
        if a.dtype.hasobject:
            raise TypeError(f"save expects plain numbers, got Python objects in {name!r}")
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, a in plain.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, a, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> Params:
    """Read the arrays that :func:`save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged or something else.
    """
    try:
        with open(path, "rb") as handle, np.load(handle, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, EOFError, AttributeError) as error:
        raise ValueError(f"{path} is damaged or was not written by dlbook.save: {error}") from error


def snapshot(model: Layer, optimizer: Optimizer, rng: np.random.Generator) -> Params:
    """Return everything that training needs to go on: parameters, the optimizer's state, the generator's state."""
    generator_state = np.frombuffer(json.dumps(rng.bit_generator.state).encode(), dtype=np.uint8)
    return (
        {f"model/{name}": p for name, p in model.params.items()}
        | {f"optimizer/{name}": s for name, s in optimizer.state.items()}
        | {"rng": generator_state}
    )


def restore(arrays: Params, model: Layer, optimizer: Optimizer, rng: np.random.Generator) -> None:
    """Put a :func:`snapshot` back into the given objects.

    Raises:
        ValueError: the snapshot belongs to a model of another shape; nothing is changed then.
    """
    params = model.params
    saved = {key.removeprefix("model/"): a for key, a in arrays.items() if key.startswith("model/")}
    shapes, saved_shapes = ({name: a.shape for name, a in group.items()} for group in (params, saved))
    if shapes != saved_shapes or "rng" not in arrays:
        raise ValueError(f"the snapshot does not fit: it holds {saved_shapes}, the model needs {shapes}")
    for name, a in saved.items():
        params[name][...] = a
    optimizer.state = {
        key.removeprefix("optimizer/"): a.copy() for key, a in arrays.items() if key.startswith("optimizer/")
    }
    rng.bit_generator.state = json.loads(arrays["rng"].tobytes().decode())
