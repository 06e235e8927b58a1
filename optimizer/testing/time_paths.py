"""Every path of a small dynamic case, judged and priced by the verifier: the cheapest is the optimum.

First the paths of each demand alone, by eligibility and every rule that one demand can break; then every
combination of them. What a period costs and whether it keeps its rules is asked once for each of its assignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

from optimizer.domain.names import OWN
from optimizer.verify.backups import backup
from optimizer.verify.time.costs import one_offs, running
from optimizer.verify.time.course import Course, Journey, journey_of
from optimizer.verify.time.evaluator import TimeEvaluator
from optimizer.verify.time.rules import TIME_CHECKS
from optimizer.verify.time.steady import PeriodTally, judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.domain.case import Case
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.facts import Key, PeriodFacts
    from optimizer.verify.time.plan import TimeRow

__all__ = ["MAX_PATHS", "PathFound", "best_path", "count_paths", "journeys"]

MAX_PATHS: Final = 50_000

_OF_MONEY: Final = frozenset({"yearly_budget", "one_off_budget"})
_NEVER_MENDED: Final = tuple(check for check in TIME_CHECKS if check.__name__ not in _OF_MONEY)
"""Rules that the journeys of other demands cannot mend: set-ups and exits depend on all."""

_NEAR: Final = 1e-9
"""Rounding of floats that order paths, relative."""


@dataclass(frozen=True)
class PathFound:
    """A path that keeps every rule.

    Parameters
    ----------
    rows : tuple of (entity, service, period, source, backup)
        As ``TimeEvaluator`` takes them.
    cost : TimeCost
    """

    rows: tuple[TimeRow, ...]
    cost: TimeCost

    @property
    def objective(self) -> float:
        """Discounted cost."""
        return self.cost.objective


def journeys(evaluator: TimeEvaluator) -> dict[Key, list[Journey]]:
    """Paths of each demand alone that are eligible and break no rule by themselves."""
    facts = evaluator.facts
    return {key: [*_alone(evaluator, key)] for key in facts.present}


def _alone(evaluator: TimeEvaluator, key: Key) -> Iterator[Journey]:
    facts = evaluator.facts
    for sources in _sources(evaluator, key, facts.present[key]):
        journey = journey_of(facts, key, [sources.get(p.number, "") for p in facts.periods])
        course = Course(facts, evaluator.sites, (journey,))
        if not any(check(course)[1] for check in _NEVER_MENDED):
            yield journey


def _sources(evaluator: TimeEvaluator, key: Key, present: tuple[int, ...]) -> Iterator[dict[int, str]]:
    """Eligible sources by period, switching no more often than a demand may."""
    facts = evaluator.facts
    most = facts.policy.max_switches

    def go(at: int, last: str, switches: int) -> Iterator[dict[int, str]]:
        if at == len(present):
            yield {}
            return
        period = facts.at(present[at])
        decided = period.case.locks.get(key)
        for source in period.facts.eligibility.candidates(period.demands[key].row):
            more = switches + (bool(last) and source != last)
            if more > most or decided not in (None, source):
                continue
            if not period.refusals(key, source, arriving=source != last):
                for rest in go(at + 1, source, more):
                    yield {present[at]: source, **rest}

    return go(0, facts.today.get(key, ""), 0)


def count_paths(case: Case) -> int:
    """Number of combinations of the paths of each demand."""
    return prod(len(paths) for paths in journeys(TimeEvaluator(case)).values())


def best_path(case: Case, *, ending: Mapping[Key, str] | None = None) -> PathFound | None:
    """The cheapest path that keeps every rule, by discounted cost; ``None``: there is none.

    Parameters
    ----------
    case : Case
        Dynamic and small: every combination of paths is tried.
    ending : mapping of (entity, service) to str, optional
        Sources that demands must have in their last period.

    Examples
    --------
    >>> from optimizer.testing import best_path, random_dynamic_case
    >>> best_path(random_dynamic_case(7, feasible=True)).objective > 0
    True
    """
    return _Search(TimeEvaluator(case), ending or {}).best()


class _Search:
    """All combinations, each period's assignment asked for once."""

    def __init__(self, evaluator: TimeEvaluator, ending: Mapping[Key, str]) -> None:
        self.evaluator, self.facts, self.ending = evaluator, evaluator.facts, ending
        self.worth = [Fraction(d) for d in self.facts.discounts]
        self.keys = sorted(self.facts.present)
        self.known: dict[tuple[int, tuple[str, ...], frozenset[str]], tuple[Fraction, dict[Key, str]] | None] = {}

    def best(self) -> PathFound | None:
        paths = journeys(self.evaluator)
        best: tuple[Fraction, Course] | None = None
        for combined in product(*(self._asked_for(key, paths[key]) for key in self.keys)):
            course = Course(self.facts, self.evaluator.sites, combined)
            lower = self._running(course)
            if lower is None or (best is not None and lower >= best[0]):  # nothing that is paid once is below 0
                continue
            if any(check(course)[1] for check in TIME_CHECKS):
                continue
            once = zip(self.worth, one_offs(course), strict=True)
            cost = lower + sum((d * sum(money.values(), Fraction(0)) for d, (money, _) in once), Fraction(0))
            if best is None or cost < best[0]:
                best = cost, course
        return None if best is None else self._found(*best)

    def _asked_for(self, key: Key, paths: list[Journey]) -> list[Journey]:
        """Paths that end where they must."""
        last, source = max(self.facts.present[key]) - 1, self.ending.get(key)
        return [j for j in paths if source in (None, j.sources[last])]

    def _running(self, course: Course) -> Fraction | None:
        """Discounted running cost; ``None`` where a period breaks a rule."""
        total = Fraction(0)
        for number, worth in enumerate(self.worth, 1):
            asked = self._period(number, course)
            if asked is None:
                return None
            total += worth * asked[0]
        return total

    def _period(self, number: int, course: Course) -> tuple[Fraction, dict[Key, str]] | None:
        sources = tuple(course.journeys[key].sources[number - 1] for key in self.keys)
        at = (number, sources, course.open_sets[number - 1])
        if at not in self.known:
            self.known[at] = self._asked(*at)
        return self.known[at]

    def _asked(
        self, number: int, sources: tuple[str, ...], open_now: frozenset[str]
    ) -> tuple[Fraction, dict[Key, str]] | None:
        """Running cost of an assignment and backups that keep it; ``None`` where it breaks a rule."""
        period = self.facts.at(number)
        serving = {key: source for key, source in zip(self.keys, sources, strict=True) if source}
        for backups in _namings(period, serving):
            rows = [(*key, source, backups.get(key, "")) for key, source in serving.items()]
            tally = PeriodTally(period, rows, open_now)
            if not backup(tally)[1]:
                broken = any(found for _, (_, found) in judge(tally, lambda _: False))
                return None if broken else (sum(running(tally).values(), Fraction(0)), backups)
        return None

    def _found(self, cost: Fraction, course: Course) -> PathFound:
        rows = []
        for number in range(1, len(self.worth) + 1):
            asked = self._period(number, course)
            backups = asked[1] if asked else {}
            for key in self.keys:
                source = course.journeys[key].sources[number - 1]
                if source:
                    rows.append((*key, number, source, backups.get(key, "")))
        found = PathFound(tuple(rows), self.evaluator.cost(rows))
        if abs(found.objective - float(cost)) > _NEAR * max(1.0, abs(found.objective)):
            raise AssertionError(f"a path costs {float(cost)} by its parts and {found.objective} as a whole")
        return found


def _namings(period: PeriodFacts, serving: dict[Key, str]) -> Iterator[dict[Key, str]]:
    """Ways to name backups among the providers that run the service; none where no demand needs one."""
    needy = [k for k, p in serving.items() if period.demands[k].critical and p != OWN]
    running_it = [sorted({p for (_, s), p in serving.items() if s == k[1]} - {serving[k], OWN}) for k in needy]
    for chosen in product(*running_it):
        yield dict(zip(needy, chosen, strict=True))
