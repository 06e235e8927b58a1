"""What a case says about each demand, line and site, prepared once for any number of plans.

Volumes and minutes are exact integers (millionths, and millionths of millionths), so that
rules compare without rounding. Definitions: ``optimizer/formulation/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.types import MICRO, micro
from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.eligibility import Eligibility, languages_missing
from optimizer.verify.geography import Geography

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.types import Demand, Entity, Offer, Provider, Service

__all__ = ["UNLIMITED", "DemandFacts", "Facts", "LineFacts", "PairCost", "SiteFacts"]

UNLIMITED: Final = None
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class DemandFacts:
    """One demand.

    Parameters
    ----------
    volume : int
        Millionths of a unit a year.
    minutes : int
        volume · minutes_per_unit, in 10⁻¹² minutes a year.
    effort : float
        FTE.
    bundle : tuple of (entity, bundle name), optional
    critical : bool
        The rule ``backup`` applies to it unless it is on own capacity.
    today : str
        Provider of its ``current`` row, ``OWN``, or empty.
    lock : str
        Provider decided for it, or empty.
    """

    key: Key
    row: Demand
    entity: Entity
    service: Service
    volume: int
    minutes: int
    effort: float
    bundle: Key | None
    critical: bool
    today: str
    lock: str

    def moves_to(self, provider: str) -> bool:
        """Whether being served by ``provider`` is a change from today."""
        return self.today not in ("", provider)


@dataclass(frozen=True, slots=True, eq=False)
class LineFacts:
    """One offer; volumes in millionths of a unit, money a year."""

    key: Key
    row: Offer
    capacity: int | None
    base: int
    least: int
    tiers: tuple[tuple[int, float], ...]

    def cost(self, volume: int) -> float:
        """Cost of ``volume`` of this case stacked on the base volume, fee included."""
        if volume <= 0:
            return 0.0
        variable = self.variable(self.base, self.base + volume)
        return (self.row.fixed_cost + variable) * (1.0 + self.row.fee_rate)

    def variable(self, low: int, high: int) -> float:
        """Variable cost of the units between two stacked volumes, no fee."""
        parts = []
        for k, (start, unit_cost) in enumerate(self.tiers):
            if start >= high:
                break
            end = self.tiers[k + 1][0] if k + 1 < len(self.tiers) else high
            width = min(high, end) - max(low, start)
            if width > 0:
                parts.append(width / MICRO * unit_cost)
        return parts[0] if len(parts) == 1 else fsum(parts)

    def tier_reached(self, volume: int) -> int:
        """Number (from 1) of the last tier that base plus ``volume`` reaches."""
        return max(1, sum(1 for start, _ in self.tiers if start < self.base + volume))


@dataclass(frozen=True, slots=True, eq=False)
class SiteFacts:
    """One provider as a site; capacity left for this case and least load, in 10⁻¹² minutes a year."""

    row: Provider
    room: int | None
    least: int

    @property
    def is_candidate(self) -> bool:
        """Pays set-up and must reach ``min_fte``."""
        return self.row.status == "candidate"

    @property
    def is_required(self) -> bool:
        """Open whether it has work or not."""
        return self.row.status == "required"

    @property
    def is_secretariat(self) -> bool:
        """Counts in ``site_count`` and zones."""
        return self.row.kind == "secretariat"


class PairCost(NamedTuple):
    """Yearly cost that depends on one (demand, provider) pair only; ``one_off`` is not annualised."""

    own: float
    distance: float
    overlap: float
    language: float
    one_off: float


class Facts:
    """A case, prepared: exact quantities, prices of pairs, eligibility."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.policy = case.policy
        self.geography = Geography(case.countries)
        self.calendar = OverlapCalendar(case.policy.calendar_year)
        self.eligibility = Eligibility(case, self.geography, self.calendar)
        self.demands: dict[Key, DemandFacts] = {d.key: self._demand(d) for d in case.demands}
        self.lines: dict[Key, LineFacts] = {o.key: self._line(o) for o in case.offers}
        self.sites: dict[str, SiteFacts] = {p.id: self._site(p) for p in case.providers}
        self.required = tuple(p.id for p in case.providers if p.status == "required")
        self.all_minutes = sum(d.minutes for d in self.demands.values())
        self.annuity = _annuity(case.policy.discount_rate, case.policy.horizon_years)
        self.reference = {s.id: self._reference(s.id) for s in case.services}
        elements = case.policy.transition
        self.per_fte = fsum(getattr(elements, k) for k in TRANSITION_ELEMENTS) * (1.0 + elements.contingency_rate)
        self._pairs: dict[tuple[Key, str], PairCost] = {}

    def pair(self, demand: DemandFacts, provider: str) -> PairCost:
        """Own, distance, overlap and language cost a year, and one-off cost, of a pair (cached)."""
        known = self._pairs.get((demand.key, provider))
        if known is None:
            known = self._pairs[demand.key, provider] = self._price(demand, provider)
        return known

    def km(self, demand: DemandFacts, provider: str) -> float:
        """Distance between the entity and a provider of the case."""
        return self.geography.km(demand.entity.place, self.case.provider[provider].place)

    def loss(self, service: str, providers: int) -> float:
        """Dispersion cost of a service run by so many providers."""
        rates = self.policy.dispersion_loss
        if providers <= 0 or not rates:
            return 0.0
        return rates[min(providers, len(rates)) - 1] * self.reference[service]

    def one_off(self, minutes: int, setup: int) -> tuple[int, int]:
        """Exact one-off cost of moving ``minutes`` and set-ups of ``setup`` (both as held here).

        Returns
        -------
        tuple of int
            Numerator and denominator of the amount of money.
        """
        t = self.policy.transition
        rate = sum(micro(getattr(t, k)) for k in TRANSITION_ELEMENTS) * (MICRO + micro(t.contingency_rate))
        below = micro(self.policy.minutes_per_fte_year) * MICRO**3
        return minutes * rate + setup * micro(self.policy.minutes_per_fte_year) * MICRO**2, below

    def priceable(self, key: Key, provider: str) -> bool:
        """Whether a price exists: the line is offered, or own capacity has a unit cost."""
        if provider == OWN:
            return self.demands[key].row.own_unit_cost is not None
        return (provider, key[1]) in self.lines

    def _price(self, d: DemandFacts, provider: str) -> PairCost:
        one_off = d.effort * self.per_fte if d.moves_to(provider) else 0.0
        if provider == OWN:
            own = d.row.own_fixed_cost + d.row.volume * (d.row.own_unit_cost or 0.0)
            return PairCost(own, 0.0, 0.0, 0.0, one_off)
        site = self.case.provider.get(provider)
        if site is None:
            return PairCost(0.0, 0.0, 0.0, 0.0, one_off)
        rate, distance = self.policy.distance_cost_per_fte_1000km, 0.0
        if rate:
            distance = rate * d.effort * self.km(d, provider) / 1000.0
        return PairCost(0.0, distance, self._overlap_cost(d, site), self._language_cost(d, site), one_off)

    def _overlap_cost(self, d: DemandFacts, site: Provider) -> float:
        rate, target = self.policy.overlap_cost_per_fte_hour, d.service.target_overlap_hours
        if not rate or target is None:
            return 0.0
        return rate * d.effort * max(0.0, target - self.calendar.overlap(d.entity.work, site.work).mean_hours)

    def _language_cost(self, d: DemandFacts, site: Provider) -> float:
        rate, rule = self.policy.language_cost_rate, d.service.language_rule
        if self.policy.language_mode != "price" or not rate or rule == "none":
            return 0.0
        if (site.id, d.service.id) not in self.lines:
            return 0.0
        missing = len(languages_missing(d.entity, site))
        if rule == "any":
            missing = int(bool(d.entity.languages) and missing == len(d.entity.languages))
        return rate * d.row.volume * self.eligibility.unit_cost(site.id, d.service.id) * missing

    def _demand(self, row: Demand) -> DemandFacts:
        case, service, today = self.case, self.case.service[row.service], self.case.current_of.get(row.key)
        return DemandFacts(
            key=row.key,
            row=row,
            entity=case.entity[row.entity],
            service=service,
            volume=micro(row.volume),
            minutes=micro(row.volume) * micro(service.minutes_per_unit),
            effort=row.volume * service.minutes_per_unit / case.policy.minutes_per_fte_year,
            bundle=(row.entity, service.bundle) if service.bundle else None,
            critical=case.policy.backup and service.critical,
            today=today.provider if today else "",
            lock=case.locks.get(row.key, ""),
        )

    def _line(self, row: Offer) -> LineFacts:
        tiers = tuple((micro(start), cost) for start, cost in self.case.line_tiers[row.key])
        capacity = UNLIMITED if row.capacity is None else micro(row.capacity)
        return LineFacts(row.key, row, capacity, micro(row.base_volume), micro(row.min_volume), tiers)

    def _site(self, row: Provider) -> SiteFacts:
        year = micro(self.policy.minutes_per_fte_year)
        room = UNLIMITED if row.capacity_fte is None else (micro(row.capacity_fte) - micro(row.base_fte)) * year
        least = micro(row.min_fte) * year if row.status == "candidate" else 0
        return SiteFacts(row, room, least)

    def _reference(self, service: str) -> float:
        case = self.case
        costs = [
            case.line_tiers[o.key][0][1]
            for o in case.offers
            if o.service == service and case.provider[o.provider].status != "closed"
        ]
        volume = fsum(d.row.volume for d in self.demands.values() if d.key[1] == service)
        return volume * fsum(costs) / len(costs) if costs else 0.0


def _annuity(rate: float, years: int) -> float:
    """Yearly amount that pays a one-off cost of 1 over so many years."""
    return 1.0 / years if rate == 0 else rate / (1.0 - (1.0 + rate) ** -years)
