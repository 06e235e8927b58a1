"""What if one stretch had another source, its dates and all else kept: the change of the objective, and the rules.

Definition (``docs/model.md``, planning over time: *runner-up*). In the periods of the stretch the demand is at the
other source; the demand's own backups there may be others. Every rule is looked at again where the move touches it, so
the plan should keep them all to begin with.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.types import exact
from optimizer.verify.neighbours import Alternative
from optimizer.verify.time.costs import double_running_of, transition_of
from optimizer.verify.time.course import journey_of
from optimizer.verify.time.near_dates import NearDates
from optimizer.verify.time.near_period import NearPeriod
from optimizer.verify.time.near_sites import NearSites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.verify.time.course import Journey
    from optimizer.verify.time.plan import TimePlan
    from optimizer.verify.time.stretches import Stretch

__all__ = ["NearPlan"]

_ZERO = Fraction(0)


class NearPlan:
    """Single moves away from a plan over time; ``noise`` is money by which two right figures may differ."""

    def __init__(self, plan: TimePlan) -> None:
        self.plan, self.facts = plan, plan.facts
        self.periods = [NearPeriod(tally) for tally in plan.tallies]
        self.dates, self.sites = NearDates(plan.course), NearSites(plan)
        self.worth = [Fraction(d) for d in self.facts.discounts]
        lengths = (float(p.period.years) for p in self.facts.periods)
        weights = (d * years for d, years in zip(self.facts.discounts, lengths, strict=True))
        self.noise = sum(near.noise * weight for near, weight in zip(self.periods, weights, strict=True))
        self._ranked: dict[Stretch, list[Alternative]] = {}
        self.paid = [sum(p.one_offs.values(), _ZERO) - p.one_offs["risk"] for p in plan.cost().periods]

    def ranked(self, stretch: Stretch) -> list[Alternative]:
        """Sources that keep every rule, cheapest (to the cent) first, ties by id."""
        if stretch not in self._ranked:
            found = self._alternatives(stretch)
            self._ranked[stretch] = sorted(found, key=lambda a: (round(a.extra_cost, 2), a.provider))
        return self._ranked[stretch]

    def _alternatives(self, stretch: Stretch) -> list[Alternative]:
        first = self.facts.at(stretch.periods[0])
        if not stretch.source or any(self.facts.at(n).demands[stretch.key].lock for n in stretch.periods):
            return []
        named = first.facts.eligibility.candidates(first.demands[stretch.key].row)
        found = ((there, self._extra(stretch, there)) for there in named if there != stretch.source)
        return [Alternative(there, extra) for there, extra in found if extra is not None]

    def _extra(self, stretch: Stretch, there: str) -> float | None:
        """Change of the objective; ``None`` where a rule breaks."""
        journey = self._journey(stretch, there)
        if not self.dates.keeps(journey):
            return None
        near = [self.periods[n - 1] for n in stretch.periods]
        if not all(p.keeps(stretch.key, stretch.source, there) for p in near):
            return None
        lives = self.sites.after(stretch, there)
        if not self.sites.keeps(stretch, there, lives):
            return None
        money = self.sites.money(lives)
        once = self._once(journey, money.once)
        if not self._in_budget(once):
            return None
        years = (float(p.period.period.years) for p in near)
        running = sum(
            self.facts.discounts[n - 1] * length * p.extra(stretch.key, stretch.source, there)
            for n, p, length in zip(stretch.periods, near, years, strict=True)
        )
        return running + self._sum(money.running) + self._sum(once) + self._risk(journey)

    def _journey(self, stretch: Stretch, there: str) -> Journey:
        sources = list(self.plan.course.journeys[stretch.key].sources)
        for number in stretch.periods:
            sources[number - 1] = there
        return journey_of(self.facts, stretch.key, sources)

    def _sum(self, by_period: Mapping[int, Fraction]) -> float:
        return float(sum((self.worth[n - 1] * amount for n, amount in by_period.items()), _ZERO))

    def _once(self, after: Journey, sites: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Change of one-off money by period, risk aside."""
        out = dict(sites)
        for sign, journey in ((1, after), (-1, self.plan.course.journeys[after.key])):
            for s in journey.switches:
                paid = transition_of(self.facts, s) + double_running_of(self.facts, s)
                out[s.period] = out.get(s.period, _ZERO) + sign * paid
        return out

    def _in_budget(self, once: Mapping[int, Fraction]) -> bool:
        """The rules ``yearly_budget`` and ``one_off_budget`` where more is spent than before."""
        years = {p.number: p.period.planning_year for p in self.facts.periods}
        limits = [({n for n in years if years[n] == row.year}, row.amount) for row in self.facts.case.budgets]
        if self.facts.policy.one_off_budget is not None:
            limits.append((set(years), self.facts.policy.one_off_budget))
        for periods, amount in limits:
            more = sum((once.get(n, _ZERO) for n in periods), _ZERO)
            if more > 0 and sum((self.paid[n - 1] for n in periods), more) > exact(amount):
                return False
        return True

    def _risk(self, after: Journey) -> float:
        """Change of the discounted risk of a big bang."""
        policy = self.facts.policy
        if policy.transition_mode != "big_bang":
            return 0.0
        price = exact(policy.big_bang_probability) * exact(policy.big_bang_failure_cost)
        ends = min(self.dates.bang(after), default=None), min(self.dates.bangs, default=None)
        now, was = (_ZERO if n is None else self.worth[n - 1] for n in ends)
        return float(price * (now - was))
