"""Random numbers inside kernels: xorshift (Marsaglia 2003), the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.solvers.engine.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["below", "uniform"]

_LEFT: Final = np.uint64(13)
_RIGHT: Final = np.uint64(7)
_LAST: Final = np.uint64(17)
_DROP: Final = np.uint64(11)


@kernel
def uniform(random: NDArray[np.uint64]) -> float:
    """Next random number in [0, 1); ``random`` holds the state, one number that is not 0."""
    x = random[0]
    x ^= x << _LEFT
    x ^= x >> _RIGHT
    x ^= x << _LAST
    random[0] = x
    return float(x >> _DROP) * 2.0**-53


@kernel
def below(random: NDArray[np.uint64], n: int) -> int:
    """Next random whole number in [0, n)."""
    return min(int(uniform(random) * n), n - 1)
