"""What every backend needs when it goes from a program to a solver and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.formulation.program import Program

__all__ = ["box_minimum", "rounded"]


def rounded(program: Program, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the integer columns to the nearest whole number, as a new array."""
    return np.where(program.integer, np.rint(values), values)


def box_minimum(program: Program) -> float:
    """Least objective over the column bounds alone; finite means the program is not unbounded."""
    worst = np.where(program.c > 0, program.lower, program.upper)
    active = program.c != 0
    return float(program.c[active] @ worst[active]) + program.offset
