"""Rounding money to cents so that the parts add up to the totals shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["round_leaves", "to_cents"]

_SNAP = 1e-6
"""Cents closer than this to an integer, or to a half, are that: sums of floats, not of decimals."""


def to_cents(amount: float) -> int:
    """Money rounded half up to whole cents; what is a half but for float noise is a half."""
    return math.floor(amount * 100.0 + 0.5 + _SNAP)


def round_leaves(leaves: NDArray[np.float64], total: float) -> NDArray[np.int64]:
    """Round leaves to cents by largest remainder, so that they sum to the rounded total.

    Parameters
    ----------
    leaves : ndarray of shape (n,)
        Exact money amounts, in the order that settles ties (by id).
    total : float
        Exact sum of the leaves (``math.fsum``); its rounding is what the leaves must sum to.

    Returns
    -------
    ndarray of shape (n,), int64
        Cents.
    """
    exact = np.asarray(leaves, dtype=np.float64) * 100.0
    nearest = np.rint(exact)
    cents = np.where(np.abs(exact - nearest) < _SNAP, nearest, exact)
    floor = np.floor(cents)
    out = floor.astype(np.int64)
    missing = to_cents(total) - int(out.sum())
    order = np.argsort(-np.round(cents - floor, 6), kind="stable")
    out[order[: max(missing, 0)]] += 1
    if missing < 0:  # over half a million leaves snapped up: those that were lifted most go down again
        out[np.argsort(exact - floor, kind="stable")[:-missing]] -= 1
    return out
