"""Result of a re-optimisation on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.domain.names import OWN
from optimizer.report.console import grid, heading, plain
from optimizer.report.diff_console import print_moves, print_reasons, print_why
from optimizer.report.findings_console import print_infeasible, print_issues
from optimizer.report.language import Words
from optimizer.report.moving import (
    ENGLISH,
    KINDS_TOLD,
    in_short,
    kinds_sentence,
    moves_sentence,
    solution_words,
)
from optimizer.report.numbers import DASH, count, decimal, money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["print_outcome", "print_reoptimisation"]

_TOP = 15


def print_reoptimisation(result: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Say what happened, how little can move, what each further move buys, and what moves.

    Parameters
    ----------
    result : mapping
        As ``optimizer.studies.missions.run.reoptimise`` gives it.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    words = Words(language)
    if not result["changed"]:
        console.print(Text(words.say("Nothing changes: the events are in the case already."), style="cyan"))
        _issues(result, console)
        return
    happened = [(words.say(e["type"]), e["entity"], e["date"]) for e in result["events"]]
    names = ", ".join(" ".join(x for x in event if x) for event in happened)
    console.print(Text(plain(words.some(len(happened), "{n} event: {names}", "{n} events: {names}", names=names))))
    told = "In the new case ({case}) the plan in force is today's arrangement"
    console.print(Text(words.say(told, case=result["case_hash"][:12]), style="dim"))
    console.print(Text(plain(moves_sentence(result["moves"], words)), style="bold"))
    first = result["plans"][0] if result["plans"] else None
    if first is not None and first["status"]["solution"] == "infeasible":
        print_infeasible(first, console)
    else:
        _curve(result["points"], console, words)
        _moved(result, console, words)
        print_why(result["comparison"], console, words)
    _issues(result, console)


def print_outcome(outcome: Mapping[str, Any] | None, comparison: Mapping[str, Any] | None, console: Console) -> None:
    """Show what an event of a service brought: how little moves, the curve, the applied plan beside the new one."""
    if outcome is not None and outcome.get("moves") is not None:
        console.print(Text(plain(moves_sentence(outcome["moves"])), style="bold"))
    if outcome is not None and outcome["points"]:
        _curve(outcome["points"], console)
    if outcome is not None and outcome.get("error"):
        console.print(Text(plain(outcome["error"]), style="yellow"))
    if comparison is not None:
        print_moves(comparison, console)


_COLUMNS = ("more", "moves", "total a year", "saving", "one-off", "may fall by")


def _curve(points: Sequence[Mapping[str, Any]], console: Console, words: Words = ENGLISH) -> None:
    heading(console, words.say("What more moves than needed would save"))
    rows: list[list[str | Text]] = []
    for p in points:
        extra = DASH if p["budget"] is None else str(p["budget"])
        if p["total"] is None:
            rows.append([extra, *[DASH] * 5, solution_words(p, words)])
            continue
        gap = DASH if p["gap_rel"] is None else words.figure(percent(p["gap_rel"], 2))
        saving = DASH if p["saving"] is None else money(p["saving"], plus=True)
        total, one_off = money(p["total"]), money(p["one_off"])
        rows.append([extra, str(p["moves"]), total, saving, one_off, gap, solution_words(p, words)])
    console.print(grid([*((words.say(c), True) for c in _COLUMNS), ("", False)], rows))
    if len(points) > 1:
        told = "Saving: against the plan in force, over the demands that both have."
        console.print(Text(words.say(told), style="dim"))


def _moved(result: Mapping[str, Any], console: Console, words: Words) -> None:
    for point, plan, reasons in zip(result["points"], result["plans"], result["moved"], strict=True):
        moved = [a for a in plan["assignments"] if a["moved_from"] is not None and a["provider"] is not None]
        if moved or point["budget"] == result["points"][0]["budget"]:
            kinds = f" ({kinds_sentence(reasons, words)})" if reasons else ""
            heading(console, _what_moves(point["budget"], len(moved), words) + kinds)
            _rows(moved, console, words, {(r["entity"], r["service"]): r for r in reasons})
            print_reasons(reasons, console, words)
            if reasons:
                console.print(Text(words.say(KINDS_TOLD), style="dim"))
    known = {(x["entity"], x["service"]) for x in result["comparison"]["only_in_b"]}
    new = [a for a in result["plans"][0]["assignments"] if (a["entity"], a["service"]) in known]
    if new:
        heading(console, words.say("New demands: {n}", n=len(new)))
        _rows(new, console, words)


def _what_moves(budget: int | None, number: int, words: Words) -> str:
    """Heading of the moves of one plan: with how many more than needed, and how many it has."""
    moved = count(number) if number else words.say("nothing")
    if budget is None:
        return words.say("What moves: {moved}", moved=moved)
    if not budget:
        return words.say("What moves, with as few moves as possible: {moved}", moved=moved)
    one, many = "What moves, with {n} move more: {moved}", "What moves, with {n} moves more: {moved}"
    return words.some(budget, one, many, moved=moved)


_ROW_COLUMNS = (
    ("entity", False),
    ("service", False),
    ("from", False),
    ("", False),
    ("to", False),
    ("FTE", True),
    ("cost a year", True),
)


def _rows(
    assignments: list[Mapping[str, Any]],
    console: Console,
    words: Words,
    reasons: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
) -> None:
    rows: list[list[str | Text]] = []
    for a in sorted(assignments, key=lambda a: (-a["effort_fte"], a["entity"], a["service"]))[:_TOP]:
        row: list[str | Text] = [
            a["entity"],
            a["service"],
            _who(a["moved_from"], words),
            "→",
            _who(a["provider"], words),
            words.figure(decimal(a["effort_fte"], 2)),
            plain(money(sum(a["cost"].values()))),
        ]
        rows.append([*row, in_short((reasons or {}).get((a["entity"], a["service"])), words)])
    columns = [(words.say(title) if title else "", right) for title, right in _ROW_COLUMNS]
    if rows:
        why = words.say("why") if reasons else ""
        console.print(grid([*columns, (why, False)], rows, (16, 12, 10, 1, 10)))
    if len(assignments) > _TOP:
        console.print(Text(words.say("and {n} more", n=len(assignments) - _TOP), style="dim"))


def _issues(result: Mapping[str, Any], console: Console) -> None:
    if result["issues"]:
        console.print()
        print_issues(result["issues"], console, most=8)


def _who(provider: str | None, words: Words) -> str:
    return words.say("own") if provider == OWN else provider or DASH
