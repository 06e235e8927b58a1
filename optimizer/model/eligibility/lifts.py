"""What would lift a refusal: a change of one cell of the input, with the amount, for each reason.

A change of a service, a provider or the policy speaks of every pair, not of one; a lock by decision speaks of one.
Only the refusal in hand is looked at: another may stand behind it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import told
from optimizer.domain.names import LOCK_CANNOT_OVERRIDE
from optimizer.domain.types import MICRO
from optimizer.model.eligibility.reasons import Pair, agency_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem

__all__ = ["Lift", "lift_of", "lockable"]


@dataclass(frozen=True, slots=True)
class Lift:
    """A change of the input that lifts one refusal.

    Parameters
    ----------
    code : str
        The refusal, out of ``REFUSALS``.
    action : str
        What to do, in words.
    table, key, column : str
        The cell; ``key`` joins its parts with ``|`` and is empty for the policy.
    value : float, str or None
        What to write there; ``None`` where a person must say (a price, an offer) or where a row goes.
    """

    code: str
    action: str
    table: str
    key: str
    column: str
    value: float | str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return asdict(self)


def lockable(refusals: Iterable[str]) -> bool:
    """Whether a lock by decision sets all these refusals aside."""
    return not LOCK_CANNOT_OVERRIDE & set(refusals)


def lift_of(case: Case, problem: Problem, demand: int, provider: int, code: str) -> Lift:
    """What lifts one refusal of a pair (``n_providers`` = own capacity)."""
    return _LIFTS[code](Pair(case, problem, demand, provider))


def _up(value: float, digits: int) -> float:
    return float(math.ceil(value * 10**digits) / 10**digits)


def _down(value: float, digits: int) -> float:
    return float(max(0.0, math.floor(value * 10**digits + 1e-9) / 10**digits))


def _not_offered(x: Pair) -> Lift:
    text = told("let {provider} offer {service}: a row in offers, with its cost", provider=x.name, service=x.service.id)
    return Lift("not_offered", text, "offers", f"{x.name}|{x.service.id}", "service")


def _own_not_given(x: Pair) -> Lift:
    text = told("give own_unit_cost of {service} for {entity}", service=x.service.id, entity=x.entity.id)
    return Lift("own_not_given", text, "demands", f"{x.entity.id}|{x.service.id}", "own_unit_cost")


def _own_headcount(x: Pair) -> Lift:
    have, least = x.entity.headcount, x.case.policy.own_min_headcount
    text = told("lower own_min_headcount from {least:g} to at most {have:g}", least=least, have=have)
    return Lift("own_headcount", text, "policy", "", "own_min_headcount", have)


def _client_kind(x: Pair) -> Lift:
    key, kinds = f"{x.name}|{x.service.id}", sorted(x.offer.client_kinds) if x.offer else []
    if not x.entity.kind:
        text = told(
            "clear client_kinds of the offer {offer}, or give {entity} a kind among {kinds}",
            offer=key,
            entity=x.entity.id,
            kinds=", ".join(kinds),
        )
        return Lift("client_kind", text, "offers", key, "client_kinds", "")
    text = told("add {kind} to client_kinds of the offer {offer}", kind=x.entity.kind, offer=key)
    return Lift("client_kind", text, "offers", key, "client_kinds", ";".join(sorted({*kinds, x.entity.kind})))


def _region(x: Pair) -> Lift:
    key, here = f"{x.name}|{x.service.id}", x.entity.place.country
    regions = sorted({*(x.offer.regions_served if x.offer else ()), here})
    text = told("add {country} to regions_served of the offer {offer}", country=here, offer=key)
    return Lift("region", text, "offers", key, "regions_served", ";".join(regions))


def _location_class(x: Pair) -> Lift:
    near = x.entity.place.country == x.provider.place.country
    wider = "local" if near else "global"
    template = "change location_class of {service} from {old} to {new}"
    text = told(template, service=x.service.id, old=x.service.location_class, new=wider)
    return Lift("location_class", text, "services", x.service.id, "location_class", wider)


def _distance(x: Pair) -> Lift:
    need, limit = _up(x.at(x.problem.distance_km), 1), x.service.max_distance_km or 0.0
    template = "raise max_distance_km of {service} from {limit:,.6g} to at least {need:,.1f}"
    text = told(template, service=x.service.id, limit=limit, need=need)
    return Lift("distance", text, "services", x.service.id, "max_distance_km", need)


def _overlap(x: Pair) -> Lift:
    have, least = _down(x.at(x.problem.overlap_hours_worst), 2), x.service.min_overlap_hours or 0.0
    template = "lower min_overlap_hours of {service} from {least:g} to at most {have:g}"
    text = told(template, service=x.service.id, least=least, have=have)
    return Lift("overlap", text, "services", x.service.id, "min_overlap_hours", have)


def _language(x: Pair) -> Lift:
    missing, spoken = sorted(x.entity.languages - x.provider.languages), x.provider.languages
    more, several = (missing[:1], len(missing) > 1) if x.service.language_rule == "any" else (missing, False)
    template = "add {languages} to the languages of {provider}"
    if several:
        template = "add one of {languages} to the languages of {provider}"
    text = told(template, languages=", ".join(missing), provider=x.name)
    return Lift("language", text, "providers", x.name, "languages", ";".join(sorted({*spoken, *more})))


def _hardship(x: Pair) -> Lift:
    have, worst = x.provider.hardship_class, x.case.policy.max_hardship_class
    text = told("raise max_hardship_class from {worst} to {have}", worst=worst or "", have=have or "")
    return Lift("hardship", text, "policy", "", "max_hardship_class", have)


def _service_level(x: Pair) -> Lift:
    have, least = x.offer.service_level if x.offer else None, x.service.min_service_level
    if have is None:
        key = f"{x.name}|{x.service.id}"
        text = told("state the service_level of the offer {offer}, at least {least:g}", offer=key, least=least or 0.0)
        return Lift("service_level", text, "offers", key, "service_level", least)
    template = "lower min_service_level of {service} from {least:g} to at most {have:g}"
    text = told(template, service=x.service.id, least=least or 0.0, have=have)
    return Lift("service_level", text, "services", x.service.id, "min_service_level", have)


def _agency_saving(x: Pair) -> Lift:
    price, best, _ = agency_limit(x)
    have = x.case.policy.agency_min_saving or 0.0
    if price > best:
        template = (
            "lower the price of {provider} below that of the best Secretariat provider, or leave agency_min_saving"
            " blank"
        )
        text = told(template, provider=x.name)
        return Lift("agency_saving", text, "policy", "", "agency_min_saving", "")
    most = math.floor((1 - price / best) * MICRO) / MICRO
    text = told("lower agency_min_saving from {have:g} to at most {most:g}", have=have, most=most)
    return Lift("agency_saving", text, "policy", "", "agency_min_saving", most)


_OPENED: Final = {
    "closing": "change the status of {provider} from closing to open",
    "closed": "change the status of {provider} from closed to open",
}


def _status(code: str) -> Callable[[Pair], Lift]:
    def lift(x: Pair) -> Lift:
        text = told(_OPENED[code], provider=x.name)
        return Lift(code, text, "providers", x.name, "status", "open")

    return lift


def _forbid(x: Pair) -> Lift:
    rows = x.forbidding
    named = "; ".join(f"{r.entity}|{r.service or 'all services'}|{r.provider}" for r in rows)
    text = told("withdraw the decision that forbids {provider} ({rows})", provider=x.name, rows=named)
    return Lift("forbid", text, "decisions", "; ".join(f"{r.entity}|{r.service}|{r.provider}" for r in rows), "action")


_LIFTS: Final[dict[str, Callable[[Pair], Lift]]] = {
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
    "closing": _status("closing"),
    "closed": _status("closed"),
    "forbid": _forbid,
}
"""How each refusal is lifted, in the order of ``REFUSALS``."""
