"""Wheels for the browser, packed from what is installed: building them needs no network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

OWN = "dlbook"
LEFT_OUT = {"INSTALLER", "REQUESTED", "RECORD", "METADATA", "WHEEL", "direct_url.json"}
WHEEL = "Wheel-Version: 1.0\nGenerator: dlbook\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
THEN = (2020, 1, 1, 0, 0, 0)  # one date for every file: equal contents give equal wheels


def pack(name: str, root: Path, folder: Path) -> Path:
    """Pack the installed pure-Python package ``name`` into a wheel in ``folder`` and return its path.

    The book's own package is taken from the repository ``root``: it is installed as a link to there.
    """
    installed = distribution(name)
    stem = f"{name.replace('-', '_')}-{installed.version}"
    contents = dict(_own_files(root) if name == OWN else _files(installed))
    contents |= {
        f"{stem}.dist-info/METADATA": _metadata(installed).encode(),
        f"{stem}.dist-info/WHEEL": WHEEL.encode(),
    }
    contents[f"{stem}.dist-info/RECORD"] = _record(contents, stem).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file, data in sorted(contents.items()):
            wheel.writestr(zipfile.ZipInfo(file, THEN), data, zipfile.ZIP_DEFLATED)
    return path


def _own_files(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in (root / OWN).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _files(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the modules of a package, without what it has put elsewhere: scripts, and files of JupyterLab."""
    for file in installed.files or []:
        if file.suffix == ".so":
            raise ValueError(f"{installed.name} has the compiled module {file}, which does not run in a browser")
        if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in LEFT_OUT:
            yield file.as_posix(), Path(installed.locate_file(file)).read_bytes()


def _metadata(installed: Distribution) -> str:
    return installed.read_text("METADATA") or installed.read_text("PKG-INFO") or ""


def _record(contents: dict[str, bytes], stem: str) -> str:
    def line(file: str, data: bytes) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        return f"{file},sha256={digest},{len(data)}\n"

    return "".join(line(file, data) for file, data in sorted(contents.items())) + f"{stem}.dist-info/RECORD,,\n"
