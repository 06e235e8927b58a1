"""Refusals in words, each with the figure that broke the rule and the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.domain.answer import Sentence, told
from optimizer.domain.names import REFUSALS
from optimizer.domain.types import exact

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from optimizer.domain.case import Case
    from optimizer.domain.types import Decision, Demand, Entity, Offer, Provider, Service
    from optimizer.model.problem import Problem

    Figure = float | str | None
    Told = tuple[str, Figure, Figure]

__all__ = ["Pair", "agency_limit", "explain_codes", "explain_exemptions", "explain_refusals", "said_by"]


@dataclass(frozen=True)
class Pair:
    """One demand and one provider (not own capacity), by name and by position."""

    case: Case
    problem: Problem
    d: int
    p: int

    @property
    def entity(self) -> Entity:
        """Client of the pair."""
        return self.case.entity[self.problem.entity_ids[self.problem.demand_entity[self.d]]]

    @property
    def service(self) -> Service:
        """Service of the pair."""
        return self.case.service[self.problem.service_ids[self.problem.demand_service[self.d]]]

    @property
    def demand(self) -> Demand:
        """Demand of the pair."""
        return self.case.demand[self.entity.id, self.service.id]

    @property
    def provider(self) -> Provider:
        """Provider of the pair."""
        return self.case.provider[self.problem.provider_ids[self.p]]

    @property
    def name(self) -> str:
        """Provider id or ``OWN``."""
        return self.problem.provider_name(self.p)

    @property
    def offer(self) -> Offer | None:
        """The provider's offer of the service."""
        return self.case.offer.get((self.name, self.service.id))

    @property
    def forbidding(self) -> list[Decision]:
        """Decisions that rule the pair out."""
        rows = [r for r in self.case.decisions if r.action == "forbid" and r.provider == self.name]
        return [r for r in rows if self.demand.key in self.case.demands_named(r.entity, r.service)]

    def at(self, table: Any) -> float:
        """Cell of an (n_entities, n_providers) table."""
        return float(table[self.problem.demand_entity[self.d], self.p])


def _not_offered(x: Pair) -> Told:
    return told("{provider} does not offer {service}", provider=x.name, service=x.service.id), None, None


def _own_not_given(x: Pair) -> Told:
    text = "{entity} has no own capacity for {service} (own_unit_cost is blank)"
    return told(text, entity=x.entity.id, service=x.service.id), None, None


def _own_headcount(x: Pair) -> Told:
    have, least = x.entity.headcount, x.case.policy.own_min_headcount
    text = "{entity} has {have:g} staff, own capacity needs {least:g}"
    return told(text, entity=x.entity.id, have=have, least=least), have, least


def _client_kind(x: Pair) -> Told:
    kinds = ", ".join(sorted(x.offer.client_kinds)) if x.offer else ""
    named = {"provider": x.name, "service": x.service.id, "kinds": kinds}
    if not x.entity.kind:
        text = "{provider} offers {service} only to kinds {kinds}, not to (blank)"
        return told(text, **named), x.entity.kind, kinds
    text = "{provider} offers {service} only to kinds {kinds}, not to {kind}"
    return told(text, **named, kind=x.entity.kind), x.entity.kind, kinds


def _region(x: Pair) -> Told:
    reach, where = ", ".join(sorted(x.offer.regions_served)) if x.offer else "", x.entity.place.country
    text = "{provider} offers {service} in {reach}, which does not hold {where}"
    return told(text, provider=x.name, service=x.service.id, reach=reach, where=where), where, reach


def _location_class(x: Pair) -> Told:
    km, kind = x.at(x.problem.distance_km), x.service.location_class
    here, there = x.entity.place.country, x.provider.place.country
    if here != there:
        text = "{service} is {kind}: it must be provided in {here}, {provider} is in {there}"
        return told(text, service=x.service.id, kind=kind, here=here, provider=x.name, there=there), there, here
    text = "{service} is {kind}: at most 25 km away, {provider} is {km:,.1f} km away"
    return told(text, service=x.service.id, kind=kind, provider=x.name, km=km), km, 25.0


def _distance(x: Pair) -> Told:
    km, limit = x.at(x.problem.distance_km), x.service.max_distance_km
    text = "{provider} is {km:,.1f} km away, {service} allows {limit:,.1f} km"
    return told(text, provider=x.name, km=km, service=x.service.id, limit=limit or 0.0), km, limit


def _overlap(x: Pair) -> Told:
    hours, least = x.at(x.problem.overlap_hours_worst), x.service.min_overlap_hours
    text = "{hours:.2f} shared working hours a day in the worst week, {service} needs {least:.2f}"
    return told(text, hours=hours, service=x.service.id, least=least or 0.0), hours, least


def _language(x: Pair) -> Told:
    missing, need = sorted(x.entity.languages - x.provider.languages), x.service.language_rule
    text = "{provider} lacks {languages}; {service} needs all of the entity's languages"
    if need != "all":
        text = "{provider} lacks {languages}; {service} needs any of the entity's languages"
    said = told(text, provider=x.name, languages=", ".join(missing), service=x.service.id)
    return said, len(missing), need


