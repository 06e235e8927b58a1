"""What ``why_not`` says of a case with a horizon: amounts are of the whole of it, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.studies.reference import entity_named, provider_named, service_named
from optimizer.studies.search import CLOSED
from optimizer.studies.why_not_words import not_answered
from optimizer.studies.words import between, listed, phrase, say, up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

    Rows = Sequence[Mapping[str, Any]]

__all__ = ["sentences"]

_SAID = 5


def sentences(case: Case, question: Mapping[str, Any], tables: Mapping[str, Rows]) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    case : Case
    question : mapping
        Its fields.
    tables : mapping
        ``providers``, ``refusals``, ``moves``.
    """
    rows, one = tables["providers"], bool(question["provider"])
    known = [r for r in rows if r["most_extra"] is not None and r["verdict"] != "in plan"]
    for row in list(rows) if one else sorted(known, key=lambda r: (r["most_extra"], r["provider"]))[:_SAID]:
        yield from _of_one(case, question, row, tables, whole=one)
    if not one:
        named = [r["provider"] for r in rows if r["status"] == "impossible"]
        if named:
            yield say("No plan that keeps every rule has it in the end at {who} (proven).", who=", ".join(named))


def _of_one(
    case: Case, question: Mapping[str, Any], row: Mapping[str, Any], tables: Mapping[str, Rows], *, whole: bool
) -> Iterator[Sentence]:
    ids = {"entity": question["entity"], "service": question["service"], "provider": row["provider"]}
    what = phrase(
        "{service} of {entity} in the end at {provider}",
        service=service_named(case, question["service"]),
        entity=entity_named(case, question["entity"]),
        provider=provider_named(case, row["provider"]),
    )
    why = listed(r["message"] for r in tables["refusals"] if r["provider"] == row["provider"])
    if row["verdict"] == "never":
        yield say("{what} is not possible, and no decision can change that: {why}.", ids, what=what, why=why)
        return
    if row["verdict"] == "refused":
        yield say(
            "{what} is refused ({why}); what letting it in would cost was not looked at.", ids, what=what, why=why
        )
        return
    if row["verdict"] == "in plan":
        yield say("The plan in hand has {what} already: nothing has to change for it.", ids, what=what)
        return
    if row["verdict"] == "lifted":
        yield say(
            "{what} is refused ({why}); here a decision lets it in, for its last period.", ids, what=what, why=why
        )
    yield from _amounts(what, row, case.policy.currency, ids)
    if whole and row["most_extra"] is not None:
        others = len({(m["entity"], m["service"]) for m in tables["moves"]})
        yield say("Other demands that go another way in that plan: {n}.", ids, n=others)


def _amounts(what: Any, row: Mapping[str, Any], currency: str, ids: Mapping[str, str]) -> Iterator[Sentence]:
    """Both statements, as far as they are known."""
    low, high = row["least_extra"], row["most_extra"]
    if row["status"] == "impossible":
        yield say("No plan that keeps every rule has {what} (proven).", ids, what=what)
    elif high is None:
        yield not_answered(what, ids)
    elif low is not None and high - low <= CLOSED and abs(high) <= CLOSED:
        yield say("The cheapest plan with {what} costs as much as the plan in hand.", ids, what=what)
    elif low is not None and low >= -CLOSED:
        told = "The cheapest plan with {what} costs {extra} more than the plan in hand, discounted, over the horizon."
        yield say(told, ids, what=what, extra=between(max(low, 0.0), high, currency))
    else:
        told = (
            "A plan with {what} costs {more} more than the plan in hand, discounted, over the horizon; the cheapest may"
            " cost less."
        )
        if high < 0:
            told = "A plan with {what} costs {more} less than the plan in hand, discounted, over the horizon."
        yield say(told, ids, what=what, more=between(abs(high), abs(high), currency))
    if high is not None and row["status"] != "impossible" and row["most_price"] is not None:
        yield _price(row, currency, ids)


def _price(row: Mapping[str, Any], currency: str, ids: Mapping[str, str]) -> Sentence:
    """Of the condition itself."""
    low, high = row["least_price"], row["most_price"]
    if low is not None and abs(low) <= CLOSED and abs(high) <= CLOSED:
        return say("The condition itself costs nothing.", ids)
    if low is not None and low > 0:
        told = "The condition itself costs {price}, discounted, over the horizon."
        return say(told, ids, price=between(low, high, currency))
    told = "The condition itself costs at most {price}, discounted, over the horizon, perhaps nothing."
    return say(told, ids, price=up_to(max(high, 0.0), max(high - (low or 0.0), CLOSED), currency))
