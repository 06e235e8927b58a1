"""What a ``regret`` says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.search import CLOSED
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, money, say, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence

__all__ = ["BEST_FOR", "sentences"]

BEST_FOR: Final = "the best plan for {scenario}"
"""Name of a scenario's best plan; that of the question is ``this plan``."""


def sentences(
    rows: Sequence[Mapping[str, Any]], rivals: Sequence[Mapping[str, Any]], currency: str
) -> Iterator[Sentence]:
    """What holding the plan costs in each scenario, and which plan has the least greatest regret.

    Parameters
    ----------
    rows : sequence of mapping
        The table ``scenarios``.
    rivals : sequence of mapping
        The table ``plans``, least greatest regret first.
    currency : str
    """
    for row in rows:
        ids, name = {"scenario": row["scenario"]}, row["scenario"]
        if row["status"] == "impossible":
            yield say("{name}: the plan cannot be held, whatever is done with the rest (proven).", ids, name=name)
        elif row["regret_lower"] is not None and row["regret_upper"] is None:
            yield _at_least(row["regret_lower"], ids, name, currency)
        elif row["regret_upper"] is None or row["regret_lower"] is None:
            yield say("{name}: not answered ({why}).", ids, name=name, why=reason(row["detail"]))
        elif row["regret_upper"] <= CLOSED:
            yield say("{name}: holding the plan costs nothing more.", ids, name=name)
        else:
            more = between(row["regret_lower"], row["regret_upper"], currency)
            moves = some(row["moves_to_adapt"], "{n} demand", "{n} demands")
            text = "{name}: holding the plan costs {more} a year more than the best plan then, which moves {moves}."
            yield say(text, ids, name=name, more=more, moves=moves)
    known = [r for r in rivals if r["greatest_regret_upper"] is not None]
    if known:
        worst = between(known[0]["greatest_regret_lower"], known[0]["greatest_regret_upper"], currency)
        template = "Of the plans held, {plan} has the least greatest regret: {worst} a year."
        yield say(template, {}, plan=known[0]["plan"], worst=worst)
    elif rivals:
        yield say("Which plan has the least greatest regret is not known: no plan was answered in every scenario.")


def _at_least(lower: float, ids: Mapping[str, str], name: str, currency: str) -> Sentence:
    """Both plans are held, and how cheap the best one can be is not known."""
    if lower <= CLOSED:
        text = "{name}: no plan cheaper than holding this one was found; whether there is one is open."
        return say(text, ids, name=name)
    text = "{name}: holding the plan costs {more} a year more than the best plan found then; how much at most is open."
    return say(text, ids, name=name, more=money(lower, currency))
