"""Judge and price plans over time from bare rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.verify.time.baseline import BaselinePath, baseline_path
from optimizer.verify.time.facts import TimeFacts
from optimizer.verify.time.leaves import PeriodLeaves, exact_leaves
from optimizer.verify.time.plan import TimePlan, TimeRow
from optimizer.verify.time.savings import TimeSavings, savings_of
from optimizer.verify.time.sites import SiteRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.rules import TimeFound, TimeViolation

__all__ = ["TimeEvaluator"]


class TimeEvaluator:
    """Judge and price any number of plans of one dynamic case; everything about the case is prepared once.

    A plan is rows (entity, service, number of the period, source, backup): one for each demand that is present in a
    period; the source may be ``OWN``, the backup is empty where there is none.

    Parameters
    ----------
    case : Case

    Raises
    ------
    ValueError
        The case has no horizon.

    Examples
    --------
    ``TimeEvaluator(case).cost([("E1", "payroll", 1, "P1", "")]).objective``
    """

    def __init__(self, case: Case) -> None:
        self.facts = TimeFacts(case)
        self.sites = SiteRules(self.facts)

    def plan(self, rows: Iterable[TimeRow]) -> TimePlan:
        """A plan counted up."""
        return TimePlan(self.facts, self.sites, rows)

    def results(self, rows: Iterable[TimeRow]) -> dict[str, TimeFound]:
        """Every rule by its name: how many things were looked at, and what is broken."""
        return self.plan(rows).results()

    def violations(self, rows: Iterable[TimeRow]) -> list[TimeViolation]:
        """Every broken rule, with the period in which it breaks."""
        return self.plan(rows).violations()

    def cost(self, rows: Iterable[TimeRow]) -> TimeCost:
        """Money of every period, exact, and the discounted objective."""
        return self.plan(rows).cost()

    def leaves(self, rows: Iterable[TimeRow]) -> list[PeriodLeaves]:
        """Who bears what in each period, exact; ``in_cents`` rounds them."""
        return exact_leaves(self.plan(rows))

    def baseline(self) -> BaselinePath:
        """The baseline path: everyone stays with today's source."""
        return self._baseline

    def savings(self, rows: Iterable[TimeRow]) -> TimeSavings:
        """Savings against the baseline path."""
        plan = self.plan(rows)
        return savings_of(self.facts, plan, plan.cost(), self._baseline)

    @cached_property
    def _baseline(self) -> BaselinePath:
        return baseline_path(self.facts, self.sites)
