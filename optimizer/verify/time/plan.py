"""A plan over time counted up: its course, and the tally of each period."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.verify.time.costs import PeriodCost, TimeCost, one_offs, running
from optimizer.verify.time.course import Course, journey_of
from optimizer.verify.time.rules import TIME_CHECKS, TimeFound, TimeViolation
from optimizer.verify.time.steady import PeriodTally, judge

if TYPE_CHECKING:
    from optimizer.verify.findings import Violation
    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.sites import SiteRules

__all__ = ["TimePlan", "TimeRow"]

TimeRow = tuple[str, str, int, str, str]
"""(entity, service, number of the period, source, backup); source and backup may be empty."""

Row = tuple[str, str, str, str]


class TimePlan:
    """A plan given as rows, counted up.

    Parameters
    ----------
    facts : TimeFacts
    sites : SiteRules
    rows : iterable of TimeRow

    Attributes
    ----------
    course : Course
    tallies : tuple of PeriodTally
    outside : list of TimeRow
        Rows of periods that the horizon does not have; not counted.
    """

    def __init__(self, facts: TimeFacts, sites: SiteRules, rows: Iterable[TimeRow]) -> None:
        self.facts = facts
        by_period: dict[int, list[Row]] = {p.number: [] for p in facts.periods}
        self.outside: list[TimeRow] = []
        for row in rows:
            entity, service, number, source, backup = row
            if number in by_period:
                by_period[number].append((entity, service, source, backup))
            else:
                self.outside.append(row)
        counted = [PeriodTally(p, by_period[p.number]) for p in facts.periods]
        sources = {key: [t.provider.get(key, "") for t in counted] for key in facts.present}
        self.course = Course(facts, sites, [journey_of(facts, key, path) for key, path in sources.items()])
        for tally, open_now in zip(counted, self.course.open_sets, strict=True):
            tally.open_now = open_now
        self.tallies = tuple(counted)

    def results(self) -> dict[str, TimeFound]:
        """Every rule by its name, those over time first: how many things were looked at, and what is broken."""
        out: dict[str, TimeFound] = {check.__name__: check(self.course) for check in TIME_CHECKS}
        for number, tally in enumerate(self.tallies, 1):
            for name, (looked_at, found) in judge(tally, self._arrivals(number)):
                before, broken = out.get(name, (0, []))
                out[name] = before + looked_at, [*broken, *(_dated(v, number) for v in found)]
        lost = [
            TimeViolation("assign_once", "no such period", Fraction(1), "", e, s, source, number)
            for e, s, number, source, _ in self.outside
        ]
        out["assign_once"][1].extend(lost)
        return out

    def violations(self) -> list[TimeViolation]:
        """Every broken rule, with its period."""
        return [v for _, found in self.results().values() for v in found]

    def _arrivals(self, number: int) -> Callable[[Key], bool]:
        return lambda key: self.course.journeys[key].arrives(number)

    def cost(self) -> TimeCost:
        """Money of every period."""
        paid = zip(self.tallies, one_offs(self.course), strict=True)
        periods = tuple(PeriodCost(t.period.number, running(t), once, forced) for t, (once, forced) in paid)
        return TimeCost(periods, self.facts.discounts)


def _dated(v: Violation, period: int) -> TimeViolation:
    return TimeViolation(v.rule, v.message, v.amount, v.unit, v.entity, v.service, v.provider, period)
