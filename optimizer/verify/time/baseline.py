"""The baseline path: everyone stays with today's source, at the figures of each period.

Definition (``docs/model.md``, planning over time): a demand counts in a period when today's source has a price and has
not ended. Broken rules are shown; the only one-off cost is the exit of sites that end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.names import TIME_ONE_OFFS
from optimizer.verify.findings import Violation
from optimizer.verify.time.costs import PeriodCost, TimeCost, running
from optimizer.verify.time.course import Course, journey_of
from optimizer.verify.time.rules import TimeViolation
from optimizer.verify.time.steady import PeriodTally, judge

if TYPE_CHECKING:
    from optimizer.verify.time.facts import Key, PeriodFacts, TimeFacts
    from optimizer.verify.time.sites import SiteRules

__all__ = ["BaselinePath", "baseline_path"]

_NOT_TODAY: Final = frozenset({"lock", "backup", "open_line", "open_site"})
"""Rules on decisions and backups, which today's arrangement has not, and those implied by refusals."""


@dataclass(frozen=True)
class BaselinePath:
    """Today's arrangement, carried on.

    Parameters
    ----------
    cost : TimeCost
        One-off cost is ``exit`` alone.
    counted : tuple of frozenset of (entity, service)
        Demands that count, by period.
    violations : tuple of TimeViolation
        What it breaks.
    tallies : tuple of PeriodTally
        Its arrangement of each period.
    """

    cost: TimeCost
    counted: tuple[frozenset[Key], ...]
    violations: tuple[TimeViolation, ...]
    tallies: tuple[PeriodTally, ...]


def baseline_path(facts: TimeFacts, sites: SiteRules) -> BaselinePath:
    """Price and judge the baseline path of a case."""
    counted = tuple(p.priced_today for p in facts.periods)
    sources = {key: [today if key in there else "" for there in counted] for key, today in facts.today.items()}
    course = Course(facts, sites, [journey_of(facts, key, path) for key, path in sources.items()])
    costs, tallies, broken = [], [], list[TimeViolation]()
    exits = _exits(course)
    for number, (period, there) in enumerate(zip(facts.periods, counted, strict=True), 1):
        rows = [(*key, facts.today[key], "") for key in sorted(there)]
        tally = PeriodTally(period, rows, course.open_sets[number - 1])
        tallies.append(tally)
        once = dict.fromkeys(TIME_ONE_OFFS, Fraction(0)) | {"exit": exits[number - 1]}
        costs.append(PeriodCost(number, running(tally), once))
        broken += [_dated(v, number) for v in (*_broken(tally), *_left_out(period, there))]
    return BaselinePath(TimeCost(tuple(costs), facts.discounts), counted, tuple(broken), tuple(tallies))


def _exits(course: Course) -> list[Fraction]:
    """Exit cost by period: of sites that end, once they may no longer serve."""
    facts = course.facts
    out = [Fraction(0)] * len(facts.periods)
    for provider, life in course.lives.items():
        ended = course.sites.ended(provider)
        if ended is not None and (life.opens is not None or provider in course.sites.todays):
            out[ended - 1] += facts.exit_cost(provider, ended)
    return out


def _broken(tally: PeriodTally) -> list[Violation]:
    """Rules of a period that today's arrangement breaks; demands outside the baseline are not missed."""
    found = [v for name, (_, found) in judge(tally, lambda _: False) if name not in _NOT_TODAY for v in found]
    return [v for v in found if v.rule != "assign_once" or v.provider]


def _left_out(period: PeriodFacts, counted: frozenset[Key]) -> list[Violation]:
    """What stands against today's sources that have no price or have ended."""
    return [
        Violation("assign_once", f"{r.code}: {r.figure}", Fraction(1), "demand", *key, demand.today)
        for key, demand in period.demands.items()
        if demand.today and key not in counted
        for r in period.refusals(key, demand.today, arriving=False)
    ]


def _dated(v: Violation, number: int) -> TimeViolation:
    return TimeViolation(v.rule, v.message, v.amount, v.unit, v.entity, v.service, v.provider, number)
