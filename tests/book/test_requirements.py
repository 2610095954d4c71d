"""What is installed is pinned exactly, and the package itself asks for NumPy alone."""

from __future__ import annotations

import re
import sys
from importlib.metadata import distribution, requires

import pytest
from book.tiny import ROOT, Run
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = ("requirements.txt", "requirements-dev.txt")


def pins(name: str) -> dict[str, Requirement]:
    """Return the requirements of a file by name, without its comments and options."""
    lines = (line.partition(" #")[0].strip() for line in (ROOT / name).read_text().splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    assert len({canonicalize_name(requirement.name) for requirement in found}) == len(found)
    return {canonicalize_name(requirement.name): requirement for requirement in found}


@pytest.mark.parametrize("name", [*FILES, "constraints.txt"])
def test_every_version_is_exact(name: str) -> None:
    loose = [
        str(requirement)
        for requirement in pins(name).values()
        if not re.fullmatch(r"==[\w.]+", str(requirement.specifier))
    ]
    assert loose == []


@pytest.mark.parametrize("name", FILES)
def test_constraints_apply_and_agree(name: str) -> None:
    assert (ROOT / name).read_text().startswith("-c constraints.txt\n")
    constraints = pins("constraints.txt")
    for package, requirement in pins(name).items():
        assert requirement.specifier == constraints[package].specifier


def test_constraints_know_every_package_that_is_brought_in() -> None:
    constraints, seen = pins("constraints.txt"), set()
    waiting = list(pins("requirements.txt"))
    while waiting:
        package = waiting.pop()
        if package in seen:
            continue
        seen.add(package)
        for line in requires(package) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(requirement.name))
    assert seen <= set(constraints)
    assert all(distribution(package).version in constraints[package].specifier for package in seen)


def test_importing_dlbook_brings_in_numpy_alone(run: Run) -> None:
    code = (
        "import sys; before = set(sys.modules); import numpy; import dlbook\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    foreign = set(done.stdout.split()) - set(sys.stdlib_module_names) - {"numpy", "dlbook"}
    assert {name for name in foreign if not name.startswith(("_", "cython_runtime"))} == set()
