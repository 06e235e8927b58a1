"""What a repair gives up, in rows and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.hardness import unit_of, where
from optimizer.studies.repair_changes import NEAR, codes_of
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, phrase, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from optimizer.domain.answer import Sentence
    from optimizer.solvers.diagnose.instances import Ground
    from optimizer.studies.repair_changes import Give
    from optimizer.studies.search import Ends

__all__ = ["give_row", "open_sentence", "set_sentence"]

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
_SWITCHED: Final = {
    "bundle_together": "bundles may be split (bundle_mode = price)",
    "site_count": "zones is switched off",
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
    i, place = give.instance, where(ground, give.instance)
    if i.rule == "lock":
        held = sum(row == i.key[0] for row, _, _ in ground.locks)
        if len(give.named) < held:
            text = "the lock {where} is withdrawn for {n} of its {held} demands"
            return phrase(text, where=place, n=len(give.named), held=held)
        return phrase("the lock {where} is withdrawn", where=place)
    if i.rule == "refusal":
        codes = codes_of(ground, i)
        if codes == ("forbid",):
            return phrase("the decision that forbids {where} is withdrawn", where=place)
        return phrase("{where} is decided, though refused ({codes})", where=place, codes=", ".join(codes))
    if i.rule in NEAR:
        return phrase("{rule} is switched off", rule=i.rule)
    if give.today is None or give.becomes is None:
        return phrase(_SWITCHED[i.rule], where=place)
    values: dict[str, Any] = {"figure": _column(give), "today": float(give.today), "becomes": float(give.becomes)}
    if not place or i.rule == "site_count":
        return phrase("{figure} goes from {today} to {becomes}", **values)
    return phrase("{figure} of {where} goes from {today} to {becomes}", where=place, **values)


def open_sentence(number: int, give: Give, short: Fraction) -> Sentence:
    """A figure of which less may do, and how much less not."""
    text = "Repair {n}: {figure} = {short} is proven not to do; what lies between that and {becomes} is not known."
    values: dict[str, Any] = {"figure": _column(give), "short": float(short), "becomes": float(give.becomes or 0)}
    return say(text, {"repair": str(number)}, n=number, **values)


def set_sentence(ground: Ground, number: int, gives: Sequence[Give], ends: Ends, currency: str) -> Sentence:
    """A set, and what the best plan costs then."""
    told = _told(ground, gives[0])
    for give in gives[1:]:
        told = phrase("{one}, and {other}", one=told, other=_told(ground, give))
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
