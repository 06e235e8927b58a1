"""Sums by group, and decimals that are rounded as exact ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints

__all__ = ["added", "half_even", "millionths"]

_MILLION: Final = np.longdouble(10**6)
_EXACT_MAX: Final = 2.0**53
"""From here on floats have no halves, and nothing is rounded."""


def added(group: Ints, weight: Floats, count: int) -> Floats:
    """Sum of the weights of each group.

    Parameters
    ----------
    group, weight : ndarray of shape (n,)
    count : int
        Number of groups.

    Returns
    -------
    ndarray of shape (count,)
    """
    return np.bincount(group, weight, count).astype(np.float64)


def millionths(figures: Floats) -> NDArray[np.longdouble]:
    """Figures of at most six decimals as whole millionths, in wide floats: products of two are exact up to 2⁶⁴."""
    return np.rint(figures * 1e6).astype(np.longdouble)


def half_even(above: NDArray[np.longdouble], below: NDArray[np.longdouble] | Any = 1) -> Floats:
    """Millionths ``above`` / ``below`` as figures of six decimals; exactly between two of them, the even one.

    Parameters
    ----------
    above, below : ndarray
        Whole numbers in wide floats, so that the quotient is exactly a half where it should be.
    """
    found = above / below
    rounded = np.where(np.abs(found) < _EXACT_MAX, np.rint(found), found)
    return np.asarray(rounded / _MILLION, np.float64)
