"""The list of packages that Pyodide loads: where each is, its checksum, and what it needs.

pyodide-lock.json beside this file is that part of Pyodide's own list which the book uses. It belongs to the version of
Pyodide that the kernel (jupyterlite-pyodide-kernel) asks for. After an update of the kernel:

    npm pack pyodide@VERSION && tar xzf pyodide-VERSION.tgz
    python -m lite.lock package/pyodide-lock.json
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

Lock = dict[str, Any]

PINNED = Path(__file__).with_name("pyodide-lock.json")
# What the kernel loads before the first cell; further packages are loaded when a cell imports them.
KERNEL = ("micropip", "jedi", "ipython")
LIBRARIES = ("numpy", "matplotlib", "joblib", "threadpoolctl", "tqdm")
# Packages that Pyodide does not have, and what of it each needs. Of ipywidgets' own needs some are JavaScript only.
ADDED = {
    "comm": ["traitlets"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "dlbook": ["numpy", "matplotlib", "ipywidgets"],
}
KERNEL_WHEELS = {"piplite": ["micropip"], "ipykernel": [], "pyodide-kernel": ["comm", "ipykernel", "ipython"]}


def read(path: Path) -> Lock:
    """Read a list of packages."""
    return json.loads(path.read_text(encoding="utf-8"))


def needed(lock: Lock) -> Lock:
    """Return the part of Pyodide's list that the book uses: the kernel, the libraries and all that they depend on."""
    packages = {_normal(name): package for name, package in lock["packages"].items()}
    chosen, waiting = {}, [*KERNEL, *LIBRARIES]
    while waiting:
        name = _normal(waiting.pop())
        if name not in chosen:
            chosen[name] = packages[name]
            waiting += packages[name]["depends"]
    return {"info": lock["info"], "packages": dict(sorted(chosen.items()))}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entry(name: str, depends: list[str], wheel: Path, folder: Path) -> Lock:
    """Return the entry of a wheel for a list that lies in ``folder``."""
    with zipfile.ZipFile(wheel) as contents:
        modules = {file.partition("/")[0] for file in contents.namelist() if ".dist-info/" not in file}
    return {
        "depends": depends,
        "file_name": Path(os.path.relpath(wheel, folder)).as_posix(),
        "imports": sorted(modules),
        "install_dir": "site",
        "name": name,
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "unvendored_tests": False,
        "version": wheel.name.split("-")[1],
    }


def write(lock: Lock, path: Path) -> None:
    """Write a list of packages."""
    path.write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(needed(read(Path(sys.argv[1]))), PINNED)
