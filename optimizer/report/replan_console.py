"""Result of a re-optimisation on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.domain.names import OWN
from optimizer.report.console import grid, heading, plain
from optimizer.report.diff_console import print_moves, print_reasons, print_why
from optimizer.report.figures import DASH, count, decimal, money, percent, some
from optimizer.report.findings_console import print_infeasible, print_issues
from optimizer.report.moving import KINDS_TOLD, in_short, kinds_sentence, moves_sentence, solution_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["print_outcome", "print_reoptimisation"]

_TOP = 15


def print_reoptimisation(result: Mapping[str, Any], console: Console) -> None:
    """Say what happened, how little can move, what each further move buys, and what moves."""
    if not result["changed"]:
        console.print(Text("Nothing changes: the events are in the case already.", style="cyan"))
        _issues(result, console)
        return
    names = ", ".join(" ".join(x for x in (e["type"], e["entity"], e["date"]) if x) for e in result["events"])
    console.print(Text(f"{plain(some(len(result['events']), 'event'))}: {plain(names)}"))
    console.print(
        Text(f"In the new case ({result['case_hash'][:12]}) the plan in force is today's arrangement", style="dim")
    )
    console.print(Text(plain(moves_sentence(result["moves"])), style="bold"))
    first = result["plans"][0] if result["plans"] else None
    if first is not None and first["status"]["solution"] == "infeasible":
        print_infeasible(first, console)
    else:
        _curve(result["points"], console)
        _moved(result, console)
        print_why(result["comparison"], console)
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


def _curve(points: Sequence[Mapping[str, Any]], console: Console) -> None:
    heading(console, "What more moves than needed would save")
    rows: list[list[str | Text]] = []
    for p in points:
        extra = DASH if p["budget"] is None else str(p["budget"])
        if p["total"] is None:
            rows.append([extra, DASH, DASH, DASH, DASH, DASH, solution_words(p)])
            continue
        gap = DASH if p["gap_rel"] is None else percent(p["gap_rel"], 2)
        saving = DASH if p["saving"] is None else money(p["saving"], plus=True)
        rows.append(
            [
                extra,
                str(p["moves"]),
                money(p["total"]),
                saving,
                money(p["one_off"]),
                gap,
                solution_words(p),
            ]
        )
    columns = [
        ("moves more", True),
        ("moves", True),
        ("total a year", True),
        ("saving a year", True),
        ("one-off", True),
        ("cheaper by at most", True),
        ("", False),
    ]
    console.print(grid(columns, rows))
    if len(points) > 1:
        console.print(Text("Saving: against the plan in force, over the demands that both have.", style="dim"))


def _moved(result: Mapping[str, Any], console: Console) -> None:
    for point, plan, reasons in zip(result["points"], result["plans"], result["moved"], strict=True):
        moved = [a for a in plan["assignments"] if a["moved_from"] is not None and a["provider"] is not None]
        if moved or point["budget"] == result["points"][0]["budget"]:
            more = (
                f", with {some(point['budget'], 'move')} more" if point["budget"] else ", with as few moves as possible"
            )
            kinds = f" ({kinds_sentence(reasons)})" if reasons else ""
            how_many = count(len(moved)) if moved else "nothing"
            heading(console, f"What moves{'' if point['budget'] is None else more}: {how_many}{kinds}")
            _rows(moved, console, {(r["entity"], r["service"]): r for r in reasons})
            print_reasons(reasons, console)
            if reasons:
                console.print(Text(KINDS_TOLD, style="dim"))
    known = {(x["entity"], x["service"]) for x in result["comparison"]["only_in_b"]}
    new = [a for a in result["plans"][0]["assignments"] if (a["entity"], a["service"]) in known]
    if new:
        heading(console, f"New demands: {count(len(new))}")
        _rows(new, console)


def _rows(
    assignments: list[Mapping[str, Any]],
    console: Console,
    reasons: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
) -> None:
    rows: list[list[str | Text]] = []
    for a in sorted(assignments, key=lambda a: (-a["effort_fte"], a["entity"], a["service"]))[:_TOP]:
        row: list[str | Text] = [
            a["entity"],
            a["service"],
            _who(a["moved_from"]),
            "→",
            _who(a["provider"]),
            decimal(a["effort_fte"], 2),
            plain(money(sum(a["cost"].values()))),
        ]
        rows.append([*row, in_short((reasons or {}).get((a["entity"], a["service"])))])
    columns = [
        ("entity", False),
        ("service", False),
        ("from", False),
        ("", False),
        ("to", False),
        ("FTE", True),
        ("cost a year", True),
        ("why" if reasons else "", False),
    ]
    if rows:
        console.print(grid(columns, rows, (16, 12, 10, 1, 10)))
    if len(assignments) > _TOP:
        console.print(Text(f"and {len(assignments) - _TOP} more", style="dim"))


def _issues(result: Mapping[str, Any], console: Console) -> None:
    if result["issues"]:
        console.print()
        print_issues(result["issues"], console, most=8)


def _who(provider: str | None) -> str:
    return "own" if provider == OWN else provider or DASH
