"""Fair shares on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.report.charging import cents
from optimizer.report.console import grid, heading, plain
from optimizer.report.shares_words import ALONE_WORDS, core_words, range_text, shapley_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_shares"]

_GROUPS_SHOWN: Final = 10


def print_shares(told: Mapping[str, Any], console: Console) -> None:
    """Clients by all measures, groups by themselves, the core, Shapley values."""
    mode = "own capacity alone" if told["alone_mode"] == "own" else "every offer"
    head = f"Fair shares of {told['name'] or told['plan']}, {told['currency']} a year; alone: {mode}"
    console.print(Text(plain(head), style="bold"))
    one_by_one = told["shapley"]["by"] == "entities" and bool(told["values"])
    columns = [("client", False), ("pays", True), ("alone", True), ("", False), ("core", True)]
    columns += [("Shapley", True)] * one_by_one
    rows = [
        [
            c["entity"],
            cents(c["charge"]),
            range_text(c["alone_lower"], c["alone_upper"]),
            ALONE_WORDS[c["alone"]],
            cents(c["core"]),
            *([_value(c, "shapley")] if one_by_one else []),
        ]
        for c in told["clients"]
    ]
    console.print(grid(columns, rows))
    _totals(told, console)
    _groups(told, console)
    heading(console, "Core")
    for sentence in core_words(told):
        console.print(Text(plain(sentence)))
    for held in told["holding"][:_GROUPS_SHOWN]:
        cost = range_text(held["lower"], held["upper"])
        said = f"  {', '.join(held['clients'])}: pay {cents(held['charge'])}, by themselves {cost}"
        console.print(Text(plain(said)))
    heading(console, shapley_words(told))
    if told["values"] and not one_by_one:
        values = [[v["player"] or "others", cents(v["charge"]), _value(v, "value")] for v in told["values"]]
        console.print(grid([(told["shapley"]["by"], False), ("pay", True), ("Shapley", True)], values))
    for issue in told["issues"]:
        console.print(Text(plain(f"{issue['severity']}: {issue['message']} ({issue['code']}); {issue['remedy']}")))


def _value(row: Mapping[str, Any], name: str) -> str:
    """A Shapley value: with its standard error, as an interval where it is one, else as a figure."""
    value, error = row[name], row["standard_error"]
    low, high = (row[f"{name}_{end}" if name == "shapley" else end] for end in ("lower", "upper"))
    if error is not None:
        return f"{cents(value)} ± {cents(error)}"
    if value is None:
        return cents(None)
    return range_text(low, high) if low is not None and high is not None else f"{cents(value)} (not bounded)"


def _totals(told: Mapping[str, Any], console: Console) -> None:
    together = range_text(told["together_lower"], told["together_upper"])
    said = (
        f"Total without idle sites {cents(told['total'])}, charged {cents(told['charged'])}; least for all {together}"
    )
    console.print(Text(plain(said), style="dim"))


def _groups(told: Mapping[str, Any], console: Console) -> None:
    if not told["groups"]:
        return
    heading(console, "Groups by themselves")
    columns = [("", False), ("name", False), ("clients", True), ("pay", True), ("alone", True), ("", False)]
    rows = [
        [
            g["by"],
            g["name"],
            f"{g['clients']:,}",
            cents(g["charge"]),
            range_text(g["alone_lower"], g["alone_upper"]),
            ALONE_WORDS[g["alone"]],
        ]
        for g in told["groups"]
    ]
    console.print(grid(columns, rows))
