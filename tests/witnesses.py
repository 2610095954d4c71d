"""What the planted bugs of all modules share: how a bug is written down, and the witness that guards most layers."""

from __future__ import annotations

import types
from collections.abc import Callable

import numpy as np

from dlbook import Layer, check

Witness = Callable[[types.ModuleType], bool]
Bug = tuple[str, str, str, Witness]  # the module, a piece of its source, what to put in its place, who must notice


def differences_fail(make: Callable[[types.ModuleType, np.random.Generator], Layer], *shape: int) -> Witness:
    """Say whether the gradients of a layer are not those that finite differences give."""

    def witness(module: types.ModuleType) -> bool:
        rng = np.random.default_rng(1)
        return max(check.check_layer(make(module, rng), rng.normal(size=shape), rng=rng).values()) > 1e-3

    return witness
