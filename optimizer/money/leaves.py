"""What each client bears in a year, by service and source: the leaves of a verified plan, added up.

Of a steady plan the year is any year of it. Of a plan over time it is a planning year, its periods added up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.horizon import add_months
from optimizer.domain.names import ONE_OFF_TERMS, OWN, RUNNING_TERMS, TIME_ONE_OFFS, TIME_TERMS
from optimizer.domain.types import exact
from optimizer.money.amounts import cents_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from optimizer.domain.case import Case

__all__ = ["CHARGED", "SETUP", "Share", "YearCosts", "memo_terms", "steady_year"]

SETUP: Final = "setup"
"""Set-up of a candidate as a cost of each year: its annuity."""

CHARGED: Final = ("service", "site", "dispersion", "npo_compliance", SETUP)
"""What the price of a provider's service is made of, the provision aside. All else stays with the client."""

_MEMO: Final = tuple(dict.fromkeys((*RUNNING_TERMS, *TIME_TERMS, ONE_OFF_TERMS[0], *TIME_ONE_OFFS)))


@dataclass(frozen=True, slots=True)
class Share:
    """What one client bears for one service at one source in the year.

    Parameters
    ----------
    entity, service, provider : str
        ``provider`` is ``OWN`` for own capacity.
    volume : Fraction
        Units in the year, six decimals.
    effort : Fraction
        FTE, of whole years.
    cents : mapping of str to int
        By term of the plan; the set-up of candidates as ``setup``, a year's annuity.
    provision : Fraction
        Cents of the provision for risk and liability, not rounded.
    per_1000km : Fraction
        Money that 1,000 km between the two cost in the year.
    """

    entity: str
    service: str
    provider: str
    volume: Fraction
    effort: Fraction
    cents: Mapping[str, int]
    provision: Fraction
    per_1000km: Fraction

    @property
    def is_own(self) -> bool:
        """The client does the work itself."""
        return self.provider == OWN

    @property
    def charged(self) -> int:
        """Cents that go into prices, the provision aside; nothing of own capacity does."""
        return 0 if self.is_own else sum(self.cents.get(term, 0) for term in CHARGED)

    @property
    def memo(self) -> dict[str, int]:
        """Cents by term that stay with the client."""
        return {term: self.cents[term] for term in memo_terms(self.is_own) if self.cents.get(term)}


def memo_terms(own: bool) -> tuple[str, ...]:
    """Terms that stay with the client, in the order of documents; with own capacity all of them do."""
    return _MEMO if own else tuple(term for term in _MEMO if term not in CHARGED)


@dataclass(frozen=True, slots=True)
class YearCosts:
    """A year of a plan.

    Parameters
    ----------
    number : int
        Planning year, from 1; 1 of a steady plan.
    begin, end : date
        First day, and first day after the year.
    shares : tuple of Share
        By entity, service, provider.
    idle : mapping of str to int
        Cents by provider of sites that were open without work.
    nobody : mapping of str to int
        Other cents by term that no client bears: exits that nobody's move caused.
    """

    number: int
    begin: date
    end: date
    shares: tuple[Share, ...]
    idle: Mapping[str, int]
    nobody: Mapping[str, int]


def steady_year(case: Case, plan: Mapping[str, Any]) -> YearCosts:
    """The year of a steady plan, from its document alone but for effort and rates."""
    idle: dict[str, int] = defaultdict(int)
    for row in plan["unallocated"]:
        idle[row["provider"]] += cents_of(row["amount"])
    begin = case.policy.as_of
    shares = (_share(case, a) for a in plan["assignments"] if a["provider"] is not None)
    return YearCosts(1, begin, add_months(begin, 12), tuple(sorted(shares, key=_key)), dict(idle), {})


def _share(case: Case, row: Mapping[str, Any]) -> Share:
    service, volume = case.service[row["service"]], exact(row["volume"])
    effort = volume * exact(service.minutes_per_unit) / exact(case.policy.minutes_per_fte_year)
    cents = {term: cents_of(amount) for term, amount in row["cost"].items()}
    cents[SETUP] = cents.pop(ONE_OFF_TERMS[1])
    rate = exact(service.risk_rate) + exact(service.liability_rate)
    return Share(
        row["entity"],
        row["service"],
        row["provider"],
        volume,
        effort,
        cents,
        rate * cents["service"],
        effort * exact(case.policy.distance_cost_per_fte_1000km),
    )


def _key(share: Share) -> tuple[str, str, str]:
    return share.entity, share.service, share.provider
