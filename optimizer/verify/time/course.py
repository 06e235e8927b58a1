"""The course of a plan: where each demand is in each period, when it switches, when each site is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.sites import SiteLife, SiteRules

__all__ = ["Course", "Journey", "Switch", "journey_of"]


@dataclass(frozen=True, slots=True)
class Switch:
    """A demand that leaves a source for another at the beginning of a period.

    Parameters
    ----------
    forced : bool
        The old source is not eligible in the period.
    committed : bool
        A commitment puts it at the new source in the period.
    minutes : int
        Its work in the period, 10⁻¹² minutes a year.
    was_there : bool
        Present in the period before, or the period is the first: so the old source runs on for the hand-over.
    """

    key: Key
    period: int
    old: str
    new: str
    forced: bool
    committed: bool
    minutes: int
    was_there: bool

    @property
    def is_free(self) -> bool:
        """Neither forced nor committed: notice, freezes, waves and precedence bind it."""
        return not (self.forced or self.committed)


@dataclass(frozen=True, slots=True)
class Journey:
    """The path of one demand.

    Parameters
    ----------
    sources : tuple of str
        By period from the first; empty where it is absent or not served.
    switches : tuple of Switch
    begins : int, optional
        Period in which a demand without a source of today begins.
    """

    key: Key
    sources: tuple[str, ...]
    switches: tuple[Switch, ...]
    begins: int | None

    def arrives(self, period: int) -> bool:
        """Whether it switches or begins in a period."""
        return self.begins == period or any(s.period == period for s in self.switches)


def journey_of(facts: TimeFacts, key: Key, sources: Sequence[str]) -> Journey:
    """The path of a demand through the sources of each period, empty ones passed over."""
    last, begins, switches = facts.today.get(key, ""), None, []
    for number, source in enumerate(sources, 1):
        if not source:
            continue
        if not last:
            begins = number
        elif source != last:
            switches.append(_switch(facts, key, number, last, source))
        last = source
    return Journey(key, tuple(sources), tuple(switches), begins)


def _switch(facts: TimeFacts, key: Key, number: int, old: str, new: str) -> Switch:
    period = facts.at(number)
    return Switch(
        key=key,
        period=number,
        old=old,
        new=new,
        forced=bool(period.refusals(key, old, arriving=False)),
        committed=facts.is_committed(key, number, new),
        minutes=period.demands[key].minutes,
        was_there=number == 1 or number - 1 in facts.present[key],
    )


class Course:
    """All journeys of a plan, and what follows for the sites.

    Parameters
    ----------
    facts : TimeFacts
    sites : SiteRules
    journeys : iterable of Journey
        One a demand.
    """

    def __init__(self, facts: TimeFacts, sites: SiteRules, journeys: Iterable[Journey]) -> None:
        self.facts, self.sites = facts, sites
        self.journeys = {j.key: j for j in journeys}

    @cached_property
    def switches(self) -> list[Switch]:
        """Every switch, by period, then demand."""
        return sorted((s for j in self.journeys.values() for s in j.switches), key=lambda s: (s.period, s.key))

    @cached_property
    def serving(self) -> dict[str, set[int]]:
        """Periods in which each provider serves."""
        out: dict[str, set[int]] = {}
        for journey in self.journeys.values():
            for number, source in enumerate(journey.sources, 1):
                if source and source != OWN:
                    out.setdefault(source, set()).add(number)
        return out

    @cached_property
    def lives(self) -> dict[str, SiteLife]:
        """From when to when each site is open."""
        return self.sites.lives(self.serving)

    @cached_property
    def open_sets(self) -> list[frozenset[str]]:
        """Open sites of each period."""
        return self.sites.open_sets(self.lives)
