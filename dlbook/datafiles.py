"""Data files, read with suspicion.

A truncated download and a wrong file look like data until a training run fails for no visible reason. Everything read
here is checked against what it claims to be, and a mismatch is a :class:`DataError`: one sentence that says what came,
what was expected and what to do.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from math import prod
from pathlib import Path

import numpy as np

from .shapes import Array

ASSETS = Path(__file__).parent / "assets"


class DataError(OSError):
    """A data file is missing, damaged or out of reach; the message says what to do."""


def read_idx(raw: bytes, name: str, sha256: str) -> Array:
    """Return the array in ``raw``, the bytes of an IDX file, plain or gzip-compressed.

    IDX is the format of the MNIST files: two zero bytes, one byte for the type (8 is uint8), one for the number of
    axes, each axis's length as a big-endian 32-bit integer, then the values.

    Args:
        raw: what a file or a server gave.
        name: the file's name, for the messages.
        sha256: checksum of the *decompressed* content; mirrors compress the same content in different ways.

    Raises:
        DataError: the compression, the header, the length or the checksum is wrong.
    """
    content = _decompress(raw, name)
    if len(content) < 4 or content[:3] != b"\x00\x00\x08" or len(content) < 4 + 4 * content[3]:
        raise DataError(
            f"{name} is not an IDX file of bytes: it begins with {content[:4].hex(' ') or 'nothing'}, expected "
            f"00 00 08 and the number of axes; get the file again"
        )
    start = 4 + 4 * content[3]
    shape = tuple(int(length) for length in np.frombuffer(content, dtype=">u4", count=content[3], offset=4))
    if len(content) - start != prod(shape):
        raise DataError(
            f"{name} holds {len(content) - start} values, but its header announces {prod(shape)}, shape {shape}: "
            f"the file is damaged or incomplete; get it again"
        )
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"{name} has the checksum (SHA-256 of the content) {found}, expected {sha256}: "
            f"the file is damaged or another data set; get it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _decompress(raw: bytes, name: str) -> bytes:
    if raw[:2] != b"\x1f\x8b":  # some servers decompress .gz files on the way
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{name} breaks off or is damaged after {len(raw)} compressed bytes ({error}); get the file again"
        ) from error


def read_asset_arrays(name: str) -> dict[str, Array]:
    """Return the arrays of ``assets/<name>``, an ``.npz`` file shipped with the package, read without pickle.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with (ASSETS / name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except FileNotFoundError as error:
        raise DataError(f"{name} is missing from {ASSETS}: install the package again, with its data files") from error
    except (ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{name} in {ASSETS} is damaged ({error}): install the package again") from error