def _hardship(x: Pair) -> Told:
    have, worst = x.provider.hardship_class, x.case.policy.max_hardship_class
    text = "{provider} is at a place of hardship class {have}, new work may go to class {worst} at worst"
    return told(text, provider=x.name, have=have, worst=worst or ""), have, worst


def _service_level(x: Pair) -> Told:
    have, least = x.offer.service_level if x.offer else None, x.service.min_service_level
    named: dict[str, str | float] = {"provider": x.name, "service": x.service.id, "least": least or 0.0}
    if have is None:
        return told("service level of {provider} is none, {service} needs {least:g}", **named), have, least
    return told("service level of {provider} is {have:g}, {service} needs {least:g}", **named, have=have), have, least


def agency_limit(x: Pair) -> tuple[Fraction, Fraction, Fraction]:
    """Price of an agency's unit, the best of an eligible Secretariat provider, and the most allowed; exact."""
    index, s = x.problem.lines.index, x.problem.demand_service[x.d]
    eligible = (x.problem.refusals[x.d, :-1] == 0) & x.problem.sites.is_secretariat & (index[:, s] >= 0)
    rivals = (x.problem.provider_ids[p] for p in np.flatnonzero(eligible).tolist())
    best = min(x.case.unit_price(p, x.service.id) for p in rivals)
    return x.case.unit_price(x.name, x.service.id), best, (1 - exact(x.case.policy.agency_min_saving or 0.0)) * best


def _agency_saving(x: Pair) -> Told:
    price, best, limit = (float(f) for f in agency_limit(x))
    saving = x.case.policy.agency_min_saving or 0.0
    digits = 2 if f"{price:.2f}" != f"{limit:.2f}" else 9  # what decides must be seen
    asked, allowed, rival = (f"{f:,.{digits}f}" for f in (price, limit, best))
    text = "{provider} asks {price} a unit, at most {limit} allowed ({saving:.1%} below the best {best})"
    said = told(text, provider=x.name, price=asked, limit=allowed, saving=saving, best=rival)
    figures = {"price": round(price, digits), "limit": round(limit, digits), "best": round(best, digits)}
    return Sentence(said, said.template, {**said.values, **figures}), price, limit


def _closing(x: Pair) -> Told:
    row = x.case.current_of.get(x.demand.key)
    today = row.provider if row else ""
    if not today:
        text = "{provider} is closing and does not serve this demand today (it is nobody)"
        return told(text, provider=x.name), today, x.name
    text = "{provider} is closing and does not serve this demand today (it is {today})"
    return told(text, provider=x.name, today=today), today, x.name


def _closed(x: Pair) -> Told:
    return told("{provider} is closed", provider=x.name), None, None


def said_by(decision: Decision) -> str:
    """Reason of a decision, who took it and when, as far as known."""
    known = (decision.decided_by, decision.date.isoformat() if decision.date else "")
    return ", ".join(w for w in (decision.reason, *known) if w)


def _forbid(x: Pair) -> Told:
    why = "; ".join(said_by(r) for r in x.forbidding)
    return told("a decision forbids {provider}: {why}", provider=x.name, why=why), None, None


TELL: Final[dict[str, Callable[[Pair], Told]]] = {
    "not_offered": _not_offered,
    "own_not_given": _own_not_given,
    "own_headcount": _own_headcount,
    "client_kind": _client_kind,
    "region": _region,
    "location_class": _location_class,
    "distance": _distance,
    "overlap": _overlap,
    "language": _language,
    "hardship": _hardship,
    "service_level": _service_level,
    "agency_saving": _agency_saving,
    "closing": _closing,
    "closed": _closed,
    "forbid": _forbid,
}
"""How each refusal is told, in the order of ``REFUSALS``."""


def explain_codes(case: Case, problem: Problem, demand: int, provider: int, mask: int) -> list[dict[str, Any]]:
    """Each refusal of a bit mask with its figures.

    Returns
    -------
    list of dict
        ``code``, ``message`` (with the figures), ``figure`` (what was found) and ``limit``
        (what the rule allows); the last two are ``None`` where there is nothing to measure.
    """
    pair = Pair(case, problem, demand, provider)
    out = []
    for i, code in enumerate(REFUSALS):
        if mask >> i & 1:
            message, figure, limit = TELL[code](pair)
            out.append({"code": code, "message": message, "figure": figure, "limit": limit})
    return out


def explain_refusals(case: Case, problem: Problem, demand_index: int, provider_index: int) -> list[dict[str, Any]]:
    """Why a provider (``n_providers`` = own capacity) may not serve a demand; [] = it may.

    See ``explain_codes`` for the items.
    """
    mask = int(problem.refusals[demand_index, provider_index])
    return explain_codes(case, problem, demand_index, provider_index, mask)


def explain_exemptions(case: Case, problem: Problem, demand_index: int, provider_index: int) -> list[dict[str, Any]]:
    """Refusals of an eligible pair that ``keep_current`` or a lock set aside, as ``explain_codes``."""
    pair = int(problem.pair_index(demand_index, provider_index))
    mask = 0 if pair < 0 else int(problem.pairs.exempted[pair])
    return explain_codes(case, problem, demand_index, provider_index, mask)
