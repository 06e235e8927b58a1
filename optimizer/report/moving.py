"""What a re-optimisation found, in words: how little can move, and why each demand does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Block, Column, Note, Row, Section, Table
from optimizer.report.figures import DASH, money, percent, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["curve_section", "in_full", "in_short", "kinds_sentence", "moves_sentence"]

_KINDS = ("forced", "needed", "saving", "free")


def moves_sentence(moves: Mapping[str, Any]) -> str:
    """What is known about the least number of moves."""
    if moves["infeasible"]:
        return f"No plan keeps every rule, however much moves ({moves['reason']})"
    if moves["upper"] is None:
        return f"At least {some(moves['lower'], 'move')}; no plan was found in the time ({moves['reason']})"
    if moves["proven"]:
        return f"{some(moves['lower'], 'move')} {'is' if moves['lower'] == 1 else 'are'} needed (proven)"
    return f"Between {moves['lower']} and {some(moves['upper'], 'move')} are needed ({moves['reason']})"


def in_short(why: Mapping[str, Any] | None) -> str:
    """Kind of a reason for a table: ``forced``, ``needed``, ``saves 29 200``; empty where it is not known."""
    if why is None:
        return ""
    return f"saves {money(why['amount'])}" if why["kind"] == "saving" else str(why["kind"])


def in_full(why: Mapping[str, Any] | None) -> str:
    """Kind and reason: ``forced: NBO is closed``; empty where it is not known."""
    return "" if why is None else f"{why['kind']}: {why['reason']}"


def kinds_sentence(reasons: Sequence[Mapping[str, Any]]) -> str:
    """How many moves there are of each kind: ``2 forced, 1 needed, 3 saving``; empty without moves."""
    found = Counter(r["kind"] for r in reasons)
    return ", ".join(f"{found[k]} {k}" for k in _KINDS if found[k])


def curve_section(result: Mapping[str, Any]) -> Section:
    """Section of a report: how little can move, and what further moves buy."""
    columns = (
        Column("Extra moves", numeric=True),
        Column("Moves", numeric=True),
        Column("Total a year", numeric=True),
        Column("Saving a year", numeric=True),
        Column("One-off", numeric=True),
        Column("Gap", numeric=True),
        Column("Answer"),
    )
    rows: list[Row] = [_point(p) for p in result["points"]]
    note = "Saving: existing demands against the plan that is applied today. This report shows the first row’s plan."
    blocks: list[Block] = [Table(columns, rows, "points", "What further moves buy", note=note)]
    told = kinds_sentence(result["moved"][0]) if result["moved"] else ""
    if told:
        blocks.append(
            Note(f"Moves of this plan: {told}. Each reason stands with its move, under “What moves”.", "muted")
        )
    return Section("replanning", "How little can move", f"{moves_sentence(result['moves'])}.", blocks)


def _point(p: Mapping[str, Any]) -> Row:
    extra = DASH if p["budget"] is None else str(p["budget"])
    answer = p["solution"] if p["verified"] or p["total"] is None else f"{p['solution']}, NOT verified"
    if p["total"] is None:
        return [extra, *[DASH] * 5, answer]
    saving = DASH if p["saving"] is None else money(p["saving"], plus=True)
    return [extra, str(p["moves"]), money(p["total"]), saving, money(p["one_off"]), percent(p["gap_rel"], 2), answer]
