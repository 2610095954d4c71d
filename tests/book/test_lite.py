"""What JupyterLite is given: wheels that need no network, a list of packages, a Pyodide that fits."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from book.tiny import ROOT
from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION

from lite import lock, pyodide
from lite.wheels import pack


def test_wheel_of_the_book_holds_code_and_data_and_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = pack("dlbook", ROOT, tmp_path / "a"), pack("dlbook", ROOT, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert {"dlbook/__init__.py", "dlbook/assets/mnist_subset.npz", "dlbook/exercises/run.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name]
    assert first.stat().st_size < 5_000_000


def test_wheel_of_an_installed_package_is_complete(tmp_path: Path) -> None:
    wheel = pack("ipywidgets", ROOT, tmp_path)
    assert "ipywidgets/widgets/widget_int.py" in zipfile.ZipFile(wheel).namelist()
    entry = lock.entry("ipywidgets", ["comm"], wheel, tmp_path / "other")
    assert entry["imports"] == ["ipywidgets"]
    assert (tmp_path / "other" / entry["file_name"]).resolve() == wheel.resolve()


def test_compiled_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"numpy has the compiled module .*, which does not run in a browser"):
        pack("numpy", ROOT, tmp_path)


def test_pinned_list_belongs_to_the_kernel_and_is_closed() -> None:
    pinned = lock.read(lock.PINNED)
    assert pinned["info"]["python"].startswith(PYODIDE_PYTHON_VERSION + ".")
    assert lock.needed(pinned) == pinned
    known = {*pinned["packages"], *lock.ADDED, *lock.KERNEL_WHEELS}
    assert {need for needs in (lock.ADDED | lock.KERNEL_WHEELS).values() for need in needs} <= known


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder that looks like a release of Pyodide, with one package too many."""
    folder = tmp_path / "pyodide"
    folder.mkdir()
    listed = lock.read(lock.PINNED)
    listed["packages"]["scipy"] = {"depends": ["numpy"], "file_name": "scipy.whl"}
    (folder / "pyodide-lock.json").write_text(json.dumps(listed))
    for name in [*pyodide.RUNTIME, *(package["file_name"] for package in listed["packages"].values())]:
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_what_the_book_uses_of_a_release_is_copied(release: Path, packed: bool, tmp_path: Path) -> None:
    source = release
    if packed:
        source = tmp_path / "pyodide.tar.bz2"
        with tarfile.open(source, "w:bz2") as archive:
            archive.add(release, "pyodide")
    target = tmp_path / "site" / "static" / "pyodide"
    listed = pyodide.copy(source, target)
    assert listed == lock.read(lock.PINNED)
    assert {path.name for path in target.iterdir()} == {
        *pyodide.RUNTIME,
        *(package["file_name"] for package in listed["packages"].values()),
    }


def test_release_that_cannot_serve_is_refused_with_a_sentence(release: Path, tmp_path: Path) -> None:
    numpy = lock.read(lock.PINNED)["packages"]["numpy"]["file_name"]
    (release / numpy).unlink()
    with pytest.raises(SystemExit, match=f"lacks {numpy}: take the full release"):
        pyodide.copy(release, tmp_path / "a")
    text = (release / "pyodide-lock.json").read_text().replace('"2026_0"', '"2024_0"')
    (release / "pyodide-lock.json").write_text(text)
    with pytest.raises(SystemExit, match="take another release"):
        pyodide.copy(release, tmp_path / "b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit, match=r"has no pyodide\.mjs"):
        pyodide.copy(tmp_path / "empty", tmp_path / "c")
    with pytest.raises(SystemExit, match="There is no"):
        pyodide.copy(tmp_path / "nowhere", tmp_path / "d")
