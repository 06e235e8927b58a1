"""Rows and cases made by hand, small enough to price in the head.

At the defaults 1,000 units of ``pay`` are one post, a line costs 10 a unit, and no rule but eligibility binds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import Policy
from optimizer.domain.types import Country, Demand, Entity, Offer, Place, Provider, Service, Tier, WorkPattern
from optimizer.testing.typed import case_of, edited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.types import CurrentRow, Decision

__all__ = [
    "BANGKOK",
    "COUNTRIES",
    "GENEVA",
    "NAIROBI",
    "NEW_YORK",
    "VIENNA",
    "WEEKEND",
    "case",
    "changed",
    "entity",
    "provider",
    "service",
    "two_by_two",
    "with_policy",
    "work",
]

WEEKEND: Final = frozenset({5, 6})
NAIROBI: Final = Place(-1.286389, 36.817223, "KE", "Nairobi")
VIENNA: Final = Place(48.208174, 16.373819, "AT", "Vienna")
GENEVA: Final = Place(46.204391, 6.143158, "CH", "Geneva")
NEW_YORK: Final = Place(40.712784, -74.005941, "US", "New York")
BANGKOK: Final = Place(13.756331, 100.501765, "TH", "Bangkok")
COUNTRIES: Final = {
    c.code: c
    for c in (
        Country("KE", "Kenya", frozenset({"Africa", "Eastern Africa"}), "rest", WEEKEND),
        Country("AT", "Austria", frozenset({"Europe", "Western Europe"}), "rest", WEEKEND),
        Country("CH", "Switzerland", frozenset({"Europe", "Western Europe"}), "rest", WEEKEND),
        Country("US", "United States", frozenset({"Americas", "Northern America"}), "americas", WEEKEND),
        Country("TH", "Thailand", frozenset({"Asia", "South-eastern Asia"}), "asia_pacific", WEEKEND),
    )
}


def work(zone: str, start: int = 9, end: int = 17, weekend: frozenset[int] = WEEKEND) -> WorkPattern:
    """Whole hours in a time zone."""
    return WorkPattern(zone, time(start), time(end), weekend)


def entity(id: str = "E1", place: Place = NAIROBI, zone: str = "Africa/Nairobi", **more: Any) -> Entity:
    """An entity of 100 staff; ``more`` are other columns."""
    return Entity(id, id, place, more.pop("work", work(zone)), more.pop("headcount", 100.0), **more)


def service(id: str = "pay", minutes: float = 96.0, **more: Any) -> Service:
    """A global service; 1,000 units are one post at the default 96,000 minutes."""
    return Service(id, id, more.pop("location_class", "global"), minutes, **more)


def provider(id: str = "P1", place: Place = VIENNA, zone: str = "Europe/Vienna", **more: Any) -> Provider:
    """An open Secretariat provider."""
    kind, status = more.pop("kind", "secretariat"), more.pop("status", "open")
    return Provider(id, id, place, more.pop("work", work(zone)), kind, status, **more)


def case(
    entities: Sequence[Entity],
    services: Sequence[Service],
    demands: Sequence[Demand],
    providers: Sequence[Provider],
    offers: Sequence[Offer],
    tiers: Sequence[Tier] = (),
    current: Sequence[CurrentRow] = (),
    decisions: Sequence[Decision] = (),
    **policy: Any,
) -> Case:
    """A case from rows in any order; lines without tiers cost 10 a unit, ``policy`` are keys of the policy.

    Nothing is checked: what the reader would refuse is built too.

    Examples
    --------
    >>> from optimizer.domain.types import Demand, Offer
    >>> from optimizer.testing import hand
    >>> small = hand.case(
    ...     [hand.entity("E1")], [hand.service("pay")], [Demand("E1", "pay", 1000.0)],
    ...     [hand.provider("P1")], [Offer("P1", "pay", fixed_cost=500.0)],
    ... )
    >>> from optimizer.testing import best_plan
    >>> float(best_plan(small).cost)
    10500.0
    """
    priced = {(t.provider, t.service) for t in tiers}
    flat = [Tier(o.provider, o.service, 0.0, 10.0) for o in offers if o.key not in priced]
    return case_of(
        policy=Policy(**policy),
        entities=tuple(sorted(entities, key=lambda e: e.id)),
        services=tuple(sorted(services, key=lambda s: s.id)),
        demands=tuple(sorted(demands, key=lambda d: d.key)),
        providers=tuple(sorted(providers, key=lambda p: p.id)),
        offers=tuple(sorted(offers, key=lambda o: o.key)),
        tiers=tuple(sorted([*tiers, *flat], key=lambda t: (t.provider, t.service, t.from_volume))),
        current=tuple(sorted(current, key=lambda c: (c.entity, c.service))),
        decisions=tuple(decisions),
        countries=COUNTRIES,
    )


def two_by_two(**policy: Any) -> Case:
    """E1 in Nairobi and E2 in Bangkok need payroll (1,000 and 3,000 units); Vienna and New York offer it."""
    return case(
        [entity(), entity("E2", BANGKOK, "Asia/Bangkok")],
        [service()],
        [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 3000.0)],
        [provider(), provider("P2", NEW_YORK, "America/New_York")],
        [Offer("P1", "pay"), Offer("P2", "pay")],
        **policy,
    )


def changed(c: Case, table: str, id: str | tuple[str, ...], **fields: Any) -> Case:
    """The case with some fields of one row changed; ``id`` is an id or a key.

    Raises
    ------
    KeyError
        There is no such row.
    """

    def hit(row: Any) -> bool:
        return bool((getattr(row, "id", None) or getattr(row, "key", None)) == id)

    rows = getattr(c, table)
    if not any(map(hit, rows)):
        raise KeyError(f"{table} has no row {id!r}")
    return edited(c, **{table: tuple(replace(r, **fields) if hit(r) else r for r in rows)})


def with_policy(c: Case, **fields: Any) -> Case:
    """The case under another policy."""
    return edited(c, policy=replace(c.policy, **fields))
