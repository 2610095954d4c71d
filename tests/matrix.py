"""Run the package's tests with each supported Python on this machine, and the oldest and newest NumPy allowed.

Each pair gets an environment of its own in _build/matrix. The packages beside NumPy are those of constraints.txt.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "_build" / "matrix"
PYTHONS = ("3.11", "3.12", "3.13")
OLDEST = {"3.11": "numpy==2.0.*", "3.12": "numpy==2.0.*", "3.13": "numpy==2.1.*"}  # 2.1 is the first for 3.13
NEWEST = "numpy<3"
OTHERS = ("hypothesis", "ipywidgets", "joblib", "matplotlib", "myst-parser", "pooch", "pytest", "pytest-xdist")
MORE = ("ipykernel", "nbclient", "nbformat", "PyYAML", "threadpoolctl", "tqdm")
TESTS = ("tests/test_*.py", "tests/equations/test_chapter*.py")


def pythons() -> dict[str, str]:
    """Return the programs of the supported versions that this machine has."""
    found = {version: shutil.which(f"python{version}") for version in PYTHONS}
    return {version: path for version, path in found.items() if path and works(path)}


def works(python: str) -> bool:
    """Return whether a program runs and can make environments (a shim may stand for a version that is not there)."""
    return subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0


def try_out(version: str, program: str, numpy: str) -> dict[str, str]:
    """Install and test one pair; return what was run and how it ended."""
    place = PLACE / f"{version}-{'oldest' if '=' in numpy else 'newest'}"
    if not (place / "bin" / "python").exists():
        subprocess.run([program, "-m", "venv", place], check=True)
    constraints = [
        line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("numpy==")
    ]
    (place / "constraints.txt").write_text("\n".join(constraints) + "\n")
    python = place / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", place / "constraints.txt"]
    subprocess.run([*install, numpy, *OTHERS, *MORE, "-e", ROOT], check=True)
    shown = subprocess.run(
        [python, "-c", "import numpy; print(numpy.__version__)"], capture_output=True, text=True, check=True
    )
    files = [str(path.relative_to(ROOT)) for pattern in TESTS for path in sorted(ROOT.glob(pattern))]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [python, "-m", "pytest", "-q", "-n", str(os.cpu_count()), "--dist", "loadfile", *files]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    (place / "output.txt").write_text(done.stdout + done.stderr)
    last = done.stdout.strip().splitlines()[-1].strip("= ") if done.stdout.strip() else done.stderr[-200:]
    return {
        "Python": version,
        "NumPy": shown.stdout.strip(),
        "ended": "passed" if done.returncode == 0 else "FAILED",
        "said": last,
    }


def main() -> int:
    """Try all pairs, and say how each ended; 1 when one has failed."""
    results = []
    for version, program in pythons().items():
        for numpy in (OLDEST[version], NEWEST):
            results.append(try_out(version, program, numpy))
            print("Python {Python}, NumPy {NumPy}: {ended} ({said})".format(**results[-1]), flush=True)
    (PLACE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    return int(not results or any(result["ended"] != "passed" for result in results))


if __name__ == "__main__":
    sys.exit(main())
