"""What a plan costs, period by period: running terms for its length, and what is paid once.

Definitions: ``docs/model.md`` (planning over time). Money is exact; only the discount factors are floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import RUNNING_TERMS, TIME_ONE_OFFS, TIME_TERMS
from optimizer.domain.types import MICRO, exact, micro
from optimizer.verify.costs import TERMS, Charge
from optimizer.verify.exactly import exact_sum

if TYPE_CHECKING:
    from optimizer.verify.time.course import Course, Switch
    from optimizer.verify.time.facts import PeriodFacts, TimeFacts
    from optimizer.verify.time.steady import PeriodTally

__all__ = [
    "PeriodCost",
    "TimeCost",
    "big_bang_period",
    "charges",
    "compliance_rate",
    "double_running_of",
    "npo_compliance",
    "one_offs",
    "running",
    "transition_of",
]

_STEADY: Final = tuple((t.__name__, t) for t in TERMS if t.__name__ in RUNNING_TERMS)

Money = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class PeriodCost:
    """Money of one period, exact, not discounted.

    Parameters
    ----------
    period : int
    terms : dict
        By ``TIME_TERMS``, for the length of the period.
    one_offs : dict
        By ``TIME_ONE_OFFS``.
    forced : Fraction
        Transition and double running of forced switches, within ``one_offs``.
    """

    period: int
    terms: Mapping[str, Fraction]
    one_offs: Mapping[str, Fraction]
    forced: Fraction = Fraction(0)

    @property
    def running(self) -> Fraction:
        """All terms."""
        return sum(self.terms.values(), Fraction(0))

    @property
    def one_off(self) -> Fraction:
        """All that is paid once."""
        return sum(self.one_offs.values(), Fraction(0))

    @property
    def total(self) -> Fraction:
        """Running and one-off."""
        return self.running + self.one_off


@dataclass(frozen=True, slots=True)
class TimeCost:
    """Money of a plan over time.

    Parameters
    ----------
    periods : tuple of PeriodCost
    discounts : tuple of float
        What 1 in the middle of each period is worth at the start of the horizon.
    """

    periods: tuple[PeriodCost, ...]
    discounts: tuple[float, ...]

    @property
    def terms(self) -> Money:
        """Plain sums of the running terms."""
        return {name: sum((p.terms[name] for p in self.periods), Fraction(0)) for name in TIME_TERMS}

    @property
    def one_offs(self) -> Money:
        """Plain sums of what is paid once."""
        return {name: sum((p.one_offs[name] for p in self.periods), Fraction(0)) for name in TIME_ONE_OFFS}

    @property
    def running(self) -> Fraction:
        """Plain sum of running cost."""
        return sum((p.running for p in self.periods), Fraction(0))

    @property
    def one_off(self) -> Fraction:
        """Plain sum of what is paid once."""
        return sum((p.one_off for p in self.periods), Fraction(0))

    @property
    def total(self) -> Fraction:
        """Plain sum of all cost."""
        return self.running + self.one_off

    @property
    def discounted(self) -> Fraction:
        """The objective, exact but for the discount factors."""
        worth = zip(self.discounts, self.periods, strict=True)
        return sum((Fraction(d) * p.total for d, p in worth), Fraction(0))

    @property
    def objective(self) -> float:
        """Discounted cost, unrounded."""
        return float(self.discounted)

    def as_dict(self) -> dict[str, Any]:
        """Plain sums by term and one-off, and the objective, as floats."""
        named = {**self.terms, **self.one_offs, "running": self.running, "one_off": self.one_off, "total": self.total}
        return {name: float(amount) for name, amount in named.items()} | {"objective": self.objective}


def charges(tally: PeriodTally) -> list[tuple[str, list[Charge]]]:
    """Charges a year of every running term, by its name; asked once of each tally."""
    if tally.charged is None:
        made = [(name, term(tally)) for name, term in _STEADY]
        tally.charged = [*made, ("npo_compliance", npo_compliance(tally))]
    return tally.charged


def running(tally: PeriodTally) -> Money:
    """Running cost of a period by term, for its length."""
    years = tally.period.period.years
    return {name: years * exact_sum(c.amount for c in made) for name, made in charges(tally)}


def npo_compliance(tally: PeriodTally) -> list[Charge]:
    """Effort · share of local professionals beyond their limit · what a P costs more, of each demand, a year."""
    rates = {source: rate for source in {s for _, s in tally.served} if (rate := compliance_rate(tally.period, source))}
    return [Charge(tally.facts.effort(d) * rates[s], (d,), "effort", s) for d, s in tally.served if s in rates]


def compliance_rate(period: PeriodFacts, source: str) -> Fraction:
    """Money a year for one FTE at a source; 0 where the rule or the rows are blank."""
    most = period.figures.policy.npo_share_max
    rows = {row.category: row for row in period.figures.staffing if row.provider == source}
    if most is None or "P" not in rows or "NPO" not in rows:
        return Fraction(0)
    international, local = rows["P"], rows["NPO"]
    share = exact(local.share)
    beyond = max(Fraction(0), share - exact(most) * (exact(international.share) + share))
    return beyond * max(Fraction(0), exact(international.cost_per_fte) - exact(local.cost_per_fte))


def transition_of(facts: TimeFacts, switch: Switch) -> Fraction:
    """One-off elements of a switch; 0 where the source that is left has no price."""
    period = facts.at(switch.period)
    if period.price(switch.key, switch.old) is None:
        return Fraction(0)
    year = micro(period.facts.policy.minutes_per_fte_year) * MICRO
    factor = exact(facts.policy.big_bang_cost_factor) if facts.policy.transition_mode == "big_bang" else 1
    return Fraction(switch.minutes, year) * period.per_fte * factor


def double_running_of(facts: TimeFacts, switch: Switch) -> Fraction:
    """The old source goes on for the months of the hand-over, where it was at work until the switch."""
    if not switch.was_there or not facts.policy.handover_months:
        return Fraction(0)
    price = facts.at(switch.period).price(switch.key, switch.old)
    return Fraction(0) if price is None else exact(facts.policy.handover_months) / 12 * price


def big_bang_period(course: Course) -> int | None:
    """Period of the big bang: that of the first switch that is not forced; ``None`` without one."""
    if course.facts.policy.transition_mode != "big_bang":
        return None
    return min((s.period for s in course.switches if not s.forced), default=None)


def one_offs(course: Course) -> list[tuple[Money, Fraction]]:
    """What is paid once in each period, by ``TIME_ONE_OFFS``, and how much of it forced switches cost."""
    facts = course.facts
    out = [(dict.fromkeys(TIME_ONE_OFFS, Fraction(0)), [Fraction(0)]) for _ in facts.periods]
    for switch in course.switches:
        money, forced = out[switch.period - 1]
        transition, doubled = transition_of(facts, switch), double_running_of(facts, switch)
        money["transition"] += transition
        money["double_running"] += doubled
        if switch.forced:
            forced[0] += transition + doubled
    for provider, life in course.lives.items():
        if life.setup is not None:
            out[life.setup - 1][0]["setup"] += facts.setup_cost(provider, life.setup)
        if life.exit is not None:
            out[life.exit - 1][0]["exit"] += facts.exit_cost(provider, life.exit)
    bang = big_bang_period(course)
    if bang is not None:
        policy = facts.policy
        out[bang - 1][0]["risk"] += exact(policy.big_bang_probability) * exact(policy.big_bang_failure_cost)
    return [(money, forced[0]) for money, forced in out]
