"""The plan held, priced and judged in many samples: as arrays wherever they can, else by the independent evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.studies.ranges.amounts import Amounts, Index
from optimizer.studies.ranges.arrangement import running
from optimizer.studies.ranges.backups import overloaded
from optimizer.studies.ranges.broken_limits import broken_limits
from optimizer.studies.ranges.faults import Faults
from optimizer.studies.ranges.figures import PATH_FIGURE, is_whole
from optimizer.studies.ranges.held import HeldPlan, Money, evaluated, outcome_of
from optimizer.studies.ranges.once import ends_of_today, paid_once
from optimizer.studies.ranges.periods import Columns, PeriodFigures
from optimizer.studies.ranges.sampled import sampled_case
from optimizer.studies.ranges.structure import GAPS, Structure
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from optimizer.domain.horizon import Horizon
    from optimizer.model.aliases import Bools, Floats
    from optimizer.studies.ranges.figures import RangedFigures, Values
    from optimizer.studies.ranges.held import Outcome
    from optimizer.studies.ranges.once import PaidOnce

__all__ = ["HeldOverTime"]

_AS_ARRAYS: Final = frozenset(
    {"entities", "services", "demands", "providers", "offers", "tiers", "staffing", "profiles", "budgets", "current"}
)
_OF_COURSES: Final = frozenset({"max_moves", "max_moves_per_period", "max_switches"})
"""Whole numbers of the policy that only rules about switches ask for."""
_KEPT: Final = 64
"""Structures kept at a time: samples in which other demands are present need others."""


class HeldOverTime:
    """A plan over time held in samples of its case.

    Parameters
    ----------
    figures : RangedFigures
    document : mapping
        ``designate.plan/2``.
    """

    def __init__(self, figures: RangedFigures, document: Mapping[str, Any], horizon: Horizon) -> None:
        self.figures, self.held, self.horizon = figures, HeldPlan(document), horizon
        self.columns = Columns(figures.case, horizon)
        self.faults = Faults(self.columns)
        self.index = Index(self.columns)
        self.as_arrays = figures.case.policy.worse_off_max is None and all(map(_known, figures.targets))
        self._structures: dict[bytes, Structure] = {}

    def outcome(self, u: Floats) -> Outcome | None:
        """What the plan comes to in one sample; ``None`` where the sample is no valid case.

        Parameters
        ----------
        u : ndarray of shape (n_rows,)
            Draws; NaN leaves the figures of a row as they are.
        """
        values = self.figures.draw(u)
        now = PeriodFigures(self.columns, values)
        if self.faults.found(now):
            return None
        if not self.as_arrays:
            return evaluated(sampled_case(self.figures, values), self.held)
        amounts = Amounts(self.index, now)
        structure = self._structure(amounts.volume > 0, values)
        eligible = structure.pairs.eligible(amounts)
        forced = structure.forced(eligible)
        paid = paid_once(structure, amounts, forced)
        broken = self._broken(structure, amounts, eligible, paid)
        return outcome_of(_money(structure, amounts, paid), self.horizon.months, broken)

    def _structure(self, present: Bools, values: Values) -> Structure:
        key = np.packbits(present).tobytes()
        if key not in self._structures:
            if len(self._structures) >= _KEPT:
                self._structures.pop(next(iter(self._structures)))
            self._structures[key] = Structure(self.index, self.held, sampled_case(self.figures, values))
        return self._structures[key]

    def _broken(self, x: Structure, a: Amounts, eligible: Bools, paid: PaidOnce) -> frozenset[str]:
        out = x.broken | x.of_switches(x.forced(eligible), a.figures.values) | broken_limits(x, a, paid)
        if x.refused(eligible):
            out |= {"assign_once"}
        if x.backups_refused(eligible) or overloaded(x.fallen, x.plan, a):
            out |= {"backup"}
        return out


def _known(name: tuple[str, str]) -> bool:
    """Whether arrays know what a column does."""
    table, column = name
    if table == POLICY_TABLE:
        return not is_whole(table, column) or column in _OF_COURSES
    return table in _AS_ARRAYS or name in (PATH_FIGURE, GAPS)


def _money(x: Structure, a: Amounts, paid: PaidOnce) -> Money:
    cost, outside = running(x.plan, a)
    one_off = paid.certain + paid.risk
    if not x.has_baseline:
        return Money(cost, one_off, None, None, a.discount)
    stays, _ = running(x.today, a)
    return Money(cost, one_off, stays - cost + outside, one_off - ends_of_today(x, a), a.discount)
