"""The digest of what schedules brought, for the morning: first what needs somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.report.console import grid, heading, plain
from optimizer.report.numbers import DASH, short, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["print_digest"]

_NAMED = 8
_WORDS = {
    "not_begun": "could not be begun",
    "failed": "failed",
    "infeasible": "infeasible",
    "no_plan": "no plan found in the time",
    "not_verified": "did not pass verification",
    "cancelled": "cancelled",
    "running": "still running",
    "moves": "with moves",
    "unchanged": "unchanged",
}


def print_digest(digest: Mapping[str, Any], console: Console) -> None:
    """Show the answer of ``/v1/digest``."""
    since = digest["since"][:16].replace("T", " ")
    if not digest["runs"] and not digest["items"]:
        console.print(Text(f"No schedule ran since {since} UTC.", style="bold"))
        return
    console.print(Text(f"Since {since} UTC: {some(digest['runs'], 'run')} of schedules", style="bold"))
    counts = ", ".join(f"{n} {_WORDS[o]}" for o, n in digest["counts"].items())
    console.print(Text(counts or "No case had changed: nothing was re-optimised."))
    by_outcome: dict[str, list[Mapping[str, Any]]] = {o: [] for o in _WORDS}
    for item in digest["items"]:
        by_outcome[item["outcome"]].append(item)
    _attention([i for i in digest["items"] if i["attention"]], console)
    _moves(by_outcome["moves"], console)
    for outcome in ("running", "unchanged"):
        _named(_WORDS[outcome].capitalize(), by_outcome[outcome], console)
    if digest["left_out"]:
        console.print(Text(f"and {digest['left_out']} more; ask for a shorter time with --since", style="dim"))


def _attention(items: Sequence[Mapping[str, Any]], console: Console) -> None:
    if not items:
        return
    heading(console, f"Needs your attention: {len(items)}")
    for item in items:
        text = Text(plain(item["case_name"] or item["case"]), style="bold yellow")
        console.print(text.append(f"  {_WORDS[item['outcome']]}", style="default not bold"))
        finding = item["finding"]
        if finding is not None:
            console.print(Text(plain(f"  {finding['message']} ({finding['code']})")))
            if finding["remedy"]:
                console.print(Text(plain(f"  → {finding['remedy']}"), style="dim"))
        console.print(Text(f"  {item['plan'] or item['case']}", style="dim"))


def _moves(items: Sequence[Mapping[str, Any]], console: Console) -> None:
    if not items:
        return
    heading(console, f"Plans that move something: {len(items)}")
    rows: list[list[str | Text]] = []
    for i in items:
        moves = DASH if i["moves"] is None else str(i["moves"])
        saving = DASH if i["saving"] is None else f"{i['currency'] or ''} {short(i['saving'], plus=True)}"
        rows.append([i["case_name"] or i["case"], moves, saving, "stale" if i["stale"] else i["state"], i["plan"]])
    columns = [("case", False), ("moves", True), ("saving a year", True), ("state", False), ("plan", True)]
    console.print(grid(columns, rows, (14,)))  # a plan's id is there to be copied: it is never shortened
    if any(i["stale"] for i in items):
        console.print(Text("stale: the case has changed since; another re-optimisation will follow", style="dim"))


def _named(title: str, items: Sequence[Mapping[str, Any]], console: Console) -> None:
    if items:
        names = ", ".join(i["case_name"] or i["case"] for i in items[:_NAMED])
        rest = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
        console.print()
        console.print(Text(plain(f"{title}: {names}{rest}")))
