"""Pin the displayed equations: record the LaTeX of every label for which a test stands and passes.

make pin, or: python chapters/_ext/pin.py

Run it after looking at the equations that a failing test names: does the test still evaluate what the page shows?
"""

from __future__ import annotations

import sys
from pathlib import Path

from displayed import read_chapters
from verify import load_tests, read_pins, unlabelled, untested, write_pins

ROOT = Path(__file__).parents[2]


def main(chapters: Path, tests: Path) -> int:
    """Write pins.json and say what changed in it; return 1 if an equation could not be pinned."""
    equations, verifications = read_chapters(chapters), load_tests(tests)
    path = tests / "pins.json"
    before = read_pins(path)
    refused = unlabelled(equations) + untested(equations, verifications)
    passed = set()
    for verification in verifications:
        try:
            verification.run()
            passed.add(verification.label)
        except AssertionError as error:
            refused.append(str(error))
    pins = {e.label: e.latex for e in equations if e.label in passed}
    for label in sorted(pins.keys() | before.keys()):
        old, new = before.get(label, "–"), pins.get(label, "–")
        if old != new:
            print(f"{label}\n  was: {old}\n  is:  {new}")
    if pins != before:
        write_pins(pins, path)
    print(f"{len(pins)} equations are pinned in {path.name}")
    for line in refused:
        print(f"not pinned: {line}", file=sys.stderr)
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main(ROOT / "chapters", ROOT / "tests" / "equations"))
