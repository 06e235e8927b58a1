"""A small case to vary: two offices, two services, two centres."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from optimizer.domain.case import Case
from optimizer.domain.policy import Policy
from optimizer.domain.types import (
    Country,
    CurrentRow,
    Demand,
    Entity,
    Offer,
    Place,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.testing import case_of

ZONE = {"FR": "Europe/Paris", "AT": "Europe/Vienna", "KE": "Africa/Nairobi", "US": "America/New_York"}
SPOT = {"FR": (48.8566, 2.3522), "AT": (48.2082, 16.3738), "KE": (-1.2921, 36.8219), "US": (40.7128, -74.006)}
COUNTRIES = {
    "FR": Country("FR", "France", frozenset({"Europe", "Western Europe"}), "rest", frozenset({5, 6})),
    "AT": Country("AT", "Austria", frozenset({"Europe", "Western Europe"}), "rest", frozenset({5, 6})),
    "KE": Country("KE", "Kenya", frozenset({"Africa", "Eastern Africa"}), "rest", frozenset({5, 6})),
    "US": Country("US", "United States", frozenset({"Americas", "Northern America"}), "americas", frozenset({5, 6})),
}


class Maker:
    """Rows with everything not named set to something harmless."""

    def pattern(self, zone: str = "Europe/Paris", start: int = 9, end: int = 17, weekend=(5, 6)) -> WorkPattern:
        return WorkPattern(zone, time(start), time(end), frozenset(weekend))

    def place(self, country: str = "FR") -> Place:
        return Place(*SPOT[country], country)

    def entity(self, id: str = "E1", country: str = "FR", **more) -> Entity:
        row = Entity(id, id, self.place(country), self.pattern(ZONE[country]), 100.0)
        return replace(row, **more)

    def service(self, id: str = "S1", **more) -> Service:
        return replace(Service(id, id, "global", 60.0), **more)

    def provider(self, id: str = "P1", country: str = "FR", **more) -> Provider:
        row = Provider(id, id, self.place(country), self.pattern(ZONE[country]), "secretariat", "open")
        return replace(row, **more)

    def offer(self, provider: str = "P1", service: str = "S1", **more) -> Offer:
        return replace(Offer(provider, service), **more)

    def case(self, *, tiers=None, policy=None, **rows) -> Case:
        """A case of the rows given; each offer without tiers costs 10 a unit."""
        base = {
            "entities": (self.entity(),),
            "services": (self.service(),),
            "demands": (Demand("E1", "S1", 100.0),),
            "providers": (self.provider(),),
            "offers": (self.offer(),),
            "countries": COUNTRIES,
        }
        base |= {k: tuple(v) if isinstance(v, list) else v for k, v in rows.items()}
        given = {(t.provider, t.service) for t in tiers or ()}
        flat = [Tier(o.provider, o.service, 0.0, 10.0) for o in base["offers"] if o.key not in given]
        return case_of(policy=replace(Policy(), **(policy or {})), tiers=(*(tiers or ()), *flat), **base)

    def two(self, **more) -> Case:
        """E1 (FR), E2 (KE) × S1, S2 × P1 (FR), P2 (AT), every pair offered, E1 served by P1."""
        rows = {
            "entities": [self.entity(), self.entity("E2", "KE")],
            "services": [self.service(), self.service("S2", minutes_per_unit=30.0)],
            "demands": [Demand(e, s, 100.0) for e in ("E1", "E2") for s in ("S1", "S2")],
            "providers": [self.provider(), self.provider("P2", "AT")],
            "offers": [self.offer(p, s) for p in ("P1", "P2") for s in ("S1", "S2")],
            "current": [CurrentRow("E1", "S1", "P1"), CurrentRow("E1", "S2", "P1")],
        }
        return self.case(**(rows | more))


@pytest.fixture(scope="session")
def make() -> Maker:
    """Maker of rows and cases."""
    return Maker()
