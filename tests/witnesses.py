"""Who looks at a module with a bug, and says whether it was noticed."""

from __future__ import annotations

import types
from collections.abc import Callable

import numpy as np
from mutants import mutant

from dlbook import Layer, check

Witness = Callable[[types.ModuleType], bool]
Bug = tuple[str, str, str, Witness]  # the module, a piece of its source, what to put in its place, who must notice


def noticed(bug: Bug) -> bool:
    """Say whether the witness sees the bug."""
    module, right, wrong, witness = bug
    return witness(mutant(module, right, wrong))


def false_alarm(bug: Bug) -> bool:
    """Say whether the witness complains about the module as it is."""
    module, _, _, witness = bug
    return witness(mutant(module, "", ""))


def one_each(bugs: dict[str, Bug]) -> list[str]:
    """Return the name of one bug for every witness of every module."""
    return list({(module, witness): name for name, (module, _, _, witness) in bugs.items()}.values())


def differences_fail(make: Callable[[types.ModuleType, np.random.Generator], Layer], *shape: int) -> Witness:
    """Say whether the gradients of a layer are not those that finite differences give."""

    def witness(module: types.ModuleType) -> bool:
        rng = np.random.default_rng(1)
        return max(check.check_layer(make(module, rng), rng.normal(size=shape), rng=rng).values()) > 1e-3

    return witness
