"""What ``why`` says of a case with a horizon: amounts are of the whole of it, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.studies.reference import entity_named, provider_named, service_named
from optimizer.studies.why_words import broken_told
from optimizer.studies.words import money, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

__all__ = ["sentences"]


def sentences(case: Case, question: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    """Every sentence of the answer, stretch by stretch.

    Parameters
    ----------
    case : Case
    question : mapping
        Its fields.
    rows : sequence of mapping
        The table ``providers``.
    """
    for first in dict.fromkeys(row["from_period"] for row in rows):
        yield from _of_stretch(case, question, [r for r in rows if r["from_period"] == first])


def _of_stretch(case: Case, question: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    ids = {"entity": question["entity"], "service": question["service"]}
    what = phrase(
        "{service} of {entity}",
        service=service_named(case, question["service"]),
        entity=entity_named(case, question["entity"]),
    )
    when = {"begin": rows[0]["begin"], "end": rows[0]["end"]}
    chosen = next((r for r in rows if r["chosen"]), None)
    if chosen is None:
        yield say("From {begin} to {end} the plan has nobody for {what}.", ids, what=what, **when)
    else:
        provider = provider_named(case, chosen["provider"])
        yield say("From {begin} to {end} the plan has {what} at {provider}.", ids, what=what, provider=provider, **when)
    able = [r for r in rows if r["verdict"] == "possible"]
    if not able:
        yield say("If it alone were elsewhere then, every other place would break a rule or is refused.", ids)
    else:
        best = min(able, key=lambda r: (r["extra_cost"], r["provider"]))
        told = (
            "If it alone were elsewhere then, the cheapest place that breaks no rule is {provider}: {cost} more, "
            "discounted, over the horizon."
        )
        if best["extra_cost"] < 0:
            told = (
                "If it alone were elsewhere then, the cheapest place that breaks no rule is {provider}: {cost} less, "
                "discounted, over the horizon."
            )
        provider, cost = provider_named(case, best["provider"]), money(abs(best["extra_cost"]), case.policy.currency)
        yield say(told, ids, provider=provider, cost=cost)
    below = [r for r in rows if r["verdict"] == "breaks" and r["extra_cost"] is not None and r["extra_cost"] < 0]
    for row in below[:3]:
        yield say(
            "At {provider} it would cost {cost} less, discounted, over the horizon, but would break: {breaks}.",
            ids,
            provider=provider_named(case, row["provider"]),
            cost=money(-row["extra_cost"], case.policy.currency),
            breaks=broken_told(case, row["breaks"]),
        )
    if refused := sum(r["verdict"] == "refused" for r in rows):
        yield say(
            "Refused: {n} of {of} providers, own capacity counted; the table says why and what would lift that.",
            ids,
            n=refused,
            of=len(rows),
        )
