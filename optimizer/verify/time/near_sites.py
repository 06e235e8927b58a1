"""What if a stretch were elsewhere: from when to when sites are open then, what that costs, the rules about it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from optimizer.domain.names import OWN, ZONES

if TYPE_CHECKING:
    from optimizer.verify.time.facts import PeriodFacts
    from optimizer.verify.time.plan import TimePlan
    from optimizer.verify.time.sites import SiteLife
    from optimizer.verify.time.stretches import Stretch

__all__ = ["NearSites", "SiteMoney"]


class SiteMoney(NamedTuple):
    """Change of money by period from 1: what open sites cost for its length, and what is paid once."""

    running: dict[int, Fraction]
    once: dict[int, Fraction]


class NearSites:
    """Lives of sites after single moves of a plan."""

    def __init__(self, plan: TimePlan) -> None:
        self.plan, self.facts, self.course = plan, plan.facts, plan.course
        self.policy = plan.facts.policy
        self.bound = self.policy.site_count is not None or self.policy.zones

    def after(self, stretch: Stretch, there: str) -> dict[str, SiteLife]:
        """Lives that may be others after the move, by provider."""
        out = {}
        if stretch.source != OWN:
            mine = {n for n in stretch.periods if len(self.plan.tallies[n - 1].on_site[stretch.source]) == 1}
            out[stretch.source] = self.course.serving[stretch.source] - mine
        if there != OWN:
            out[there] = self.course.serving.get(there, set()) | set(stretch.periods)
        return {p: self.course.sites.life(p, serving) for p, serving in out.items()}

    def money(self, after: dict[str, SiteLife]) -> SiteMoney:
        """What the lives after a move cost more."""
        running, once = dict[int, Fraction](), dict[int, Fraction]()
        for provider, life in after.items():
            for sign, of in ((1, life), (-1, self.course.lives[provider])):
                for period in self.facts.periods:
                    if of.is_open(period.number):
                        cost = period.facts.sites[provider].cost * period.period.years
                        running[period.number] = running.get(period.number, Fraction(0)) + sign * cost
                for number, price in _events(of, provider, self):
                    once[number] = once.get(number, Fraction(0)) + sign * price
        return SiteMoney(running, once)

    def keeps(self, stretch: Stretch, there: str, after: dict[str, SiteLife]) -> bool:
        """Least effort of candidates while they are open; number and zones of open sites."""
        return all(
            self._reach(period, stretch, there, after) and self._count(period, after) for period in self.facts.periods
        )

    def _reach(self, period: PeriodFacts, stretch: Stretch, there: str, after: dict[str, SiteLife]) -> bool:
        tally = self.plan.tallies[period.number - 1]
        for provider, life in after.items():
            least = period.facts.sites[provider].least
            if not least or not life.is_open(period.number):
                continue
            minutes = tally.site_minutes.get(provider, 0)
            if period.number in stretch.periods:
                mine = period.demands[stretch.key].minutes
                minutes += mine * ((provider == there) - (provider == stretch.source))
            if minutes < least:
                return False
        return True

    def _count(self, period: PeriodFacts, after: dict[str, SiteLife]) -> bool:
        """Limits of a period's own policy, which has none before the target."""
        limits, zones = period.facts.policy.site_count, period.facts.policy.zones
        if limits is None and not zones:
            return True
        now = set(self.course.open_sets[period.number - 1])
        for provider, life in after.items():
            (now.add if life.is_open(period.number) else now.discard)(provider)
        sites = [period.facts.sites[p] for p in now if period.facts.sites[p].is_secretariat]
        if limits is not None and not (limits.min or 0) <= len(sites) <= (
            len(sites) if limits.max is None else limits.max
        ):
            return False
        present = {period.facts.geography.zone(s.row.place) for s in sites} if zones else set(ZONES)
        return present >= set(ZONES)


def _events(life: SiteLife, provider: str, near: NearSites) -> Iterator[tuple[int, Fraction]]:
    if life.setup is not None:
        yield life.setup, near.facts.setup_cost(provider, life.setup)
    if life.exit is not None:
        yield life.exit, near.facts.exit_cost(provider, life.exit)
