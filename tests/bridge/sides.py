"""What both sides of the bridge are compared with."""

from __future__ import annotations

import numpy as np
import pytest
from cases import LAYERS

from dlbook import Layer

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}
PRECISIONS = pytest.mark.parametrize("dtype", TOLERANCE, ids=lambda dtype: dtype.__name__)


def redrawn(case: str, dtype: type) -> tuple[Layer, np.ndarray]:
    """Return a layer with no parameter at zero, and a batch."""
    make, shape = LAYERS[case]
    rng = np.random.default_rng(7)
    layer = make(rng)
    for p in layer.params.values():
        p[...] = rng.normal(size=p.shape)
    return layer.astype(dtype), rng.normal(size=shape).astype(dtype)
