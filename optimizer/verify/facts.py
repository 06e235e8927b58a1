"""What a case says about each demand, line and site, prepared once for any number of plans.

Volumes and minutes are exact integers (millionths, and millionths of millionths), so that
rules compare without rounding. Definitions: ``optimizer/model/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.types import MICRO, exact, micro
from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.eligibility import Eligibility, languages_missing
from optimizer.verify.geography import Geography

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy
    from optimizer.domain.types import Demand, Entity, Offer, Provider, Service

__all__ = ["UNLIMITED", "DemandFacts", "Facts", "LineFacts", "PairCost", "SiteFacts"]

UNLIMITED: Final = None
Made = TypeVar("Made")
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
    years: int
    """Years over which the one-off cost of its move is spread."""
    priced_today: bool
    """Today's source has a price, so that a move away from it is paid for."""

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
    prices: tuple[tuple[int, Fraction], ...]

    def amount(self, volume: int) -> Fraction:
        """Cost of ``volume`` of this case stacked on the base volume, fee included; exact."""
        if volume <= 0:
            return Fraction(0)
        low, high, parts = self.base, self.base + volume, Fraction(0)
        ends = [start for start, _ in self.prices[1:]] + [high]
        for (start, unit_cost), end in zip(self.prices, ends, strict=True):
            width = min(high, end) - max(low, start)
            if width > 0:
                parts += width * unit_cost
        return (exact(self.row.fixed_cost) + parts / MICRO) * (1 + exact(self.row.fee_rate))

    def cost(self, volume: int) -> float:
        """``amount`` in floats, for comparing many neighbours."""
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
    """One provider as a site; capacity left and least load in 10⁻¹² minutes a year, fixed cost with rent a year."""

    row: Provider
    room: int | None
    least: int
    cost: Fraction

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
    """Yearly cost that depends on one (demand, provider) pair only, exact but for measured km and hours."""

    own: Fraction
    distance: Fraction
    overlap: Fraction
    language: Fraction
    transition: Fraction


