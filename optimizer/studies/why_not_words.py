"""What a ``why_not`` says in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.reference import entity_named, provider_named, refusals_told, service_named
from optimizer.studies.search import CLOSED
from optimizer.studies.words import between, listed, of_plan, phrase, say, share, up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

    Rows = Sequence[Mapping[str, Any]]

__all__ = ["extra_sentence", "not_answered", "price_sentence", "sentences"]

_NAMED = 6
_SAID = 5


def sentences(
    case: Case,
    question: Mapping[str, Any],
    rows: Rows,
    tables: Mapping[str, Rows],
    facts: Mapping[str, Any],
) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    case : Case
    question : mapping
        Its fields.
    rows : sequence of mapping
        The table ``providers``.
    tables : mapping
    facts : mapping
        ``epsilon``, ``saving`` (of a plan cheaper than the one in hand, or none), ``gap`` (of the case, relative),
        ``breaks`` (by provider: rules that are broken if the demand alone moves there).
    """
    currency = case.policy.currency
    one = bool(question["provider"])
    known = [r for r in rows if r["most_extra"] is not None]
    first = list(rows) if one else sorted(known, key=lambda r: (r["most_extra"], r["provider"]))[:_SAID]
    for row in first:
        yield from _of_one(case, question, row, tables, facts, whole=one)
    if not one:
        yield from _of_rest(case, question, [r for r in rows if r not in first])
    if facts["saving"]:
        told = "A plan without any condition is cheaper than the one in hand by {saving} a year; it is among the plans."
        yield say(told, _ids(question), saving=between(facts["saving"], facts["saving"], currency))


def _ids(question: Mapping[str, Any], provider: str = "") -> dict[str, str]:
    found = {"entity": question["entity"], "service": question["service"]}
    return found | ({"provider": provider} if provider else {})


def _of_one(
    case: Case,
    question: Mapping[str, Any],
    row: Mapping[str, Any],
    tables: Mapping[str, Rows],
    facts: Mapping[str, Any],
    *,
    whole: bool,
) -> Iterator[Sentence]:
    currency, provider = case.policy.currency, row["provider"]
    ids = _ids(question, provider)
    what = phrase(
        "{service} of {entity} at {provider}",
        service=service_named(case, question["service"]),
        entity=entity_named(case, question["entity"]),
        provider=provider_named(case, provider),
    )
    why = refusals_told(case, [r for r in tables.get("refusals", ()) if r["provider"] == provider])
    if row["verdict"] == "never":
        yield say("{what} is not possible, and no decision can change that: {why}.", ids, what=what, why=why)
        return
    if row["verdict"] == "lifted":
        yield say(
            "{what} is refused ({why}); here a decision lets it in, for this demand alone.", ids, what=what, why=why
        )
    if row["verdict"] == "in plan":
        yield say("The plan in hand has {what} already: nothing has to change for it.", ids, what=what)
        return
    if row["most_extra"] is None:
        yield from _without_a_plan(what, row, currency, ids, facts["breaks"].get(provider, ""))
        return
    yield extra_sentence(what, row["least_extra"], row["most_extra"], currency, ids)
    if whole:
        yield price_sentence(row, currency, ids, facts["gap"])
        yield from _changes(case, ids, facts, tables)


def _without_a_plan(
    what: Any, row: Mapping[str, Any], currency: str, ids: Mapping[str, str], breaks: str
) -> Iterator[Sentence]:
    """No plan with it is held: proven, or not answered; with what stands in the way of the simplest one."""
    if row["status"] == "impossible":
        yield say("No plan that keeps every rule has {what} (proven).", ids, what=what)
    else:
        yield not_answered(what, ids)
    if row["least_extra"] is not None and row["least_extra"] > 0:
        least = between(row["least_extra"], None, currency)
        yield say("Any such plan costs {least} a year more than the plan in hand.", ids, least=least)
    if breaks:
        yield say("If this demand alone moved there, it would break: {breaks}.", ids, breaks=breaks)


def not_answered(what: Any, ids: Mapping[str, str]) -> Sentence:
    """Neither a plan nor a proof, and what to do."""
    told = "{what}: not answered. In the time given no plan with it was found, and none was ruled out; give more time."
    return say(told, ids, what=what)


def extra_sentence(what: Any, low: float | None, high: float, currency: str, ids: Mapping[str, str]) -> Sentence:
    """Over the plan in hand."""
    if low is None:
        told = "A plan with {what} costs {more} a year more than the plan in hand; how near to the least is unknown."
        if high < 0:
            told = (
                "A plan with {what} costs {more} a year less than the plan in hand, perhaps not the cheapest such plan."
            )
        return say(told, ids, what=what, more=of_plan(abs(high), math.inf, currency))
    if abs(low) <= CLOSED and abs(high) <= CLOSED:
        return say("The cheapest plan with {what} costs as much as the plan in hand.", ids, what=what)
    if low >= -CLOSED:
        told = "The cheapest plan with {what} costs {extra} a year more than the plan in hand."
        return say(told, ids, what=what, extra=_amount(low, high, currency))
    if high - low <= CLOSED:
        told = "The cheapest plan with {what} costs {saving} a year less than the plan in hand."
        return say(told, ids, what=what, saving=_amount(-high, -low, currency))
    more, less = of_plan(abs(high), high - low, currency), up_to(-low, high - low, currency)
    return say(_MAY_BE_LESS[(high > CLOSED) - (high < -CLOSED)], ids, what=what, more=more, less=less)


