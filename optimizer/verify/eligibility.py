"""Who may serve whom: every refusal of a (demand, provider) pair, with the figure that broke it.

Definitions: ``optimizer/model/README.md`` (*eligibility*). One function per refusal,
named as the refusal, gathered in ``TESTS``; exemptions (today's pair, decisions) afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.domain.names import KEEP_CURRENT_EXEMPTS, LOCK_CANNOT_OVERRIDE, OWN
from optimizer.domain.policy import HARDSHIP_ORDER
from optimizer.domain.types import exact
from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.geography import Geography

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.types import Demand, Entity, Offer, Provider, Service

__all__ = ["OWN_TESTS", "TESTS", "Eligibility", "Pair", "Refusal", "Verdict", "languages_missing"]

_KM_NOISE: Final = 1e-9
_MINUTE_NOISE: Final = 1e-6


class Refusal(NamedTuple):
    """Reason code of ``REFUSALS`` and the figure behind it, in words."""

    code: str
    figure: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a pair, and what was set aside for it."""

    refusals: tuple[Refusal, ...]
    exempted: tuple[Refusal, ...] = ()

    @property
    def eligible(self) -> bool:
        """Nothing stands against the pair."""
        return not self.refusals


class Pair(NamedTuple):
    """A demand and a provider that offers the service, with their rows at hand."""

    demand: Demand
    entity: Entity
    service: Service
    provider: Provider
    offer: Offer
    is_current: bool


def languages_missing(entity: Entity, provider: Provider) -> list[str]:
    """Languages of the entity that the provider lacks, sorted."""
    return sorted(entity.languages - provider.languages)


class Eligibility:
    """Verdicts of one case, cached by (demand, provider)."""

    def __init__(self, case: Case, geography: Geography | None = None, calendar: OverlapCalendar | None = None) -> None:
        self.case = case
        self.policy = case.policy
        self.geography = geography or Geography(case.countries)
        self.calendar = calendar or OverlapCalendar(case.policy.calendar_year)
        self._verdicts: dict[tuple[tuple[str, str], str], Verdict] = {}
        self._best: dict[tuple[str, str], Fraction | None] = {}
        self._offers: dict[str, list[Offer]] = {}
        for offer in case.offers:
            self._offers.setdefault(offer.service, []).append(offer)

    def verdict(self, demand: Demand, provider: str) -> Verdict:
        """Refusals that stand against ``provider`` (or ``OWN``) serving ``demand``."""
        known = self._verdicts.get((demand.key, provider))
        if known is None:
            found = self._own(demand) if provider == OWN else self._provided(demand, provider)
            known = self._verdicts[demand.key, provider] = self._exempt(demand, provider, found)
        return known

    def eligible(self, demand: Demand, provider: str) -> bool:
        """Whether nothing stands against the pair."""
        return not self.verdict(demand, provider).refusals

    def candidates(self, demand: Demand) -> list[str]:
        """Every source worth asking for: providers that offer the service, then ``OWN``; unsifted."""
        return [o.provider for o in self._offers.get(demand.service, ())] + [OWN]

    def unit_cost(self, provider: str, service: str) -> Fraction:
        """u_ps: cost of a unit in the first tier, fee included; exact."""
        return self.case.line_prices[provider, service][0][1] * (1 + exact(self.case.offer[provider, service].fee_rate))

    def best_secretariat(self, demand: Demand) -> Fraction | None:
        """Least u_ps over Secretariat providers eligible for the demand; ``None`` without any."""
        if demand.key not in self._best:
            costs = [
                self.unit_cost(o.provider, o.service)
                for o in self._offers.get(demand.service, ())
                if self.case.provider[o.provider].kind == "secretariat" and self.eligible(demand, o.provider)
            ]
            self._best[demand.key] = min(costs, default=None)
        return self._best[demand.key]

    def _own(self, demand: Demand) -> list[Refusal]:
        entity = self.case.entity[demand.entity]
        found = [r for test in OWN_TESTS if (r := test(self, demand, entity)) is not None]
        return found + self._forbidden(demand, OWN)

    def _provided(self, demand: Demand, provider: str) -> list[Refusal]:
        offer = self.case.offer.get((provider, demand.service))
        row = self.case.provider.get(provider)
        if offer is None or row is None:
            shut = [Refusal("closed", "status closed")] if row is not None and row.status == "closed" else []
            return [Refusal("not_offered", f"no offer of {demand.service}"), *shut, *self._forbidden(demand, provider)]
        today = self.case.current_of.get(demand.key)
        is_current = today is not None and today.provider == provider
        entity, service = self.case.entity[demand.entity], self.case.service[demand.service]
        pair = Pair(demand, entity, service, row, offer, is_current)
        found = [r for test in TESTS if (r := test(self, pair)) is not None]
        return found + self._forbidden(demand, provider)

    def _forbidden(self, demand: Demand, provider: str) -> list[Refusal]:
        if (*demand.key, provider) in self.case.forbidden:
            return [Refusal("forbid", "forbidden by decision")]
        return []

    def _exempt(self, demand: Demand, provider: str, found: list[Refusal]) -> Verdict:
        if not found:
            return _CLEAN
        waived: frozenset[str] = frozenset()
        today = self.case.current_of.get(demand.key)
        if self.policy.keep_current and today is not None and today.provider == provider:
            waived = KEEP_CURRENT_EXEMPTS
        if self.case.locks.get(demand.key) == provider:
            waived = frozenset(r.code for r in found) - LOCK_CANNOT_OVERRIDE
        return Verdict(
            tuple(r for r in found if r.code not in waived),
            tuple(r for r in found if r.code in waived),
        )


_CLEAN: Final = Verdict(())


