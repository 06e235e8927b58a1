"""What a repair gives up, in rows and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.model.eligibility.reasons import explain_refusals
from optimizer.studies.hardness import unit_of, where
from optimizer.studies.reference import entity_named, provider_named, refusals_told, service_named
from optimizer.studies.repair_changes import NEAR, codes_of
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, listed, phrase, say, share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from optimizer.domain.answer import Sentence
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.studies.repair_changes import Give
    from optimizer.studies.search import Ends

__all__ = ["give_row", "open_sentence", "set_sentence"]

MOST_TOLD: Final = 12
"""Choices of one set that are told one by one."""
_COLUMNS: Final = {
    ("line_capacity", ""): "capacity",
    ("site_capacity", ""): "capacity_fte",
    ("minimum_volume", "line"): "min_volume",
    ("minimum_volume", "site"): "min_fte",
    ("agency_share", ""): "agency_share_max",
    ("site_count", "least"): "site_count.min",
    ("site_count", "most"): "site_count.max",
    ("site_count", "zone"): "zones",
    ("bundle_together", ""): "bundle_mode",
    ("required", ""): "status",
    ("backup", ""): "critical",
    ("lock", ""): "action",
    ("refusal", ""): "action",
}
_NAMES: Final = {
    "capacity": "the capacity",
    "capacity_fte": "the capacity",
    "min_volume": "the least volume",
    "min_fte": "the least work",
    "agency_share_max": "the largest share of agencies in the effort",
    "site_count.min": "the least number of open Secretariat sites (policy site_count.min)",
    "site_count.max": "the largest number of open Secretariat sites (policy site_count.max)",
    "max_providers_per_entity": "the number of providers of an entity",
    "max_moves": "the number of moves (policy max_moves)",
    "one_off_budget": "the one-off budget (policy one_off_budget)",
    "mean_overlap_min": "the least mean overlap (policy mean_overlap_min)",
    "mean_distance_max": "the largest mean distance (policy mean_distance_max)",
    "worse_off_max": "the number of entities that may be worse off (policy worse_off_max)",
    "exposure_max_fte": "the effort at places of hardship class D or E (policy exposure_max_fte)",
    "site_share_max": "the largest share of one site in the effort (policy site_share_max)",
}
"""Figures and rules in words."""
_UNITS: Final = ("FTE", "providers", "sites", "moves", "units")
"""Units with a word in every language."""
_SWITCHED: Final = {
    "bundle_together": "bundles may be split (bundle_mode = price)",
    "site_count": "the rule of an open site in each zone is switched off",
    "backup": "{where} is no longer critical",
    "required": "{where} need not be open",
}


def give_row(ground: Ground, number: int, give: Give, proven: bool, short: Fraction | None) -> dict[str, Any]:
    """One choice of a set."""
    i, on_off = give.instance, give.today is None and not give.named
    by = None if give.by is None else float(give.by)
    return {
        "repair": number,
        "rule": i.rule,
        "where": "" if i.part in ("zone", "least", "most") else where(ground, i),
        "figure": _column(give),
        "today": None if give.today is None else float(give.today),
        "becomes": None if give.becomes is None else float(give.becomes),
        "by": len(give.named) if give.named else by,
        "unit": _unit(ground, give),
        "least_proven": None if on_off else proven,
        "not_enough": None if short is None else float(short),
        "named": [list(n) for n in give.named],
    }


def _column(give: Give) -> str:
    i = give.instance
    return _COLUMNS.get((i.rule, i.part), i.rule)


def _unit(ground: Ground, give: Give) -> str | None:
    if give.named:
        return "demands"
    if give.today is None:
        return None
    return "share" if give.instance.rule == "agency_share" else unit_of(ground, give.instance)


def _told(ground: Ground, give: Give) -> dict[str, Any]:
    """One choice in words."""
    i, place = give.instance, _place(ground, give.instance)
    if i.rule == "lock":
        held = sum(row == i.key[0] for row, _, _ in ground.locks)
        if len(give.named) < held:
            text = "the lock of {where} is withdrawn for {n} of its {held} demands"
            return phrase(text, where=place, n=len(give.named), held=held)
        return phrase("the lock of {where} is withdrawn", where=place)
    if i.rule == "refusal":
        codes = codes_of(ground, i)
        if codes == ("forbid",):
            return phrase("the decision that forbids {where} is withdrawn", where=place)
        why = refusals_told(ground.case, explain_refusals(ground.case, ground.problem, *i.key))
        return phrase("{where} is decided, though refused ({why})", where=place, why=why)
    if i.rule in NEAR:
        return phrase("{rule} is switched off", rule=phrase(_NAMES[i.rule]))
    if give.today is None or give.becomes is None:
        return phrase(_SWITCHED[i.rule], where=place)
    values = {"figure": phrase(_NAMES[_column(give)]), **_amounts(ground, give)}
    if not place or i.rule == "site_count":
        return phrase("{figure} goes from {today} to {becomes}", **values)
    return phrase("{figure} of {where} goes from {today} to {becomes}", where=place, **values)


def _amounts(ground: Ground, give: Give) -> dict[str, Any]:
    """The figure today and then, the latter with its unit; shares in per cent."""
    today, becomes = float(give.today or 0), float(give.becomes or 0)
    if give.instance.rule == "agency_share":
        return {"today": share(today), "becomes": share(becomes)}
    unit = unit_of(ground, give.instance)
    said = phrase(unit) if unit in _UNITS else unit  # that of a service is a name out of its table
    return {"today": today, "becomes": phrase("{n} {unit}", n=becomes, unit=said)}


def _place(ground: Ground, instance: Instance) -> Any:
    """What an instance speaks of, by names; empty for a key of the policy."""
    case, parts = ground.case, where(ground, instance).split("|")
    if instance.rule == "lock":
        entity, service, provider = parts
        what = phrase("service {service}", service=service_named(case, service)) if service else phrase("all services")
        whom = (
            phrase("all entities") if entity == "*" else entity_named(case, entity) if entity in case.entity else entity
        )
        to = provider_named(case, provider) if provider else phrase("today's provider")
        return phrase("{what} of {whom} to {where}", what=what, whom=whom, where=to)
    if instance.rule == "refusal":
        entity, service, provider = parts
        at = {"entity": entity_named(case, entity), "provider": provider_named(case, provider)}
        return phrase("{service} of {entity} at {provider}", service=service_named(case, service), **at)
    if instance.rule == "site_count" or not parts[0]:
        return ""
    if instance.rule == "backup":
        return service_named(case, parts[0])
    named = provider_named(case, parts[0])
    if len(parts) == 1:
        return named
    return phrase("{service} by {provider}", service=service_named(case, parts[1]), provider=named)


def open_sentence(number: int, give: Give, short: Fraction) -> Sentence:
    """A figure of which less may do, and how much less not."""
    text = "Repair {n}: {figure} = {short} is proven not to do; what lies between that and {becomes} is not known."
    values: dict[str, Any] = {
        "figure": phrase(_NAMES[_column(give)]),
        "short": float(short),
        "becomes": float(give.becomes or 0),
    }
    return say(text, {"repair": str(number)}, n=number, **values)


def _all_told(ground: Ground, gives: Sequence[Give]) -> Any:
    """Every choice of a set one after the other, never one within another: a set may hold hundreds."""
    parts = [_told(ground, give) for give in gives[:MOST_TOLD]]
    if len(gives) > MOST_TOLD:
        parts.append(phrase("{n} more, in the table", n=len(gives) - MOST_TOLD))
    if len(parts) == 1:
        return parts[0]
    return phrase("{one}, and {other}", one=listed(parts[:-1], ", "), other=parts[-1])


def set_sentence(ground: Ground, number: int, gives: Sequence[Give], ends: Ends, currency: str) -> Sentence:
    """A set, and what the best plan costs then."""
    told = _all_told(ground, gives)
    if ends.upper is None:
        text = "Repair {n}: {what}; what the best plan costs then is not answered ({why})."
        return say(text, {"repair": str(number)}, n=number, what=told, why=reason(ends.detail))
    cost = between(ends.lower, ends.upper, currency)
    if ends.lower is None:
        text = "Repair {n}: {what}; a plan then costs {cost} a year, how near to the least is not known."
        cost = between(ends.upper, ends.upper, currency)
    else:
        text = "Repair {n}: {what}; the least cost a year is then {cost}."
    return say(text, {"repair": str(number)}, n=number, what=told, cost=cost)
