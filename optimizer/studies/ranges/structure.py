"""What a plan held does in every period, where the same demands are present: prepared once, for all such samples."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import OWN
from optimizer.studies.ranges.arrangement import arrangement_of
from optimizer.studies.ranges.backups import fallen_of
from optimizer.studies.ranges.figures import is_whole
from optimizer.studies.ranges.pairs import pair_table
from optimizer.studies.ranges.sampled import rows_with, sampled_policy
from optimizer.tables.schema import POLICY_TABLE
from optimizer.verify.time.course import Course, journey_of
from optimizer.verify.time.evaluator import TimeEvaluator
from optimizer.verify.time.rules import TIME_CHECKS
from optimizer.verify.time.steady import PeriodTally, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools, Ints
    from optimizer.studies.ranges.amounts import Index
    from optimizer.studies.ranges.figures import Values
    from optimizer.studies.ranges.held import HeldPlan
    from optimizer.studies.ranges.pairs import Asked
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.plan import TimePlan
    from optimizer.verify.time.rules import TimeCheck

__all__ = ["GAPS", "Structure"]

GAPS: Final = ("precedence", "gap_months")
"""Months between services that follow each other."""

_OF_SWITCHES: Final = tuple(
    check
    for check in TIME_CHECKS
    if check.__name__ not in {"growth_limit", "yearly_budget", "one_off_budget", "npo_share"}
)
"""Rules over time that ask who switches when, and no amount."""

_LIMITED: Final = tuple(
    check
    for check in _OF_SWITCHES
    if check.__name__ in {"one_switch", "precedence", "max_moves", "max_moves_per_period"}
)
"""Those of them whose limits may vary."""

_OF_PLACES: Final = frozenset(
    {"open_line", "open_site", "max_providers_per_entity", "bundle_together", "site_count", "lock"}
)
"""Rules of a period that ask who serves whom, and no amount."""


class Structure:
    """A plan held where certain demands are present.

    Parameters
    ----------
    index : Index
    held : HeldPlan
    case : Case
        Any sample with these demands present.

    Attributes
    ----------
    plan, today : Arrangement
        The plan, and today's path.
    switch_t, switch_d, switch_old, switch_new : ndarray of shape (n_switches,)
        Period (from 0), demand, old and new source (n_providers: own capacity).
    beside : ndarray of shape (n_switches,), bool
        The demand was there in the period before: the old source goes on for the hand-over.
    priced : ndarray of shape (n_switches,), bool
        The old source has a price.
    begin_t, begin_d, begin_p : ndarray of shape (n_begins,)
        Demands that begin without a source of today.
    setups, exits, ends : ndarray of shape (n, 2)
        Period (from 0) and provider: set-ups and exits of the plan, exits of today's path.
    broken : frozenset of str
        Rules that are broken whatever the figures are.
    """

    def __init__(self, index: Index, held: HeldPlan, case: Case) -> None:
        self.index = index
        evaluator = TimeEvaluator(case)
        facts = evaluator.facts
        plan = evaluator.plan(held.rows(facts.present))
        counted = [p.priced_today for p in facts.periods]
        staying = _staying(evaluator, counted)
        self.facts, self.course, self.has_baseline = facts, plan.course, any(counted)
        self.plan = arrangement_of(index, plan.tallies, counted)
        self.today = arrangement_of(index, staying, counted)
        self.fallen = fallen_of(index, self.plan, plan.tallies)
        self._switches(plan)
        lives = [(life, index.provider[p]) for p, life in plan.course.lives.items()]
        self.setups = _pairs((x.setup - 1, p) for x, p in lives if x.setup is not None)
        self.exits = _pairs((x.exit - 1, p) for x, p in lives if x.exit is not None)
        opened = {p for tally in staying for p in tally.open_now}
        todays = {p for p in index.provider if p != OWN and (p in opened or p in evaluator.sites.todays)}
        ended = ((evaluator.sites.ended(p), index.provider[p]) for p in sorted(todays))
        self.ends = _pairs((t - 1, p) for t, p in ended if t is not None)
        self.pairs, self.place = pair_table(index, facts, [*self._asked(plan)])
        self.broken = frozenset(self._always(plan))
        self._known: dict[tuple[bytes, ...], frozenset[str]] = {}

    def _switches(self, plan: TimePlan) -> None:
        index, found = self.index, plan.course.switches
        rows = [(s.period - 1, index.demand[s.key], index.provider[s.old], index.provider[s.new]) for s in found]
        self.switch_t, self.switch_d, self.switch_old, self.switch_new = _pairs(rows, 4).T
        self.beside: Bools = np.array([s.was_there for s in found], np.bool_)
        self.priced: Bools = np.array(
            [self.facts.at(s.period).price(s.key, s.old) is not None for s in found], np.bool_
        )
        begins = [(j.begins - 1, j) for j in plan.course.journeys.values() if j.begins is not None]
        starts = [(t, index.demand[j.key], index.provider[j.sources[t]]) for t, j in begins]
        self.begin_t, self.begin_d, self.begin_p = _pairs(starts, 3).T

    def _asked(self, plan: TimePlan) -> Iterator[Asked]:
        """Pairs whose eligibility counts: sources that serve, then those that switches leave, then backups."""
        for t, tally in enumerate(plan.tallies):
            for demand, source in tally.served:
                yield t, demand.key, source, plan.course.journeys[demand.key].arrives(t + 1)
        for s in plan.course.switches:
            yield s.period - 1, s.key, s.old, False
        for t, tally in enumerate(plan.tallies):
            if tally.facts.policy.backup:
                for key, other in tally.backup.items():
                    yield t, key, other, True

    @cached_property
    def _ends(self) -> tuple[int, int]:
        """Where the pairs that serve end, and those that switches leave."""
        serve = len(self.plan.t)
        return serve, serve + len(self.switch_t)

    def _always(self, plan: TimePlan) -> Iterator[str]:
        """Broken rules that no figure mends; refusals of figures are asked for in each sample."""
        for tally in plan.tallies:
            if (tally.unserved() and not tally.facts.policy.allow_unserved) or tally.unknown or tally.repeated:
                yield "assign_once"
            if tally.facts.policy.backup and any(_unbacked(tally, d, p) for d, p in tally.served):
                yield "backup"
            yield from (n for n, (_, found) in judge(tally, lambda _: False) if found and n in _OF_PLACES)

    def forced(self, eligible: Bools) -> Bools:
        """Which switches are forced, from the verdict on every pair; shape (n_switches,)."""
        serve, leave = self._ends
        return ~eligible[self.place[serve:leave]]

    def refused(self, eligible: Bools) -> bool:
        """Whether a source that serves may not."""
        return not eligible[self.place[: self._ends[0]]].all()

    def backups_refused(self, eligible: Bools) -> bool:
        """Whether a backup may not serve."""
        return not eligible[self.place[self._ends[1] :]].all()

    def of_switches(self, forced: Bools, values: Values) -> frozenset[str]:
        """Rules about switches that are broken, where certain switches are forced and limits are those of a sample."""
        asked = {name: found for name, found in values.items() if name == GAPS or name[0] == POLICY_TABLE}
        limits = {name: found for name, found in asked.items() if name == GAPS or is_whole(*name)}
        key = forced.tobytes(), *(found.tobytes() for _, found in sorted(limits.items()))
        if key not in self._known:
            course = copy(self.course)
            marked = zip(self.course.switches, forced.tolist(), strict=True)
            switches = [s if s.forced == is_forced else replace(s, forced=is_forced) for s, is_forced in marked]
            vars(course)["switches"] = switches
            alone = forced.tobytes(), b"without limits"
            if alone not in self._known:
                self._known[alone] = _broken(course, (check for check in _OF_SWITCHES if check not in _LIMITED))
            course.facts = self._under(limits)
            self._known[key] = self._known[alone] | _broken(course, _LIMITED)
        return self._known[key]

    def _under(self, limits: Values) -> TimeFacts:
        """The facts with limits on switches, and gaps of their order, as a sample has them."""
        if not limits:
            return self.facts
        facts, gaps = copy(self.facts), limits.get(GAPS)
        case = facts.case.having(policy=sampled_policy(facts.policy, limits))
        if gaps is not None:
            case = case.having(precedence=rows_with(GAPS[0], case.precedence, {GAPS[1]: gaps}))
        facts.case, facts.policy = case, case.policy
        return facts

    def bang(self, forced: Bools) -> int | None:
        """Period (from 0) of the big bang: the first switch that is not forced."""
        if self.facts.policy.transition_mode != "big_bang" or forced.all():
            return None
        return int(self.switch_t[~forced].min())


def _broken(course: Course, checks: Iterable[TimeCheck]) -> frozenset[str]:
    """Names of the rules that a course breaks."""
    return frozenset(check.__name__ for check in checks if check(course)[1])


def _staying(evaluator: TimeEvaluator, counted: Sequence[frozenset[Key]]) -> list[PeriodTally]:
    """Today's path, counted up but not priced: everyone stays, wherever today's source counts."""
    facts = evaluator.facts
    paths = {key: [who if key in there else "" for there in counted] for key, who in facts.today.items()}
    course = Course(facts, evaluator.sites, [journey_of(facts, key, path) for key, path in paths.items()])
    rows = ([(*key, facts.today[key], "") for key in sorted(there)] for there in counted)
    return [PeriodTally(*each) for each in zip(facts.periods, rows, course.open_sets, strict=True)]


def _unbacked(tally: PeriodTally, demand: DemandFacts, source: str) -> bool:
    """Whether a demand lacks a backup that runs the service in another country; eligibility and loads aside."""
    if not demand.critical or source == OWN:
        return False
    other, sites = tally.backup.get(demand.key, ""), tally.facts.sites
    if other in ("", OWN, source) or other not in sites or (other, demand.key[1]) not in tally.on_line:
        return True
    return source in sites and sites[source].row.place.country == sites[other].row.place.country


def _pairs(rows: object, width: int = 2) -> Ints:
    return np.array(list(rows), np.int64).reshape(-1, width)  # type: ignore[call-overload]
