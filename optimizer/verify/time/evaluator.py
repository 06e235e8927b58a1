"""Judge and price plans over time from bare rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import RULES, TIME_RULES
from optimizer.verify.checker import CHECKER_VERSION, RuleResult, VerificationReport
from optimizer.verify.findings import Violation
from optimizer.verify.notices import says_no_runner_ups
from optimizer.verify.seal import seal_mismatches
from optimizer.verify.stated import at
from optimizer.verify.status import other_case
from optimizer.verify.time.baseline import BaselinePath, baseline_path
from optimizer.verify.time.document import document_mismatches, is_whole
from optimizer.verify.time.facts import TimeFacts
from optimizer.verify.time.neighbours import NearPlan
from optimizer.verify.time.plan import TimePlan, TimeRow
from optimizer.verify.time.savings import TimeSavings, savings_of
from optimizer.verify.time.sites import SiteRules
from optimizer.verify.time.stretches import stated_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.rules import TimeFound, TimeViolation

__all__ = ["TimeEvaluator"]

_ORDER: Final = (*RULES, *(name for name in TIME_RULES if name not in RULES))
"""Rules of each period, then those that tie periods; ``max_moves`` and ``one_off_budget`` are of the horizon."""


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
        self._last: tuple[tuple[TimeRow, ...], TimePlan] | None = None
        self._near: NearPlan | None = None

    def plan(self, rows: Iterable[TimeRow]) -> TimePlan:
        """A plan counted up; the last one is kept, for it is often asked about again."""
        rows = tuple(rows)
        if self._last is None or self._last[0] != rows:
            self._last, self._near = (rows, TimePlan(self.facts, self.sites, rows)), None
        return self._last[1]

    def _neighbours(self, plan: TimePlan) -> NearPlan:
        if self._near is None or self._near.plan is not plan:
            self._near = NearPlan(plan)
        return self._near

    def results(self, rows: Iterable[TimeRow]) -> dict[str, TimeFound]:
        """Every rule by its name: how many things were looked at, and what is broken."""
        return self.plan(rows).results()

    def violations(self, rows: Iterable[TimeRow]) -> list[TimeViolation]:
        """Every broken rule, with the period in which it breaks."""
        return self.plan(rows).violations()

    def cost(self, rows: Iterable[TimeRow]) -> TimeCost:
        """Money of every period, exact, and the discounted objective."""
        return self.plan(rows).cost()

    def baseline(self) -> BaselinePath:
        """The baseline path: everyone stays with today's source."""
        return self._baseline

    def savings(self, rows: Iterable[TimeRow]) -> TimeSavings:
        """Savings against the baseline path."""
        plan = self.plan(rows)
        return savings_of(self.facts, plan, plan.cost(), self._baseline)

    def verify(self, document: Any, *, runner_ups: bool | None = None, sealed: bool = False) -> VerificationReport:
        """Judge a whole document over time: every rule, every figure, from its stretches and the case.

        Parameters
        ----------
        document : dict
            ``designate.plan/2``; anything unreadable in it is a mismatch, never an exception.
        runner_ups : bool, optional
            Recompute the second choice of each stretch too. Left out: unless the document says that it has none.
        sealed : bool
            It must have its ``verification``. One that is there is compared in any case.
        """
        other = other_case(self.facts.case, document)
        if other is not None:
            return VerificationReport(False, (), None, (other,))
        rows, unreadable = stated_rows(self.facts, document)
        plan = self.plan(rows)
        rules, cost = _judged(plan), plan.cost()
        broken = any(r.violations for r in rules)
        told = not says_no_runner_ups(document) if runner_ups is None else runner_ups
        near = self._neighbours(plan) if told and not broken else None
        found = [*unreadable, *document_mismatches(document, plan, self._baseline, cost, not broken, near)]
        shown = _named(cost) if is_whole(document, plan) else None
        if sealed or at(document, "verification") is not None:
            judged = [r.as_dict() for r in rules]
            found += seal_mismatches(document, judged, shown, CHECKER_VERSION, broken=broken, others=bool(found))
        return VerificationReport(not broken and not found, rules, shown, tuple(found))

    @cached_property
    def _baseline(self) -> BaselinePath:
        return baseline_path(self.facts, self.sites)


def _judged(plan: TimePlan) -> tuple[RuleResult, ...]:
    """Every rule in its order; the period of what is broken stands in the message."""
    results = plan.results()
    return tuple(
        RuleResult(name, results[name][0], tuple(_told(v) for v in results[name][1]))
        for name in _ORDER
        if name in results
    )


def _told(v: TimeViolation) -> Violation:
    text = f"period {v.period}: {v.message}" if v.period else v.message
    return Violation(v.rule, text, v.amount, v.unit, v.entity, v.service, v.provider)


def _named(cost: TimeCost) -> dict[str, float]:
    """Unrounded cost, named as in the block ``cost``."""
    out: dict[str, float] = cost.as_dict()
    out["discounted"] = out.pop("objective")
    return out
