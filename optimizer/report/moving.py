"""What a re-optimisation found, in words: how little can move, and why each demand does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Block, Column, Note, Row, Section, Table
from optimizer.report.language import Words
from optimizer.report.numbers import DASH, count, money, percent, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ENGLISH",
    "KINDS_TOLD",
    "curve_section",
    "in_full",
    "in_short",
    "kinds_sentence",
    "moves_sentence",
    "solution_words",
]

ENGLISH = Words()
_KINDS = ("forced", "needed", "saving", "free")
KINDS_TOLD = (
    "forced: cannot stay; needed: staying would break a rule; saving: staying would cost more; free: staying would not"
)
"""What the kinds of reasons mean."""
_SOLUTIONS = {
    "optimal": "proven cheapest",
    "feasible": "plan found",
    "infeasible": "no plan (proven)",
    "no_solution": "no plan found in the time",
}


def moves_sentence(moves: Mapping[str, Any], words: Words = ENGLISH) -> str:
    """What is known about the least number of moves."""
    why, low = moves["reason"], moves["lower"]
    if moves["infeasible"]:
        return words.say("No plan keeps every rule, however much moves ({why})", why=why)
    if moves["upper"] is None:
        one = "At least {n} move; no plan was found in the time ({why})"
        many = "At least {n} moves; no plan was found in the time ({why})"
        return words.some(low, one, many, why=why)
    if moves["proven"] and not low:
        return words.say("Nothing has to move (proven)")
    if moves["proven"]:
        return words.some(low, "{n} move is needed (proven)", "{n} moves are needed (proven)")
    return words.say("Between {low} and {n} moves are needed ({why})", low=low, n=moves["upper"], why=why)


def in_short(why: Mapping[str, Any] | None, words: Words = ENGLISH) -> str:
    """Kind of a reason for a table: ``forced``, ``needed``, ``saves 29 200``; empty where it is not known."""
    if why is None:
        return ""
    return (
        words.say("saves {amount}", amount=money(why["amount"])) if why["kind"] == "saving" else words.say(why["kind"])
    )


def in_full(why: Mapping[str, Any] | None) -> str:
    """Kind and reason: ``forced: NBO is closed``; empty where it is not known."""
    return "" if why is None else tell("{kind}: {reason}", kind=tell(why["kind"]), reason=why["reason"])


def kinds_sentence(reasons: Sequence[Mapping[str, Any]], words: Words = ENGLISH) -> str:
    """How many moves there are of each kind: ``2 forced, 1 needed, 3 saving``; empty without moves."""
    found = Counter(r["kind"] for r in reasons)
    return ", ".join(f"{found[k]} {words.say(k)}" for k in _KINDS if found[k])


def solution_words(point: Mapping[str, Any], words: Words = ENGLISH) -> str:
    """What is known of a point's plan, for a planner; that it was not verified where it was not."""
    known = words.say(_SOLUTIONS.get(point["solution"], str(point["solution"])))
    verified = point["verified"] or point["total"] is None
    return known if verified else words.say("{known}, NOT verified", known=known)


def curve_section(result: Mapping[str, Any], words: Words = ENGLISH) -> Section:
    """Section of a report: how little can move, and what further moves buy.

    Parameters
    ----------
    result : mapping
        ``designate.reoptimisation/1``.
    words : Words
        Of the language that the section is read in.
    """
    columns = (
        Column("Moves more", numeric=True),
        Column("Moves", numeric=True),
        Column("Total a year", numeric=True),
        Column("Saving a year", numeric=True),
        Column("One-off", numeric=True),
        Column("May fall by", numeric=True),
        Column("Known"),
    )
    rows: list[Row] = [_point(p, words) for p in result["points"]]
    note = "Saving: against the plan in force, over the demands that both have. This report shows the first row’s plan."
    blocks: list[Block] = [Table(columns, rows, "points", "What more moves than needed would save", note=note)]
    told = kinds_sentence(result["moved"][0], words) if result["moved"] else ""
    if told:
        template = "Moves of this plan: {found} ({kinds}). Each reason stands under “What moves, and why”."
        blocks.append(Note(words.say(template, found=told, kinds=words.say(KINDS_TOLD)), "muted"))
    return Section("replanning", "How little can move", f"{moves_sentence(result['moves'], words)}.", blocks)


def _point(p: Mapping[str, Any], words: Words) -> Row:
    extra = DASH if p["budget"] is None else count(p["budget"])
    answer = solution_words(p, words)
    if p["total"] is None:
        return [extra, *[DASH] * 5, answer]
    saving = DASH if p["saving"] is None else money(p["saving"], plus=True)
    return [extra, count(p["moves"]), money(p["total"]), saving, money(p["one_off"]), percent(p["gap_rel"], 2), answer]
