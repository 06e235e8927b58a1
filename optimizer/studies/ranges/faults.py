"""Whether the figures of a sample make a case that the reader would let in: limits, capacities, tiers, shares.

Only what varies can make a fault; the case itself has none.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.policy import POLICY_KEYS
from optimizer.domain.types import exact
from optimizer.studies.ranges.figures import PATH_FIGURE, to_six
from optimizer.tables.schema import MONEY_MAX, POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.studies.ranges.periods import Columns, PeriodFigures

__all__ = ["Faults"]

_LEAST: Final = 1e-6
_CAPACITIES: Final = (
    ("offers", "capacity", "base_volume", "min_volume"),
    ("providers", "capacity_fte", "base_fte", "min_fte"),
)


class Faults:
    """What may be wrong with samples of one case.

    Parameters
    ----------
    columns : Columns
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def found(self, figures: PeriodFigures) -> set[str]:
        """Codes of the findings, as the reader gives them; empty for a valid case."""
        values, out = figures.values, set[str]()
        for table, column in values:
            if self._outside(table, column, values[table, column]):
                out.add("out_of_range")
        for table, *names in _CAPACITIES:
            if any((table, name) in values for name in names) and self._overfull(figures, table, names):
                out.add("capacity")
        if ("staffing", "share") in values and not self._whole(values["staffing", "share"]):
            out.add("staffing_sum")
        if self._rises(figures.once("tiers", "unit_cost")):
            out.add("tier_cost_rising")
        return out | self._in_periods(figures)

    def _in_periods(self, figures: PeriodFigures) -> set[str]:
        """What paths make of the figures."""
        out = set[str]()
        for table, column in self.columns.steps:
            low, high = _limits(table, column)
            found = figures(table, column)
            with np.errstate(invalid="ignore"):
                outside = self.columns.touched(table, column) & ((found < low) | (found > high))
            if outside.any():
                out.add("path_out_of_range")
        if ("tiers", "unit_cost") in self.columns.steps and self._rises_in_periods(figures):
            out.add("path_tier_rising")
        return out

    def _outside(self, table: str, column: str, found: Floats) -> bool:
        if (table, column) == PATH_FIGURE:
            return self._path_outside(found)
        low, high = _limits(table, column)
        return bool((found < low).any() or (found > high).any())

    def _path_outside(self, amounts: Floats) -> bool:
        low, high = self._path_limits
        return bool(((amounts < low) | (amounts > high)).any())

    @cached_property
    def _path_limits(self) -> tuple[Floats, Floats]:
        """Least and greatest amount of each row of ``paths``."""
        schema = TABLE_NAMES["paths"].column
        columns = [schema[path.kind] for path in self.columns.case.paths]
        low = np.array([-np.inf if c.minimum is None else c.minimum for c in columns], np.float64)
        return low, np.array([c.maximum or MONEY_MAX for c in columns], np.float64)

    def _overfull(self, figures: PeriodFigures, table: str, names: list[str]) -> bool:
        capacity, base, least = (figures.once(table, name) for name in names)
        with np.errstate(invalid="ignore"):
            room = to_six(capacity - base)
            return bool(((room < 0) | (least > room)).any())

    def _whole(self, share: Floats) -> bool:
        """The shares of each source add up to 1, exactly."""
        total: dict[str, Fraction] = defaultdict(Fraction)
        for row, part in zip(self.columns.case.staffing, share.tolist(), strict=True):
            total[row.provider] += exact(part)
        return all(whole == 1 for whole in total.values())

    @cached_property
    def _neighbours(self) -> tuple[Ints, Ints]:
        """Tiers of a line that follow each other: positions of the earlier and of the later."""
        lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, tier in enumerate(self.columns.case.tiers):
            lines[tier.provider, tier.service].append(at)
        pairs = [pair for found in lines.values() for pair in pairwise(found)]
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def _rises(self, cost: Floats) -> bool:
        before, after = self._neighbours
        return bool((cost[after] > cost[before]).any())

    def _rises_in_periods(self, figures: PeriodFigures) -> bool:
        before, after = self._neighbours
        cost, touched = (
            figures("tiers", "unit_cost"),
            np.asarray(self.columns.touched("tiers", "unit_cost").any(axis=0)),
        )
        rises = (cost[:, after] > cost[:, before]).any(axis=0)
        return bool((rises & (touched[before] | touched[after])).any())


def _limits(table: str, column: str) -> tuple[float, float]:
    """Least and greatest figure of a column, or of a key of the policy."""
    if table == POLICY_TABLE:
        key = next(k for k in POLICY_KEYS if k.name == column.partition(".")[0])
        return key.minimum or 0.0, MONEY_MAX if key.maximum is None else key.maximum
    schema = TABLE_NAMES[table].column[column]
    low = _LEAST if schema.above else schema.minimum or 0.0
    return low, MONEY_MAX if schema.maximum is None else schema.maximum
