"""Text for language models: the book's own prose."""

from __future__ import annotations

import hashlib

from .datafiles import ASSETS, DataError

SHA256 = "413a153cf9339b0a7a9a79ca6c379e029df57dd307d5ab5dd0b67a70920a2ab1"


def prose() -> str:
    """Return 71,289 characters of chapters 1 to 6, in English, ASCII, one paragraph per line.

    A copy that does not change with the chapters: without headings, formulas, code and exercises.

    Source: this book; what was left out and the licence: ``assets/PROSE.txt``.

    Raises:
        DataError: the file is missing or damaged.
    """
    path = ASSETS / "prose.txt"
    try:
        raw = path.read_bytes().replace(b"\r\n", b"\n")  # some tools change the ends of lines
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: install the package again, with its data files") from error
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise DataError(f"{path} is damaged or was edited, its checksum is wrong: install the package again")
    return raw.decode("ascii")
