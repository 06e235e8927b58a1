"""Rows of a case as frozen values. Units are in the names or stated per field.

Numbers are floats that hold at most six decimals and at most nine digits before the point
(the reader refuses more), so that ``micro(x)`` is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

__all__ = [
    "Assumption",
    "Basis",
    "Country",
    "CurrentRow",
    "Decision",
    "Demand",
    "Entity",
    "LanguageRule",
    "LocationClass",
    "Offer",
    "Place",
    "Provider",
    "ProviderKind",
    "ProviderStatus",
    "Service",
    "Tier",
    "WorkPattern",
    "ends_within_a_year",
    "exact",
    "micro",
]

Day = date
"""For rows of which a field is called ``date``."""

LocationClass = Literal["global", "regional", "local", "fixed"]
LanguageRule = Literal["all", "any", "none"]
ProviderKind = Literal["secretariat", "agency"]
ProviderStatus = Literal["open", "required", "candidate", "closing", "closed"]
Basis = Literal["given", "estimated"]

MICRO = 1_000_000

_WHOLE: Final = 2.0**53
"""Below it every whole number is a float of its own."""


def _begun_years(start: date, end: date) -> int:
    """Years from one date to a later one, a begun year counted whole."""
    return max(1, end.year - start.year + ((end.month, end.day) > (start.month, start.day)))


def ends_within_a_year(end: date, as_of: date) -> bool:
    """Whether an entity that is there on ``as_of`` is gone a year later."""
    return _begun_years(as_of, end) == 1


@lru_cache(maxsize=1 << 16)
def exact(value: float) -> Fraction:
    """The decimal number that a float stands for: the shortest that reads back as this float.

    That is what was written, for up to 15 digits.
    """
    return Fraction(repr(float(value)))


def micro(value: float) -> int:
    """Exact integer millionths of a number with at most six decimals."""
    scaled = value * MICRO
    return round(scaled if abs(scaled) < _WHOLE else exact(value) * MICRO)


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the WGS 84 ellipsoid, degrees, with the name the user gave it."""

    latitude: float
    longitude: float
    country: str
    city: str = ""


@dataclass(frozen=True, slots=True)
class WorkPattern:
    """Local working time: IANA zone, daily window, days off (0 = Monday … 6 = Sunday)."""

    time_zone: str
    start: time
    end: time
    weekend: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entity:
    """A client office."""

    id: str
    name: str
    place: Place
    work: WorkPattern
    headcount: float
    kind: str = ""
    organisation: str = ""
    languages: frozenset[str] = frozenset()
    hardship_class: str = ""
    start: date | None = None
    end: date | None = None
    lead_preference: str = ""
    profile: str = ""

    def years_left(self, as_of: date) -> int | None:
        """Years from ``as_of`` to ``end``, a begun year counted whole; ``None`` without an end."""
        return None if self.end is None else _begun_years(as_of, self.end)

    def in_case(self, as_of: date) -> bool:
        """Present when start is blank or not after ``as_of`` and end is blank or later."""
        return (self.start is None or self.start <= as_of) and (self.end is None or self.end > as_of)


@dataclass(frozen=True, slots=True)
class Service:
    """A support service line, e.g. payroll."""

    id: str
    name: str
    location_class: LocationClass
    minutes_per_unit: float
    unit: str = ""
    units_per_head: float | None = None
    min_overlap_hours: float | None = None
    target_overlap_hours: float | None = None
    max_distance_km: float | None = None
    language_rule: LanguageRule = "none"
    bundle: str = ""
    critical: bool = False
    min_service_level: float | None = None
    risk_rate: float = 0.0
    liability_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Demand:
    """What one entity needs of one service in a year."""

    entity: str
    service: str
    volume: float
    basis: Basis = "given"
    own_unit_cost: float | None = None
    own_fixed_cost: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """(entity, service)."""
        return (self.entity, self.service)

    def own_cost(self, volume: Fraction) -> Fraction | None:
        """What own capacity costs a year for a volume a year, exact; ``None`` without own capacity."""
        if self.own_unit_cost is None:
            return None
        return exact(self.own_fixed_cost) + volume * exact(self.own_unit_cost)


@dataclass(frozen=True, slots=True)
class Provider:
    """A centre that may serve entities. Money a year unless the name says otherwise."""

    id: str
    name: str
    place: Place
    work: WorkPattern
    kind: ProviderKind
    status: ProviderStatus
    organisation: str = ""
    languages: frozenset[str] = frozenset()
    capacity_fte: float | None = None
    base_fte: float = 0.0
    min_fte: float = 0.0
    setup_cost: float = 0.0
    site_fixed_cost: float = 0.0
    cost_per_fte: float | None = None
    hardship_class: str = ""
    start: date | None = None
    end: date | None = None
    absorb_fte: float | None = None
    exit_cost: float = 0.0
    rent: float = 0.0
    rent_free_until: date | None = None
    reserve_opening: float = 0.0
    reserve_min: float | None = None

    def site_cost(self, on: date) -> Fraction:
        """Fixed cost a year of the open site: rent counts from ``rent_free_until`` on."""
        free = self.rent_free_until is not None and on < self.rent_free_until
        return exact(self.site_fixed_cost) + (0 if free else exact(self.rent))


@dataclass(frozen=True, slots=True)
class Offer:
    """A line: one provider's offer of one service. Volumes in units of the service a year."""

    provider: str
    service: str
    capacity: float | None = None
    base_volume: float = 0.0
    min_volume: float = 0.0
    fixed_cost: float = 0.0
    fee_rate: float = 0.0
    service_level: float | None = None
    regions_served: frozenset[str] = frozenset()
    client_kinds: frozenset[str] = frozenset()
    start: date | None = None
    end: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        """(provider, service)."""
        return (self.provider, self.service)


@dataclass(frozen=True, slots=True)
class Tier:
    """Variable cost of each unit above ``from_volume`` (until the next tier)."""

    provider: str
    service: str
    from_volume: float
    unit_cost: float


@dataclass(frozen=True, slots=True)
class CurrentRow:
    """Who serves a demand today (``OWN`` for own capacity)."""

    entity: str
    service: str
    provider: str
    unit_cost: float | None = None
    notice_until: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What people decided; ``entity`` is an id, ``kind:<kind>`` or ``*``."""

    action: Literal["lock", "forbid"]
    entity: str
    reason: str
    service: str = ""
    provider: str = ""
    decided_by: str = ""
    date: date | None = None
    from_: Day | None = None
    until: Day | None = None

    def holds(self, on: Day) -> bool:
        """Whether the decision counts in a period that begins on a day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Assumption:
    """Where an input figure comes from."""

    table: str
    key: str
    column: str
    basis: Literal["published", "derived", "assumed"]
    low: float | None = None
    high: float | None = None
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """Packaged facts about a country or territory, frozen into the case."""

    code: str
    name: str
    regions: frozenset[str]
    zone: str
    weekend: frozenset[int]