_MAY_BE_LESS: Final = {
    1: "A plan with {what} costs {more} a year more than the plan in hand; the cheapest may cost up to {less} less than"
    " the plan in hand.",
    0: "A plan with {what} costs as much as the plan in hand; the cheapest may cost up to {less} a year less.",
    -1: "A plan with {what} costs {more} a year less than the plan in hand; the cheapest may cost up to {less} less"
    " than the plan in hand.",
}
"""By whether the plan that was found costs more than the one in hand, as much or less."""


def _amount(low: float, high: float, currency: str) -> dict[str, Any]:
    """An amount that is not below 0."""
    return between(max(low, 0.0), max(high, 0.0), currency)


def price_sentence(row: Mapping[str, Any], currency: str, ids: Mapping[str, str], gap: float | None) -> Sentence:
    """Of the condition itself."""
    low, high = row["least_price"], row["most_price"]
    if high is None:
        return say("What the condition itself costs is not known: no bound on the least cost without it is.", ids)
    if low is not None and abs(low) <= CLOSED and abs(high) <= CLOSED:
        return say("The condition itself costs nothing.", ids)
    if low is not None and low > 0:
        return say("The condition itself costs {price} a year.", ids, price=between(low, high, currency))
    if high < 0:
        told = "The condition itself costs nothing: with what it lifts, the least cost falls by {saving} a year."
        return say(told, ids, saving=between(-high, None if low is None else -low, currency))
    told = "The condition itself costs at most {price} a year, perhaps nothing: the least cost is known within {gap}."
    if row.get("verdict") == "lifted":
        told = "The condition itself costs at most {price} a year, or it saves: the least cost is known within {gap}."
    price = up_to(high, high - (low or 0.0), currency)
    return say(told, ids, price=price, gap=share(gap or 0.0))


def _changes(
    case: Case, ids: Mapping[str, str], facts: Mapping[str, Any], tables: Mapping[str, Rows]
) -> Iterator[Sentence]:
    """Who else moves, what is full."""
    currency = case.policy.currency
    moves = tables.get("moves", ())
    if not moves:
        yield say("No other demand moves in that plan.", ids)
    else:
        epsilon = of_plan(facts["epsilon"], math.inf, currency)
        free = sum(r["could_stay"] is True for r in moves)
        told = _STAYING["some" if free else "none"]
        if any(r["could_stay"] is None for r in moves):
            told = _STAYING["at least" if free else "open"]
        yield say(told, ids, n=len(moves), m=free, epsilon=epsilon)
    full = tables.get("full", ())
    if full:
        named = [_place(case, r["provider"], r["service"]) for r in full]
        more = ", …" if len(named) > _NAMED else ""
        told = "Full in that plan and not in the plan in hand, room kept for backups counted: {what}."
        yield say(told, ids, what="; ".join(named[:_NAMED]) + more)


_STAYING: Final = {
    "some": "Other demands elsewhere in that plan: {n}; {m} of these could stay where they are for at most {epsilon} a"
    " year in all.",
    "at least": "Other demands elsewhere in that plan: {n}; at least {m} of these could stay where they are for at most"
    " {epsilon} a year in all.",
    "none": "Other demands elsewhere in that plan: {n}; none of these could stay for at most {epsilon} a year.",
    "open": "Other demands elsewhere in that plan: {n}; the time was over before it was seen which could stay.",
}
"""By how many could stay, and whether all were tried."""


def _place(case: Case, provider: str, service: str | None) -> str:
    named = str(provider_named(case, provider))
    return f"{named}, {service_named(case, service)}" if service else named


def _of_rest(case: Case, question: Mapping[str, Any], rows: Rows) -> Iterator[Sentence]:
    """The other providers by what is known of them; more than a few by their ids alone."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        state = "fact" if row["verdict"] == "never" else "left" if row["verdict"] == "refused" else row["status"]
        groups.setdefault(state, []).append(row["provider"])
    for state, told in _REST.items():
        if named := groups.get(state):
            who = [provider_named(case, p) for p in named] if len(named) <= _SAID else named
            yield say(told, _ids(question), who=listed(who, ", "))


_REST: Final = {
    "bounded": "Plans found with it at {who} cost more.",
    "proven": "It is proven that plans with it at {who} cost more.",
    "impossible": "No plan that keeps every rule has it at {who} (proven).",
    "not answered": "Not answered in the time given: {who}; give more time, or ask for one by name.",
    "left": "Refused, and what a decision that lets it in would cost was not looked at: {who}; ask for one by name.",
    "fact": "Impossible by a fact that no decision lifts: {who}.",
}
"""What is said of the providers without a sentence of their own."""
