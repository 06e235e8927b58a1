"""What a ``why_worse`` says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.reference import entity_named
from optimizer.studies.why_not_words import extra_sentence, not_answered, price_sentence
from optimizer.studies.words import phrase, say, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

__all__ = ["sentences"]

_LOST: Final = {
    "overlap": "{entity} shares {plan} working hours a day with its providers on average in the plan, {today} today.",
    "distance": "{entity} is {plan} km from its providers on average in the plan, {today} km today.",
    "languages": "Languages of {entity} that some provider lacks: {plan} in the plan, {today} today.",
    "price": "{entity} pays {share} more than today for what it has today.",
}
_WHOLE: Final = {
    "overlap": "the shared hours of {entity} as today",
    "distance": "the distance of {entity} as today",
    "languages": "the languages of {entity} as today",
    "all": "hours, distance and languages of {entity} all as today",
}
_WITHIN: Final = {
    "overlap": "the shared hours of {entity} within the threshold",
    "distance": "the distance of {entity} within the threshold",
    "languages": "the languages of {entity} within the threshold",
    "all": "hours, distance and languages of {entity} all within the thresholds",
}
_LOSS_SHOWN: Final = 1e-6


def sentences(
    case: Case,
    entity: str,
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    facts: Mapping[str, Any],
) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    case : Case
    entity : str
    tables : mapping
    facts : mapping
        ``gap`` (of the case without a condition, relative), ``thresholds`` (what is whole).
    """
    ids, named, currency = {"entity": entity}, entity_named(case, entity), case.policy.currency
    measures = tables.get("measures", ())
    if not measures:
        yield say("Nothing of {entity} has a price today, so there is nothing to compare.", ids, entity=named)
        return
    lost = [m for m in measures if m["loss"] > _LOSS_SHOWN]
    for row in lost:
        values = {"plan": round(row["plan"], 2), "today": round(row["today"], 2), "share": share(round(row["loss"], 3))}
        yield say(_LOST[row["measure"]], ids, entity=named, **values)
    if not lost:
        yield say("{entity} loses nothing against today.", ids, entity=named)
    elif not any(m["worse"] for m in lost):
        yield say("None of that is beyond the thresholds of the policy.", ids)
    for row in tables.get("whole", ()):
        what = phrase((_WITHIN if facts["thresholds"] else _WHOLE)[row["measure"]], entity=named)
        if row["status"] == "impossible":
            yield say("No plan that keeps every rule has {what} (proven).", ids, what=what)
        elif row["most_extra"] is None:
            yield not_answered(what, ids)
        else:
            yield extra_sentence(what, row["least_extra"], row["most_extra"], currency, ids)
            yield price_sentence(row, currency, ids, facts["gap"])
