"""What ``scenarios`` says of cases with a horizon: amounts are of the whole of it, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.studies.search import CLOSED
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence

__all__ = ["sentences"]


def sentences(rows: Sequence[Mapping[str, Any]], currency: str) -> Iterator[Sentence]:
    """What each run costs more or less than the base, as far as it can be told."""
    base, runs = rows[0], rows[1:]
    if base["upper"] is not None:
        told = "As it is, the least cost over the horizon, discounted, is {cost}."
        yield say(told, cost=between(base["lower"], base["upper"], currency))
    for row in runs:
        yield _of(row, currency)


def _of(row: Mapping[str, Any], currency: str) -> Sentence:
    ids, run, low, high = {"run": row["run"]}, row["run"], row["difference_lower"], row["difference_upper"]
    if row["status"] == "impossible":
        return say("{run}: no plan keeps every rule (proven).", ids, run=run)
    if row["upper"] is None:
        return say("{run}: not answered ({why}).", ids, run=run, why=reason(row["detail"]))
    if low is None or high is None:
        held = between(row["upper"], row["upper"], currency)
        told = "{run}: a plan costs {held} over the horizon, discounted, how near to the least is not known."
        return say(told, ids, run=run, held=held)
    if high - low <= CLOSED and abs(high) <= CLOSED:
        return say("{run}: costs the same.", ids, run=run)
    if not row["told_apart"]:
        told = (
            "{run}: not distinguishable from the case as it is: the intervals of the least cost overlap"
            " (difference {difference})."
        )
        return say(told, ids, run=run, difference=between(low, high, currency))
    told = "{run}: costs {less} less over the horizon, discounted."
    if low > 0:
        told = "{run}: costs {more} more over the horizon, discounted."
        return say(told, ids, run=run, more=between(low, high, currency))
    return say(told, ids, run=run, less=between(-high, -low, currency))
