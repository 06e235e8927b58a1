"""What a ``why`` says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Sentence
from optimizer.report.wording import humanise
from optimizer.studies.reference import (
    entity_named,
    provider_named,
    refusals_told,
    service_named,
    with_names,
)
from optimizer.studies.words import listed, money, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.case import Case

__all__ = ["broken_told", "sentences"]

_NAMED: Final = {"entity": entity_named, "service": service_named, "provider": provider_named}
"""What a broken rule speaks of, and how that is named."""
_BROKEN: Final = 3
"""Broken rules that are told of one move, and providers that are named because they would save."""


def broken_told(case: Case, breaks: Sequence[Mapping[str, Any]]) -> Sentence:
    """Rules that a move would break, in words; empty where there are none.

    Parameters
    ----------
    case : Case
    breaks : sequence of mapping
        As ``optimizer.why`` has them.
    """
    parts = []
    for b in breaks[:_BROKEN]:
        named = [name(case, b[of]) for of, name in _NAMED.items() if b[of]]
        rule, what = phrase(humanise(b["rule"])), with_names(case, b["message"])
        if named:
            parts.append(phrase("{rule} ({where}): {what}", rule=rule, where=listed(named, ", "), what=what))
        else:
            parts.append(phrase("{rule}: {what}", rule=rule, what=what))
    if len(breaks) > _BROKEN:
        parts.append(phrase("{n} more", n=len(breaks) - _BROKEN))
    return say("{parts}", parts=listed(parts)) if parts else Sentence("")


def sentences(case: Case, found: Mapping[str, Any]) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    case : Case
    found : mapping
        ``designate.why/1``.
    """
    ids = {"entity": found["entity"], "service": found["service"]}
    what = phrase(
        "{service} of {entity}",
        service=service_named(case, found["service"]),
        entity=entity_named(case, found["entity"]),
    )
    options = found["options"]
    able = [o for o in options if o["verdict"] == "possible"]
    yield from _served(case, found, what, ids)
    if found["plan"] is not None:
        yield from _elsewhere(case, options, ids)
    elif able:
        yield say(
            "If nothing else were assigned, it would cost least at {provider}: {cost} a year.",
            ids,
            provider=provider_named(case, able[0]["provider"]),
            cost=money(able[0]["cost"]["total"], case.policy.currency),
        )
    elif not any(o["verdict"] == "breaks" for o in options):
        yield say("Nobody may serve {what}.", ids, what=what)
    if refused := sum(o["verdict"] == "refused" for o in options):
        yield say(
            "Refused: {n} of {of} providers, own capacity counted; the table says why and what would lift that.",
            ids,
            n=refused,
            of=len(options),
        )


def _served(case: Case, found: Mapping[str, Any], what: Any, ids: Mapping[str, str]) -> Iterator[Sentence]:
    """Who serves it in the plan, and what that costs."""
    chosen = next((o for o in found["options"] if o["chosen"]), None)
    if chosen is None:
        if found["plan"] is not None:
            yield say("The plan has nobody for {what}.", ids, what=what)
        return
    provider = provider_named(case, chosen["provider"])
    if chosen["cost"] is None:
        told = "The plan has {what} at {provider}, although that is refused: {why}."
        yield say(told, ids, what=what, provider=provider, why=refusals_told(case, chosen["refusals"]))
        return
    cost = money(chosen["cost"]["total"], case.policy.currency)
    told = "The plan has {what} at {provider}; of its cost, {cost} a year would go without this demand."
    yield say(told, ids, what=what, provider=provider, cost=cost)


def _elsewhere(case: Case, options: Sequence[Mapping[str, Any]], ids: Mapping[str, str]) -> Iterator[Sentence]:
    """What it would cost if this demand alone moved: the cheapest that is allowed, and what breaks a rule."""
    others = [o for o in options if not o["chosen"] and o["extra_cost"] is not None]
    able = [o for o in others if o["verdict"] == "possible"]
    if able:
        best = min(able, key=lambda o: (o["extra_cost"], o["provider"]))
        extra = best["extra_cost"]
        told = "If it alone moved, the cheapest place that breaks no rule is {provider}: {cost} a year more."
        if extra < 0:
            told = "If it alone moved, the cheapest place that breaks no rule is {provider}: {cost} a year less."
        yield say(
            told,
            ids,
            provider=provider_named(case, best["provider"]),
            cost=money(abs(extra), case.policy.currency),
        )
    else:
        yield say("If it alone moved, every other place would break a rule or is refused.", ids)
    below = sorted((o for o in others if o["breaks"] and o["extra_cost"] < 0), key=lambda o: float(o["extra_cost"]))
    for o in below[:_BROKEN]:
        yield say(
            "At {provider} it would cost {cost} a year less, but would break: {breaks}.",
            ids,
            provider=provider_named(case, o["provider"]),
            cost=money(-o["extra_cost"], case.policy.currency),
            breaks=broken_told(case, o["breaks"]),
        )
    if below:
        told = "Other demands could make room there: a why_not asks what that would cost."
        yield say(told, ids)
