"""The witness for the tests themselves: bugs that people really write, planted one at a time, must each be caught.

A bug is a piece of a module's source and what to put in its place. The changed module is run, and the witness that
guards it (finite differences, PyTorch's numbers, brute force) must fail.
"""

from __future__ import annotations

import bugs_conv
import bugs_core
import bugs_optim
import bugs_recurrent
import bugs_regularization
import bugs_zoo
import pytest
from mutants import mutant
from witnesses import Bug

FILES = (bugs_core, bugs_optim, bugs_regularization, bugs_conv, bugs_zoo, bugs_recurrent)
BUGS: dict[str, Bug] = {name: bug for file in FILES for name, bug in file.BUGS.items()}
ONE_EACH = {(module, witness): bug for bug, (module, _, _, witness) in BUGS.items()}  # a bug's name for every witness


@pytest.mark.parametrize("bug", BUGS)
def test_bug_is_caught(bug: str) -> None:
    module, right, wrong, caught = BUGS[bug]
    assert caught(mutant(module, right, wrong)), f"{bug}: no witness noticed"


@pytest.mark.parametrize("bug", ONE_EACH.values())
def test_witness_is_content_without_the_bug(bug: str) -> None:
    module, _, _, caught = BUGS[bug]
    assert not caught(mutant(module, "", "")), f"the witness of {bug!r} complains about the right code"


def test_no_bug_hides_another_one_of_its_name() -> None:
    assert len(BUGS) == sum(len(file.BUGS) for file in FILES)
