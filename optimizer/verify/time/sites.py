"""From when to when each site is open, what it opens and closes for: over all periods of a plan.

Definition (``docs/model.md``, planning over time): a required site is open while it may serve; a candidate from its
first serving period to its end or the horizon's; any other from its first serving period (one of today's: from the
start) to its last, gaps included. So a site closes once; its exit is paid in the first period after. One of today's
that never serves is never open, and pays in period 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.verify.time.facts import TimeFacts

__all__ = ["SiteLife", "SiteRules"]


@dataclass(frozen=True, slots=True)
class SiteLife:
    """Periods of one site by their numbers; ``None``: there is none.

    Parameters
    ----------
    opens, closes : int, optional
        First and last period in which it is open.
    setup, exit : int, optional
        Period in which the set-up of a candidate is paid, and the exit.
    """

    opens: int | None = None
    closes: int | None = None
    setup: int | None = None
    exit: int | None = None

    def is_open(self, period: int) -> bool:
        """Whether it is open in a period."""
        return self.opens is not None and self.closes is not None and self.opens <= period <= self.closes


class SiteRules:
    """Lives of sites under any plan of one case."""

    def __init__(self, facts: TimeFacts) -> None:
        self.count = len(facts.periods)
        self.status = {p.id: p.status for p in facts.case.providers}
        self.todays = {source for source in facts.today.values() if source != OWN}
        self.may = {p: [t.number for t in facts.periods if t.may_serve(p)] for p in self.status}
        self.ends = {p.id: p.end for p in facts.case.providers}
        self.lasts = [t.period.end for t in facts.periods]

    def lives(self, serving: Mapping[str, Iterable[int]]) -> dict[str, SiteLife]:
        """Life of every site, from the periods in which it serves."""
        return {p: self.life(p, serving.get(p, ())) for p in self.status}

    def open_sets(self, lives: Mapping[str, SiteLife]) -> list[frozenset[str]]:
        """Open sites of each period."""
        return [frozenset(p for p, life in lives.items() if life.is_open(t)) for t in range(1, self.count + 1)]

    def ended(self, provider: str) -> int | None:
        """The first period in which a site may no longer serve, its end having come."""
        end = self.ends[provider]
        if end is None:
            return None
        return next((t for t, last in enumerate(self.lasts, 1) if end < last), None)

    def life(self, provider: str, periods: Iterable[int]) -> SiteLife:
        """Life of one site, from the periods in which it serves."""
        status, may, serving = self.status[provider], self.may[provider], sorted(periods)
        if status == "required" and may:
            return SiteLife(may[0], may[-1], None, self._after(may[-1]))
        if not serving:
            return SiteLife(exit=1 if provider in self.todays else None)
        if status == "candidate":
            last = max([*may, *serving])
            return SiteLife(serving[0], last, serving[0], self._after(last))
        first = 1 if provider in self.todays else serving[0]
        return SiteLife(first, serving[-1], None, self._after(serving[-1]))

    def _after(self, period: int) -> int | None:
        return period + 1 if period < self.count else None
