"""What a ``flip`` says in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.reference import entity_named, provider_named, service_named
from optimizer.studies.search import CLOSED
from optimizer.studies.words import of_plan, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

__all__ = ["sentences"]

_FIGURES: Final = {
    "unit_cost": "its price of a unit for this demand",
    "line_capacity": "the capacity of its line",
    "site_capacity": "the capacity of its site",
    "minimum_volume": "its minimum volume",
    "refusal": "the refusal of this pair",
    "lock": "the lock of this demand",
}


def sentences(
    case: Case, question: Mapping[str, Any], row: Mapping[str, Any], facts: Mapping[str, Any]
) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    case : Case
    question : mapping
        Its fields.
    row : mapping
        That of the table ``answer``.
    facts : mapping
        ``epsilon`` (money a year above the plan in hand that is accepted), ``sign`` (whether the figure is raised or
        lowered), ``here`` (the plan in hand has it there), ``extra`` (of the first plan, over the one in hand),
        ``fixed`` (the figure limits nothing as it is).
    """
    ids = {name: question[name] for name in ("entity", "service", "provider")}
    values: dict[str, Any] = {
        "what": phrase(
            "{service} of {entity} at {provider}",
            service=service_named(case, question["service"]),
            entity=entity_named(case, question["entity"]),
            provider=provider_named(case, question["provider"]),
        ),
        "figure": phrase(_FIGURES[row["change"]]),
        "how": phrase("raised" if facts["sign"] > 0 else "lowered"),
        "limit": of_plan(facts["epsilon"], math.inf, case.policy.currency),
        "extra": of_plan(facts["extra"] or 0.0, math.inf, case.policy.currency),
        "unit": row["unit"],
        "yes": row["first_yes"] or 0.0,
        "no": row["last_no"] or 0.0,
        "value": row["value_at_first_yes"] if row["value_at_first_yes"] is not None else "",
    }
    if facts["here"]:
        yield say("The plan in hand has {what} already: nothing has to change for it.", ids, what=values["what"])
        return
    if facts["fixed"] and row["first_yes"] is None:
        told = "{what}: {figure} does not limit it as it is, so no change of that makes it cheaper; ask for unit_cost."
        yield say(told, ids, what=values["what"], figure=values["figure"])
        return
    fits = _fits(row)
    dearer = fits in ("now", "lifted") and (facts["extra"] or 0.0) > CLOSED
    which = f"{fits}, dearer" if dearer else fits
    yield say(_TEMPLATES[which], ids, **values)
    told = "{what} counts as worth it where the plan costs at most {limit} a year more than the plan in hand."
    yield say(told, ids, what=values["what"], limit=values["limit"])


def _fits(row: Mapping[str, Any]) -> str:
    """Which of the templates fits."""
    whole = row["change"] in ("refusal", "lock")
    if row["status"] == "impossible":
        return "never, lifted" if whole else "never"
    if row["status"] == "not answered":
        return "open" if row["last_no"] is None or whole else "open, no"
    if whole:
        return "lifted"
    if row["first_yes"] == 0.0:
        return "now"
    if row["status"] == "proven":
        return "exact"
    return "between" if row["last_no"] is not None else "at most"


_TEMPLATES: Final = {
    "never": "{what}: however far {figure} is {how}, that is not enough (proven).",
    "never, lifted": "{what}: not even without {figure} (proven).",
    "open": "{what}: not answered. In the time given neither a plan that is cheap enough was found nor shown that there"
    " is none; give more time.",
    "open, no": "{what}: {figure} {how} by {no} {unit} is not enough (proven); from where on it is, was not found.",
    "lifted": "{what}: without {figure} it is worth it, and a plan is given.",
    "lifted, dearer": "{what}: without {figure} it is worth it. A plan with it costs {extra} a year more than the plan"
    " in hand, which counts as equal; a smaller epsilon asks more sharply.",
    "now": "{what}: nothing has to change, and a plan is given.",
    "now, dearer": "{what}: nothing has to change. A plan with it costs {extra} a year more than the plan in hand,"
    " which counts as equal; a smaller epsilon asks more sharply.",
    "exact": "{what}: {figure} must be {how} by {yes} {unit}, to {value} (exact to a millionth).",
    "between": "{what}: {figure} {how} by {yes} {unit}, to {value}, is enough; by {no} it is not (proven).",
    "at most": "{what}: {figure} {how} by {yes} {unit}, to {value}, is enough; perhaps less is.",
}
