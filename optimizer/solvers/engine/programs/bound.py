"""Lower bounds that hold whatever the solver did: recomputed from row duals with safe rounding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.solvers.engine.programs.highs import Model

__all__ = ["dual_bound", "fixable"]

_EPS = float(np.finfo(np.float64).eps)


def _reduced_costs(model: Model, duals: Floats) -> tuple[Floats, Floats]:
    """c − Aᵀy and an upper estimate of its rounding error, column by column."""
    a = csr_matrix(model.a)
    reduced = model.c - a.T @ duals
    size = np.abs(model.c) + abs(a).T @ np.abs(duals)
    terms = np.bincount(a.indices, minlength=len(model.c)) + 2.0
    return reduced, terms * _EPS * size


def _clean(model: Model, duals: Floats) -> Floats:
    """Duals of the right sign: a row side that is not there can carry no price."""
    y = np.where(np.isfinite(duals), duals, 0.0)
    y = np.where((y > 0) & ~np.isfinite(model.row_lower), 0.0, y)
    return np.where((y < 0) & ~np.isfinite(model.row_upper), 0.0, y)


def dual_bound(model: Model, duals: Floats) -> tuple[float, Floats]:
    """Bound on every plan, and reduced costs, from any row duals.

    With y any vector: c·v ≥ Σ y_i · (row side that y_i prices) + Σ min over the column's bounds of
    (c − Aᵀy)_j v_j. Nothing else is assumed, so the duals may come from an unfinished solve.

    Parameters
    ----------
    model : Model
    duals : ndarray of shape (n_rows,)

    Returns
    -------
    bound : float
        −inf when a column without bound has a reduced cost of the wrong sign.
    reduced : ndarray of shape (n_columns,)
    """
    y = _clean(model, duals)
    reduced, error = _reduced_costs(model, y)
    side = np.where(y > 0, model.row_lower, model.row_upper)
    rows = np.where(y != 0, y * np.where(y != 0, side, 0.0), 0.0)
    with np.errstate(invalid="ignore"):  # nothing times infinity
        corners = [r * v for r in (reduced - error, reduced + error) for v in (model.lower, model.upper)]
    worst = np.minimum.reduce([np.where(np.isnan(c), 0.0, c) for c in corners])
    if not (np.isfinite(rows).all() and np.isfinite(worst).all()):
        return -math.inf, reduced
    sizes = float(np.abs(rows).sum() + np.abs(worst).sum() + abs(model.offset))
    total = math.fsum(rows.tolist()) + math.fsum(worst.tolist()) + model.offset
    return total - 4 * _EPS * sizes, reduced


def fixable(model: Model, reduced: Floats, bound: float, objective: float) -> tuple[Floats, Floats]:
    """Bounds of integer columns when only plans cheaper than ``objective`` are of interest.

    A 0/1 column whose move from its side of the bound costs more than the gap stays there.
    """
    gap = objective - bound
    lower, upper = model.lower.copy(), model.upper.copy()
    binary = model.integer & (model.upper - model.lower == 1.0)
    upper = np.where(binary & (reduced > gap + 1e-6 * abs(objective)), lower, upper)
    lower = np.where(binary & (reduced < -gap - 1e-6 * abs(objective)), model.upper, lower)
    return lower, upper
