"""A multiplier for each row shows that no values keep all rows: added up, they ask more than any column can give."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.program.program import Program

__all__ = ["refutes"]

_NOTHING: Final = 1e-9
"""Multipliers below this share of the largest are noise of the solver."""
_MARGIN: Final = Fraction(1, 10**6)
"""Share of all that is added up by which the sum must miss: rows hold figures rounded to doubles."""


def refutes(program: Program, multipliers: Floats) -> bool:
    """Whether the rows, each times its multiplier, contradict the bounds of the columns; in exact arithmetic.

    For any y, every v that keeps all rows has Σ_i y_i (Av)_i ≥ Σ_i y_i · (its lower side where y_i > 0, else its
    upper). Where no v within its bounds reaches that, there is none (Farkas 1902).

    Parameters
    ----------
    program : Program
    multipliers : ndarray of shape (n_rows,)
        As a solver gave them: of either sign, inexact. They are proof of nothing by themselves.
    """
    largest = float(np.abs(multipliers).max(initial=0.0))
    if not isfinite(largest) or largest == 0.0:
        return False
    used = np.flatnonzero(np.abs(multipliers) > _NOTHING * largest).tolist()
    y = {i: Fraction(float(multipliers[i])) for i in used}
    return _contradicts(program, y) or _contradicts(program, {i: -v for i, v in y.items()})


def _contradicts(program: Program, y: dict[int, Fraction]) -> bool:
    asked = size = Fraction(0)
    given: dict[int, Fraction] = {}
    a = program.a
    for i, times in y.items():
        side = float(program.row_lower[i] if times > 0 else program.row_upper[i])
        if not isfinite(side):
            continue  # such a row asks for nothing in this direction
        asked += times * Fraction(side)
        size += abs(times * Fraction(side))
        for at in range(a.indptr[i], a.indptr[i + 1]):
            j = int(a.indices[at])
            given[j] = given.get(j, Fraction(0)) + times * Fraction(float(a.data[at]))
    most = Fraction(0)
    for j, coefficient in given.items():
        bound = float(program.upper[j] if coefficient > 0 else program.lower[j])
        if coefficient == 0:
            continue
        if not isfinite(bound):
            return False
        most += coefficient * Fraction(bound)
        size += abs(coefficient * Fraction(bound))
    return asked - most > _MARGIN * size
