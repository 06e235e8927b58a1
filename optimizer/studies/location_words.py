"""What a comparison of places says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.reference import only_name
from optimizer.studies.scoring import DRAWS
from optimizer.studies.words import between, listed, phrase, say, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

__all__ = ["sentences"]

_LEAST: Final = "{place} ({provider}): the least cost of a plan in which it serves is {cost} a year."


def sentences(case: Case, preset: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Sentence, ...]:
    """The winner, how sure that is, what turns it, what was assumed, and what plans cost."""
    return (*_scores(preset, tables), *_assumed(tables), *_costs(case, tables.get("costs", ())))


def _scores(preset: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Sentence]:
    first, second = tables["scores"][:2]
    values = {"place": first["place"], "next": second["place"], "preset": preset}
    ids = {"place": first["place"]}
    score, after = round(first["score"], 3), round(second["score"], 3)
    text = "{place} scores best under the weights “{preset}” ({score} of 1), {next} comes next ({after})."
    yield say(text, ids, **values, score=score, after=after)
    stable = tables["ranks"][0]["rank_1"]
    text = "With weights drawn around these {n} times, {place} is first in {share} of the draws."
    yield say(text, ids, n=DRAWS, place=first["place"], share=share(stable))
    turns = tables["weight_changes"]
    if not turns:
        yield say("No change of one weight, the others in proportion, changes the winner.")
        return
    turn = turns[0]
    yield say(
        "The smallest change of one weight that changes the winner: {criterion}, from {weight} to {becomes}; beyond"
        " that {place} wins.",
        {"place": turn["winner_beyond"], "criterion": turn["criterion"]},
        criterion=_names(tables)[turn["criterion"]],
        weight=share(turn["weight"]),
        becomes=share(turn["becomes"]),
        place=turn["winner_beyond"],
    )


def _names(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Criteria as a reader knows them, by id."""
    return {r["criterion"]: phrase(r["name"]) for r in tables["criteria"]}


def _assumed(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Sentence]:
    over = [_names(tables)[r["criterion"]] for r in tables["criteria"] if r["scale"] != "given"]
    if over:
        text = "Criteria measured over the shortlist: {names}. Another place on the list may reverse ranks."
        yield say(text, names=listed(over))
    if tables.get("imputed"):
        yield say("Values that were missing and taken as the mean of the others: {n}.", n=len(tables["imputed"]))


def _costs(case: Case, rows: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    currency = case.policy.currency
    for row in rows:
        if row["provider"] is None:
            continue
        who = only_name(case.provider, row["provider"])
        values: dict[str, Any] = {"place": row["place"], "provider": who}
        ids = {"place": row["place"], "provider": row["provider"]}
        if row["status"] == "impossible":
            yield say("{place} ({provider}): no plan has it serve a demand (proven).", ids, **values)
        elif row["upper"] is None:
            yield say("{place} ({provider}): what a plan with it costs was not answered.", ids, **values)
        else:
            cost = between(row["lower"], row["upper"], currency)
            yield say(_LEAST, ids, **values, cost=cost)
    away = sum(row["provider"] is None for row in rows)
    if away:
        yield say("Places that are no provider of the case, and so have no cost here: {n}.", n=away)
