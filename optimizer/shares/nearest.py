"""The payments nearest to given ones, by least squares, that add up to a total and keep limits on groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import nnls

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats

__all__ = ["nearest"]

SLACK: Final = 1e-9
"""Share of the total by which a limit may be passed: what a linear program leaves open too."""


def nearest(given: Floats, members: Bools, limits: Floats, total: float) -> Floats | None:
    """The point nearest to ``given`` with Σ x = total and x(S) ≤ limit of each group S; ``None``: there is none.

    A least-distance program, solved through non-negative least squares (Lawson and Hanson, *Solving least squares
    problems*, chapter 23), on the plane of the total.

    Parameters
    ----------
    given : ndarray of shape (n,)
    members : ndarray of shape (m, n), bool
        Who is in which group.
    limits : ndarray of shape (m,)
    total : float
    """
    n, scale = len(given), max(abs(total), 1.0)
    start = given + (total - given.sum()) / n
    short = (members @ start - limits) / scale - SLACK
    if n == 1 or not (short > 0).any():
        return start if not (short > 0).any() else None
    plane = np.linalg.svd(np.ones((1, n)))[2][1:]  # rows: orthonormal, each adding up to 0
    rows = np.vstack([-(plane @ members.T), short[None, :]])
    wanted = np.zeros(n)
    wanted[-1] = 1.0
    try:
        weight = nnls(rows, wanted, maxiter=100 * rows.shape[1] + 1000)[0]
    except RuntimeError:  # no end in so many steps
        return None
    rest = rows @ weight - wanted
    if abs(rest[-1]) < SLACK:
        return None
    found: Floats = start + scale * (plane.T @ (-rest[:-1] / rest[-1]))
    kept = bool(((members @ found - limits) / scale <= 100 * SLACK).all())
    return found if kept else None
