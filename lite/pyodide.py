"""Pyodide's files, copied from a release that lies on this machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lite.lock import PINNED, Lock, needed, read

ENTRY = "pyodide.mjs"
RUNTIME = (ENTRY, "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")


def copy(release: Path, folder: Path) -> Lock:
    """Copy what the book uses of a release, an archive or a folder, into ``folder``; return its list of packages."""
    with _unpacked(release) as source:
        lock = needed(read(source / "pyodide-lock.json"))
        here, wanted = lock["info"], read(PINNED)["info"]
        if here["abi_version"] != wanted["abi_version"]:
            raise SystemExit(
                f"{release} is a Pyodide for Python {here['python']} (ABI {here['abi_version']}), the kernel needs one "
                f"for Python {wanted['python']} (ABI {wanted['abi_version']}): take another release."
            )
        files = [*RUNTIME, *(package["file_name"] for package in lock["packages"].values())]
        missing = [file for file in files if not (source / file).exists()]
        if missing:
            raise SystemExit(
                f"{release} lacks {', '.join(missing)}: take the full release, not the one of the runtime alone."
            )
        folder.mkdir(parents=True)
        for file in files:
            shutil.copyfile(source / file, folder / file)
    return lock


@contextmanager
def _unpacked(release: Path) -> Iterator[Path]:
    """Yield the folder of a release that has the runtime's entry."""
    if not release.exists():
        raise SystemExit(f"There is no {release}: name the archive or the folder of a Pyodide release.")
    with tempfile.TemporaryDirectory() as scratch:
        if release.is_file():
            shutil.unpack_archive(release, scratch, filter="data")
        folder = Path(scratch) if release.is_file() else release
        entries = sorted(folder.rglob(ENTRY), key=lambda path: len(path.parts))
        if not entries:
            raise SystemExit(f"{release} has no {ENTRY}: it is no release of Pyodide.")
        yield entries[0].parent