class Facts:
    """A case, prepared: exact quantities, prices of pairs, eligibility.

    Parameters
    ----------
    case : Case
    geography, calendar : optional
        Of a case with the same places and calendar year, so that what they have measured is not measured again.
    """

    def __init__(self, case: Case, geography: Geography | None = None, calendar: OverlapCalendar | None = None) -> None:
        self.case = case
        self.policy = case.policy
        self.geography = geography or Geography(case.countries)
        self.calendar = calendar or OverlapCalendar(case.policy.calendar_year)
        self.eligibility = Eligibility(case, self.geography, self.calendar)
        self.demands: dict[Key, DemandFacts] = {d.key: self._demand(d) for d in case.demands}
        self.lines: dict[Key, LineFacts] = {o.key: self._line(o) for o in case.offers}
        self.sites: dict[str, SiteFacts] = {p.id: self._site(p) for p in case.providers}
        self.required = tuple(p.id for p in case.providers if p.status == "required")
        self.all_minutes = sum(d.minutes for d in self.demands.values())
        self._annuities: dict[int, Fraction] = {}
        self.annuity = self.annuity_over(case.policy.horizon_years)
        self.reference = {s.id: self._reference(s.id) for s in case.services}
        elements = case.policy.transition
        self.per_fte = sum(exact(getattr(elements, k)) for k in TRANSITION_ELEMENTS) * (
            1 + exact(elements.contingency_rate)
        )
        self._pairs: dict[tuple[Key, str], PairCost] = {}
        self._made: dict[Callable[[Facts], Any], Any] = {}

    def once(self, make: Callable[[Facts], Made]) -> Made:
        """What follows from the case alone: made when first asked for, and kept."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made

    def annuity_over(self, years: int) -> Fraction:
        """Yearly amount that pays a one-off cost of 1 over so many years."""
        known = self._annuities.get(years)
        if known is None:
            known = self._annuities[years] = _annuity(exact(self.policy.discount_rate), years)
        return known

    def effort(self, demand: DemandFacts) -> Fraction:
        """Effort of a demand in FTE, exact."""
        return Fraction(demand.minutes, micro(self.policy.minutes_per_fte_year) * MICRO)

    def move(self, demand: DemandFacts) -> Fraction:
        """One-off cost of moving a demand away from today's source; 0 where today has no price."""
        return self.effort(demand) * self.per_fte if demand.priced_today else Fraction(0)

    def pair(self, demand: DemandFacts, provider: str) -> PairCost:
        """Own, distance, overlap, language and annualised move cost a year of a pair (cached)."""
        known = self._pairs.get((demand.key, provider))
        if known is None:
            known = self._pairs[demand.key, provider] = self._price(demand, provider)
        return known

    def km(self, demand: DemandFacts, provider: str) -> float:
        """Distance between the entity and a provider of the case."""
        return self.geography.km(demand.entity.place, self.case.provider[provider].place)

    def loss(self, service: str, providers: int) -> Fraction:
        """Dispersion cost of a service run by so many providers."""
        rates = self.policy.dispersion_loss
        if providers <= 0 or not rates:
            return Fraction(0)
        return exact(rates[min(providers, len(rates)) - 1]) * self.reference[service]

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

    def has_price(self, row: Demand, provider: str) -> bool:
        """Whether a price exists: the line is offered, or own capacity has a unit cost."""
        if provider == OWN:
            return row.own_unit_cost is not None
        return (provider, row.service) in self.case.offer

    def _price(self, d: DemandFacts, provider: str) -> PairCost:
        none = Fraction(0)
        move = self.move(d) * self.annuity_over(d.years) if d.moves_to(provider) else none
        if provider == OWN:
            own = exact(d.row.own_fixed_cost) + exact(d.row.volume) * exact(d.row.own_unit_cost or 0.0)
            return PairCost(own, none, none, none, move)
        site = self.case.provider.get(provider)
        if site is None:
            return PairCost(none, none, none, none, move)
        rate, distance = self.policy.distance_cost_per_fte_1000km, none
        if rate:
            distance = exact(rate) * self.effort(d) * Fraction(self.km(d, provider)) / 1000
        return PairCost(none, distance, self._overlap_cost(d, site), self._language_cost(d, site), move)

    def _overlap_cost(self, d: DemandFacts, site: Provider) -> Fraction:
        rate, target = self.policy.overlap_cost_per_fte_hour, d.service.target_overlap_hours
        if not rate or target is None:
            return Fraction(0)
        lack = exact(target) - Fraction(self.calendar.overlap(d.entity.work, site.work).mean_hours)
        return exact(rate) * self.effort(d) * max(Fraction(0), lack)

    def _language_cost(self, d: DemandFacts, site: Provider) -> Fraction:
        rate, rule = self.policy.language_cost_rate, d.service.language_rule
        line = self.lines.get((site.id, d.service.id))
        if self.policy.language_mode != "price" or not rate or rule == "none" or line is None:
            return Fraction(0)
        missing = len(languages_missing(d.entity, site))
        if rule == "any":
            missing = int(bool(d.entity.languages) and missing == len(d.entity.languages))
        unit_cost = line.prices[0][1] * (1 + exact(line.row.fee_rate))
        return exact(rate) * exact(d.row.volume) * unit_cost * missing

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
            years=_years(case.entity[row.entity].end, case.policy),
            priced_today=today is not None and self.has_price(row, today.provider),
        )

    def _line(self, row: Offer) -> LineFacts:
        tiers = tuple((micro(start), cost) for start, cost in self.case.line_tiers[row.key])
        capacity = UNLIMITED if row.capacity is None else micro(row.capacity)
        prices = self.case.line_prices[row.key]
        return LineFacts(row.key, row, capacity, micro(row.base_volume), micro(row.min_volume), tiers, prices)

    def _site(self, row: Provider) -> SiteFacts:
        year = micro(self.policy.minutes_per_fte_year)
        room = UNLIMITED if row.capacity_fte is None else (micro(row.capacity_fte) - micro(row.base_fte)) * year
        least = micro(row.min_fte) * year if row.status == "candidate" else 0
        free = row.rent_free_until is not None and self.policy.as_of < row.rent_free_until
        cost = exact(row.site_fixed_cost) + (Fraction(0) if free else exact(row.rent))
        return SiteFacts(row, room, least, cost)

    def _reference(self, service: str) -> Fraction:
        case = self.case
        costs = [
            case.line_prices[o.key][0][1]
            for o in case.offers
            if o.service == service and case.provider[o.provider].status != "closed"
        ]
        volume = sum(d.volume for d in self.demands.values() if d.key[1] == service)
        return Fraction(volume, MICRO) * sum(costs) / len(costs) if costs else Fraction(0)


def _years(end: date | None, policy: Policy) -> int:
    """Horizon, or the years that an entity has left if these are fewer; a begun year counts whole."""
    years, start = 1, policy.as_of
    if end is None:
        return policy.horizon_years
    last = (end.year, end.month, end.day)
    while years < policy.horizon_years and last > (start.year + years, start.month, start.day):
        years += 1
    return years


def _annuity(rate: Fraction, years: int) -> Fraction:
    """Yearly amount that pays a one-off cost of 1 over so many years."""
    growth = (1 + rate) ** years
    return Fraction(1, years) if rate == 0 else rate * growth / (growth - 1)
