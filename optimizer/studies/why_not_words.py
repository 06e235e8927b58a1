"""What a ``why_not`` says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.studies.reference import entity_named, provider_named, service_named
from optimizer.studies.search import CLOSED
from optimizer.studies.words import between, phrase, say, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Point, Sentence
    from optimizer.domain.case import Case

    Rows = Sequence[Mapping[str, Any]]

__all__ = ["extra_sentence", "price_sentence", "sentences"]

_NAMED = 6
_SAID = 5


def sentences(
    case: Case,
    question: Mapping[str, Any],
    rows: Rows,
    points: Sequence[Point],
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
    points : sequence of Point
        One a row.
    tables : mapping
    facts : mapping
        ``epsilon``, ``saving`` (of a plan cheaper than the one in hand, or none), ``gap`` (of the case, relative).
    """
    currency = case.policy.currency
    one = bool(question["provider"])
    known = [r for r in rows if r["most_extra"] is not None]
    first = list(rows) if one else sorted(known, key=lambda r: (r["most_extra"], r["provider"]))[:_SAID]
    why = {p.at["provider"]: p.detail for p in points}
    for row in ({**r, "why": why[r["provider"]]} for r in first):
        yield from _of_one(case, question, row, tables, facts, whole=one)
    if not one:
        yield from _of_rest(question, rows, len(known) - len(first))
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
    why = "; ".join(r["message"] for r in tables.get("refusals", ()) if r["provider"] == provider)
    if row["verdict"] == "fact against it":
        yield say("{what} is not possible, and no decision can change that: {why}.", ids, what=what, why=why)
        return
    if row["verdict"] == "lifted":
        yield say(
            "{what} is refused ({why}); here a decision lets it in, for this demand alone.", ids, what=what, why=why
        )
    if row["status"] == "impossible":
        yield say("No plan that keeps every rule has {what} (proven).", ids, what=what)
        return
    if row["verdict"] == "plan has it":
        yield say("The plan in hand has {what}.", ids, what=what)
    if row["most_extra"] is None:
        least = between(row["least_extra"], None, currency)
        told = "{what}: not answered ({why})."
        if row["least_extra"] is not None and row["least_extra"] > 0:
            told = "{what}: not answered ({why}); any such plan costs {least} a year more than the plan in hand."
        yield say(told, ids, what=what, why=row["why"], least=least)
        return
    yield extra_sentence(what, row["least_extra"], row["most_extra"], currency, ids)
    if whole:
        yield price_sentence(row, currency, ids, facts["gap"])
        yield from _changes(row, currency, ids, facts, tables)


def extra_sentence(what: Any, low: float | None, high: float, currency: str, ids: Mapping[str, str]) -> Sentence:
    """Over the plan in hand."""
    if low is None:
        told = "A plan with {what} costs {more} a year more than the plan in hand; how near to the least is unknown."
        if high < 0:
            told = (
                "A plan with {what} costs {more} a year less than the plan in hand, perhaps not the cheapest such plan."
            )
        return say(told, ids, what=what, more=between(abs(high), abs(high), currency))
    if abs(low) <= CLOSED and abs(high) <= CLOSED:
        return say("The cheapest plan with {what} costs as much as the plan in hand.", ids, what=what)
    if low >= -CLOSED:
        told = "The cheapest plan with {what} costs {extra} a year more than the plan in hand."
        return say(told, ids, what=what, extra=_amount(low, high, currency))
    if high <= CLOSED:
        told = "The cheapest plan with {what} costs {saving} a year less than the plan in hand."
        return say(told, ids, what=what, saving=_amount(-high, -low, currency))
    told = (
        "A plan with {what} costs {more} a year more than the plan in hand; the cheapest may cost {less} less than it."
    )
    return say(told, ids, what=what, more=between(high, high, currency), less=between(-low, -low, currency))


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
    told = "The condition itself costs at most {price} a year, and a price of 0 is not excluded (gap {gap})."
    if row.get("verdict") == "lifted":
        told = "The condition itself costs at most {price} a year, and it may save (gap {gap})."
    return say(told, ids, price=between(high, high, currency), gap=share(gap or 0.0))


def _changes(
    row: Mapping[str, Any], currency: str, ids: Mapping[str, str], facts: Mapping[str, Any], tables: Mapping[str, Rows]
) -> Iterator[Sentence]:
    """Who else moves, what is full."""
    if row["others_move"]:
        told = (
            "{n} other demands move with it in that plan; {m} of them could stay where they are for at most {epsilon}"
            " a year in all."
        )
        epsilon = between(facts["epsilon"], facts["epsilon"], currency)
        yield say(told, ids, n=row["others_move"], m=row["could_stay"], epsilon=epsilon)
    elif row["others_move"] == 0 and row["verdict"] != "plan has it":
        yield say("No other demand moves in that plan.", ids)
    full = tables.get("full", ())
    if full:
        named = [" ".join(v for v in (r["provider"], r["service"]) if v) for r in full]
        more = ", …" if len(named) > _NAMED else ""
        yield say("Full in that plan and not in the plan in hand: {what}.", ids, what=", ".join(named[:_NAMED]) + more)


def _of_rest(question: Mapping[str, Any], rows: Rows, dearer: int) -> Iterator[Sentence]:
    facts = sum(r["verdict"] == "fact against it" for r in rows)
    never = sum(r["status"] == "impossible" for r in rows) - facts
    open_ = sum(r["status"] == "not answered" for r in rows)
    told = (
        "Of the other providers {dearer} more can, {facts} cannot by a fact that no decision lifts, for {never} no plan"
        " keeps every rule, {open} are not answered."
    )
    yield say(told, _ids(question), dearer=dearer, facts=facts, never=never, open=open_)
