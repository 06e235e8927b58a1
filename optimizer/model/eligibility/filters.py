"""Filters of pairs: one function per refusal, named as its code, all gathered in ``FILTERS``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.policy import HARDSHIP_ORDER
from optimizer.domain.types import exact
from optimizer.model.columns import codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.domain.case import Case
    from optimizer.domain.types import Service
    from optimizer.model.aliases import Bools, Floats, Ints, Mask
    from optimizer.model.columns import Columns
    from optimizer.model.eligibility.calendars import Overlap
    from optimizer.model.parts import Lines

__all__ = ["FILTERS", "Block", "Facts", "read_facts"]

FIXED_KM: Final = 25.0
"""``fixed``: same country and at most this far counts as the same city."""

MINUTE_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Facts:
    """What filters read, for the whole case.

    ``region_ok`` (n_countries, n_lines) and ``kind_ok`` (n_kinds, n_lines) say whether an offer
    reaches a country or kind of client; ``service_level`` is NaN where an offer has none.
    ``hardship`` is the provider's rank in ``HARDSHIP_ORDER``, −1 for blank.
    """

    columns: Columns
    lines: Lines
    km: Floats
    overlap: Overlap
    country: Ints
    region_ok: Bools
    kind: Ints
    kind_ok: Bools
    service_level: Floats
    hardship: Ints
    status: NDArray[np.str_]
    agency: Bools


@dataclass(frozen=True, eq=False)
class Block:
    """Demands of one service (n of them) against all providers."""

    facts: Facts
    service: Service
    rows: Ints
    """Demand positions, shape (n,)."""
    entity: Ints
    line: Ints
    """Line of each provider for this service, shape (n_providers,), −1 = none."""
    mask: Mask
    """Refusals found so far, shape (n, n_providers + 1)."""

    @property
    def case(self) -> Case:
        """The case behind the arrays."""
        return self.facts.columns.case

    @property
    def is_current(self) -> Bools:
        """Whether a provider serves the demand today, shape (n, n_providers)."""
        current = self.facts.columns.demands.current[self.rows]
        return np.asarray(current[:, None] == np.arange(len(self.line)), np.bool_)

    def of_offers(self, by_line: Bools) -> Bools:
        """Rows of a (…, n_lines) table for this service's lines; false where there is none."""
        if not by_line.shape[1]:
            return np.zeros((len(by_line), len(self.line)), np.bool_)
        return np.asarray(by_line[:, self.line] & (self.line >= 0), np.bool_)


def read_facts(columns: Columns, lines: Lines, km: Floats, overlap: Overlap) -> Facts:
    """Look-up tables of the filters, by distinct country, kind and offer."""
    countries, country = codes(e.place.country for e in columns.entities)
    kinds, kind = codes(e.kind for e in columns.entities)
    known = columns.case.countries
    names = [{c, "World"} | (set(known[c].regions) if c in known else set()) for c in countries]
    offers, providers = columns.offers, columns.providers
    region_ok = [[not o.regions_served or not o.regions_served.isdisjoint(n) for o in offers] for n in names]
    kind_ok = [[not o.client_kinds or k in o.client_kinds for o in offers] for k in kinds]
    level = [np.nan if o.service_level is None else o.service_level for o in offers]
    rank = [HARDSHIP_ORDER.index(p.hardship_class) if p.hardship_class else -1 for p in providers]
    return Facts(
        columns=columns,
        lines=lines,
        km=km,
        overlap=overlap,
        country=country,
        region_ok=np.array(region_ok, np.bool_).reshape(len(countries), len(offers)),
        kind=kind,
        kind_ok=np.array(kind_ok, np.bool_).reshape(len(kinds), len(offers)),
        service_level=np.array(level, np.float64),
        hardship=np.array(rank, np.int64),
        status=np.array([p.status for p in providers], np.str_),
        agency=np.array([p.kind == "agency" for p in providers], np.bool_),
    )


# Each filter gives True where it refuses, in a shape that broadcasts to (n, n_providers), or to
# (n, 1) for own capacity; None = the rule is off.


def not_offered(b: Block) -> Bools | None:
    """No offer for the service."""
    return (b.line < 0)[None, :]


def own_not_given(b: Block) -> Bools | None:
    """Own unit cost is blank."""
    return np.isnan(b.facts.columns.demands.own_unit_cost[b.rows])[:, None]


def own_headcount(b: Block) -> Bools | None:
    """Entity has fewer staff than own capacity needs."""
    least = b.case.policy.own_min_headcount
    small = np.array([e.headcount < least for e in b.facts.columns.entities], np.bool_)
    return small[b.entity][:, None] if least > 0 else None


def client_kind(b: Block) -> Bools | None:
    """Offer names kinds of clients and the entity's is not among them."""
    refused = b.of_offers(~b.facts.kind_ok)
    return refused[b.facts.kind[b.entity]] if refused.any() else None


