"""Slacks of an elastic program in the units people know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.naming import row_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.program.program import Program

__all__ = ["Slack", "read_slacks"]


@dataclass(frozen=True, slots=True)
class Slack:
    """How far one row of a rule is from being kept.

    ``amount`` is in ``unit``: units of the service, minutes a year, FTE, money, or a number of
    demands, moves, providers, sources or sites.
    """

    rule: str
    row: int
    name: str
    amount: float
    unit: str


def read_slacks(program: Program, values: NDArray[np.float64], tolerance: float = 1e-6) -> list[Slack]:
    """Slacks above ``tolerance`` (in row units), row scaling undone, in row order."""
    group = program.group("slack")
    if group is None:
        return []
    amount = values[group.start : group.stop]
    out = []
    for k in np.flatnonzero(amount > tolerance).tolist():
        row = int(group.index[k, 0])
        block = next(b for b in program.blocks if b.start <= row < b.stop)
        size = float(amount[k] * program.row_scale[row])
        out.append(Slack(block.rule, row, row_name(program, row), size, block.unit))
    return sorted(out, key=lambda s: s.row)
