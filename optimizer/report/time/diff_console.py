"""Difference of two plans over time on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.domain.names import OWN
from optimizer.report.console import grid, heading, plain, tone
from optimizer.report.input_changes import print_inputs
from optimizer.report.numbers import DASH, count, decimal, money, percent, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["print_diff_over_time"]

_TOP: Final = 15
_COLUMNS: Final = (("", False), ("A", True), ("B", True), ("change", True))
_COSTS: Final = {
    "running": "Running",
    "one_off": "One-off",
    "total": "Together",
    "discounted": "Discounted",
}
_SAVINGS: Final = {
    "total": "Running cost saved",
    "run_rate": "of it in the last 12 months",
    "npv": "Net present value",
    "break_even": "Break-even, months",
    "payback_years": "Payback, years",
    "irr": "Internal rate of return",
}
_KINDS: Final = {"dates": "other dates", "sources": "other source"}


def print_diff_over_time(changes: Mapping[str, Any], console: Console) -> None:
    """Show who is elsewhere when, what the whole time and each year cost, what opens at other times."""
    for note in changes["notes"]:
        console.print(Text(f"• {plain(note)}"))
    currency = changes["plans"]["b"]["currency"]
    heading(console, f"Cost of the whole time, {currency}")
    costs = [(_COSTS[r["term"]], r) for r in changes["cost"] if r["term"] in _COSTS]
    console.print(grid(_COLUMNS, [[title, *_amounts(r)] for title, r in costs]))
    _table(console, f"Years that differ, {currency}", "from", changes["years"])
    heading(console, "Saving against staying as today")
    found = {r["figure"]: r for r in changes["savings"] if (r["a"], r["b"]) != (None, None)}
    console.print(grid(_COLUMNS, [_saving(found[name]) for name in _SAVINGS if name in found]))
    print_inputs(changes.get("inputs"), console)
    _moves(changes, console)
    for row in changes["waves"]:
        console.print(Text(plain(f"{row['begin']}: {some(int(row['a']), 'move')} in A, {count(row['b'])} in B")))
    for s in changes["sites"]:
        only = "A" if s["a"] else "B"
        console.print(Text(plain(f"Centre {s['provider']}: open only in {only} from {s['begin']} until {s['end']}")))


def _amounts(row: Mapping[str, Any]) -> list[str | Text]:
    change = Text(plain(money(row["change"], plus=True)), style=tone(row["change"]))
    return [money(row["a"]), money(row["b"]), change]


def _saving(row: Mapping[str, Any]) -> list[str | Text]:
    name, values = row["figure"], (row["a"], row["b"], row["change"])
    if name == "irr":
        told = [percent(v, plus=i == 2) for i, v in enumerate(values)]
    elif name in ("break_even", "payback_years"):
        told = [decimal(v, 0 if name == "break_even" else 1, plus=i == 2) for i, v in enumerate(values)]
    else:
        told = [money(v, plus=i == 2) for i, v in enumerate(values)]
    return [_SAVINGS[name], *told]


def _table(console: Console, title: str, first: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        heading(console, title)
        console.print(grid([(first, False), *_COLUMNS[1:]], [[r["begin"], *_amounts(r)] for r in rows]))


def _moves(changes: Mapping[str, Any], console: Console) -> None:
    """Demands that are elsewhere in some periods."""
    moved = changes["moved"]
    demands = len({(m["entity"], m["service"]) for m in moved})
    heading(console, f"Services that are elsewhere for some time: {plain(count(demands))}")
    rows: list[list[str | Text]] = []
    for m in moved[:_TOP]:
        span = f"{m['begin']} – {m['end']}"
        told = _KINDS[m["kind"]] + (f"; {_why(m['why'])}" if "why" in m else "")
        rows.append([span, m["entity"], m["service"], _who(m["from"]), "→", _who(m["to"]), told])
    heads = ("from – until", "entity", "service", "A", "", "B", "")
    if rows:
        console.print(grid([(h, False) for h in heads], rows, (24, 18, 14, 12, 1, 12)))
    if len(moved) > _TOP:
        console.print(Text(f"and {len(moved) - _TOP} more rows", style="dim"))
    for key, name in (("only_in_a", "A"), ("only_in_b", "B")):
        if changes[key]:
            console.print(Text(f"Demands only in {name}: {plain(count(len(changes[key])))}"))


def _why(why: Mapping[str, Any]) -> str:
    """The reason of a change in a few words."""
    rules = ", ".join(why["rules"])
    told = {
        "forced": f"may not go as before ({rules})",
        "needed": f"as before it would break {rules}",
        "saving": f"as before it would cost {money(why['amount'])} more",
        "free": "as before it would cost no more",
    }
    return told.get(why["kind"], "why was not asked: no time")


def _who(provider: str | None) -> str:
    return "own" if provider == OWN else provider or DASH
