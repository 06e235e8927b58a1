"""Short names of the array types that the model and the solvers share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "Mask"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Mask = NDArray[np.uint32]
"""Bits of the refusals, in the order of ``REFUSALS``."""