def own_not_given(_: Eligibility, demand: Demand, __: Entity) -> Refusal | None:
    """The entity states no cost of its own for the service."""
    return Refusal("own_not_given", "own_unit_cost is blank") if demand.own_unit_cost is None else None


def own_headcount(c: Eligibility, _: Demand, entity: Entity) -> Refusal | None:
    """The entity is smaller than ``own_min_headcount``."""
    if entity.headcount >= c.policy.own_min_headcount:
        return None
    return Refusal("own_headcount", f"headcount {entity.headcount:g}, least {c.policy.own_min_headcount:g}")


def client_kind(_: Eligibility, pair: Pair) -> Refusal | None:
    """The offer names kinds of client and the entity's is not among them."""
    kinds = pair.offer.client_kinds
    if not kinds or pair.entity.kind in kinds:
        return None
    return Refusal("client_kind", f"{pair.entity.kind or 'no kind'}, offered to {', '.join(sorted(kinds))}")


def region(c: Eligibility, pair: Pair) -> Refusal | None:
    """The entity's country lies in none of the regions served."""
    if c.geography.within(pair.entity.place.country, pair.offer.regions_served):
        return None
    return Refusal("region", f"{pair.entity.place.country} not in {', '.join(sorted(pair.offer.regions_served))}")


def location_class(c: Eligibility, pair: Pair) -> Refusal | None:
    """``fixed`` wants the same city, ``local`` the same country; ``regional`` is the test ``region``."""
    kind, here, there = pair.service.location_class, pair.entity.place, pair.provider.place
    if kind == "local" and here.country != there.country:
        return Refusal("location_class", f"local: {here.country} is not {there.country}")
    if kind == "fixed" and not c.geography.same_city(here, there):
        return Refusal("location_class", f"fixed: {c.geography.km(here, there):.1f} km, {here.country}/{there.country}")
    return None


def distance(c: Eligibility, pair: Pair) -> Refusal | None:
    """Geodesic distance above ``max_distance_km``."""
    limit = pair.service.max_distance_km
    if limit is None:
        return None
    km = c.geography.km(pair.entity.place, pair.provider.place)
    return Refusal("distance", f"{km:.1f} km, at most {limit:g} km") if km > limit + _KM_NOISE else None


def overlap(c: Eligibility, pair: Pair) -> Refusal | None:
    """Fewer shared minutes in the worst week than ``min_overlap_hours`` asks for."""
    least = pair.service.min_overlap_hours
    if least is None:
        return None
    shared = c.calendar.overlap(pair.entity.work, pair.provider.work)
    if shared.worst_minutes >= least * 60 * shared.working_days - _MINUTE_NOISE:
        return None
    return Refusal("overlap", f"{shared.worst_hours:.2f} h a day in the worst week, at least {least:g} h")


def language(c: Eligibility, pair: Pair) -> Refusal | None:
    """Mode ``forbid``: all (or any one) of the entity's languages must be offered."""
    rule, wanted = pair.service.language_rule, pair.entity.languages
    if c.policy.language_mode != "forbid" or rule == "none" or wanted <= pair.provider.languages:
        return None
    if rule == "any" and not wanted.isdisjoint(pair.provider.languages):
        return None
    return Refusal("language", f"lacks {', '.join(languages_missing(pair.entity, pair.provider))}")


def hardship(c: Eligibility, pair: Pair) -> Refusal | None:
    """New work at a place whose class is worse than ``max_hardship_class``; a blank class passes."""
    worst, there = c.policy.max_hardship_class, pair.provider.hardship_class
    if worst is None or not there or pair.is_current or HARDSHIP_ORDER.index(there) <= HARDSHIP_ORDER.index(worst):
        return None
    return Refusal("hardship", f"class {there}, worst allowed {worst}")


def service_level(_: Eligibility, pair: Pair) -> Refusal | None:
    """The offer's service level is below the service's least, or not stated."""
    least, level = pair.service.min_service_level, pair.offer.service_level
    if least is None or (level is not None and level >= least):
        return None
    return Refusal("service_level", f"{'none' if level is None else f'{level:g}'}, at least {least:g}")


def agency_saving(c: Eligibility, pair: Pair) -> Refusal | None:
    """An agency that is not ``agency_min_saving`` cheaper than the best Secretariat provider."""
    share = c.policy.agency_min_saving
    if share is None or pair.provider.kind != "agency":
        return None
    best = c.best_secretariat(pair.demand)
    mine = c.unit_cost(pair.provider.id, pair.service.id)
    if best is None or mine <= (1 - exact(share)) * best:
        return None
    figures = f"unit cost {float(mine):.15g}, best Secretariat {float(best):.15g}"
    return Refusal("agency_saving", f"{figures}, saving asked {share:g}")


def closing(_: Eligibility, pair: Pair) -> Refusal | None:
    """A closing provider keeps its current demands and takes no others."""
    if pair.provider.status != "closing" or pair.is_current:
        return None
    return Refusal("closing", "status closing, not served there today")


def closed(_: Eligibility, pair: Pair) -> Refusal | None:
    """A closed provider serves nobody."""
    return Refusal("closed", "status closed") if pair.provider.status == "closed" else None


OWN_TESTS: Final[tuple[Callable[[Eligibility, Demand, Entity], Refusal | None], ...]] = (own_not_given, own_headcount)
TESTS: Final[tuple[Callable[[Eligibility, Pair], Refusal | None], ...]] = (
    client_kind,
    region,
    location_class,
    distance,
    overlap,
    language,
    hardship,
    service_level,
    agency_saving,
    closing,
    closed,
)
"""Tests of a provider that offers the service; ``not_offered`` and ``forbid`` come on top."""
