"""What if a demand switched on other days: rules about its switches, and about those of others beside them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.domain.types import micro
from optimizer.verify.time.rules import is_frozen, precedence

if TYPE_CHECKING:
    from optimizer.verify.time.course import Course, Journey, Switch
    from optimizer.verify.time.facts import Key

__all__ = ["NearDates"]


class NearDates:
    """Switches and arrivals of a plan, counted so that one journey can be taken for another."""

    def __init__(self, course: Course) -> None:
        self.course, self.facts, self.policy = course, course.facts, course.facts.policy
        self.bindings: dict[Key, list[int]] = {}
        for b in self.facts.bindings:
            self.bindings.setdefault((b.row.entity, b.row.service), []).append(b.period)
        self.by_entity: dict[str, list[Key]] = {}
        self.waves: dict[str, Counter[int]] = {}
        self.bangs: Counter[int] = Counter()
        self.count: Counter[int] = Counter()
        self.arrived: dict[str, Counter[int]] = {}
        for key, journey in course.journeys.items():
            self.by_entity.setdefault(key[0], []).append(key)
            self._enter(journey)
        self.moved = sum(bool(j.switches) for j in course.journeys.values())

    def _enter(self, journey: Journey) -> None:
        self.count.update(s.period for s in journey.switches)
        self.bangs.update(s.period for s in journey.switches if not s.forced)
        self.waves.setdefault(self._wave(journey.key), Counter()).update(_free(journey))
        for provider, period in self._arrivals(journey):
            mine = self.arrived.setdefault(provider, Counter())
            mine[period] += self.facts.at(period).demands[journey.key].minutes

    def _wave(self, key: Key) -> str:
        return key[1] if self.policy.wave_by == "service" else key[0]

    def _arrivals(self, journey: Journey) -> list[tuple[str, int]]:
        found = [(s.new, s.period) for s in journey.switches]
        if journey.begins is not None:
            found.append((journey.sources[journey.begins - 1], journey.begins))
        return found

    def keeps(self, after: Journey) -> bool:
        """Whether every rule about switches holds when a demand takes another journey."""
        before = self.course.journeys[after.key]
        return (
            self._alone(after)
            and self._numbers(before, after)
            and self._dates(before, after)
            and self._takes_in(before, after)
        )

    def _alone(self, after: Journey) -> bool:
        """Rules that look at one demand."""
        if len(after.switches) > self.policy.max_switches:
            return False
        if not all(self._may_switch(s) for s in after.switches):
            return False
        arrives = [(s.period, s.new) for s in after.switches]
        if after.begins is not None:
            arrives.append((after.begins, after.sources[after.begins - 1]))
        return not any(self.facts.at(n).refusals(after.key, source, arriving=True) for n, source in arrives)

    def _may_switch(self, s: Switch) -> bool:
        """Notice, freezes and commitments."""
        row = self.facts.case.current_of.get(s.key)
        until = None if row is None else row.notice_until
        begin = self.facts.dates_of(s.period).begin
        if until is not None and s.is_free and s.old == self.facts.today[s.key] and begin < until:
            return False
        if any(is_frozen(self.facts, freeze, s) for freeze in self.facts.case.freezes):
            return False
        return s.committed or not any(s.period < period for period in self.bindings.get(s.key, ()))

    def _numbers(self, before: Journey, after: Journey) -> bool:
        """Moves in a period, and in all."""
        most, each = self.policy.max_moves, self.policy.max_moves_per_period
        if most is not None and self.moved - bool(before.switches) + bool(after.switches) > most:
            return False
        if each is None:
            return True
        was = Counter(s.period for s in before.switches)
        now = Counter(s.period for s in after.switches)
        return all(self.count[n] - was[n] + now[n] <= each for n in now - was)

    def bang(self, after: Journey) -> set[int]:
        """Periods with a switch that is not forced when a demand takes another journey."""
        before = self.course.journeys[after.key]
        others = self.bangs - Counter(s.period for s in before.switches if not s.forced)
        return {*others, *(s.period for s in after.switches if not s.forced)}

    def _dates(self, before: Journey, after: Journey) -> bool:
        """Big bang, waves and order."""
        if self.policy.transition_mode == "big_bang":
            bang, named = self.bang(after), self.policy.big_bang_period
            if len(bang) > 1 or (named is not None and not bang <= {named}):
                return False
        if self.policy.wave_by != "demand":
            others = self.waves[self._wave(after.key)] - Counter(_free(before))
            if len({*others, *_free(after)}) > 1:
                return False
        return not self.facts.case.precedence or self._in_order(after)

    def _in_order(self, after: Journey) -> bool:
        """The rule ``precedence`` on the demands of one entity."""
        mates = [self.course.journeys[key] for key in self.by_entity[after.key[0]] if key != after.key]
        return not precedence(type(self.course)(self.facts, self.course.sites, [*mates, after]))[1]

    def _takes_in(self, before: Journey, after: Journey) -> bool:
        """The rule ``growth_limit`` where more arrives than before."""
        was, now = (Counter(self._arrivals(j)) for j in (before, after))
        for provider, period in now - was:
            if provider != OWN and not self._room(before, after, provider, period):
                return False
        return True

    def _room(self, before: Journey, after: Journey, provider: str, period: int) -> bool:
        """Room at a site in every twelve months that hold a period."""
        taken = Counter(self.arrived.get(provider, Counter()))
        for sign, journey in ((-1, before), (1, after)):
            for site, n in self._arrivals(journey):
                if site == provider:
                    taken[n] += sign * self.facts.at(n).demands[journey.key].minutes
        width, year = self.facts.window, micro(self.policy.minutes_per_fte_year)
        for last in range(max(width, period), min(len(self.facts.periods), period + width - 1) + 1):
            most = self.facts.at(last).figures.provider[provider].absorb_fte
            work = sum(taken[n] for n in range(last - width + 1, last + 1))
            if most is not None and work > micro(most) * year:
                return False
        return True


def _free(journey: Journey) -> list[int]:
    """Periods of its free switches."""
    return [s.period for s in journey.switches if s.is_free]
