"""A hash of files: when it is the same, nothing that hangs on them needs to be done again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path


def fingerprint(root: Path, patterns: Iterable[str], *more: str) -> str:
    """Return a hash of the matching files' names and contents, of Python's version and of ``more``."""
    digest = hashlib.sha256(sys.version.encode())
    files = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    for path in sorted(path for path in files if "__pycache__" not in path.parts):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:16]
