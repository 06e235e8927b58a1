"""A plan of a steady case held in samples: one period of a year, priced and judged by the independent evaluator."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from optimizer.domain.horizon import Horizon
from optimizer.domain.names import ONE_OFF_TERMS
from optimizer.studies.ranges.faults import Faults
from optimizer.studies.ranges.held import Outcome
from optimizer.studies.ranges.periods import Columns, PeriodFigures
from optimizer.studies.ranges.sampled import sampled_case
from optimizer.verify.baseline import Baseline
from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.checker import evaluate_tally
from optimizer.verify.costs import cost_by_term, one_off_cost
from optimizer.verify.facts import Facts
from optimizer.verify.geography import Geography
from optimizer.verify.leaves import bearer, exact_leaves
from optimizer.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from optimizer.model.aliases import Floats
    from optimizer.studies.ranges.figures import RangedFigures

__all__ = ["HeldSteady", "steady_outcome"]


class HeldSteady:
    """A plan of a steady case held in samples.

    Parameters
    ----------
    figures : RangedFigures
    document : mapping
        ``designate.plan/1``.
    """

    def __init__(self, figures: RangedFigures, document: Mapping[str, Any]) -> None:
        case = figures.case
        self.figures = figures
        year = Horizon(case.policy.as_of, "year", 1, case.policy.as_of)
        self.columns = Columns(case.having(paths=()), year)
        self.faults = Faults(self.columns)
        self.shared = Geography(case.countries), OverlapCalendar(case.policy.calendar_year)
        names = ("entity", "service", "provider", "backup")
        self.rows = [tuple(row[name] or "" for name in names) for row in document["assignments"]]

    def outcome(self, u: Floats) -> Outcome | None:
        """What the plan comes to in one sample; ``None`` where the sample is no valid case."""
        values = self.figures.draw(u)
        if self.faults.found(PeriodFigures(self.columns, values)):
            return None
        case = sampled_case(self.figures, values)
        case = case.having(demands=tuple(d for d in case.demands if d.volume > 0))
        there = {d.key for d in case.demands}
        rows = [row for row in self.rows if row[:2] in there]
        return steady_outcome(Facts(case, *self.shared), rows)


def steady_outcome(facts: Facts, rows: list[tuple[str, ...]]) -> Outcome:
    """What a list of assignments comes to: money a year, one-off money, present value over the policy's years."""
    tally, today = Tally(facts, rows), Baseline(facts, None)
    judged = evaluate_tally(tally)
    one_off = float(sum(one_off_cost(tally), Fraction(0)))
    running = judged.cost["running"]
    broken = frozenset(r.rule for r in judged.rules if r.violations)
    if not today.exists:
        return Outcome(running, one_off, None, None, None, judged.cost["total"], broken, None, None)
    saving = cost_by_term(today.tally)["running"] - running + _new_demand_cost(tally, today)
    growth, years = 1.0 + facts.policy.discount_rate, range(1, facts.policy.horizon_years + 1)
    npv = sum(saving / growth**y for y in years) - one_off
    back = None if saving <= 0 else ceil(round(12 * one_off / saving, 9))
    return Outcome(running, one_off, saving, npv, back, judged.cost["total"], broken, None, None)


def _new_demand_cost(tally: Tally, today: Baseline) -> float:
    """Running cost that falls to demands without a price today."""
    old = {d.key for d in today.demands}
    new = {bearer(d) for d, _ in tally.served if d.key not in old}
    if not new:
        return 0.0
    leaves = exact_leaves(tally, skip=frozenset(ONE_OFF_TERMS)).values()
    return float(sum((cents for term in leaves for who, cents in term.items() if who in new), Fraction(0)) / 100)
