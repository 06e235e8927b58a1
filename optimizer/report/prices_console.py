"""Price lists and statements on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.charging import MEMO_WORDS, cents, price_text, volume_text, year_words
from optimizer.report.console import Screen
from optimizer.report.numbers import tell

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


def print_prices(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Prices, then who pays for each provider's full cost.

    Parameters
    ----------
    told : mapping
        ``designate.prices/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    page = Screen(console, language)
    named = {"year": year_words(told["year"]), "kind": tell(told["terms"]["price_list"]), "currency": told["currency"]}
    page.line(tell("Price list {year}, list {kind}, money in {currency}", **named), style="bold")
    columns = [("service", False), ("provider", False), ("units", True), ("full cost", True), ("a unit", True)]
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
    page.table([*columns, ("price", True), ("charged", True), ("carried over", True)], rows)
    page.head(tell("Who pays: full cost and idle cost equal the columns after them"))
    shown = [f for f in _SIDES if f in _ALWAYS or any(p[f] for p in told["providers"])]
    accounts = [[p["provider"], *(cents(p[f]) for f in shown)] for p in told["providers"]]
    accounts.append([tell("in all"), *(cents(sum(p[f] for p in told["providers"])) for f in shown)])
    page.table([("provider", False), *((f.replace("_", " "), True) for f in shown)], accounts)
    page.issues(told["issues"])


def print_statements(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """One statement with its services; of several a row each.

    Parameters
    ----------
    told : mapping
        ``designate.statements/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    page = Screen(console, language)
    head = tell("Statements {year}, money in {currency}", year=year_words(told["year"]), currency=told["currency"])
    page.line(head, style="bold")
    if len(told["statements"]) == 1:
        _one(told["statements"][0], page)
    named = ("amount", "before", "change", "memo_amount", "own_cost", "cross_subsidy")
    rows = [[s["entity"], *(cents(s[f]) for f in named)] for s in told["statements"]]
    page.table([("client", False), *((f.replace("_", " "), True) for f in named)], rows)
    page.issues(told["issues"])


def _one(s: Mapping[str, Any], page: Screen) -> None:
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
        rows.append([tell("idle site"), c["provider"], "", "", cents(c["amount"]), "", "", "", "", ""])
    page.table(columns, rows)
    page.head(tell("Stays with the client, in no price"))
    memo = [[x["service"], tell(MEMO_WORDS[x["term"]][0]), cents(x["amount"])] for x in s["memo"]]
    page.table([("service", False), ("what", False), ("amount", True)], memo)
    page.line("")
