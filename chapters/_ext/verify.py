"""An equation's test, and what must hold between the chapters, the tests and the pins.

A test is a generator that evaluates one displayed equation and yields pairs: the equation as displayed, and what the
package (or a finite difference) gives. ``@verifies("eq-mse", precision=1e-12)`` turns it into a test that runs with
twenty seeds and holds every pair to that precision. A pin is the LaTeX that a test was written for.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType

import numpy as np
from displayed import Equation
from numpy.typing import ArrayLike

from dlbook.atomic import write_text

SEEDS = range(20)
Pairs = Iterator[tuple[ArrayLike, ArrayLike]]
Check = Callable[[np.random.Generator], Pairs]
Pins = dict[str, str]


@dataclass(frozen=True, slots=True)
class Verification:
    """The test of one equation.

    Attributes:
        label: of the equation.
        precision: the largest difference allowed, relative to the largest entry; 0 asks for equality.
        check: the generator that yields the pairs.
        theorem: it claims more than any test can try; the test looks at examples.
    """

    label: str
    precision: float
    check: Check
    theorem: bool = False

    def run(self) -> None:
        """Raise AssertionError if a pair disagrees for any seed, or if there was nothing to compare."""
        different_values = set()
        for seed in SEEDS:
            for number, (displayed, computed) in enumerate(self.check(np.random.default_rng(seed)), 1):
                error = difference(displayed, computed)
                if not error <= self.precision:
                    raise AssertionError(
                        f"{self.label} is off by {error:.2g}, allowed {self.precision:g} (seed {seed}, pair {number})\n"
                        f"as displayed: {displayed!r}\ncomputed:     {computed!r}"
                    )
                different_values |= set(np.ravel(displayed).tolist())
        if len(different_values) < 2:
            raise AssertionError(f"{self.label}: its test compares nothing but {different_values or 'no pairs'}")

    @property
    def path(self) -> Path:
        """The file in which the test stands."""
        return Path(inspect.getfile(self.check))

    @property
    def source(self) -> tuple[str, int]:
        """The test's code and the line at which it starts."""
        lines, line = inspect.getsourcelines(self.check)
        return "".join(lines).rstrip(), line


def difference(a: ArrayLike, b: ArrayLike) -> float:
    """Return the largest difference, relative to the largest entry; infinite where shapes differ or for NaN."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    scale = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return float(np.abs(a - b).max() / scale) if scale else 0.0


def verifies(label: str, *, precision: float, theorem: bool = False) -> Callable[[Check], Callable[[], None]]:
    """Make a test of the equation ``label`` out of a generator of pairs."""

    def decorate(check: Check) -> Callable[[], None]:
        verification = Verification(label, precision, check, theorem)

        def test() -> None:
            verification.run()

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        vars(test)["verification"] = verification
        return test

    return decorate


def load_tests(folder: Path) -> list[Verification]:
    """Import the files test_chapter*.py of ``folder`` and return their tests of equations, in order."""
    if str(folder.parent) not in sys.path:
        sys.path.append(str(folder.parent))  # the tests import what stands beside them as equations.…
    found = []
    for path in sorted(folder.glob("test_chapter*.py")):
        name = f"_equations_{path.stem}"
        spec = spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = sys.modules[name] = module_from_spec(spec)
        exec(_compiled(path, path.read_text(encoding="utf-8")), module.__dict__)  # noqa: S102  the book's own tests
        found += [value.verification for value in vars(module).values() if hasattr(value, "verification")]
    return found


@cache
def _compiled(path: Path, source: str) -> CodeType:
    """Compile a text once; bytecode in files cannot tell two versions of one second and one length apart."""
    return compile(source, path, "exec")


def read_pins(path: Path) -> Pins:
    """Return the pinned LaTeX of each label; without a file there are none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_pins(pins: Mapping[str, str], path: Path) -> None:
    """Write the pins, one line each, to a temporary file that is then renamed."""
    write_text(path, json.dumps(dict(sorted(pins.items())), indent=1, ensure_ascii=False) + "\n")


def unlabelled(equations: Sequence[Equation]) -> list[str]:
    """Name the displayed equations that have no label, and the labels that two equations share."""
    counts = Counter(equation.label for equation in equations if equation.label)
    shared = [f"{label} labels {count} equations: give each its own" for label, count in counts.items() if count > 1]
    return [str(equation) for equation in equations if equation.label is None] + shared


def untested(equations: Sequence[Equation], tests: Sequence[Verification]) -> list[str]:
    """Name the equations without a test, and the tests that share an equation or have none."""
    labels = {equation.label for equation in equations if equation.label}
    counts = Counter(test.label for test in tests)
    return [
        *(f"no test verifies {equation}" for equation in equations if equation.label and not counts[equation.label]),
        *(f"{label} has a test, but no chapter displays it" for label in counts if label not in labels),
        *(f"{label} has {count} tests: keep one" for label, count in counts.items() if count > 1),
    ]


def changed(equations: Sequence[Equation], pins: Mapping[str, str]) -> list[str]:
    """Name the equations that are not what they were when they were last verified."""
    shown = {equation.label: equation for equation in equations if equation.label}
    found = [f"{label} was verified and has vanished from the chapters: {pins[label]}" for label in pins.keys() - shown]
    for label, equation in shown.items():
        if label not in pins:
            found.append(f"never verified: {equation}")
        elif pins[label] != equation.latex:
            was_is = f"\n  was: {pins[label]}\n  is:  {equation.latex}"
            found.append(f"{label} ({equation.page}) changed since it was verified{was_is}")
    return sorted(found)
