"""Sorting inside kernels, which allocate nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.engine.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["sort_by"]


@kernel
def sort_by(ratio: Floats, order: Ints, n: int) -> None:
    """Shell sort of the first n ratios, rising, with their order."""
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            value, item, j = ratio[i], order[i], i
            while j >= gap and ratio[j - gap] > value:
                ratio[j], order[j] = ratio[j - gap], order[j - gap]
                j -= gap
            ratio[j], order[j] = value, item
        gap //= 2
