"""Every rule that ties periods together once, named as in ``TIME_RULES``, on exact numbers.

Definitions: ``docs/model.md`` (planning over time). A check takes the course of a plan and returns how many things it
looked at and what it found broken. Forced switches count in every limit; notice, waves, precedence and freezes do
not bind them, but a freeze that names the provider they arrive at. Notice, freezes, waves and precedence do not bind
committed switches either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.names import OWN
from optimizer.domain.types import exact, micro
from optimizer.verify.findings import Violation, fte, number
from optimizer.verify.time.costs import one_offs
from optimizer.verify.time.facts import in_scope
from optimizer.verify.time.figures import months_later

if TYPE_CHECKING:
    from optimizer.domain.time.rows import Freeze
    from optimizer.verify.time.course import Course, Switch
    from optimizer.verify.time.facts import TimeFacts

__all__ = ["TIME_CHECKS", "TimeCheck", "TimeFound", "TimeViolation", "is_frozen"]

_ALL: Final = ("", "*")


@dataclass(frozen=True, slots=True)
class TimeViolation(Violation):
    """A broken rule, and the period in which it breaks; 0: over several."""

    period: int = 0

    def as_dict(self) -> dict[str, object]:
        """Plain mapping as in the plan document."""
        return {**Violation.as_dict(self), "period": self.period}


TimeFound = tuple[int, list[TimeViolation]]
TimeCheck = Callable[["Course"], TimeFound]


def _of(rule: str, text: str, switch: Switch, amount: Fraction = Fraction(1), unit: str = "switch") -> TimeViolation:
    return TimeViolation(rule, text, amount, unit, *switch.key, switch.new, switch.period)


def one_switch(c: Course) -> TimeFound:
    """Switches of a demand ≤ ``max_switches``."""
    most, out = c.facts.policy.max_switches, []
    for journey in c.journeys.values():
        over = len(journey.switches) - most
        if over > 0:
            text = f"{len(journey.switches)} switches, at most {most}"
            out.append(_of("one_switch", text, journey.switches[-1], Fraction(over), "switches"))
    return len(c.journeys), out


def notice(c: Course) -> TimeFound:
    """No free switch away from today's source on a day before ``notice_until``."""
    facts = c.facts
    rows = {k: row.notice_until for k, row in facts.case.current_of.items() if row.notice_until is not None}
    out = []
    for s in c.switches:
        until = rows.get(s.key)
        if until is not None and s.is_free and s.old == facts.today[s.key] and facts.dates_of(s.period).begin < until:
            out.append(_of("notice", f"leaves {s.old} before {until}", s))
    return len(rows), out


def is_frozen(facts: TimeFacts, row: Freeze, switch: Switch) -> bool:
    """Whether a freeze forbids a switch.

    One that names a provider freezes arrivals there, forced ones too, and departures from it that are not forced; one
    that names none freezes switches that are not forced.
    """
    begin = facts.dates_of(switch.period).begin
    if switch.committed or not row.from_ <= begin < row.until:
        return False
    if row.service not in _ALL and row.service != switch.key[1]:
        return False
    if not in_scope(facts.case, row.entity, switch.key[0]):
        return False
    if row.provider in _ALL:
        return not switch.forced
    return switch.new == row.provider or (switch.old == row.provider and not switch.forced)


def freeze(c: Course) -> TimeFound:
    """No switch within a freeze that covers it."""
    out = []
    for row in c.facts.case.freezes:
        for s in c.switches:
            if is_frozen(c.facts, row, s):
                out.append(_of("freeze", f"switches from {s.old} in the freeze until {row.until}", s))
    return len(c.facts.case.freezes), out


def precedence(c: Course) -> TimeFound:
    """The earliest free switch of ``then`` is no earlier than the gap after the latest of ``first``, by entity."""
    facts, checked, out = c.facts, 0, []
    by_entity: dict[str, list[Switch]] = {}
    for s in c.switches:
        if s.is_free:
            by_entity.setdefault(s.key[0], []).append(s)
    for row in facts.case.precedence:
        for entity, switches in by_entity.items():
            if not in_scope(facts.case, row.entity, entity):
                continue
            then = [s for s in switches if s.key[1] == row.then]
            first = [s for s in switches if s.key[1] != row.then and row.first in ("*", s.key[1])]
            if not then or not first:
                continue
            checked += 1
            early, late = min(then, key=lambda s: s.period), max(first, key=lambda s: s.period)
            since = months_later(facts.dates_of(late.period).begin, row.gap_months)
            if facts.dates_of(early.period).begin < since:
                text = f"{late.key[1]} switches in period {late.period}; not before {since}"
                out.append(_of("precedence", text, early))
    return checked, out


def wave(c: Course) -> TimeFound:
    """All free switches of an entity (or of a service) in one period."""
    by = c.facts.policy.wave_by
    if by == "demand":
        return 0, []
    groups: dict[str, list[Switch]] = {}
    for s in c.switches:
        if s.is_free:
            groups.setdefault(s.key[by == "service"], []).append(s)
    out = []
    for name, switches in groups.items():
        periods = sorted({s.period for s in switches})
        if len(periods) > 1:
            text = f"{by} {name} switches in periods {', '.join(map(str, periods))}"
            out.append(_of("wave", text, switches[-1], Fraction(len(periods) - 1), "periods"))
    return len(groups), out


