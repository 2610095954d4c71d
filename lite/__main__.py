"""Build JupyterLite into the built book.

    python -m lite [--pyodide PATH]

The browser loads Pyodide, which is Python itself with NumPy and matplotlib, from the content network that the kernel
names, or, with ``--pyodide``, from the book: PATH is the archive or the folder of a full Pyodide release. Everything
else comes from the book in either case.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import install_cell
import nbformat
import plain_markdown
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID

from lite import ROOT, lock, pyodide
from lite.wheels import pack

SITE = ROOT / "_build" / "html"
LAB_EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager")
KERNEL_WHEELS = f"extensions/{LAB_EXTENSIONS[0]}/static/pypi"


def build(output: Path, release: Path | None) -> None:
    """Build JupyterLite into the folder ``output``, which is replaced when all is done."""
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "site"
        run_jupyter_lite(site)
        settings = {"disablePyPIFallback": True, "loadPyodideOptions": package_list(site, release)}
        if release:
            settings["pyodideUrl"] = f"./static/pyodide/{pyodide.ENTRY}"
        add_settings(site / "jupyter-lite.json", settings)
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(site, output)


def run_jupyter_lite(site: Path) -> None:
    """Build the site with the chapters and these lab extensions alone: by default it takes all that are installed."""
    chapters = site.parent / "chapters"
    chapters.mkdir()
    names = plain_markdown.read_names(ROOT / "chapters")
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if cell.id != install_cell.ID]  # the package is there
        plain_markdown.make_plain(notebook, names)
        # Not nbformat.write, which cuts texts into lists of lines: JupyterLite would put commas between them.
        (chapters / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    folder = site.parent / "lite"
    folder.mkdir()
    for name in ("jupyter-lite.json", "overrides.json"):
        shutil.copy(ROOT / "lite" / name, folder)
    extensions = [str(Path(sys.prefix) / "share/jupyter/labextensions" / name) for name in LAB_EXTENSIONS]
    config = {
        "LiteBuildConfig": {
            "contents": [str(chapters)],
            "federated_extensions": extensions,
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(site),
        }
    }
    (folder / "jupyter_lite_config.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{done.stderr}\nJupyterLite could not be built: its messages stand above.")


def package_list(site: Path, release: Path | None) -> dict[str, object]:
    """Write Pyodide's list of packages, with those that the book adds, and return the settings that name it."""
    folder = site / "static" / "packages"
    if release:
        packages = pyodide.copy(release, site / "static" / "pyodide")
        base = "../pyodide"
    else:
        packages = lock.read(lock.PINNED)
        base = PYODIDE_CDN_URL
    for package in packages["packages"].values():
        package["file_name"] = f"{base}/{package['file_name']}"
    wheels = {name: pack(name, ROOT, folder) for name in lock.ADDED}
    for name in lock.KERNEL_WHEELS:
        wheels[name] = next((site / KERNEL_WHEELS).glob(f"{name.replace('-', '_')}-*.whl"))
    for name, wheel in wheels.items():
        packages["packages"][name] = lock.entry(name, (lock.ADDED | lock.KERNEL_WHEELS)[name], wheel, folder)
    lock.write(packages, folder / "pyodide-lock.json")
    return {"lockFileURL": "./static/packages/pyodide-lock.json", "packages": [*lock.KERNEL, *wheels]}


def add_settings(path: Path, settings: dict[str, object]) -> None:
    """Add settings of the kernel to JupyterLite's."""
    config = json.loads(path.read_text(encoding="utf-8"))
    plugins = config["jupyter-config-data"].setdefault("litePluginSettings", {})
    plugins.setdefault(PYODIDE_KERNEL_PLUGIN_ID, {}).update(settings)
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m lite", description="Build JupyterLite into the built book.")
    parser.add_argument("--pyodide", type=Path, metavar="PATH", help="archive or folder of a full Pyodide release")
    build(SITE / "lite", parser.parse_args().pyodide)
