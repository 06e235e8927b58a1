"""Price lists and statements on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.report.charging import MEMO_WORDS, cents, price_text, volume_text, year_words
from optimizer.report.console import grid, heading, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_prices", "print_statements"]

_SIDES: Final = (
    "full_cost",
    "idle",
    "charged",
    "idle_charged",
    "reserve",
    "equalisation",
    "carried_over",
    "idle_unshared",
)
_ALWAYS: Final = ("full_cost", "charged")


def print_prices(told: Mapping[str, Any], console: Console) -> None:
    """Prices, then who pays for each provider's full cost."""
    terms = told["terms"]
    head = f"Price list {year_words(told['year'])}, list {terms['price_list']}, money in {told['currency']}"
    console.print(Text(head, style="bold"))
    columns = [("service", False), ("provider", False), ("units", True), ("full cost", True), ("a unit", True)]
    columns += [("price", True), ("charged", True), ("carried over", True)]
    rows = [
        [
            p["service"],
            p["provider"],
            volume_text(p["volume"]),
            cents(p["full_cost"]),
            price_text(p["full_unit_cost"]),
            price_text(p["price"]),
            cents(p["charged"]),
            cents(p["carried_over"]),
        ]
        for p in sorted(told["prices"], key=lambda p: (p["service"], p["provider"]))
    ]
    console.print(grid(columns, rows))
    heading(console, "Who pays: full cost and idle cost equal the columns after them")
    named = [f for f in _SIDES if f in _ALWAYS or any(p[f] for p in told["providers"])]
    accounts = [[p["provider"], *(cents(p[f]) for f in named)] for p in told["providers"]]
    accounts.append(["in all", *(cents(sum(p[f] for p in told["providers"])) for f in named)])
    console.print(grid([("provider", False), *((f.replace("_", " "), True) for f in named)], accounts))
    _issues(told, console)


def print_statements(told: Mapping[str, Any], console: Console) -> None:
    """One statement with its services; of several a row each."""
    head = f"Statements {year_words(told['year'])}, money in {told['currency']}"
    console.print(Text(head, style="bold"))
    if len(told["statements"]) == 1:
        _one(told["statements"][0], console)
    named = ("amount", "before", "change", "memo_amount", "own_cost", "cross_subsidy")
    rows = [[s["entity"], *(cents(s[f]) for f in named)] for s in told["statements"]]
    console.print(grid([("client", False), *((f.replace("_", " "), True) for f in named)], rows))
    _issues(told, console)


def _one(s: Mapping[str, Any], console: Console) -> None:
    columns = [("service", False), ("provider", False), ("units", True), ("price", True), ("amount", True)]
    columns += [("before", True), ("change", True), ("volume", True), ("provider", True), ("price", True)]
    rows = []
    for x in s["services"]:
        why = x["why"] or dict.fromkeys(("volume", "provider", "price"))
        before = None if x["before"] is None else x["before"]["amount"]
        figures = [
            volume_text(x["volume"]),
            price_text(x["price"]),
            cents(x["amount"]),
            cents(before),
            cents(x["change"]),
        ]
        parts = [cents(why[part]) for part in ("volume", "provider", "price")]
        rows.append([x["service"], ", ".join(x["providers"]), *figures, *parts])
    for c in s["idle"]:
        rows.append(["idle site", c["provider"], "", "", cents(c["amount"]), "", "", "", "", ""])
    console.print(grid(columns, rows))
    heading(console, "Stays with the client, in no price")
    memo = [[x["service"], MEMO_WORDS[x["term"]][0], cents(x["amount"])] for x in s["memo"]]
    console.print(grid([("service", False), ("what", False), ("amount", True)], memo))
    console.print()


def _issues(told: Mapping[str, Any], console: Console) -> None:
    for issue in told["issues"]:
        console.print(Text(plain(f"{issue['severity']}: {issue['message']} ({issue['code']}); {issue['remedy']}")))