def growth_limit(c: Course) -> TimeFound:
    """Effort that switches into a site or begins there within any twelve months ≤ ``absorb_fte`` at their end."""
    taken: dict[str, list[tuple[int, int]]] = {}
    for s in c.switches:
        if s.new != OWN:
            taken.setdefault(s.new, []).append((s.period, s.minutes))
    for journey in c.journeys.values():
        if journey.begins is not None and (source := journey.sources[journey.begins - 1]) != OWN:
            minutes = c.facts.at(journey.begins).demands[journey.key].minutes
            taken.setdefault(source, []).append((journey.begins, minutes))
    checked, out = 0, []
    for provider, amounts in taken.items():
        for last in range(c.facts.window, len(c.facts.periods) + 1):
            row = c.facts.at(last).figures.provider.get(provider)
            if row is None or row.absorb_fte is None:
                continue
            checked += 1
            work = sum(m for period, m in amounts if last - c.facts.window < period <= last)
            year = c.facts.policy.minutes_per_fte_year
            if work > micro(row.absorb_fte) * micro(year):
                limit = exact(row.absorb_fte)
                text = f"takes in {number(fte(work, year))} FTE within twelve months, at most {number(limit)}"
                over = fte(work, year) - limit
                out.append(TimeViolation("growth_limit", text, over, "FTE", "", "", provider, last))
    return checked, out


def _spent_by_year(c: Course) -> dict[int, Fraction]:
    """One-off cost of each planning year, risk aside."""
    spent: dict[int, Fraction] = {}
    for period, (money, _) in zip(c.facts.periods, one_offs(c), strict=True):
        year = period.period.planning_year
        spent[year] = spent.get(year, Fraction(0)) + sum(money.values(), Fraction(0)) - money["risk"]
    return spent


def yearly_budget(c: Course) -> TimeFound:
    """One-off cost of a planning year, not discounted and without ``risk``, ≤ the amount of its row."""
    rows, out = c.facts.case.budgets, []
    if not rows:
        return 0, []
    spent, currency = _spent_by_year(c), c.facts.policy.currency
    for row in rows:
        over = spent.get(row.year, Fraction(0)) - exact(row.amount)
        if over > 0:
            text = (
                f"{number(spent[row.year])} {currency} one-off in year {row.year}, at most {number(exact(row.amount))}"
            )
            out.append(TimeViolation("yearly_budget", text, over, currency))
    return len(rows), out


def max_moves_per_period(c: Course) -> TimeFound:
    """Switches of each period ≤ the policy's number."""
    most = c.facts.policy.max_moves_per_period
    if most is None:
        return 0, []
    out = []
    for period, n in Counter(s.period for s in c.switches).items():
        if n > most:
            text = f"{n} switches, at most {most}"
            over = Fraction(n - most)
            out.append(TimeViolation("max_moves_per_period", text, over, "switches", period=period))
    return len(c.facts.periods), out


def committed(c: Course) -> TimeFound:
    """A demand is at its committed source in the first period present from the date on; before it no other switch."""
    out = []
    for binding in c.facts.bindings:
        row, period = binding.row, binding.period
        key = (row.entity, row.service)
        journey = c.journeys.get(key)
        if journey is None:  # of a part of the plan
            continue
        source = journey.sources[period - 1]
        if source != row.provider:
            text = f"committed to {row.provider}, {f'served by {source}' if source else 'not served'}"
            out.append(TimeViolation("committed", text, Fraction(1), "demand", *key, source, period))
        for s in (s for s in journey.switches if s.period < period and not s.committed):
            out.append(_of("committed", f"switches before it is committed to {row.provider} in period {period}", s))
    return len(c.facts.bindings), out


def big_bang(c: Course) -> TimeFound:
    """Mode ``big_bang``: all switches that are not forced in one period, the policy's where it names one."""
    policy = c.facts.policy
    if policy.transition_mode != "big_bang":
        return 0, []
    switches = [s for s in c.switches if not s.forced]
    if not switches:
        return 0, []
    named = policy.big_bang_period or switches[0].period
    out = [
        _of("big_bang", f"switches in period {s.period}, the others in {named}", s)
        for s in switches
        if s.period != named
    ]
    return len(switches), out


def npo_share(c: Course) -> TimeFound:
    """Kept by construction: what is beyond the share is done, and priced, by P (``npo_compliance``)."""
    limited = [p for p in c.facts.periods if p.figures.policy.npo_share_max is not None]
    return len(limited), []


def max_moves(c: Course) -> TimeFound:
    """Demands that switch ≤ the policy's number."""
    most = c.facts.policy.max_moves
    if most is None:
        return 0, []
    n = len({s.key for s in c.switches})
    text = f"{n} demands switch, at most {most}"
    return 1, [TimeViolation("max_moves", text, Fraction(n - most), "moves")] if n > most else []


def one_off_budget(c: Course) -> TimeFound:
    """One-off cost of the horizon, not discounted and without ``risk``, ≤ budget."""
    budget, currency = c.facts.policy.one_off_budget, c.facts.policy.currency
    if budget is None:
        return 0, []
    spent = sum(_spent_by_year(c).values(), Fraction(0))
    over = spent - exact(budget)
    text = f"{number(spent)} {currency} one-off, at most {number(exact(budget))} {currency}"
    return 1, [TimeViolation("one_off_budget", text, over, currency)] if over > 0 else []


TIME_CHECKS: Final[tuple[TimeCheck, ...]] = (
    one_switch,
    notice,
    freeze,
    precedence,
    wave,
    growth_limit,
    yearly_budget,
    max_moves_per_period,
    committed,
    big_bang,
    npo_share,
    max_moves,
    one_off_budget,
)
"""All rules in the order of ``TIME_RULES``; a test compares the names."""
