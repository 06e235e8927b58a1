"""What ``rule_price`` says of a case with a horizon: amounts are of the whole of it, discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.wording import humanise
from optimizer.studies.search import CLOSED
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence

__all__ = ["sentences"]


def sentences(rows: Sequence[Mapping[str, Any]], currency: str) -> Iterator[Sentence]:
    """One sentence a rule.

    Parameters
    ----------
    rows : sequence of mapping
        The table ``rules``.
    currency : str
    """
    for row in rows:
        ids = {k: row[k] for k in ("rule", "entity", "service") if row[k]}
        what = phrase(humanise(row["rule"]))
        if row["entity"]:
            what = phrase("{rule} of {service} of {entity}", rule=what, service=row["service"], entity=row["entity"])
        yield _one(row, currency, {"rule": what, "step": phrase(row["step"])}, ids)


def _one(row: Mapping[str, Any], currency: str, who: Mapping[str, Any], ids: Mapping[str, str]) -> Sentence:
    low, high = row["saving_lower"], row["saving_upper"]
    if row["upper"] is None:
        return say("{rule}, {step}: not answered ({why}).", ids, why=reason(row["detail"]), **who)
    if low is None or high is None:
        return say("{rule}, {step}: no bound on what it saves was found in time; give more time.", ids, **who)
    if high <= CLOSED and low >= -CLOSED:
        return say("{rule}, {step}: saves nothing.", ids, **who)
    if low > 0:
        told = "{rule}, {step}: saves {saving}, discounted, over the horizon."
        return say(told, ids, saving=between(low, high, currency), **who)
    if high < 0:
        told = "{rule}, {step}: costs {more} more, discounted, over the horizon."
        return say(told, ids, more=between(-high, -low, currency), **who)
    told = "{rule}, {step}: a saving of {saving}, discounted, over the horizon, so not told apart from none."
    return say(told, ids, saving=between(low, high, currency), **who)
