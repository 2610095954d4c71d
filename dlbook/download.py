"""Files that are too large to ship: from a folder of local copies, from the cache, or from a mirror.

A download goes to a temporary file in the cache folder. Only after its content has been read and found right is the
file renamed to its own name. Whatever goes wrong before, the cache holds either the whole file or none.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from .datafiles import DataError
from .shapes import Array

LOCAL_FOLDER = "DLBOOK_DATA"  # the environment variable

Reader = Callable[[bytes], Array]


def fetch(name: str, mirrors: Sequence[str], read: Reader, *, local: Sequence[str] = ()) -> Array:
    """Return ``read(content of the file name)``.

    Where ``DLBOOK_DATA`` is set, the file must be in that folder or in its subfolder ``mnist``, with or without
    ``.gz``, or under one of the names in ``local``, and nothing is downloaded. Otherwise the file comes from pooch's
    cache folder, or through pooch from the first mirror that delivers it whole.

    Args:
        name: name of the file, such as ``train-labels-idx1-ubyte.gz``.
        mirrors: addresses to which ``name`` is appended, tried in turn.
        read: turns the bytes into an array, and raises :class:`DataError` when they are not what they should be.
        local: more names, relative to the folder of local copies, such as that of an unpacked archive's member.

    Raises:
        DataError: no local copy, no network, no pooch, no room, or no mirror with the right content.
    """
    folder = os.environ.get(LOCAL_FOLDER)
    return _from_folder(Path(folder), name, local, read) if folder else _from_cache(name, mirrors, read)


def _from_folder(folder: Path, name: str, local: Sequence[str], read: Reader) -> Array:
    names = dict.fromkeys((name, name.removesuffix(".gz"), *local))  # each once
    for path in (folder / sub / n for sub in ("", "mnist") for n in names):
        if path.is_file():
            return read(path.read_bytes())
    raise DataError(
        f"{LOCAL_FOLDER} points to {folder}, which has neither {' nor '.join(names)}: "
        f"copy the file there, or unset {LOCAL_FOLDER} to download it"
    )


def _from_cache(name: str, mirrors: Sequence[str], read: Reader) -> Array:
    try:
        import pooch
        import requests

        import_module("tqdm")  # pooch draws its progress bar with it
    except ImportError as error:
        raise DataError(
            f"downloading {name} needs the package {error.name}: run `pip install pooch tqdm`, "
            f"or set {LOCAL_FOLDER} to a folder with local copies"
        ) from error
    cached = Path(pooch.os_cache("dlbook")) / name
    if cached.is_file():
        try:
            return read(cached.read_bytes())
        except DataError:  # damaged after it was stored: fetch it again
            cached.unlink()
    reasons = []
    for mirror in mirrors:
        try:
            return _download(mirror + name, cached, read)
        except requests.RequestException as error:
            status = "" if error.response is None else f", status {error.response.status_code}"
            reasons.append(f"{mirror} did not deliver it ({type(error).__name__}{status})")
        except DataError as error:
            reasons.append(f"{mirror} sent a wrong file ({error})")
        except OSError as error:  # the disk, not the network: another mirror would not help
            raise DataError(
                f"{name} could not be stored in {cached.parent} ({error.strerror or error}): make room there or make "
                f"it writable, or set {LOCAL_FOLDER} to a folder with local copies; nothing was kept"
            ) from error
    raise DataError(
        f"{name} could not be downloaded: {'; '.join(reasons)}. Check the network and try again, or set {LOCAL_FOLDER} "
        f"to a folder with local copies"
    )


def _download(address: str, target: Path, read: Reader) -> Array:
    import pooch

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            pooch.HTTPDownloader(progressbar=True, chunk_size=2**15, timeout=30)(address, file, None)
        result = read(Path(temporary).read_bytes())
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)  # gone already when all went well
    return result