def region(b: Block) -> Bools | None:
    """Offer names regions and none holds the entity's country."""
    refused = b.of_offers(~b.facts.region_ok)
    return refused[b.facts.country[b.entity]] if refused.any() else None


def location_class(b: Block) -> Bools | None:
    """``fixed``: other country or farther than 25 km; ``local``: other country."""
    if b.service.location_class not in ("fixed", "local"):
        return None
    elsewhere = ~b.facts.columns.same_country[b.entity]
    return elsewhere | (b.facts.km[b.entity] > FIXED_KM) if b.service.location_class == "fixed" else elsewhere


def distance(b: Block) -> Bools | None:
    """Farther than the service's ``max_distance_km``."""
    limit = b.service.max_distance_km
    return None if limit is None else b.facts.km[b.entity] > limit


def overlap(b: Block) -> Bools | None:
    """Shared minutes of the worst week below ``min_overlap_hours`` on each working day."""
    least = b.service.min_overlap_hours
    if least is None:
        return None
    needed = least * 60.0 * b.facts.overlap.working_days[b.entity] - MINUTE_TOLERANCE
    return b.facts.overlap.worst_minutes[b.entity] < needed[:, None]


def language(b: Block) -> Bools | None:
    """Mode ``forbid``: a language missing (rule ``all``) or none shared (rule ``any``)."""
    if b.case.policy.language_mode != "forbid" or b.service.language_rule == "none":
        return None
    if b.service.language_rule == "all":
        return b.facts.columns.missing_languages[b.entity] > 0
    return b.facts.columns.none_shared[b.entity]


def hardship(b: Block) -> Bools | None:
    """New work at a place whose class is worse than ``max_hardship_class``; blank passes."""
    worst = b.case.policy.max_hardship_class
    if worst is None:
        return None
    return (b.facts.hardship > HARDSHIP_ORDER.index(worst)) & ~b.is_current


def service_level(b: Block) -> Bools | None:
    """Offer's level blank or below the service's minimum."""
    least = b.service.min_service_level
    if least is None or not len(b.facts.service_level):
        return None
    return (~(b.facts.service_level[b.line] >= least) & (b.line >= 0))[None, :]


def agency_saving(b: Block) -> Bools | None:
    """Agency dearer than (1 − agency_min_saving) · the best Secretariat provider left eligible; compared exactly."""
    saving, agency = b.case.policy.agency_min_saving, b.facts.agency & (b.line >= 0)
    if saving is None or not agency.any():
        return None
    names = [p.id for p in b.facts.columns.providers]
    price = {p: b.case.unit_price(names[p], b.service.id) for p in np.flatnonzero(b.line >= 0).tolist()}
    rivals = sorted({u for p, u in price.items() if not agency[p]})
    rank = np.full(len(names), len(rivals))
    for p in price.keys() - set(np.flatnonzero(agency).tolist()):
        rank[p] = rivals.index(price[p])
    best = np.where(b.mask[:, :-1] == 0, rank, len(rivals)).min(axis=1, initial=len(rivals))
    dear: Bools = np.zeros((len(rivals) + 1, len(names)), np.bool_)  # by the best rival; the last row is for none
    for p in np.flatnonzero(agency).tolist():
        dear[:-1, p] = [price[p] > (1 - exact(saving)) * rival for rival in rivals]
    return np.asarray(dear[best], np.bool_)


def closing(b: Block) -> Bools | None:
    """Closing provider that does not serve the demand today."""
    is_closing = b.facts.status == "closing"
    return is_closing & ~b.is_current if is_closing.any() else None


def closed(b: Block) -> Bools | None:
    """Closed provider."""
    return np.asarray(b.facts.status == "closed", np.bool_)[None, :]


def forbid(b: Block) -> Bools | None:
    """Pair that a decision rules out, own capacity included."""
    pairs = b.facts.columns.demands.forbidden
    out = np.zeros(b.mask.shape, np.bool_)
    mine = pairs[np.isin(pairs[:, 0], b.rows)]
    out[np.searchsorted(b.rows, mine[:, 0]), mine[:, 1]] = True
    return out if len(mine) else None


PROVIDERS: Final = slice(0, -1)
OWN_COLUMN: Final = slice(-1, None)
EVERYBODY: Final = slice(None)

FILTERS: Final[tuple[tuple[Callable[[Block], Bools | None], slice], ...]] = (
    (not_offered, PROVIDERS),
    (own_not_given, OWN_COLUMN),
    (own_headcount, OWN_COLUMN),
    (client_kind, PROVIDERS),
    (region, PROVIDERS),
    (location_class, PROVIDERS),
    (distance, PROVIDERS),
    (overlap, PROVIDERS),
    (language, PROVIDERS),
    (hardship, PROVIDERS),
    (service_level, PROVIDERS),
    (closing, PROVIDERS),
    (closed, PROVIDERS),
    (forbid, EVERYBODY),
    (agency_saving, PROVIDERS),
)
"""Every refusal with the columns it speaks of; ``agency_saving`` last, as it looks at the others."""
