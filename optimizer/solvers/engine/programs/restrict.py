"""A program with most columns fixed, made small before a solver sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.solvers.engine.programs.highs import Model

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.program.program import Program

__all__ = ["Restriction", "as_model", "restrict"]

ROUNDS = 6
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Restriction:
    """The model left over and the way back: ``columns`` are its columns in the program, ``base`` the fixed values."""

    model: Model
    columns: Ints
    base: Floats

    def widen(self, values: Floats) -> Floats:
        """Values of the whole program."""
        full = self.base.copy()
        full[self.columns] = values
        return full


def as_model(program: Program) -> Model:
    """The whole program as a model."""
    p = program
    return Model(p.c, p.lower, p.upper, p.integer, csr_matrix(p.a), p.row_lower, p.row_upper, p.offset)


class _Box:
    """Bounds of columns, tightened by rows that leave a single column free."""

    def __init__(self, program: Program, lower: Floats, upper: Floats) -> None:
        self.program, self.lower, self.upper = program, lower, upper
        self.possible = True

    def tighten(self, a: csr_matrix, row_lower: Floats, row_upper: Floats) -> bool:
        """Turn rows with one free column into bounds; whether any column became fixed."""
        single = np.flatnonzero(np.diff(a.indptr) == 1)
        if not len(single):
            return False
        at = a.indptr[single]
        column, value = a.indices[at], a.data[at]
        one, two = row_lower[single] / value, row_upper[single] / value
        low, high = np.minimum(one, two), np.maximum(one, two)
        whole = self.program.integer[column]
        low, high = np.where(whole, np.ceil(low - 1e-6), low), np.where(whole, np.floor(high + 1e-6), high)
        before = (self.lower < self.upper).sum()
        np.maximum.at(self.lower, column, low)
        np.minimum.at(self.upper, column, high)
        crossed = self.lower > self.upper + TINY
        self.possible = self.possible and not crossed.any()
        return bool((self.lower < self.upper).sum() < before)


def _active(a: csr_matrix, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats) -> Bools:
    """Rows that the bounds alone do not satisfy."""
    positive, negative = a.maximum(0), a.minimum(0)
    with np.errstate(invalid="ignore"):
        least = positive @ lower + negative @ upper
        most = positive @ upper + negative @ lower
    slack = 1e-7 * (1.0 + np.where(np.isfinite(least), np.abs(least), 0.0))
    needs_low = np.isfinite(row_lower) & ~(least >= row_lower - TINY)
    needs_high = np.isfinite(row_upper) & ~(most <= row_upper + np.minimum(slack, TINY))
    out: Bools = needs_low | needs_high
    return out


def _cut(program: Program, source: csr_matrix, box: _Box) -> tuple[Ints, csr_matrix, Floats, Floats]:
    """Free columns, their matrix, and row bounds less what the fixed columns do."""
    is_free = box.lower < box.upper
    free = np.flatnonzero(is_free)
    shift = program.a @ np.where(is_free, 0.0, box.lower)
    return free, csr_matrix(source[:, free]), program.row_lower - shift, program.row_upper - shift


def _contradiction(a: csr_matrix, program: Program, row_lower: Floats, row_upper: Floats) -> bool:
    """Whether a row without free columns is broken."""
    empty = np.diff(a.indptr) == 0
    near = 1e-6 * np.maximum(1.0, np.where(np.isfinite(program.row_lower), np.abs(program.row_lower), 0.0))
    return bool((empty & ((row_lower > near) | (row_upper < -near))).any())


def restrict(program: Program, lower: Floats, upper: Floats, rows_of: csr_matrix | None = None) -> Restriction | None:
    """Leave out fixed columns (``lower`` = ``upper``) and the rows that no longer bind.

    Parameters
    ----------
    program : Program
    lower, upper : ndarray of shape (n_columns,)
        Bounds within those of the program.

    Returns
    -------
    Restriction or None
        ``None`` when the bounds contradict the rows.
    """
    box = _Box(program, lower.copy(), upper.copy())
    source = program.a.tocsc() if rows_of is None else rows_of
    for _ in range(ROUNDS):
        free, a, row_lower, row_upper = _cut(program, source, box)
        if _contradiction(a, program, row_lower, row_upper) or not box.possible:
            return None
        wide = csr_matrix((a.data, free[a.indices], a.indptr), shape=(a.shape[0], program.n_columns))
        if not box.tighten(wide, row_lower, row_upper):
            break
    free, a, row_lower, row_upper = _cut(program, source, box)
    if _contradiction(a, program, row_lower, row_upper) or not box.possible:
        return None
    rows = np.flatnonzero(_active(a, box.lower[free], box.upper[free], row_lower, row_upper))
    kept = np.bincount(a[rows].indices, minlength=len(free)) > 0
    loose = free[~kept]  # in no row that is left: at its cheaper bound
    box.lower[loose] = box.upper[loose] = np.where(program.c[loose] >= 0, box.lower[loose], box.upper[loose])
    free, a = free[kept], csr_matrix(a[:, kept])
    base = np.where(box.lower < box.upper, 0.0, box.lower)
    model = Model(
        c=program.c[free],
        lower=box.lower[free],
        upper=box.upper[free],
        integer=program.integer[free],
        a=a[rows],
        row_lower=row_lower[rows],
        row_upper=row_upper[rows],
        offset=float(program.offset + program.c @ base),
    )
    return Restriction(model, free, base)
